/**
 * How each module is called in a folder of another user's, who is at work in it meanwhile: swapper.test.ts. A module that is not here is
 * in `harmless`, with the reason.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tar } from '../modules/files/archives.mjs';

/** The user whose folder it is. */
export const OTHER = 65534;

export interface Attack {
  /** What is told of it. */
  name: string;
  /** Makes what the call meets, in the folder; `source` is a folder of the controller's. */
  before?: (folder: string, source: string) => void;
  args: (folder: string, attempt: number, source: string) => Record<string, unknown>;
  /** Names that are exchanged for as long as the call runs: one of the folder, and what a link put there leads to. */
  flip?: { name: string; to: 'file' | 'folder' };
  /** Writing through a link that is there is what Ansible does too: only owner and mode count. */
  through?: boolean;
  needs?: string[];
  /** Under busybox the tool is not there, or refuses. */
  notBusybox?: boolean;
}

const mine = { owner: 'nobody', mode: '0644' };
const big = 'x'.repeat(400_000);
const text = (folder: string, name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  lchownSync(join(folder, name), OTHER, OTHER);
};
const folderOf = (folder: string, name: string) => {
  mkdirSync(join(folder, name), { recursive: true });
  chownSync(join(folder, name), OTHER, OTHER);
};

/** A module that edits the file `f`. */
const edits = (args: Record<string, unknown>, content = 'a=1\n', key = 'path'): Attack[] => [
  {
    name: 'with owner and mode',
    before: (folder) => text(folder, 'f', content),
    args: (folder) => ({ [key]: join(folder, 'f'), ...args, ...mine }),
    through: true,
  },
  {
    name: 'as it is',
    before: (folder) => text(folder, 'f', content),
    args: (folder) => ({ [key]: join(folder, 'f'), ...args }),
    through: true,
  },
  {
    name: 'while file and link change places',
    before: (folder) => text(folder, 'f', content),
    args: (folder, n) => ({ [key]: join(folder, 'f'), ...args, owner: 'nobody', mode: n % 2 ? '0640' : '0644' }),
    flip: { name: 'f', to: 'file' },
    through: true,
  },
];
const withBackup = (args: Record<string, unknown>, content = 'a=1\n'): Attack => ({
  name: 'with a backup',
  before: (folder) => text(folder, 'f', content),
  args: (folder) => ({ path: join(folder, 'f'), ...args, backup: true }),
  through: true,
});

const puts = (
  args: (folder: string, source: string) => Record<string, unknown>,
  before?: Attack['before'],
): Attack[] => [
  {
    name: 'a new file',
    args: (folder, _, source) => ({ ...args(folder, source), ...mine }),
    ...(before ? { before } : {}),
  },
  {
    name: 'an old file, with a backup',
    before: (folder, source) => {
      before?.(folder, source);
      text(folder, 'to', 'old\n');
    },
    args: (folder, _, source) => ({ ...args(folder, source), backup: true }),
  },
  {
    name: 'an old file, judged',
    before: (folder, source) => {
      before?.(folder, source);
      text(folder, 'to', 'old\n');
    },
    args: (folder, _, source) => ({ ...args(folder, source), validate: 'sh -c "exit 0" %s', ...mine }),
  },
];

const openssl = (folder: string) => {
  const run = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca-key.pem');
  run('req', '-new', '-x509', '-key', 'ca-key.pem', '-subj', '/CN=ca', '-days', '3650', '-out', 'ca.pem');
  run('req', '-new', '-key', 'ca-key.pem', '-subj', '/CN=a', '-out', 'csr.pem');
};

const members = [
  { name: 'sub/', type: 'directory' as const, mode: 0o755 },
  { name: 'sub/f', content: 'x' },
  { name: 'f', content: 'x' },
];

let port = 0;
/** Serves `x` for uri; started once. */
export function serve(): Promise<() => void> {
  return new Promise((resolve) => {
    const server = createServer((_, response) => response.end('x')).listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port;
      resolve(() => server.close());
    });
    server.unref();
  });
}

const tree = (folder: string) => {
  for (const name of ['tree', 'tree/sub', 'tree/sub/f', 'tree/f']) folderOf(folder, name);
};
const treeFile = (folder: string) => {
  for (const name of ['tree', 'tree/sub']) folderOf(folder, name);
  for (const name of ['tree/sub/f', 'tree/f']) text(folder, name, 'x');
};

/** By module name. */
export const attacks: Record<string, Attack[]> = {
  acl: [
    {
      name: 'while file and link change places',
      before: (folder) => text(folder, 'f', 'x'),
      args: (folder, n) => ({
        path: join(folder, 'f'),
        entity: 'nobody',
        etype: 'user',
        permissions: n % 2 ? 'rw' : 'r',
        state: 'present',
      }),
      flip: { name: 'f', to: 'file' },
      needs: ['setfacl'],
      notBusybox: true,
    },
  ],
  apt_key: [
    {
      name: 'a keyring',
      before: (_, source) => {
        const home = join(source, 'gnupg');
        mkdirSync(home, { mode: 0o700 });
        const gpg = (...words: string[]) =>
          execFileSync('gpg', ['--homedir', home, '--batch', '--passphrase', '', ...words], { stdio: 'pipe' });
        gpg('--quick-gen-key', 'a@example.org', 'ed25519');
        writeFileSync(join(source, 'key'), gpg('--export'));
        execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      },
      args: (folder, _, source) => ({ file: join(source, 'key'), keyring: join(folder, 'ring.gpg') }),
      needs: ['gpg'],
      notBusybox: true,
    },
  ],
  apt_repository: [
    {
      name: 'a file of its own',
      args: (folder) => ({
        repo: 'deb http://nowhere.invalid x y',
        filename: join(folder, 'f'),
        update_cache: false,
        mode: '0644',
      }),
    },
  ],
  archive: [
    {
      name: 'a folder',
      before: (folder) => {
        folderOf(folder, 'a');
        text(folder, 'a/x', 'x');
      },
      args: (folder) => ({ path: join(folder, 'a'), dest: join(folder, 'a.tgz'), ...mine }),
    },
  ],
  assemble: puts(
    (folder, source) => ({ src: join(source, 'parts'), remote_src: true, dest: join(folder, 'to') }),
    (_, source) => {
      mkdirSync(join(source, 'parts'));
      writeFileSync(join(source, 'parts/a'), 'x');
    },
  ),
  authorized_key: [
    {
      name: 'a new file in a new folder',
      args: (folder) => ({
        user: 'nobody',
        path: join(folder, 'ssh/keys'),
        key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ6lFmqqjTMbH1VVEEUSJRNyOSNCeVSkd2OYoBcL5SS t',
      }),
    },
    {
      name: 'a new file',
      args: (folder) => ({
        user: 'nobody',
        path: join(folder, 'keys'),
        manage_dir: false,
        key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ6lFmqqjTMbH1VVEEUSJRNyOSNCeVSkd2OYoBcL5SS t',
      }),
    },
  ],
  blockinfile: [...edits({ block: 'x' }), withBackup({ block: 'x' })],
  copy: [
    ...puts((folder) => ({ content: 'x', dest: join(folder, 'to') })),
    { name: 'a large file', args: (folder) => ({ content: big, dest: join(folder, 'to'), ...mine }) },
    {
      name: 'a large file over an old one',
      before: (folder) => text(folder, 'to', 'old\n'),
      args: (folder) => ({ content: big, dest: join(folder, 'to'), backup: true }),
    },
    {
      name: 'a file of the host',
      before: (_, source) => writeFileSync(join(source, 'f'), 'x'),
      args: (folder, _, source) => ({ src: join(source, 'f'), remote_src: true, dest: join(folder, 'to'), ...mine }),
    },
    {
      name: 'a folder of the host',
      before: (_, source) => {
        mkdirSync(join(source, 'd/sub'), { recursive: true });
        writeFileSync(join(source, 'd/sub/f'), 'x');
      },
      args: (folder, _, source) => ({ src: join(source, 'd'), remote_src: true, dest: `${folder}/`, owner: 'nobody' }),
    },
    {
      name: 'what differs in a folder of the host',
      before: (folder, source) => {
        mkdirSync(join(source, 'd/sub/more'), { recursive: true });
        writeFileSync(join(source, 'd/sub/f'), 'x');
        folderOf(folder, 'd');
        folderOf(folder, 'd/sub');
        text(folder, 'd/sub/f', 'other');
      },
      args: (folder, _, source) => ({ src: join(source, 'd'), remote_src: true, dest: `${folder}/`, owner: 'nobody' }),
    },
    {
      name: 'a folder',
      before: (_, source) => {
        mkdirSync(join(source, 'd/sub'), { recursive: true });
        writeFileSync(join(source, 'd/sub/f'), 'x');
        symlinkSync('f', join(source, 'd/l'));
      },
      args: (folder, _, source) => ({ src: `${source}/d`, dest: `${folder}/`, directory_mode: '0755', ...mine }),
    },
    {
      name: 'modes in a folder, while file and link change places',
      before: (folder, source) => {
        mkdirSync(join(source, 'd/sub'), { recursive: true });
        writeFileSync(join(source, 'd/sub/f'), 'x');
        folderOf(folder, 'd');
        folderOf(folder, 'd/sub');
        text(folder, 'd/sub/f', 'x');
      },
      args: (folder, n, source) => ({ src: `${source}/d`, dest: `${folder}/`, mode: n % 2 ? '0640' : '0644' }),
      flip: { name: 'd/sub/f', to: 'file' },
    },
    {
      name: 'mode and owner, while file and link change places',
      before: (folder) => text(folder, 'f', 'x'),
      args: (folder, n) => ({ dest: join(folder, 'f'), content: 'x', mode: n % 2 ? '0640' : '0644', owner: 'nobody' }),
      flip: { name: 'f', to: 'file' },
    },
  ],
  cron: [
    {
      name: 'a file',
      before: (folder) => text(folder, 'table', ''),
      args: (folder) => ({ name: 'n', job: 'x', user: 'root', cron_file: join(folder, 'table') }),
    },
  ],
  fetch: [
    {
      name: 'to the controller',
      before: (_, source) => writeFileSync(join(source, 'f'), 'x'),
      args: (folder, _, source) => ({ src: join(source, 'f'), dest: `${folder}/`, flat: true }),
    },
  ],
  file: [
    {
      name: 'a folder',
      args: (folder) => ({ path: join(folder, 'd/e'), state: 'directory', owner: 'nobody', mode: '0755' }),
    },
    { name: 'a file', args: (folder) => ({ path: join(folder, 'f'), state: 'touch', ...mine }) },
    {
      name: 'a link',
      args: (folder) => ({
        path: join(folder, 'l'),
        src: 'nowhere',
        state: 'link',
        force: true,
        owner: 'nobody',
        follow: false,
      }),
    },
    {
      name: 'a link in place of a file',
      before: (folder) => text(folder, 'l', 'x'),
      args: (folder) => ({ path: join(folder, 'l'), src: 'nowhere', state: 'link', force: true, follow: false }),
    },
    {
      name: 'mode and owner, while file and link change places',
      before: (folder) => text(folder, 'f', 'x'),
      args: (folder, n) => ({ path: join(folder, 'f'), mode: n % 2 ? '0640' : '0644', owner: 'nobody', follow: false }),
      flip: { name: 'f', to: 'file' },
    },
    {
      name: 'the same, and links are followed',
      before: (folder) => text(folder, 'f', 'x'),
      args: (folder, n) => ({
        path: join(folder, 'f'),
        mode: n % 2 ? '0640' : '0644',
        owner: 'nobody',
        state: 'touch',
      }),
      flip: { name: 'f', to: 'file' },
    },
    {
      name: 'a tree, while folder and link change places',
      before: (folder) => {
        treeFile(folder);
        chownSync(join(folder, 'tree/sub/f'), 0, 0);
      },
      args: (folder, n) => ({
        path: join(folder, 'tree'),
        state: 'directory',
        recurse: true,
        owner: n % 2 ? 'nobody' : 'daemon',
        mode: n % 2 ? 'u=rwX,go=rX' : 'u=rwX,g=rX,o=',
      }),
      flip: { name: 'tree/sub', to: 'folder' },
    },
    {
      name: 'a tree, while file and link change places',
      before: (folder) => {
        treeFile(folder);
        chownSync(join(folder, 'tree/sub/f'), 0, 0);
      },
      args: (folder, n) => ({
        path: join(folder, 'tree'),
        state: 'directory',
        recurse: true,
        owner: n % 2 ? 'nobody' : 'daemon',
        mode: n % 2 ? 'u=rwX,go=rX' : 'u=rwX,g=rX,o=',
      }),
      flip: { name: 'tree/sub/f', to: 'file' },
    },
    {
      name: 'a tree is removed, while folder and link change places',
      before: tree,
      args: (folder) => ({ path: join(folder, 'tree'), state: 'absent' }),
      flip: { name: 'tree/sub', to: 'folder' },
    },
  ],
  get_url: puts(
    (folder, source) => ({ url: `file://${join(source, 'page')}`, dest: join(folder, 'to') }),
    (_, source) => writeFileSync(join(source, 'page'), 'x'),
  )
    .slice(0, 2)
    .map((one) => ({ ...one, needs: ['curl'], notBusybox: true })),
  git: [
    {
      name: 'a clone',
      before: (_, source) => {
        const run = (...words: string[]) => execFileSync('git', ['-C', join(source, 'r'), ...words], { stdio: 'pipe' });
        execFileSync('git', ['init', '-q', join(source, 'r')]);
        run('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '--allow-empty', '-m', 'x');
      },
      args: (folder, _, source) => ({ repo: join(source, 'r'), dest: join(folder, 'clone') }),
      needs: ['git'],
      notBusybox: true,
    },
  ],
  htpasswd: edits({ name: 'a', password: 'b' }, ''),
  ini_file: [
    ...edits({ section: 's', option: 'o', value: 'v' }),
    withBackup({ section: 's', option: 'o', value: 'v' }),
  ],
  known_hosts: [
    {
      name: 'a new file',
      args: (folder) => ({
        path: join(folder, 'known'),
        name: 'h',
        key: 'h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ6lFmqqjTMbH1VVEEUSJRNyOSNCeVSkd2OYoBcL5SS',
      }),
    },
  ],
  lineinfile: [
    ...edits({ line: 'x' }),
    withBackup({ line: 'x' }),
    { name: 'a new file', args: (folder) => ({ path: join(folder, 'f'), line: 'x', create: true, ...mine }) },
  ],
  mount: [
    {
      name: 'a table of file systems',
      before: (folder) => text(folder, 'fstab', ''),
      args: (folder) => ({
        path: '/mnt/t',
        src: 'tmpfs',
        fstype: 'tmpfs',
        opts: 'rw',
        state: 'present',
        fstab: join(folder, 'fstab'),
        backup: true,
      }),
      through: true,
    },
  ],
  openssl_csr: [
    {
      name: 'a new file',
      before: (_, source) => openssl(source),
      args: (folder, _, source) => ({
        path: join(folder, 'r.pem'),
        privatekey_path: join(source, 'ca-key.pem'),
        common_name: 'a',
        ...mine,
      }),
    },
  ],
  openssl_privatekey: [
    {
      name: 'a new file',
      args: (folder) => ({ path: join(folder, 'k.pem'), type: 'ECC', curve: 'secp256r1', ...mine }),
    },
  ],
  pam_limits: [
    {
      name: 'a file',
      before: (folder) => text(folder, 'limits', '# none\n'),
      args: (folder) => ({
        dest: join(folder, 'limits'),
        domain: 'x',
        limit_type: 'soft',
        limit_item: 'nofile',
        value: '9',
        backup: true,
      }),
      through: true,
    },
  ],
  replace: [
    ...edits({ regexp: '^a=.*', replace: 'a=2' }),
    withBackup({ regexp: '^a=.*', replace: 'a=2' }),
    {
      name: 'a large file',
      before: (folder) => text(folder, 'f', `a=1\n${big}`),
      args: (folder) => ({ path: join(folder, 'f'), regexp: '^a=.*', replace: 'a=2', ...mine }),
      through: true,
    },
  ],
  script: [
    {
      name: 'its temporary file',
      before: (_, source) => writeFileSync(join(source, 's.sh'), '#!/bin/sh\n:\n'),
      args: () => ({ _raw_params: 's.sh' }),
    },
  ],
  selinux: [
    {
      name: 'its file',
      before: (folder) => text(folder, 'config', 'SELINUX=enforcing\n'),
      args: (folder) => ({ configfile: join(folder, 'config'), state: 'disabled' }),
      through: true,
    },
  ],
  sysctl: [
    {
      name: 'its file',
      before: (folder) => text(folder, 'sysctl.conf', ''),
      args: (folder) => ({
        name: 'kernel.ostype',
        value: 'Linux',
        sysctl_file: join(folder, 'sysctl.conf'),
        reload: false,
      }),
      through: true,
      needs: ['sysctl'],
    },
  ],
  synchronize: [
    {
      name: 'a folder',
      before: (_, source) => {
        mkdirSync(join(source, 'from'));
        writeFileSync(join(source, 'from/f'), 'x');
      },
      args: (folder, _, source) => ({ src: `${join(source, 'from')}/`, dest: join(folder, 'to') }),
      needs: ['rsync'],
      notBusybox: true,
    },
  ],
  tempfile: [
    { name: 'a file', args: (folder) => ({ path: folder }) },
    { name: 'a folder', args: (folder) => ({ path: folder, state: 'directory' }) },
  ],
  template: puts(
    (folder) => ({ src: 't.j2', dest: join(folder, 'to') }),
    (_, source) => {
      mkdirSync(join(source, 'templates'));
      writeFileSync(join(source, 'templates/t.j2'), 'x');
    },
  ),
  unarchive: [
    {
      name: 'a tarball',
      before: (folder, source) => {
        folderOf(folder, 'to');
        writeFileSync(join(source, 'a.tgz'), Buffer.from(tar(members), 'base64'));
      },
      args: (folder, _, source) => ({
        src: join(source, 'a.tgz'),
        dest: join(folder, 'to'),
        owner: 'nobody',
        mode: 'u=rwX,go=rX',
      }),
      needs: ['tar'],
    },
    {
      name: 'modes of a tarball, while file and link change places',
      before: (folder, source) => {
        for (const name of ['to', 'to/sub']) folderOf(folder, name);
        for (const name of ['to/f', 'to/sub/f']) text(folder, name, 'x');
        writeFileSync(join(source, 'a.tgz'), Buffer.from(tar(members), 'base64'));
      },
      args: (folder, n, source) => ({
        src: join(source, 'a.tgz'),
        dest: join(folder, 'to'),
        owner: 'nobody',
        mode: n % 2 ? 'u=rwX,go=rX' : 'u=rwX,g=rX,o=',
      }),
      flip: { name: 'to/sub', to: 'folder' },
      needs: ['tar'],
    },
    {
      name: 'a zip',
      before: (folder, source) => {
        folderOf(folder, 'to');
        mkdirSync(join(source, 'z/sub'), { recursive: true });
        writeFileSync(join(source, 'z/sub/f'), 'x');
        execFileSync('zip', ['-qr', join(source, 'a.zip'), '.'], { cwd: join(source, 'z') });
      },
      args: (folder, _, source) => ({ src: join(source, 'a.zip'), dest: join(folder, 'to'), owner: 'nobody' }),
      needs: ['zip', 'unzip'],
    },
  ],
  uri: [
    {
      name: 'what it got',
      args: (folder) => ({ url: `http://127.0.0.1:${port}/`, dest: join(folder, 'got'), ...mine }),
      needs: ['curl'],
      notBusybox: true,
    },
  ],
  user: [
    {
      name: 'an ssh key',
      before: (folder) => folderOf(folder, 'ssh'),
      args: (folder) => ({
        name: 'nobody',
        create_home: false,
        generate_ssh_key: true,
        ssh_key_type: 'ed25519',
        ssh_key_file: join(folder, 'ssh/id'),
      }),
      needs: ['ssh-keygen', 'usermod'],
      notBusybox: true,
    },
  ],
  x509_certificate: [
    {
      name: 'a new file',
      before: (_, source) => openssl(source),
      args: (folder, _, source) => ({
        path: join(folder, 'c.pem'),
        csr_path: join(source, 'csr.pem'),
        provider: 'ownca',
        ownca_path: join(source, 'ca.pem'),
        ownca_privatekey_path: join(source, 'ca-key.pem'),
        ...mine,
      }),
    },
  ],
  xml: [
    {
      name: 'a file, with a backup',
      before: (folder) => text(folder, 'f', '<a><b>1</b></a>\n'),
      args: (folder) => ({ path: join(folder, 'f'), xpath: '/a/b', value: '2', backup: true }),
      through: true,
    },
  ],
  yum_repository: [
    {
      name: 'a file',
      args: (folder) => ({
        name: 'n',
        description: 'd',
        baseurl: ['https://x.example.org'],
        reposdir: folder,
        ...mine,
      }),
    },
  ],
};

const none = 'writes nothing';
const tool = 'what it writes a tool of the host writes, by its own rules';
const etc = 'what it writes is where only root may write';

/** Modules that are not attacked, and why. */
export const harmless: Record<string, string> = {
  ...Object.fromEntries(
    [
      ...[
        'add_host',
        'assert',
        'async_status',
        'debug',
        'etcd_auth',
        'etcd_info',
        'etcd_report',
        'fail',
        'find',
        'getent',
        'group_by',
        'include_vars',
      ],
      ...[
        'mount_facts',
        'openssl_csr_pipe',
        'package_facts',
        'pause',
        'ping',
        'reboot',
        'service_facts',
        'set_fact',
        'set_stats',
      ],
      ...[
        'setup',
        'slurp',
        'stat',
        'validate_argument_spec',
        'wait_for',
        'wait_for_connection',
        'x509_certificate_info',
      ],
      'x509_certificate_pipe',
    ].map((name) => [name, none]),
  ),
  ...Object.fromEntries(
    [
      ...[
        'alternatives',
        'apk',
        'apt',
        'debconf',
        'dnf',
        'dpkg_selections',
        'firewalld',
        'group',
        'iptables',
        'lvg',
        'lvol',
      ],
      ...[
        'npm',
        'package',
        'pacman',
        'pip',
        'rpm_key',
        'service',
        'snap',
        'subversion',
        'systemd',
        'sysvinit',
        'ufw',
        'yarn',
        'yum',
      ],
      'zypper',
    ].map((name) => [name, tool]),
  ),
  ...Object.fromEntries(
    ['deb822_repository', 'hostname', 'locale_gen', 'modprobe', 'timezone'].map((name) => [name, etc]),
  ),
  ...Object.fromEntries(['command', 'shell', 'raw', 'expect'].map((name) => [name, 'runs what the playbook says'])),
};

/** A folder of the other user's. */
export function othersFolder(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
  chownSync(path, OTHER, OTHER);
}
