// What the tests of the etcd playbooks share: running a playbook as a user does, and asking the members with etcdctl.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, type Played } from '../../etcd/command.ts';
import { interrupted, seed } from '../../etcd/interrupt.ts';
import type { Lab } from '../lab.mjs';

export type { Played };

export interface Site {
  folder: string;
  /** Runs a playbook with the site's inventory and variables; `env` is added to its environment. */
  play(
    playbook: string,
    vars?: Record<string, unknown>,
    words?: string[],
    env?: Record<string, string>,
  ): Promise<Played>;
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
    play(playbook, more = {}, others = [], env) {
      const file = join(folder, `vars-${++count}.json`);
      writeFileSync(file, JSON.stringify({ ...vars, ...more }));
      return command([playbook, '-i', join(folder, 'hosts'), '-e', `@${file}`, ...words, ...others], {
        ...(input ? { input } : {}),
        ...(caFile ? { caFile } : {}),
        ...(env ? { env } : {}),
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
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
    const there = typeof word === 'string' ? played.text.includes(word) : word.test(played.text);
    expect(there, `${played.text}\nlacks: ${word}`).to.equal(true);
  }
}

/** etcd's own client on a host, as the library sets it up there; asked again where the cluster, or the machine, is not ready. */
export async function etcdctl(lab: Lab, words: string, host = 'node-1'): Promise<string> {
  for (const end = Date.now() + 60_000; ; ) {
    const done = await lab.exec(host, `set -a; . /etc/etcd3.client.env; etcdctl ${words}`);
    if (done.rc === 0) return done.stdout;
    expect(Date.now(), `etcdctl ${words}: ${done.stderr}`).to.be.below(end);
  }
}

/** A put and a get through every endpoint, by etcd's own client on a host. */
export async function putAndGet(lab: Lab, endpoints: string[], { host = 'node-1', flags = '' } = {}): Promise<void> {
  for (const endpoint of endpoints) {
    const value = `v${Math.random()}`;
    const ask = `etcdctl ${flags} --command-timeout=60s --endpoints=${endpoint}`;
    const done = await lab.exec(host, `${ask} put key '${value}' && ${ask} get key --print-value-only`);
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

/** Kills an operation again and again and runs it to its end (see interrupt.ts); prints where. */
export async function interruptedAt(
  one: Site,
  playbook: string,
  { vars = {}, words = [] }: { vars?: Record<string, unknown>; words?: string[] } = {},
): Promise<void> {
  const kills = await interrupted((kill) => one.play(playbook, vars, [...words, ...kill.words], kill.env));
  console.log(
    `      ${playbook}: killed ${kills.length} times (seed ${seed})${kills.map((kill) => `\n        ${kill}`).join('')}`,
  );
  expect(kills).to.not.have.length(0);
}
