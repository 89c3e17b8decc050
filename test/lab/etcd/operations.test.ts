import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Mirror } from '../mirror.mjs';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { etcdctl, everywhere, type Played, refused, type Site, serials, site, well } from './cluster.ts';
import { nothingLost, startWriter } from './writer.ts';

// Everything an operator does to a running cluster, while a client writes: no acknowledged write is lost.
describe('operating a cluster', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 4 });
  let mirror: Mirror;
  let vars: Record<string, unknown>;
  const sites: Site[] = [];
  const at = (groups: Record<string, string[]>) => {
    const made = site(lab(), { groups, vars });
    sites.push(made);
    return made;
  };
  let three: Site;
  let four: Site;
  before(async () => {
    mirror = await startMirror(lab());
    vars = {
      etcd_version: mirror.versions['3.4'],
      etcd_download_url: mirror.url,
      etcd_quota_bytes: 1_073_741_824,
      advertise_format: 'ip',
      tls: { enabled: true },
    };
    three = at({ nodes: ['node-1', 'node-2', 'node-3'], new_nodes: ['node-4'] });
    vars['etcd_site_dir'] = three.folder;
    four = at({ nodes: ['node-1', 'node-2', 'node-3', 'node-4'] });
    well(await three.play('create_ca.yaml'));
    well(await three.play('install.yaml'));
  });
  after(() => {
    for (const one of sites) one.remove();
  });

  // What a member that is down will not do later, either.
  const atOnce = { etcd_settle_timeout: 2 };

  const whileWriting = async (what: string, work: () => Promise<Played>) => {
    const writer = await startWriter(lab());
    const played = await work();
    const written = await writer.stop();
    well(played);
    nothingLost(what, written);
  };
  /** The name of the member that leads. */
  const leader = async () => {
    for (;;) {
      const rows = (await etcdctl(lab(), 'endpoint status -w simple')).split('\n').map((row) => row.split(', '));
      const id = rows.find((row) => row[4] === 'true')?.[1];
      if (!id) continue; // an election
      return (await etcdctl(lab(), 'member list')).match(new RegExp(`^${id}, started, ([^,]+)`, 'm'))![1];
    }
  };

  it('U-01, U-02: refuses two minor versions at once, and the way back', async () => {
    refused(
      await three.play('upgrade.yaml', { etcd_version: '3.6.14' }),
      'more than one minor version',
      'set etcd_version to a 3.5',
    );
    refused(await three.play('upgrade.yaml', { etcd_version: '3.4.10' }), 'is older');
  });

  it('U-01 to U-07: upgrades 3.4 to 3.5 while a client writes, with a snapshot first', async () => {
    const led = await leader();
    await whileWriting('upgrade', () => three.play('upgrade.yaml', { etcd_version: mirror.versions['3.5'] }));
    vars['etcd_version'] = mirror.versions['3.5'];
    expect(readdirSync(join(three.folder, 'etcd-backups')).filter((name) => name.endsWith('.db')).length).to.equal(1);
    well(await three.play('install.yaml'), false);
    // U-05: the leader's, who has every write.
    const [manifest] = readdirSync(join(three.folder, 'etcd-backups')).filter((name) => name.endsWith('.json'));
    const { member } = JSON.parse(readFileSync(join(three.folder, 'etcd-backups', manifest!), 'utf8'));
    expect(member).to.equal(led);
  });

  it('U-08, U-09: goes back to an older line by no playbook, but says the ways; that program would not start on the data', async () => {
    const back = { etcd_version: mirror.versions['3.4'] };
    refused(await three.play('upgrade.yaml', back), 'is older', 'etcdctl downgrade', 'restore.yaml');
    refused(await three.play('install.yaml', back), 'install.yaml does not change the minor version');
    const started = await lab().exec(
      'node-1',
      `mkdir /root/back && cp -r /var/lib/storageos-etcd/member /root/back && cd /root
       timeout 60 /usr/local/lib/etcd/v${mirror.versions['3.4']}/etcd --name etcd-node-1 --data-dir back --listen-client-urls http://127.0.0.1:3379 \
         --advertise-client-urls http://127.0.0.1:3379 --listen-peer-urls http://127.0.0.1:3380 2>&1; echo "ended with $?"; rm -r back`,
    );
    expect(started.stdout).to.match(/cannot be downgraded[\s\S]*ended with (?!124)[1-9]/);
  });

  it('U-03: goes to 3.6 only where etcdutl finds nothing of the v2 store on any member', async () => {
    // The lab has neither 3.6 nor an etcdutl with this check: its answers are the documented ones, and the floor is lowered.
    const next = { etcd_version: '3.6.99', upgrade_floors: { '3.6': '3.5.0' } };
    // Of the version that runs: later ones have no such command.
    const etcdutl = `/usr/local/lib/etcd/v${mirror.versions['3.5']}/etcdutl`;
    const answer = (host: string, said: string, rc: number) =>
      lab().exec(
        host,
        `printf '%s\n' '#!/bin/sh' '[ "$1 $2 $3 $4" = "check v2store --data-dir /var/lib/storageos-etcd" ] || exec /root/etcdutl "$@"' \
           'echo "${said}"; exit ${rc}' >/root/answers && chmod 755 /root/answers
         [ -e /root/etcdutl ] || cp ${etcdutl} /root/etcdutl; cp /root/answers ${etcdutl}`,
        { check: true },
      );
    const nothing = 'No custom content found in both v2store and WAL records.';
    for (const { name } of lab().hosts.slice(0, 3)) await answer(name, nothing, 0);
    await answer('node-2', 'detected custom content in v2store', 1);
    refused(await three.play('upgrade.yaml', next), 'detected custom content in v2store');
    await answer('node-2', 'nothing was looked at', 0);
    refused(await three.play('upgrade.yaml', next), 'nothing was looked at');
    await answer('node-2', nothing, 0);
    // It goes on from there, to where the lab has nothing for it.
    refused(await three.play('upgrade.yaml', next), 'Download the release', '404');
    await everywhere(
      lab(),
      `mv /root/etcdutl ${etcdutl}; rm -f /run/etcd3-maintenance /root/answers`,
      lab().hosts.slice(0, 3),
    );
    well(await three.play('install.yaml'), false);
  });

  it('G-05: refuses while another controller is at work', async () => {
    await lab().exec('node-2', 'echo "somebody@elsewhere $(date +%s)" >/run/etcd3-maintenance', { check: true });
    refused(await three.play('add-member.yaml'), 'somebody@elsewhere has been at work on this cluster');
    await lab().exec('node-2', 'rm /run/etcd3-maintenance', { check: true });
  });

  it('G-05: refuses beside another run of the same user on this machine, too; not after one that was interrupted', async () => {
    const me = execFileSync('sh', ['-c', 'echo $(id -un)@$(uname -n)'], { encoding: 'utf8' }).trim();
    const note = (pid: number) =>
      lab().exec('node-2', `echo "${me} $(date +%s) ${pid}" >/run/etcd3-maintenance`, { check: true });
    await note(process.pid);
    refused(await three.play('install.yaml'), 'at work on this cluster', `process ${process.pid}`);
    refused(await three.play('defrag.yaml'), 'at work on this cluster', `process ${process.pid}`);
    await note(2 ** 22 + 1); // more than there can be
    well(await three.play('defrag.yaml'), false);
  });

  it('does not do half of what concerns the whole cluster: -l is refused, and nothing is touched', async () => {
    const pids = () => everywhere(lab(), 'systemctl show -p MainPID --value etcd3; ls /var/lib/storageos-etcd');
    const before = await pids();
    const limited = (playbook: string, limit: string, more: string[] = []) =>
      three.play(playbook, { backup_file: '/etc/hostname' }, ['-l', limit, ...more]);
    for (const [playbook, limit, more] of [
      ['upgrade.yaml', 'node-1', []],
      ['add-member.yaml', 'node-4', []],
      ['add-member.yaml', 'node-1', []],
      ['restore.yaml', 'node-1', []],
      ['rotate-certs.yaml', 'nodes', ['--tags', 'ca']],
      ['remove-member.yaml', 'node-1,node-2', ['-e', 'member=node-3']],
    ] as const)
      refused(await limited(playbook, limit, [...more]), '--limit');
    // Without the hosts that would take it out of the cluster.
    refused(await limited('remove-member.yaml', 'node-3', ['-e', 'member=node-3']), 'was not taken out');
    refused(
      await limited('uninstall.yaml', 'node-3', ['--tags', 'unrecoverable']),
      'remove-member.yaml -e member=node-3',
    );
    expect(await pids()).to.deep.equal(before);
  });

  it('says that the inventory is another than the cluster, and removes no data that is not its own', async () => {
    const two = at({ nodes: ['node-1', 'node-2'] });
    refused(await two.play('install.yaml'), 'Not in nodes, but members of it: etcd-node-3');
    refused(
      await three.play('replace-member.yaml', { etcd_version: mirror.versions['3.4'] }, ['-e', 'member=node-3']),
      'does not change the minor version',
    );
    expect((await etcdctl(lab(), 'member list')).match(/started/g)).to.have.length(3);
    await lab().exec('node-1', 'mkdir -p /srv/theirs/member', { check: true });
    refused(
      await three.play('uninstall.yaml', { installation_dir: '/srv/theirs' }, ['--tags', 'unrecoverable']),
      'does not use /srv/theirs (which holds member)',
    );
    await lab().exec('node-1', 'rmdir /srv/theirs/member /srv/theirs', { check: true });
  });

  it('M-05: adds no member while another is down', async () => {
    await lab().exec('node-2', 'systemctl stop etcd3', { check: true });
    refused(await three.play('add-member.yaml', atOnce), 'A member is added only to a healthy cluster');
    await lab().exec('node-2', 'systemctl start etcd3', { check: true });
    expect((await etcdctl(lab(), 'member list')).trim().split('\n')).to.have.length(3);
  });

  it('M-02: adds a member while a client writes; the second time nothing changes', async () => {
    await whileWriting('add a member', () => three.play('add-member.yaml'));
    expect((await etcdctl(lab(), 'member list')).match(/started/g)).to.have.length(4);
    well(await three.play('add-member.yaml'), false);
    well(await four.play('install.yaml'), false);
    // M-09
    const told = await everywhere(lab(), 'sed -n "s/^ETCDCTL_ENDPOINTS=//p" /etc/etcd3.client.env');
    for (const endpoints of told) expect(endpoints.split(',')).to.have.length(4);
  });

  it('M-06: removes a member while a client writes', async () => {
    await whileWriting('remove a member', () => four.play('remove-member.yaml', {}, ['-e', 'member=node-4']));
    expect((await etcdctl(lab(), 'member list')).match(/started/g)).to.have.length(3);
    const [state] = await everywhere(
      lab(),
      'systemctl is-active etcd3; systemctl is-enabled etcd3; ls /var/lib/storageos-etcd; ls /var/lib/storageos-etcd.before-removal-*',
      [lab().hosts[3]!],
    );
    // Not inside the data directory, where etcd would warn of it at each start.
    expect(state).to.equal('inactive\ndisabled\nmember');
    well(await three.play('install.yaml'), false);
  });

  it('M-03: refuses a new member whose data folder is not empty', async () => {
    const kept = '/var/lib/storageos-etcd/member';
    const aside = '/var/lib/storageos-etcd.before-removal-*';
    await lab().exec('node-4', `mv ${aside}/member ${kept} && rmdir ${aside}`, { check: true });
    refused(await three.play('add-member.yaml'), 'already has the data of a member');
    // Nor is a host of another cluster stopped, where the inventory says that it is one of this.
    await lab().exec('node-4', 'sed -i "s/^CLUSTER_TOKEN=/&other-/" /etc/etcd.conf', { check: true });
    refused(await four.play('remove-member.yaml', {}, ['-e', 'member=node-4']), 'belongs to another cluster');
    await lab().exec(
      'node-4',
      `test -d ${kept} && mkdir ${aside.replace('*', '1')} && mv ${kept} ${aside.replace('*', '1')}`,
      { check: true },
    );
  });

  it('T-08: rotates the certificates while a client writes, without a restart', async () => {
    const pids = await everywhere(lab(), 'systemctl show -p MainPID --value etcd3');
    const [before] = await serials(lab(), 'node-2', 2379, '/etc/etcdtls/server.pem');
    await whileWriting('rotate certificates', () => three.play('rotate-certs.yaml'));
    const [after, own] = await serials(lab(), 'node-2', 2379, '/etc/etcdtls/server.pem');
    expect(after).to.equal(own).and.to.not.equal(before);
    expect(await everywhere(lab(), 'systemctl show -p MainPID --value etcd3')).to.deep.equal(pids);
  });

  it('status.yaml tells members, leader, sizes, versions, alarms and the days left of certificates, as JSON', async () => {
    const told = await three.play('status.yaml', { etcd_status_format: 'json' });
    well(told, false);
    const etcd_status = JSON.parse(told.out);
    const { members, certificates, ...rest } = etcd_status;
    expect(rest).to.deep.include({ healthy: true, problems: [], alarms: [], versions: [mirror.versions['3.5']] });
    expect(rest.leader).to.equal(await leader());
    expect(rest.kv_addr.split(',')).to.have.length(3);
    expect(members.map((one: { name: string }) => one.name)).to.deep.equal([
      'etcd-node-1',
      'etcd-node-2',
      'etcd-node-3',
    ]);
    for (const one of members) expect(one.db_size).to.be.greaterThan(0);
    // As they were made: a year, and ten.
    for (const name of ['server', 'peer', 'client']) expect(certificates[name]).to.be.within(363, 365);
    expect(certificates.CA).to.be.within(3648, 3650);
  });

  it('T-10: changes the CA while a client writes', async () => {
    const before = await everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem', lab().hosts.slice(0, 3));
    const pass = (name: string) => three.play('rotate-certs.yaml', {}, ['--tags', name]);
    await whileWriting('change the CA', async () => {
      well(await pass('ca_trust'));
      // In another order a member would be cut off.
      refused(await pass('ca_drop'), '--tags ca_issue first');
      well(await pass('ca_issue'));
      return pass('ca_drop');
    });
    const after = await everywhere(lab(), 'cat /etc/etcdtls/etcd-ca.pem', lab().hosts.slice(0, 3));
    expect(new Set(after).size).to.equal(1);
    expect(after[0]).not.to.equal(before[0]);
    expect(after[0]!.match(/BEGIN/g)).to.have.length(1);
    well(await three.play('install.yaml'), false);
  });

  it('X-01, X-02, G-03: defragments while a client writes, the leader last, and only where it is worth it', async () => {
    const idle = await three.play('defrag.yaml');
    well(idle, false);
    const led = await leader();
    let text = '';
    await whileWriting('defragment', async () => {
      const played = await three.play('defrag.yaml', { etcd_defrag_force: true });
      text = played.text;
      return played;
    });
    const order = [...text.matchAll(/"msg": "(etcd-node-\d) changed:/g)].map(([, name]) => name);
    expect(order).to.have.length(3);
    expect(order.at(-1)).to.equal(led);
  });

  /** The alarm that etcd itself raises for damaged data. */
  const alarmCorrupt = async (member: string, action: 'ACTIVATE' | 'DEACTIVATE') => {
    const id = new RegExp(`^(\\w+), started, ${member},`, 'm').exec(await etcdctl(lab(), 'member list'))![1];
    await lab().exec(
      'node-1',
      `curl -sS --cacert /etc/etcdtls/etcd-ca.pem --cert /etc/etcdtls/etcd-client.crt --key /etc/etcdtls/etcd-client.key \
       -d '{"action": "${action}", "memberID": "${BigInt(`0x${id}`)}", "alarm": "CORRUPT"}' https://${lab().hosts[0]!.address}:2379/v3/maintenance/alarm`,
      { check: true },
    );
  };

  it('X-04: works on no member while one has damaged data', async () => {
    await alarmCorrupt('etcd-node-1', 'ACTIVATE');
    refused(await three.play('defrag.yaml', { etcd_defrag_force: true }), 'CORRUPT');
    await alarmCorrupt('etcd-node-1', 'DEACTIVATE');
    well(await three.play('install.yaml'), false);
  });

  it('M-06, G-01: refuses to remove a member that the quorum needs', async () => {
    await lab().exec('node-2', 'systemctl stop etcd3', { check: true });
    refused(
      await three.play('remove-member.yaml', atOnce, ['-e', 'member=node-3']),
      '1 of 2 members would be healthy, and 2 must be',
    );
    // Nor does a host that is gone keep the others from giving a snapshot; the exit code tells of it.
    const gone = join(three.folder, 'gone');
    writeFileSync(gone, '[nodes]\nnode-2 ansible_port=1\n');
    const taken = await three.play('backup.yaml', {}, ['-i', gone]);
    expect(taken.rc, taken.text).to.equal(4);
    expect(taken.text).to.match(/etcd-backups\/etcd-\S+\.db: \{/);
    await lab().exec('node-2', 'systemctl start etcd3', { check: true });
  });

  it('M-01, X-04: replaces a member that lost its data; the alarm that it has left goes too, and keys can be put again', async () => {
    await alarmCorrupt('etcd-node-3', 'ACTIVATE');
    await lab().exec('node-3', 'systemctl stop etcd3; rm -r /var/lib/storageos-etcd/member', { check: true });
    well(await three.play('replace-member.yaml', {}, ['-e', 'member=node-3']));
    await etcdctl(lab(), 'put again 1');
    well(await three.play('install.yaml'), false);
  });

  it('B-01, B-02, R-01 to R-06, R-08: brings every key back after two of three lost their data', async () => {
    for (let i = 0; i < 20; i++) await etcdctl(lab(), `put kept/${i} ${i}`);
    // B-04: a member was started on it and had every key.
    const keys = /"count":(\d+)/.exec(await etcdctl(lab(), "get '' --prefix --keys-only --limit=1 -w json"))![1];
    const taken = await three.play('backup.yaml', { etcd_backup_drill: true });
    well(taken);
    expect(taken.text).to.contain(`\\"drilled\\":${keys},`);
    const backups = join(three.folder, 'etcd-backups');
    const file = join(
      backups,
      readdirSync(backups)
        .filter((name) => name.endsWith('.db'))
        .sort()
        .at(-1)!,
    );
    for (const host of ['node-2', 'node-3'])
      await lab().exec(host, 'systemctl stop etcd3; rm -r /var/lib/storageos-etcd/member', { check: true });

    const pid = () => lab().exec('node-1', 'systemctl show -p MainPID --value etcd3');
    const running = (await pid()).stdout;
    const damaged = join(three.folder, 'damaged.db');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(damaged, bytes);
    refused(await three.play('restore.yaml', { backup_file: damaged }), 'cannot be restored');
    writeFileSync(damaged, 'this is no snapshot\n');
    refused(await three.play('restore.yaml', { backup_file: damaged }), 'cannot be restored');
    refused(
      await three.play('restore.yaml', { backup_file: '/nowhere/backup.db' }),
      'neither on this machine nor on a member',
    );
    // B-02: a copy of the file has no sum, and lacks the end of the log.
    const copy = await lab().exec('node-1', 'cp /var/lib/storageos-etcd/member/snap/db /root/copy.db', { check: true });
    expect(copy.rc).to.equal(0);
    refused(await three.play('restore.yaml', { backup_file: '/root/copy.db' }), 'cannot be restored');
    expect((await pid()).stdout).to.equal(running);
    const token = () => everywhere(lab(), 'sed -n s/^CLUSTER_TOKEN=//p /etc/etcd.conf', lab().hosts.slice(0, 3));
    const [before] = await token();

    well(await three.play('restore.yaml', { backup_file: file }));
    expect((await etcdctl(lab(), 'get --prefix kept/ --keys-only')).match(/kept/g)).to.have.length(20);
    // R-02: the old data is aside; R-03: another token, the same on all; R-04: a revision that no watcher has seen.
    const aside = await everywhere(lab(), 'ls -d /var/lib/storageos-etcd.before-restore-*/member', [lab().hosts[0]!]);
    expect(aside[0]).to.contain('.before-restore-');
    const after = await token();
    expect(new Set(after).size).to.equal(1);
    expect(after[0])
      .to.match(/^etcd-/)
      .and.not.equal(before);
    // Interrupted while the members were told the token: restore.yaml goes on, nothing else does.
    const tell = (one: string) => `sed -i "s/^CLUSTER_TOKEN=.*/CLUSTER_TOKEN=${one}/" /etc/etcd.conf`;
    await lab().exec('node-2', tell(before!), { check: true });
    refused(await three.play('install.yaml'), 'was restore.yaml interrupted');
    well(await three.play('restore.yaml', { backup_file: file }, ['-C']));
    await lab().exec('node-2', tell(after[0]!), { check: true });
    const revision = /"revision":(\d+)/.exec(await etcdctl(lab(), 'get kept/0 -w json'))![1];
    expect(Number(revision)).to.be.greaterThan(1_000_000_000);
    well(await three.play('install.yaml'), false);
  });

  it('M-07: goes from two members to one only when told to', async () => {
    const two = at({ nodes: ['node-1', 'node-2'] });
    well(await three.play('remove-member.yaml', {}, ['-e', 'member=node-3']));
    refused(
      await two.play('remove-member.yaml', {}, ['-e', 'member=node-2']),
      'Of two members',
      'etcd_remove_from_two=true',
    );
    expect((await etcdctl(lab(), 'member list')).match(/started/g)).to.have.length(2);
  });

  it('uninstalls only what it is told to, and only when it is told', async () => {
    const quiet = await four.play('uninstall.yaml');
    well(quiet, false);
    expect(quiet.text).to.contain('/var/lib/storageos-etcd');
    await etcdctl(lab(), 'endpoint health');
    well(await four.play('uninstall.yaml', {}, ['--tags', 'unrecoverable']), true);
    const left = await everywhere(
      lab(),
      'ls -d /var/lib/storageos-etcd /etc/etcd.conf /etc/etcdtls /usr/local/lib/etcd 2>/dev/null; systemctl is-active etcd3',
    );
    expect(new Set(left)).to.deep.equal(new Set(['inactive']));
  });
});
