#!/usr/bin/env node
// What dead hosts cost the others: a play on 160 hosts, beside one on 200 of which 20 accept and keep silent and 20 are behind a link
// that swallows every packet. One sshd plays the living ones, at as many addresses of the loopback network. Needs root.
//   node bench/dead_hosts.mjs [--hosts 160] [--dead 40] [--forks 50] [--strategy linear] [--timeout 10] [--rounds 2]
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../test/support/built.mjs';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '160' },
    dead: { type: 'string', default: '40' },
    forks: { type: 'string', default: '50' },
    strategy: { type: 'string', default: 'linear' },
    timeout: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '2' },
    transport: { type: 'string', default: 'ssh' },
  },
});
const living = Number(values.hosts);
const dead = Number(values.dead);
const say = (line) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'troupe-dead-'));
const link = `trdead${process.pid % 10_000}`;

async function startServer() {
  chmodSync(folder, 0o755);
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  const port = 20_000 + (process.pid % 20_000);
  const lines = [
    `Port ${port}`,
    'ListenAddress 0.0.0.0',
    `HostKey ${join(folder, 'host')}`,
    `PidFile ${join(folder, 'pid')}`,
    `AuthorizedKeysFile ${join(folder, 'key.pub')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    'MaxStartups 4096',
  ];
  writeFileSync(join(folder, 'sshd'), `${lines.join('\n')}\n`);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd')], { stdio: 'ignore' });
  await sleep(1000);
  return { child, port };
}

const address = (n, net) => `127.${net}.${Math.floor(n / 250)}.${(n % 250) + 1}`;

function write(port, mutePort, name, withDead) {
  const key = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  const hosts = Array.from({ length: living }, (_, n) => [`live-${n}`, address(n, 1), port]);
  if (withDead)
    for (let n = 0; n < dead; n++)
      // Among the others, so that they are not the last to be begun with.
      hosts.splice(
        n * 5,
        0,
        n % 2 ? [`silent-${n}`, address(n, 3), mutePort] : [`black-${n}`, `10.219.77.${n + 1}`, 22],
      );
  writeFileSync(join(folder, 'known_hosts'), hosts.map(([, each, at]) => `[${each}]:${at} ${key}\n`).join(''));
  const lines = hosts.map(([host, each, at]) => `${host} ansible_host=${each} ansible_port=${at}`);
  const vars = [
    `ansible_user=root`,
    `ansible_connection=${values.transport}`,
    `ansible_ssh_private_key_file=${join(folder, 'key')}`,
    `ansible_timeout=${values.timeout}`,
    `ansible_ssh_common_args='-o UserKnownHostsFile=${join(folder, 'known_hosts')} -o IdentitiesOnly=yes'`,
  ];
  writeFileSync(join(folder, name), `${lines.join('\n')}\n[all:vars]\n${vars.join('\n')}\n`);
}

async function play(name) {
  const { runPlaybook } = await import('../dist/index.js');
  const began = performance.now();
  let last = 0;
  let ok = 0;
  let unreachable = 0;
  for await (const event of runPlaybook({
    playbook: join(folder, 'play.yaml'),
    inventory: join(folder, name),
    forks: Number(values.forks),
    environment: process.env,
  })) {
    if (event.type !== 'task:result') continue;
    if (event.result.unreachable || event.result.status === 'unreachable') unreachable++;
    else if (event.host.startsWith('live-')) {
      if (event.result.status !== 'changed' && event.result.status !== 'ok') throw new Error(JSON.stringify(event));
      ok++;
      last = performance.now();
    }
  }
  return { others: (last - began) / 1000, all: (performance.now() - began) / 1000, ok, unreachable };
}

ensureBuilt((line) => process.stdout.write(`${line}\n`));
const { child, port } = await startServer();
const sockets = new Set();
const mute = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '0.0.0.0');
try {
  await new Promise((resolve) => mute.once('listening', resolve));
  execFileSync('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}b`]);
  execFileSync('ip', ['addr', 'add', '10.219.77.254/24', 'dev', link]);
  for (const end of [link, `${link}b`]) execFileSync('ip', ['link', 'set', end, 'up']);
  // What is sent there has an address to go to, and nobody has it: it is taken, and no answer comes.
  const tasks = [1, 2, 3, 4, 5].map((n) => `    - ansible.builtin.command: echo ${n}\n`).join('');
  writeFileSync(
    join(folder, 'play.yaml'),
    `- hosts: all\n  gather_facts: false\n  strategy: ${values.strategy}\n  tasks:\n${tasks}`,
  );
  for (let n = 0; n < dead; n += 2)
    execFileSync('ip', ['neigh', 'add', `10.219.77.${n + 1}`, 'lladdr', '02:00:00:00:00:01', 'dev', link]);
  write(port, mute.address().port, 'living', false);
  write(port, mute.address().port, 'mixed', true);
  say(
    `${living} hosts, ${dead} dead; forks ${values.forks}, ${values.strategy}, time-out ${values.timeout} s, ${values.transport}; load ${loadavg()[0].toFixed(1)}`,
  );
  say('round | hosts | the living are done after | all done after | results | unreachable');
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const name of ['living', 'mixed']) {
      write(port, mute.address().port, name, name === 'mixed');
      const { others, all, ok, unreachable } = await play(name);
      const count = name === 'mixed' ? living + dead : living;
      say(`${round} | ${count} | ${others.toFixed(1)} s | ${all.toFixed(1)} s | ${ok} | ${unreachable}`);
    }
} finally {
  child.kill();
  mute.close();
  for (const socket of sockets) socket.destroy();
  try {
    execFileSync('ip', ['link', 'del', link], { stdio: 'ignore' });
  } catch {}
  rmSync(folder, { recursive: true, force: true });
}
