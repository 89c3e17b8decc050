// What the tests of the etcd playbooks share: running a playbook as a user does, and asking the members with etcdctl.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Lab } from '../lab.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Played {
  rc: number | string;
  text: string;
  /** Sums of the recap over all hosts. */
  changed: number;
  failed: number;
}

export interface Site {
  folder: string;
  /** Runs a playbook with the site's inventory and variables; killed while its task number `killAt` is under way. */
  play(playbook: string, vars?: Record<string, unknown>, words?: string[], killAt?: number): Promise<Played>;
  remove(): void;
}

export interface SiteOptions {
  vars: Record<string, unknown>;
  user?: string;
  /** Names of the lab's hosts by group; all in `nodes` if not given. */
  groups?: Record<string, string[]>;
  words?: string[];
  input?: string;
  /** CA of the mirror, for downloads of this machine. */
  caFile?: string;
}

/** A folder with an inventory in the form that the library's users have, and their variables. */
export function site(lab: Lab, { vars, user = 'root', groups, words = [], input, caFile }: SiteOptions): Site {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-etcd-'));
  const lines = Object.entries(groups ?? { nodes: lab.hosts.map((host) => host.name) }).map(([group, names]) => {
    const hosts = names.map((name) => lab.hosts.find((host) => host.name === name)!);
    return `[${group}]\n${hosts.map((host) => `${host.name} ansible_host=${host.address} ip="${host.address}" fqdn="${host.fqdn}"\n`).join('')}`;
  });
  const ssh = `-o UserKnownHostsFile=${lab.knownHostsFile} -o StrictHostKeyChecking=yes`;
  const all = `ansible_user=${user}\nansible_ssh_private_key_file=${lab.keyFile}\nansible_ssh_common_args='${ssh}'\n`;
  writeFileSync(join(folder, 'hosts'), `${lines.join('\n')}\n[all:vars]\n${all}`);
  let count = 0;
  return {
    folder,
    play(playbook, more = {}, others = [], killAt = 0) {
      const file = join(folder, `vars-${++count}.json`);
      writeFileSync(file, JSON.stringify({ ...vars, ...more }));
      return run([playbook, '-i', join(folder, 'hosts'), '-e', `@${file}`, ...words, ...others], {
        input,
        caFile,
        killAt,
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface RunOptions {
  input?: string | undefined;
  caFile?: string | undefined;
  killAt: number;
}

function run(words: string[], { input = '', caFile = '', killAt }: RunOptions): Promise<Played> {
  const program = ['--import', 'tsx', join(root, 'engine', 'cli.ts'), ...words];
  return new Promise((resolve, reject) => {
    const trust = caFile ? { CURL_CA_BUNDLE: caFile, SSL_CERT_FILE: caFile } : {};
    const env = { ...process.env, NO_COLOR: '1', ...trust };
    const child = spawn(process.execPath, program, { cwd: root, env });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        // A task's heading comes with its first result: the next one is under way by then.
        if (killAt > 0 && (text.match(/^TASK \[/gm)?.length ?? 0) >= killAt) child.kill('SIGKILL');
      });
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const sum = (name: string) =>
        [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].reduce((all, [, n]) => all + Number(n), 0);
      resolve({ rc: code ?? signal ?? '', text, changed: sum('changed'), failed: sum('failed') });
    });
  });
}

/** The run was well: its exit code, and with `changed` whether it changed anything. */
export function well(played: Played, changed?: boolean): void {
  expect(played.rc, played.text).to.equal(0);
  if (changed !== undefined) expect(played.changed > 0, played.text).to.equal(changed);
}

/** The run was refused with a message that says this. */
export function refused(played: Played, ...words: (string | RegExp)[]): void {
  expect(played.rc, played.text).to.equal(2);
  for (const word of words) {
    if (typeof word === 'string') expect(played.text).to.contain(word);
    else expect(played.text).to.match(word);
  }
}

/** A put and a get through every endpoint, by etcd's own client on a host. */
export async function putAndGet(lab: Lab, endpoints: string[], { host = 'node-1', flags = '' } = {}): Promise<void> {
  for (const endpoint of endpoints) {
    const value = `v${Math.random()}`;
    const done = await lab.exec(
      host,
      `etcdctl ${flags} --endpoints=${endpoint} put key '${value}' && etcdctl ${flags} --endpoints=${endpoint} get key --print-value-only`,
    );
    expect(done.stdout.trim(), `${endpoint}: ${done.stderr}`).to.equal(`OK\n${value}`);
  }
}

/** Runs a command on every host; its outputs in the hosts' order. */
export async function everywhere(lab: Lab, command: string, hosts = lab.hosts): Promise<string[]> {
  const done = await Promise.all(hosts.map((host) => lab.exec(host, command)));
  return done.map((one) => one.stdout.trim());
}

/** The certificate's serial number that a port of a host gives to a new connection of OpenSSL's, and the one in a file of it. */
export async function serials(
  lab: Lab,
  host: string,
  port: number,
  file: string,
): Promise<[served: string, own: string]> {
  const one = lab.hosts.find(({ name }) => name === host)!;
  const openssl = (words: string[], input = '') =>
    new Promise<string>((resolve) => {
      // Without a client's certificate s_client ends badly, but only after it has seen the server's.
      const child = execFile('openssl', words, (_error, stdout) => resolve(stdout));
      child.stdin!.end(input);
    });
  const served = await openssl(['s_client', '-connect', `${one.address}:${port}`]);
  const own = (await lab.exec(host, `cat ${file}`, { check: true })).stdout;
  return [await openssl(['x509', '-noout', '-serial'], served), await openssl(['x509', '-noout', '-serial'], own)];
}

/** Puts numbered keys through all members from a host, one after another, as fast as etcdctl starts; notes each that was acknowledged. */
export async function startWriter(lab: Lab, host: string): Promise<void> {
  const loop = `set -a; . /etc/etcd3.client.env; i=0; : >/root/acked
    while :; do
      i=$((i+1))
      etcdctl --dial-timeout=1s --command-timeout=3s put "/written/$i" "$i" >/dev/null 2>&1 && echo "$i $(date +%s%N)" >>/root/acked
      sleep 0.02
    done`;
  await lab.exec(host, 'systemctl reset-failed writer 2>/dev/null; cat >/root/writer.sh', { input: loop });
  await lab.exec(host, 'systemd-run --unit=writer /bin/sh /root/writer.sh', { check: true });
}

export interface Written {
  acknowledged: number;
  lost: number[];
  /** The longest time between two acknowledged writes, in seconds. */
  stall: number;
}

/** Ends the writer and compares what it was told with what the cluster has. */
export async function stopWriter(lab: Lab, host: string): Promise<Written> {
  await lab.exec(host, 'systemctl stop writer', { check: true });
  const acked = (await lab.exec(host, 'cat /root/acked', { check: true })).stdout.trim().split('\n');
  const keys = await lab.exec(
    host,
    'set -a; . /etc/etcd3.client.env; etcdctl get --prefix /written/ --keys-only | grep .; etcdctl del --prefix /written/ >/dev/null',
    { check: true },
  );
  const there = new Set(
    keys.stdout
      .trim()
      .split('\n')
      .map((key) => Number(key.slice('/written/'.length))),
  );
  const numbers = acked.map((line) => Number(line.split(' ')[0]));
  const times = acked.map((line) => Number(BigInt(line.split(' ')[1]!) / 1_000_000n));
  const stall = Math.max(...times.slice(1).map((time, i) => time - times[i]!)) / 1000;
  return { acknowledged: numbers.length, lost: numbers.filter((n) => !there.has(n)), stall };
}

/**
 * Runs a playbook again and again, killed `step` tasks later each time, until it comes to its end: with a step of 1, every task
 * has been the last one of a run. Returns how many times it was killed.
 */
export async function killedAgainAndAgain(
  one: Site,
  playbook: string,
  { vars = {}, words = [], step = 1 }: { vars?: Record<string, unknown>; words?: string[]; step?: number } = {},
): Promise<number> {
  for (let tasks = 1, kills = 0; ; tasks += step, kills++) {
    const played = await one.play(playbook, vars, words, tasks);
    if (played.rc === 'SIGKILL') continue;
    well(played);
    return kills;
  }
}
