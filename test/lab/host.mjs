// One host: its file system, its network end and its processes. Everything it leaves on the machine is named after it,
// so that it can be removed by name, by another process, after a crash.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { users } from './images.mjs';
import { run, runSync } from './machine.mjs';

/** Mounts a host's file system over the image and writes what is its own: names, keys, addresses of the others. */
export async function layOut(host, { image, kind, hosts, publicKey, extra }) {
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(host.folder, part), { recursive: true });
  const root = join(host.folder, 'root');
  const layers = `lowerdir=${image},upperdir=${join(host.folder, 'upper')},workdir=${join(host.folder, 'work')}`;
  await run('mount', ['-t', 'overlay', '-o', layers, host.machine, root]);
  writeFileSync(join(root, 'etc/hostname'), `${host.name}\n`);
  const names = hosts.map((other) => `${other.address} ${other.fqdn} ${other.name}\n`).join('');
  const more = (extra ?? []).map(({ address, name }) => `${address} ${name}\n`).join('');
  writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n::1 localhost\n${names}${more}`);
  authorize(root, '/root', 0, publicKey);
  for (const user of users) if (!user.noKey) authorize(root, `/home/${user.name}`, user.uid, publicKey);
  return kind === 'busybox' ? dropbearKey(host, root) : opensshKey(host, root);
}

function authorize(root, home, uid, publicKey) {
  const folder = join(root, home, '.ssh');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'authorized_keys');
  writeFileSync(file, publicKey);
  chmodSync(folder, 0o700);
  chmodSync(file, 0o600);
  for (const path of [folder, file]) chownSync(path, uid, uid);
}

async function opensshKey(host, root) {
  const file = join(root, 'etc/ssh/ssh_host_ed25519_key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', host.name, '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
}

async function dropbearKey(host, root) {
  const file = join(root, 'etc/dropbear/dropbear_ed25519_host_key');
  const made = await run('dropbearkey', ['-t', 'ed25519', '-f', file]);
  const key = /^ssh-ed25519 \S+/m.exec(made.stdout);
  if (!key) throw new Error(`dropbearkey printed no key for ${host.name}`);
  return key[0];
}

/** Gives a host its network namespace, with eth0 on the lab's bridge. */
export async function plugIn(host, { bridge, gateway }) {
  await run('ip', ['netns', 'add', host.machine]);
  await run('ip', ['-batch', '-'], {
    input: `link add ${host.veth} type veth peer name eth0 netns ${host.machine}
link set ${host.veth} master ${bridge} up\n`,
  });
  await run('ip', ['-n', host.machine, '-batch', '-'], {
    input: `link set lo up\naddr add ${host.address}/24 dev eth0\nlink set eth0 up\nroute add default via ${gateway}\n`,
  });
}

// A cgroup of its own, where the machine's own tree is writable: hosts that share one would find each other's
// services in it, and its list of processes is what teardown kills.
function cgroupFolders(machine) {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return mounts
    .filter(([, , type, options]) => type === 'cgroup2' || (type === 'cgroup' && options.includes('name=systemd')))
    .map(([, path]) => join(path, 'troupe-lab', machine));
}

/** Boots a host in the background; its console goes to console.log in its folder. */
export function boot(host) {
  const console = openSync(join(host.folder, 'console.log'), 'a');
  const folders = cgroupFolders(host.machine);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const enter = folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join('\n');
  const nspawn = [
    'systemd-nspawn',
    '--quiet',
    '--register=no',
    '--keep-unit',
    '--settings=no',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=passive',
    '--capability=CAP_NET_ADMIN',
    `--network-namespace-path=/run/netns/${host.machine}`,
    `--machine=${host.machine}`,
    `--hostname=${host.name}`,
    `--directory=${join(host.folder, 'root')}`,
    '--boot',
  ];
  // Not `ip netns exec`: that mounts a /sys without the cgroup trees, and nspawn fails.
  const child = spawn('/bin/sh', ['-c', `${enter}\nexec "$@"`, 'sh', ...nspawn], {
    detached: true,
    stdio: ['ignore', console, console],
  });
  closeSync(console);
  child.unref();
}

/** Resolves when the host answers on its ssh port and, where it has systemd, has finished booting. */
export async function waitUntilUp(host, kind, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const started = await answers(host.address, 22);
    if (started && kind === 'busybox') return;
    if (started) {
      const state = await run(
        'nsenter',
        ['-t', String(initOf(host)), '-a', 'systemctl', 'is-system-running', '--wait'],
        {
          check: false,
        },
      );
      if (state.stdout.trim() === 'running') return;
      if (state.stdout.trim() === 'degraded')
        throw new Error(`${host.machine} booted with failed units: see ${await failedUnits(host)}`);
    }
    await sleep(50);
  }
  const console = readFileSync(join(host.folder, 'console.log'), 'utf8').split('\n').slice(-15).join('\n');
  throw new Error(`${host.machine} is not up after ${seconds} s; its console says:\n${console}`);
}

async function failedUnits(host) {
  const failed = await run(
    'nsenter',
    ['-t', String(initOf(host)), '-a', 'systemctl', '--failed', '--plain', '--no-legend'],
    { check: false },
  );
  return failed.stdout.trim();
}

function answers(address, port) {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once('data', () => end(true)); // the server speaks first
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** The pid, on this machine, of a host's init. */
export function initOf(host) {
  for (const pid of processesOf(host.machine)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (/^NSpid:\t\d+\t1$/m.test(status)) return pid;
    } catch {
      // ended meanwhile
    }
  }
  throw new Error(`${host.machine} is not running`);
}

/** All processes of a host, nspawn among them. */
export function processesOf(machine) {
  const found = new Set();
  for (const folder of cgroupFolders(machine)) {
    for (const group of tree(folder)) {
      for (const pid of read(join(group, 'cgroup.procs')).split('\n')) if (Number(pid) > 0) found.add(Number(pid));
    }
  }
  return [...found];
}

function tree(folder) {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => tree(join(folder, entry.name))), folder];
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Ends a host, however far it had come: processes, mount, network, cgroups, files. Blocking. */
export function tearDown(host) {
  const end = Date.now() + 10_000;
  for (let left = processesOf(host.machine); left.length > 0; left = processesOf(host.machine)) {
    if (Date.now() > end) throw new Error(`cannot end the processes of ${host.machine}: ${left.join(' ')}`);
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // ended meanwhile
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  for (const folder of cgroupFolders(host.machine)) for (const group of tree(folder)) tryTo(() => rmdirSync(group));
  const root = join(host.folder, 'root');
  while (read('/proc/mounts').includes(` ${root} `)) {
    if (runSync('umount', [root], { check: false }).rc !== 0) runSync('umount', ['-l', root]);
  }
  if (existsSync(`/sys/class/net/${host.veth}`)) runSync('ip', ['link', 'del', host.veth], { check: false });
  if (existsSync(`/run/netns/${host.machine}`)) runSync('ip', ['netns', 'del', host.machine], { check: false });
  rmSync(host.folder, { recursive: true, force: true });
}

function tryTo(work) {
  try {
    work();
  } catch {
    // a cgroup whose last process is not reaped yet: the next lab's sweep removes it
  }
}
