// The images hosts are made of. Each is built once, under a name that carries a hash of all it is made of.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { downloadPackages, ensurePackages, requireLab, run, stateDir, withLock } from './machine.mjs';

// Raise it when the way of building changes without a change in the definitions below.
const FORMAT = 2;

/** The users of every host beside root. uid and gid are the same number. */
export const users = [
  { name: 'admin', uid: 1001, password: 'troupe-admin', sudo: 'ALL=(ALL:ALL) ALL' },
  { name: 'deploy', uid: 1002, sudo: 'ALL=(ALL:ALL) NOPASSWD: ALL' },
  { name: 'plain', uid: 1003 },
  { name: 'pw', uid: 1004, password: 'troupe-pw', noKey: true },
];

const base = 'systemd systemd-sysv dbus openssh-server sudo ca-certificates curl tar gzip iproute2 procps'.split(' ');

const setup = `set -e
${users
  .map(
    (user) => `groupadd -g ${user.uid} ${user.name}
useradd -m -u ${user.uid} -g ${user.uid} -s /bin/bash ${user.name}
${user.password ? `echo '${user.name}:${user.password}' | chpasswd` : ''}
${user.sudo ? `echo '${user.name} ${user.sudo}' > /etc/sudoers.d/${user.name}; chmod 0440 /etc/sudoers.d/${user.name}` : ''}`,
  )
  .join('\n')}
rm -f /etc/ssh/ssh_host_* /etc/machine-id /etc/hostname /etc/resolv.conf
: > /etc/machine-id
: > /etc/resolv.conf
printf 'PasswordAuthentication yes\\n' > /etc/ssh/sshd_config.d/lab.conf
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \\
  console-getty.service getty.target systemd-networkd.service systemd-resolved.service 2>/dev/null
`;

// What modules are for: twins of one tool box, one with Python for stock Ansible.
const tools =
  'acl attr bzip2 cron debconf-utils e2fsprogs git gpg iptables kmod locales rpm rsync subversion unzip wget xz-utils zip'.split(
    ' ',
  );
const pythons = 'python3-apt python3-debian python3-lxml python3-passlib python3-pexpect'.split(' ');

const definitions = {
  plain: { suite: 'bookworm', include: base, setup },
  python: { suite: 'bookworm', include: [...base, 'python3', 'python3-apt', 'acl'], setup },
  tools: { suite: 'bookworm', include: [...base, ...tools], setup },
  'tools-python': { suite: 'bookworm', include: [...base, ...tools, ...pythons], setup },
  busybox: { busybox: true, users },
};

/** The images there are. */
export const imageNames = Object.keys(definitions);

/** The folder of an image; builds it first where it is not there yet. */
export async function ensureImage(name, say) {
  const definition = definitions[name];
  if (!definition) throw new Error(`no image is called ${name}; there are ${imageNames.join(', ')}`);
  const own = definition.busybox ? busyboxRecipe() : '';
  const hash = createHash('sha256')
    .update(JSON.stringify([FORMAT, definition, own]))
    .digest('hex')
    .slice(0, 12);
  return ensureTree(`${name}-${hash}`, say, (root) =>
    definition.busybox ? buildBusybox(root, say) : bootstrap(root, definition),
  );
}

/** A folder of the image cache, built by `build(root)` at most once even when several processes ask at the same time. */
export async function ensureTree(name, say, build) {
  const root = join(stateDir, 'images', name);
  if (existsSync(root)) return root;
  requireLab();
  return withLock(`image-${name}`, async () => {
    if (existsSync(root)) return root;
    say(`building the image ${name} (once, kept in ${dirname(root)})`);
    mkdirSync(dirname(root), { recursive: true });
    const unfinished = `${root}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    await build(unfinished);
    renameSync(unfinished, root);
    return root;
  });
}

/** Fills `root` with a minimal Debian of a suite and runs a setup script in it. */
export async function bootstrap(root, { suite, include, setup: script = '' }) {
  const leaveOut = ['man', 'doc', 'locale', 'info'].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`);
  const list = `--include=${include.join(',')}`;
  await run('mmdebstrap', ['--mode=root', '--variant=minbase', '--quiet', list, ...leaveOut, suite, root]);
  if (script) await run('chroot', [root, '/bin/sh'], { input: script });
}

const applets = ['/bin', '/sbin', '/usr/bin', '/usr/sbin'];

function busyboxRecipe() {
  return [buildBusybox, fetchBusybox, busyboxFiles].map(String).join('\n');
}

// Neither bash nor a GNU tool: busybox for everything, dropbear for ssh, and the libraries dropbear asks for.
async function buildBusybox(root, say) {
  await ensurePackages(['dropbear-bin', 'openssl'], say);
  for (const folder of [
    ...applets,
    '/etc',
    '/root',
    '/home',
    '/tmp',
    '/run',
    '/var',
    '/var/log',
    '/proc',
    '/sys',
    '/dev',
    '/lib',
    '/lib64',
    '/usr/lib',
    '/etc/dropbear',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, 'tmp'), 0o1777);
  chmodSync(join(root, 'root'), 0o700);
  copyFileSync(await fetchBusybox(`${root}.deb`), join(root, 'bin/busybox'));
  rmSync(`${root}.deb`, { recursive: true });
  chmodSync(join(root, 'bin/busybox'), 0o4755); // su asks for it
  const listed = (await run(join(root, 'bin/busybox'), ['--list-full'])).stdout.trim().split('\n');
  for (const path of listed) {
    const link = join(root, path);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync('/bin/busybox', link);
  }
  for (const program of ['/usr/sbin/dropbear', '/usr/bin/dropbearkey']) {
    copyFileSync(program, join(root, program));
    const linked = (await run('ldd', [program])).stdout.matchAll(/(\/\S+) \(0x/g);
    for (const [, library] of linked) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
  }
  await busyboxFiles(root);
}

// Not installed on this machine: the package conflicts with Debian's other busybox, which somebody may want there.
async function fetchBusybox(folder) {
  mkdirSync(folder, { recursive: true });
  await downloadPackages(['busybox-static'], folder);
  const [deb] = readdirSync(folder);
  await run('dpkg', ['-x', join(folder, deb), folder]);
  return ['usr/bin/busybox', 'bin/busybox'].map((path) => join(folder, path)).find((path) => existsSync(path));
}

async function busyboxFiles(root) {
  const file = (path, text, mode = 0o644) => writeFileSync(join(root, path), text, { mode });
  const hash = async (password) =>
    (await run('openssl', ['passwd', '-6', '-salt', 'troupelab', password])).stdout.trim();
  const accounts = [
    { name: 'root', uid: 0, home: '/root' },
    ...users.map((user) => ({ ...user, home: `/home/${user.name}` })),
  ];
  const shadow = [];
  for (const user of accounts) {
    shadow.push(`${user.name}:${user.password ? await hash(user.password) : '*'}:19000:0:99999:7:::`);
    if (user.uid !== 0) {
      mkdirSync(join(root, user.home), { recursive: true, mode: 0o755 });
      await run('chown', [`${user.uid}:${user.uid}`, join(root, user.home)]);
    }
  }
  file('etc/passwd', accounts.map((user) => `${user.name}:x:${user.uid}:${user.uid}::${user.home}:/bin/sh\n`).join(''));
  file('etc/group', accounts.map((user) => `${user.name}:x:${user.uid}:\n`).join(''));
  file('etc/shadow', `${shadow.join('\n')}\n`, 0o640);
  file('etc/os-release', 'NAME="BusyBox"\nID=busybox\nVERSION_ID="1"\nPRETTY_NAME="BusyBox and dropbear"\n');
  file('etc/shells', '/bin/sh\n');
  file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n');
  file('etc/inittab', '::sysinit:/etc/rc\n::respawn:/usr/sbin/dropbear -F -E\n::ctrlaltdel:/sbin/poweroff\n');
  file('etc/rc', '#!/bin/sh\nmkdir -p /run /tmp /var/log\nchmod 1777 /tmp\n', 0o755);
  // The C library loads these by name when it looks a user up; ldd does not show them.
  for (const folder of ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu']) {
    if (!existsSync(folder)) continue;
    mkdirSync(join(root, folder), { recursive: true });
    for (const library of readdirSync(folder).filter((entry) => /^libnss_files/.test(entry))) {
      copyFileSync(join(folder, library), join(root, folder, basename(library)));
    }
  }
}
