/**
 * The Ansible playbooks that the etcd library replaces, unmodified, by stock Ansible on one set of hosts and by us on
 * another, one after the other: create_ca, install twice, add-member, restore, uninstall; with TLS and without.
 *
 *     node --import tsx test/roles/etcd_originals.ts FOLDER [VERSION [tls|plain]]
 *
 * FOLDER holds what no repository of ours may: `etcd-ansible-systemd` (github.com/storageos/deploy, in
 * k8s/deploy-storageos/etcd-helpers), `sites/github.com/...` with the releases of etcd and cfssl that the playbooks
 * download, and `bin/` with what the controller lacks (docker, or a script that plays it).
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { byAnsible, byTroupe, type Outcome } from '../conformance/both.ts';
import { type Lab, startLab } from '../lab/lab.mjs';
import { startOutside } from './outside.mjs';
import { differences, stateOf } from './state.ts';
import { unlike } from './twins.ts';

const [folder, version = '3.4.23', only] = process.argv.slice(2);
if (!folder) throw new Error('usage: node --import tsx test/roles/etcd_originals.ts FOLDER [VERSION [tls|plain]]');
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Step {
  name: string;
  outcome?: Outcome;
  seconds: number;
  /** What the cluster says of itself. */
  said: string;
  states: Set<string>[];
}

const nodes = ['node-1', 'node-2', 'node-3'];
// cfssl needs the library, which comes with Python on the other host.
const prepare = `apt-get -qq update && apt-get -qq -y install libsqlite3-0 >/dev/null
useradd -m ec2-user && echo 'ec2-user ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ec2-user
mkdir -p ~ec2-user/.ssh && cp /root/.ssh/authorized_keys ~ec2-user/.ssh/ && chown -R ec2-user ~ec2-user/.ssh`;

/** The whole life of one cluster. */
async function life(who: 'ansible' | 'troupe', tls: boolean): Promise<Step[]> {
  const lab = await startLab({ hosts: 4, image: who === 'ansible' ? 'python' : 'plain' });
  const own = mkdtempSync(join(tmpdir(), `originals-${who}-`));
  const outside = await startOutside([lab], { folder: resolve(folder!, 'sites'), names: ['github.com'] });
  const steps: Step[] = [];
  try {
    cpSync(join(folder!, 'etcd-ansible-systemd'), own, { recursive: true });
    cpSync(join(folder!, 'bin'), join(own, 'bin'), { recursive: true });
    await Promise.all(lab.hosts.map((host) => lab.exec(host, prepare, { via: 'nsenter', check: true })));
    writeInventory(lab, join(own, 'hosts'));
    const env = { PATH: `${own}/bin:${process.env['PATH']}` };
    const run = async (name: string, play: string, extra: { [name: string]: unknown } = {}) => {
      const more = ['-e', JSON.stringify({ etcd_version: version, tls: settings(tls), ...extra })];
      if (name === 'uninstall') more.push('--tags', 'unrecoverable');
      const start = Date.now();
      const by = who === 'ansible' ? byAnsible : byTroupe;
      const outcome = await by({ cwd: own, inventory: 'hosts', play, more, env, seconds: 400 });
      const seconds = Math.round((Date.now() - start) / 100) / 10;
      say(`${who} ${tls ? 'tls' : 'plain'} ${name}: rc=${outcome.rc} ${seconds} s ${outcome.failures.join(' | ')}`);
      const states = await Promise.all(lab.hosts.map((host) => stateOf(lab, host.name)));
      steps.push({ name, outcome, seconds, said: await health(lab, tls), states });
    };
    const before = await Promise.all(lab.hosts.map((host) => stateOf(lab, host.name)));
    steps.push({ name: 'before', seconds: 0, said: '', states: before });
    if (tls) await run('create_ca', 'create_ca.yaml');
    await run('install', 'install.yaml');
    await backUp(lab, tls);
    await run('install again', 'install.yaml');
    await run('add-member', 'add-member.yaml', { members: lab.hosts.map((host) => host.name) });
    await run('restore', 'restore.yaml');
    await run('uninstall', 'uninstall.yaml');
  } finally {
    await outside.stop();
    await lab.stop();
    rmSync(own, { recursive: true, force: true });
  }
  return steps;
}

function settings(enabled: boolean) {
  return {
    enabled,
    ca_common_name: 'lab.troupe.test',
    etcd_common_name: '*.lab.troupe.test',
    cert_dir: '/etc/etcdtls',
    ca_cert_file: 'etcd-ca.pem',
    etcd_server_cert_file: 'server.pem',
    etcd_server_key_file: 'server-key.pem',
    etcd_client_cert_file: 'etcd-client.crt',
    etcd_client_key_file: 'etcd-client.key',
  };
}

// Without ansible_user: the playbooks' own remote_user counts.
function writeInventory(lab: Lab, path: string): void {
  const line = (host: Lab['hosts'][number]) =>
    `${host.name} ansible_host=${host.address} ip="${host.address}" fqdn="${host.fqdn}"`;
  const ssh = `-o UserKnownHostsFile=${lab.knownHostsFile} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes`;
  const vars = `ansible_ssh_private_key_file=${lab.keyFile}\nansible_ssh_common_args='${ssh}'\n`;
  const [last, ...others] = [...lab.hosts].reverse();
  writeFileSync(
    path,
    `[nodes]\n${others.reverse().map(line).join('\n')}\n\n[new_nodes]\n${line(last!)}\n\n[all:vars]\n${vars}`,
  );
}

const client = (tls: boolean, lab: Lab) => {
  const scheme = tls ? 'https' : 'http';
  const endpoints = lab.hosts.slice(0, 3).map((host) => `${scheme}://${host.fqdn}:2379`);
  const files =
    '--cacert=/etc/etcdtls/etcd-ca.pem --cert=/etc/etcdtls/etcd-client.crt --key=/etc/etcdtls/etcd-client.key';
  return `ETCDCTL_API=3 /usr/local/sbin/etcdctl ${tls ? files : ''} --endpoints`.concat(' ', endpoints.join(','));
};

async function health(lab: Lab, tls: boolean): Promise<string> {
  const ask = `${client(tls, lab)} endpoint health 2>&1 | sed 's/took.*//' | sort
${client(tls, lab)} member list 2>&1 | cut -d, -f2- | sort
${client(tls, lab)} get --prefix k 2>&1
${client(tls, lab)} alarm list 2>&1
for f in /etc/etcdtls/*.pem /etc/etcdtls/*.crt; do [ -e "$f" ] && openssl x509 -in "$f" -noout -subject -ext subjectAltName,extendedKeyUsage 2>/dev/null; done`;
  const { stdout } = await lab.exec(nodes[0]!, ask, { via: 'nsenter' });
  let text = stdout.replace(/"(ts|caller)":"[^"]*",?/g, '');
  for (const host of lab.hosts) text = text.replaceAll(host.address, host.name);
  return text;
}

async function backUp(lab: Lab, tls: boolean): Promise<void> {
  const one = client(tls, lab).split(',')[0]!;
  const save = `${one} put kept yes && ${one} snapshot save /tmp/backup.db`;
  await lab.exec(nodes[0]!, save, { via: 'nsenter' });
  const { stdout } = await lab.exec(nodes[0]!, 'base64 /tmp/backup.db', { via: 'nsenter' });
  for (const node of nodes.slice(1))
    await lab.exec(node, 'base64 -d > /tmp/backup.db', { via: 'nsenter', input: stdout });
}

// Keys and certificates are drawn anew; what etcd keeps in its folder is its own.
const own = /text .*etcdtls.*\.(pem|key|crt|csr):|\/(wal|snap|db|member)\b|\/var\/log\/(apt|dpkg)|backup\.db/;
for (const tls of [false, true].filter((each) => !only || (only === 'tls') === each)) {
  const ansible = await life('ansible', tls);
  const troupe = await life('troupe', tls);
  for (const [i, step] of ansible.entries()) {
    if (i === 0) continue;
    const other = troupe[i]!;
    const tasks = unlike(step.outcome!.lines, other.outcome!.lines);
    const state = step.states
      .flatMap((after, at) =>
        differences(
          { before: ansible[0]!.states[at]!, after },
          { before: troupe[0]!.states[at]!, after: other.states[at]! },
        ).map((line) => `node-${at + 1} ${line}`),
      )
      .filter((line) => !own.test(line));
    say(
      `== ${tls ? 'TLS' : 'plain'} ${step.name}: ${step.outcome!.lines.length} results, ${tasks.length} differ; ${state.length} differences of state; the cluster says ${step.said === other.said ? 'the same' : 'otherwise'}; ${step.seconds} s with Ansible, ${other.seconds} s with Troupe; ${JSON.stringify(other.outcome!.recap['node-1'] ?? other.outcome!.recap)}`,
    );
    for (const line of [...tasks, ...state.slice(0, 40)]) say(`   ${line}`);
    if (step.said !== other.said) say(`   --- with Ansible\n${step.said}   --- with Troupe\n${other.said}`);
    else if (step.name === 'add-member' || step.name === 'restore') say(step.said);
  }
}
