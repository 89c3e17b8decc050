// A download site for a lab: etcd's releases over HTTPS on the lab's bridge, with a certificate its hosts trust.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run, startTime, stateDir, withLock } from './machine.mjs';
import { ensureReleases, listReleases } from './releases.mjs';
import { withStandIns } from './stand_ins.mjs';

const port = 8443;
const toStderr = (line) => process.stderr.write(`lab: ${line}\n`);

/**
 * Serves URL/vX.Y.Z/etcd-vX.Y.Z-linux-ARCH.tar.gz and URL/vX.Y.Z/SHA256SUMS to the lab's hosts, in a process of its own
 * that ends with the lab. Under URL/corrupt one byte of each tarball is wrong, under URL/cut the connection breaks half
 * way. With `standIns`, 3.6 and 3.7 are served where there are no real ones (stand_ins.mjs). `versions` has the newest version of each minor, `sums` the SHA-256 of each version's tarball.
 */
export async function startMirror(lab, { say = toStderr, standIns = false } = {}) {
  const real = await ensureReleases(say);
  const releases = standIns ? await withStandIns(real, lab) : real;
  const authority = await ensureAuthority();
  const folder = join(lab.folder, 'mirror');
  mkdirSync(folder, { recursive: true });
  await issue(authority, folder, lab.gateway);
  await Promise.all(lab.hosts.map((host) => trust(lab, host, authority.cert)));
  const log = join(folder, 'server.log');
  const output = openSync(log, 'a');
  const server = fileURLToPath(new URL('mirror_server.mjs', import.meta.url));
  const child = spawn(process.execPath, [server, releases, folder, lab.gateway, String(port)], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  // The lab ends it by this file, also when another process stops the lab.
  writeFileSync(join(folder, 'process.json'), JSON.stringify({ pid: child.pid, start: startTime(child.pid) }));
  await untilListening(lab.gateway, log);
  const all = listReleases(releases);
  return {
    url: `https://${lab.gateway}:${port}`,
    versions: Object.fromEntries(all.map(({ version }) => [version.split('.').slice(0, 2).join('.'), version])),
    all: all.map(({ version }) => version),
    sums: Object.fromEntries(all.map(({ version, sum }) => [version, sum])),
    caFile: authority.cert,
    requests: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('GET ')),
    stop: async () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(address, log) {
  for (let i = 0; i < 200; i++) {
    const open = await new Promise((resolve) => {
      const socket = connect({ host: address, port }, () => resolve(true)).once('error', () => resolve(false));
      socket.unref();
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`the mirror does not listen on ${address}:${port}: ${readFileSync(log, 'utf8')}`);
}

/** The one authority of all labs of this machine. Its key never leaves the state folder. */
export async function ensureAuthority() {
  const folder = join(stateDir, 'mirror-ca');
  const authority = { cert: join(folder, 'ca.pem'), key: join(folder, 'ca-key.pem') };
  await withLock('mirror-ca', async () => {
    if (existsSync(folder)) return;
    const unfinished = mkdtempSync(`${folder}.`);
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '3650',
      '-subj',
      '/CN=Troupe lab mirror',
    ];
    const extensions = [
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-addext',
      'basicConstraints=critical,CA:TRUE,pathlen:0',
    ];
    await run('openssl', [
      ...args,
      ...extensions,
      '-keyout',
      join(unfinished, 'ca-key.pem'),
      '-out',
      join(unfinished, 'ca.pem'),
    ]);
    renameSync(unfinished, folder);
  });
  return authority;
}

/** Puts a key and a certificate for an address and names into `folder`. */
export async function issue(authority, folder, address, names = ['controller.lab.troupe.test']) {
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${address}`];
  await run('openssl', [...request, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'request.pem')]);
  const subject = `subjectAltName=${[`IP:${address}`, ...names.map((name) => `DNS:${name}`)].join()}`;
  writeFileSync(join(folder, 'extensions'), `${subject}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`);
  const sign = [
    'x509',
    '-req',
    '-in',
    join(folder, 'request.pem'),
    '-CA',
    authority.cert,
    '-CAkey',
    authority.key,
    '-days',
    '90',
  ];
  await run('openssl', [...sign, '-extfile', join(folder, 'extensions'), '-out', join(folder, 'cert.pem')]);
}

/** Makes a host trust an authority, where it has Debian's way of doing so. */
export async function trust(lab, host, cert) {
  const anchors = join(lab.root(host), 'usr/local/share/ca-certificates');
  if (!existsSync(join(lab.root(host), 'usr/sbin/update-ca-certificates'))) return; // busybox: no such thing
  mkdirSync(anchors, { recursive: true });
  copyFileSync(cert, join(anchors, 'troupe-lab.crt'));
  await lab.exec(host, 'update-ca-certificates', { via: 'nsenter', check: true });
}
