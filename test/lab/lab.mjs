// A lab: a few real hosts on this machine, with their own init, sshd, users, file system and address.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, initOf, layOut, plugIn, processesOf, tearDown, waitUntilUp } from './host.mjs';
import { ensureImage, imageNames } from './images.mjs';
import { ensurePackages, isAlive, requireLab, run, runSync, stateDir, thisProcess, withLock } from './machine.mjs';

export { LabUnavailable, stateDir, whyNoLab } from './machine.mjs';

const packages = ['mmdebstrap', 'systemd-container', 'iproute2', 'openssh-client', 'openssl', 'util-linux', 'mount'];
const inotifyInstances = 4096;
const domain = 'lab.troupe.test';
const labsDir = join(stateDir, 'labs');
const running = new Set(); // the labs this process must stop before it ends

const toStderr = (line) => process.stderr.write(`lab: ${line}\n`);

/**
 * Makes a lab and resolves when its hosts are up. It ends with stop(), with this process, or, if the process is killed,
 * when the next lab starts; `detached` keeps it until `node test/lab/cli.mjs down NAME`.
 */
export async function startLab({ name, hosts = 3, image = 'plain', detached = false, say = toStderr } = {}) {
  requireLab();
  await ensurePackages(packages, say);
  const folder = await ensureImage(image, say);
  makeRoom(say);
  const record = await withLock('labs', async () => {
    sweep(say);
    return reserve({ name: name ?? freeName(), count: hosts, image, detached });
  });
  if (!detached) holdUntilExit(record);
  try {
    await build(record, folder);
  } catch (error) {
    release(record);
    throw error;
  }
  return present(record);
}

// All hosts are one user's to the kernel, and each systemd takes several inotify instances: the usual 128 are used up by
// some twenty hosts, and units of the next fail. Until the machine's next start, or a lower value set by hand.
function makeRoom(say) {
  const file = '/proc/sys/fs/inotify/max_user_instances';
  if (Number(readFileSync(file, 'utf8')) >= inotifyInstances) return;
  say(`setting fs.inotify.max_user_instances to ${inotifyInstances}`);
  writeFileSync(file, String(inotifyInstances));
}

/** A lab that runs already, by name; undefined where there is none. */
export function openLab(name) {
  const record = readRecord(name);
  return record && isUp(record) ? present(record) : undefined;
}

/** The records of all labs on this machine, each with `up`. */
export function listLabs() {
  if (!existsSync(labsDir)) return [];
  return readdirSync(labsDir)
    .map(readRecord)
    .filter(Boolean)
    .map((record) => ({ ...record, up: isUp(record) }));
}

/** Stops a lab by name, whoever started it. */
export function stopLab(name) {
  const record = readRecord(name);
  if (record) release(record);
  return record !== undefined;
}

/** Removes the labs whose process has ended without stopping them. */
export async function sweepLabs(say = toStderr) {
  requireLab();
  await withLock('labs', async () => sweep(say));
}

function freeName() {
  for (let n = 1; ; n++) if (!existsSync(join(labsDir, `lab-${process.pid}-${n}`))) return `lab-${process.pid}-${n}`;
}

function readRecord(name) {
  try {
    return JSON.parse(readFileSync(join(labsDir, name, 'lab.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function isUp(record) {
  return record.hosts.every((host) => processesOf(host.machine).length > 0);
}

// Called under the lock: removes the labs nobody can stop any more.
function sweep(say) {
  for (const record of listLabs()) {
    const orphan = record.owner ? !isAlive(record.owner) : !record.up && !isAlive(record.maker);
    if (!orphan) continue;
    say(`removing the lab ${record.name}, left behind by a process that has ended`);
    release(record);
  }
}

// Called under the lock: takes a name and a subnet and writes the record before anything is made, so that whatever is
// made can be found again.
function reserve({ name, count, image, detached }) {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
    throw new Error(`a lab's name is lower case letters, digits and dashes: ${name}`);
  if (!imageNames.includes(image)) throw new Error(`no image is called ${image}`);
  const taken = listLabs();
  if (taken.some((lab) => lab.name === name)) throw new Error(`a lab called ${name} is running already`);
  const subnets = new Set(taken.map((lab) => lab.subnet));
  let subnet = 1;
  // Another state folder's labs show as bridges.
  while (subnets.has(subnet) || existsSync(`/sys/class/net/tlab${subnet}`)) subnet++;
  if (subnet > 254) throw new Error('all 254 subnets of the lab are in use');
  const folder = join(labsDir, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const record = {
    version: 1,
    name,
    image,
    subnet,
    bridge: `tlab${subnet}`,
    gateway: `10.213.${subnet}.1`,
    folder,
    keyFile: join(folder, 'id_ed25519'),
    knownHostsFile: join(folder, 'known_hosts'),
    maker: thisProcess(),
    owner: detached ? undefined : thisProcess(),
    hosts: Array.from({ length: count }, (_, i) => ({
      name: `node-${i + 1}`,
      fqdn: `node-${i + 1}.${domain}`,
      address: `10.213.${subnet}.${i + 11}`,
      machine: `troupe${subnet}-${name}-${i + 1}`,
      veth: `tlab${subnet}h${i + 1}`,
      folder: join(folder, 'hosts', `node-${i + 1}`),
    })),
  };
  writeFileSync(join(folder, 'lab.json'), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

async function build(record, image) {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `lab ${record.name}`, '-f', record.keyFile]);
  const publicKey = readFileSync(`${record.keyFile}.pub`, 'utf8');
  await run('ip', ['-batch', '-'], {
    input: `link add ${record.bridge} type bridge\naddr add ${record.gateway}/24 dev ${record.bridge}\nlink set ${record.bridge} up\n`,
  });
  const known = await Promise.all(
    record.hosts.map(async (host) => {
      const hostKey = await layOut(host, {
        image,
        kind: record.image,
        hosts: record.hosts,
        publicKey,
        extra: [{ address: record.gateway, name: `controller.${domain}` }],
      });
      await plugIn(host, record);
      boot(host);
      return `${host.address} ${hostKey}\n`;
    }),
  );
  writeFileSync(record.knownHostsFile, known.join(''));
  await Promise.all(record.hosts.map((host) => waitUntilUp(host, record.image)));
  writeInventory(record, join(record.folder, 'inventory'));
}

function present(record) {
  const find = (host) => {
    const found = record.hosts.find((each) => each === host || each.name === (host.name ?? host));
    if (!found) throw new Error(`the lab ${record.name} has no host ${host.name ?? host}`);
    return found;
  };
  return {
    name: record.name,
    image: record.image,
    folder: record.folder,
    gateway: record.gateway,
    keyFile: record.keyFile,
    knownHostsFile: record.knownHostsFile,
    inventoryFile: join(record.folder, 'inventory'),
    hosts: record.hosts.map(({ name, address, fqdn }) => ({ name, address, fqdn })),
    inventory: (path, options) => writeInventory(record, path, options),
    exec: (host, command, options) => exec(record, find(host), command, options),
    root: (host) => join(find(host).folder, 'root'),
    stop: async () => release(record),
  };
}

/** The options with which ssh reaches a lab's hosts. */
function sshOptions(record) {
  return [
    '-i',
    record.keyFile,
    '-o',
    `UserKnownHostsFile=${record.knownHostsFile}`,
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'IdentitiesOnly=yes',
  ];
}

// Runs a command line in a host's shell: as `user` over real ssh, or with `via: 'nsenter'` as root without it.
async function exec(record, host, command, { user = 'root', via = 'ssh', input, check = false, timeout } = {}) {
  const options = { input, check, timeout };
  if (via === 'nsenter') return run('nsenter', ['-t', String(initOf(host)), '-a', '/bin/sh', '-c', command], options);
  const ssh = ['-F', 'none', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', ...sshOptions(record)];
  return run('ssh', [...ssh, `${user}@${host.address}`, command], options);
}

/** Writes an ini inventory with the hosts in `group`, each with ip= and fqdn=. */
function writeInventory(record, path, { group = 'nodes', user = 'root' } = {}) {
  const hosts = record.hosts.map(
    (host) => `${host.name} ansible_host=${host.address} ip="${host.address}" fqdn="${host.fqdn}"\n`,
  );
  const ssh = sshOptions(record).slice(2).join(' ');
  const vars = `ansible_user=${user}\nansible_ssh_private_key_file=${record.keyFile}\nansible_ssh_common_args='${ssh}'\n`;
  const python = record.image.endsWith('python') ? 'ansible_python_interpreter=/usr/bin/python3\n' : '';
  writeFileSync(path, `[${group}]\n${hosts.join('')}\n[all:vars]\n${vars}${python}`);
  return path;
}

// Blocking, because it runs in exit handlers too; safe to call twice.
function release(record) {
  running.delete(record);
  endMirror(record);
  for (const host of record.hosts) tearDown(host);
  if (existsSync(`/sys/class/net/${record.bridge}`)) runSync('ip', ['link', 'del', record.bridge], { check: false });
  rmSync(record.folder, { recursive: true, force: true });
}

function endMirror(record) {
  try {
    const owner = JSON.parse(readFileSync(join(record.folder, 'mirror/process.json'), 'utf8'));
    if (isAlive(owner)) process.kill(owner.pid, 'SIGKILL');
  } catch {
    // it has none, or it has ended
  }
}

function holdUntilExit(record) {
  if (running.size === 0 && !holdUntilExit.installed) {
    holdUntilExit.installed = true;
    process.on('exit', () => {
      for (const lab of running) release(lab);
    });
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
      ['SIGHUP', 1],
    ]) {
      process.on(signal, () => process.exit(128 + number));
    }
  }
  running.add(record);
}
