/**
 * One unchanged call of each module, for costs.ts. Where a call looks at this machine itself, and not at a folder or a played
 * program of the test, it is made in check mode, so that nothing can be changed whatever it finds.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Call } from './costs.ts';
import { tar } from './files/archives.mjs';

const text = (folder: string, name: string, content: string) => writeFileSync(join(folder, name), content);
const me = userInfo().username;

/** In the folder `dest`, with what `before` puts there. */
const file = (more: Record<string, unknown>, content = 'a=1\n'): Call => ({
  before: (folder) => text(folder, 'f.conf', content),
  args: (folder) => ({ path: join(folder, 'f.conf'), ...more }),
});

const plain = (args: Record<string, unknown>): Call => ({ args: () => args, always: true });
const onController = (args: Record<string, unknown>, more: Call = {}): Call => ({
  args: () => args,
  always: true,
  requests: 0,
  ...more,
});

const pem = (folder: string, name: string) => join(folder, name);
const openssl = (folder: string) => {
  const run = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca-key.pem');
  run('req', '-new', '-x509', '-key', 'ca-key.pem', '-subj', '/CN=ca', '-days', '3650', '-out', 'ca.pem');
  run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
  run('req', '-new', '-key', 'key.pem', '-subj', '/CN=a', '-out', 'csr.pem');
};

const package_ = (program: string, body: string, more: Record<string, string> = {}): Call => ({
  args: () => ({ name: 'bash' }),
  played: { [program]: body, ...more },
});

const rule = (program: string, body: string, args: Record<string, unknown>): Call => ({
  args: () => args,
  played: { [program]: body },
});

/** By module name. */
export const calls: Record<string, Call> = {
  // commands
  command: plain({ _raw_params: 'true' }),
  shell: plain({ _raw_params: 'true' }),
  raw: { ...plain({ _raw_params: 'true' }), apart: true },
  expect: { ...plain({ command: 'true', responses: { x: 'y' } }), needs: 'script', apart: true },
  script: {
    args: () => ({ _raw_params: 's.sh' }),
    before: (folder) => text(folder, 's.sh', '#!/bin/sh\n:\n'),
    always: true,
  },
  reboot: { notCalled: 'reboots: one request, then new connections' },
  wait_for_connection: { ...plain({}), requests: 0 },
  ping: plain({}),

  // control
  add_host: onController({ name: 'other' }),
  assert: onController({ that: [true] }, { env: { evaluate: () => true } }),
  // asks the host only about a job that this run does not know
  async_status: onController({ jid: '1' }, { fails: true, requests: 1 }),
  debug: onController({ msg: 'x' }),
  fail: onController({ msg: 'x' }, { fails: true }),
  group_by: onController({ key: 'k' }),
  include_vars: onController({ file: 'v.yaml' }, { before: (folder) => text(folder, 'v.yaml', 'a: 1\n') }),
  pause: onController({ seconds: 0 }),
  set_fact: onController({ a: 1 }),
  set_stats: onController({ data: { a: 1 } }),
  validate_argument_spec: onController({ argument_spec: {}, provided_arguments: {} }),

  // etcd
  etcd_auth: {
    ...plain({ endpoints: ['http://127.0.0.1:1'], etcdctl: 'etcdctl' }),
    played: { etcdctl: `echo '{}'` },
  },
  etcd_report: onController({ answers: {} }),
  etcd_info: {
    ...plain({ endpoints: ['http://127.0.0.1:1'], etcdctl: 'etcdctl' }),
    played: { etcdctl: `case "$*" in *health*) echo '[]' ;; *status*) echo '[]' ;; *) echo '{}' ;; esac` },
  },

  // files
  acl: { ...file({ entity: me, etype: 'user', permissions: 'r', state: 'present' }), needs: 'setfacl' },
  archive: {
    before: (folder) => {
      mkdirSync(join(folder, 'a'));
      text(folder, 'a/x', 'x');
    },
    args: (folder) => ({ path: join(folder, 'a'), dest: join(folder, 'a.tgz') }),
  },
  assemble: {
    before: (folder) => {
      mkdirSync(join(folder, 'parts'));
      for (const name of ['a', 'b', 'c']) text(folder, `parts/${name}`, `${name}\n`);
    },
    args: (folder) => ({ src: join(folder, 'parts'), dest: join(folder, 'all'), regexp: '^[ab]$', delimiter: '--' }),
  },
  authorized_key: {
    args: (folder) => ({
      user: me,
      path: join(folder, 'keys'),
      manage_dir: false,
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ6lFmqqjTMbH1VVEEUSJRNyOSNCeVSkd2OYoBcL5SS t',
    }),
  },
  blockinfile: { args: (folder) => ({ path: join(folder, 'f'), block: 'x', create: true }) },
  copy: { args: (folder) => ({ content: 'x', dest: join(folder, 'to'), mode: '0640' }) },
  fetch: {
    before: (folder) => text(folder, 'f', 'x'),
    args: (folder) => ({ src: join(folder, 'f'), dest: `${join(folder, 'fetched')}/`, flat: true }),
  },
  file: { args: (folder) => ({ path: join(folder, 'd'), state: 'directory', mode: '0750', owner: me }) },
  find: {
    before: (folder) => {
      for (const name of ['a', 'b']) text(folder, name, 'needle\n');
    },
    args: (folder) => ({ paths: folder, contains: 'nee', get_checksum: true }),
    always: true,
  },
  get_url: {
    before: (folder) => text(folder, 'page', 'x'),
    args: (folder) => ({
      url: `file://${join(folder, 'page')}`,
      dest: join(folder, 'got'),
      checksum: 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    }),
  },
  htpasswd: file({ name: 'a', password: 'b' }, ''),
  ini_file: file({ section: 's', option: 'o', value: 'v' }),
  known_hosts: {
    args: (folder) => ({
      path: join(folder, 'known'),
      name: 'h',
      key: 'h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ6lFmqqjTMbH1VVEEUSJRNyOSNCeVSkd2OYoBcL5SS',
    }),
  },
  lineinfile: {
    args: (folder) => ({ path: join(folder, 'f'), regexp: '^a=', line: 'a=1', mode: '0644', create: true }),
  },
  pam_limits: {
    before: (folder) => text(folder, 'limits', '# none\n'),
    args: (folder) => ({
      dest: join(folder, 'limits'),
      domain: 'x',
      limit_type: 'soft',
      limit_item: 'nofile',
      value: '9',
    }),
  },
  replace: file({ regexp: '^a=.*', replace: 'a=1' }),
  slurp: { ...file({}), args: (folder) => ({ src: join(folder, 'f.conf') }) },
  stat: file({}),
  tempfile: { args: (folder) => ({ path: folder }), always: true },
  template: {
    before: (folder) => {
      mkdirSync(join(folder, 'templates'));
      text(folder, 'templates/t.j2', 'x');
    },
    args: (folder) => ({ src: 't.j2', dest: join(folder, 'to'), mode: '0640' }),
  },
  synchronize: {
    before: (folder) => {
      mkdirSync(join(folder, 'from'));
      text(folder, 'from/f', 'a');
    },
    args: (folder) => ({ src: `${join(folder, 'from')}/`, dest: join(folder, 'to') }),
    needs: 'rsync',
  },
  unarchive: {
    before: (folder) => {
      mkdirSync(join(folder, 'to'));
      const members = [
        { name: 'top/', type: 'directory' as const, mode: 0o755 },
        { name: 'top/x', content: 'x' },
      ];
      writeFileSync(join(folder, 'a.tgz'), Buffer.from(tar(members), 'base64'));
    },
    args: (folder) => ({ src: join(folder, 'a.tgz'), dest: join(folder, 'to') }),
    needs: 'tar',
  },

  // pki
  openssl_privatekey: { args: (folder) => ({ path: pem(folder, 'k.pem'), type: 'ECC', curve: 'secp256r1' }) },
  openssl_csr: {
    before: openssl,
    args: (folder) => ({ path: pem(folder, 'r.pem'), privatekey_path: pem(folder, 'key.pem'), common_name: 'a' }),
  },
  openssl_csr_pipe: {
    before: openssl,
    args: (folder) => ({ privatekey_path: pem(folder, 'key.pem'), common_name: 'a' }),
    always: true,
  },
  x509_certificate: {
    before: openssl,
    args: (folder) => ({
      path: pem(folder, 'c.pem'),
      csr_path: pem(folder, 'csr.pem'),
      provider: 'ownca',
      ownca_path: pem(folder, 'ca.pem'),
      ownca_privatekey_path: pem(folder, 'ca-key.pem'),
    }),
  },
  x509_certificate_pipe: {
    before: openssl,
    args: (folder) => ({
      csr_path: pem(folder, 'csr.pem'),
      provider: 'ownca',
      ownca_path: pem(folder, 'ca.pem'),
      ownca_privatekey_path: pem(folder, 'ca-key.pem'),
    }),
    always: true,
  },
  x509_certificate_info: { before: openssl, args: (folder) => ({ path: pem(folder, 'ca.pem') }) },

  // system
  alternatives: {
    args: () => ({ name: 'tool', path: '/bin/sh' }),
    played: {
      'update-alternatives':
        "printf 'Name: tool\\nLink: /usr/bin/tool\\nStatus: manual\\nBest: /bin/sh\\nValue: /bin/sh\\n\\nAlternative: /bin/sh\\nPriority: 50\\n'",
    },
  },
  apk: package_('apk', 'echo bash'),
  apt: { args: () => ({ name: 'dpkg' }), check: true, needs: 'apt-get' },
  apt_key: { args: () => ({ id: '0123456789ABCDEF', state: 'absent' }), check: true, needs: 'gpg' },
  apt_repository: {
    args: () => ({ repo: 'deb http://nowhere.invalid x y', state: 'absent' }),
    check: true,
    needs: 'apt-get',
  },
  cron: {
    before: (folder) => text(folder, 'table', ''),
    args: (folder) => ({ name: 'n', job: 'x', user: me, cron_file: join(folder, 'table') }),
  },
  yum_repository: {
    args: (folder) => ({ name: 'n', description: 'd', baseurl: ['https://x.example.org'], reposdir: folder }),
  },
  deb822_repository: { args: () => ({ name: 'nowhere', state: 'absent' }), check: true },
  debconf: { args: () => ({ name: 'tzdata' }), check: true, needs: 'debconf-show' },
  dnf: package_('dnf', 'echo "Nothing to do."', { rpm: ':' }),
  dpkg_selections: { args: () => ({ name: 'tar', selection: 'install' }), check: true, needs: 'dpkg-query' },
  firewalld: rule('firewall-cmd', 'echo yes', { port: '80/tcp', permanent: true, immediate: true, state: 'enabled' }),
  getent: { args: () => ({ database: 'passwd', key: 'root' }), needs: 'getent' },
  git: {
    before: (folder) => {
      const run = (...words: string[]) => execFileSync('git', ['-C', join(folder, 'r'), ...words], { stdio: 'pipe' });
      execFileSync('git', ['init', '-q', join(folder, 'r')]);
      run('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '--allow-empty', '-m', 'x');
    },
    args: (folder) => ({ repo: join(folder, 'r'), dest: join(folder, 'clone') }),
    needs: 'git',
  },
  group: { args: () => ({ name: 'root' }), check: true },
  hostname: { args: () => ({ name: hostname() }), check: true, always: true },
  iptables: rule('iptables', ':', { chain: 'INPUT', protocol: 'tcp', destination_port: '80', jump: 'ACCEPT' }),
  locale_gen: rule('locale', 'echo C.utf8', { name: 'C.UTF-8' }),
  lvg: {
    args: () => ({ vg: 'v', pvs: '/dev/null' }),
    played: {
      vgs: `case "$*" in *vg_size*) echo '  v;10737418240;8589934592;4194304' ;; *) echo '  v;1;1;wz--n-' ;; esac`,
      pvs: `echo '  /dev/null;v;u-u'`,
    },
  },
  lvol: {
    args: () => ({ vg: 'v', lv: 'l', size: '1g' }),
    played: { vgs: `echo '  v;10737418240;8589934592;4194304'`, lvs: `echo '  l;1073741824;-wi-a-----'` },
  },
  modprobe: rule('modprobe', ':', { name: 'troupe_no_such_module', state: 'absent' }),
  mount: {
    before: (folder) => text(folder, 'fstab', 'tmpfs /mnt/t tmpfs rw 0 0\n'),
    args: (folder) => ({
      path: '/mnt/t',
      src: 'tmpfs',
      fstype: 'tmpfs',
      opts: 'rw',
      state: 'present',
      fstab: join(folder, 'fstab'),
    }),
  },
  mount_facts: { args: () => ({}) },
  npm: {
    args: (folder) => ({ name: 'x', path: folder }),
    played: { npm: `echo '{"dependencies": {"x": {"version": "1.0.0"}}}'` },
  },
  package: { args: () => ({ name: 'dpkg', state: 'present' }), check: true, needs: 'apt-get' },
  package_facts: { args: () => ({}), needs: 'dpkg-query' },
  pacman: package_('pacman', 'case "$*" in *groups*|*--deptest*) exit 1 ;; *) echo bash ;; esac'),
  pip: {
    args: () => ({ name: 'x' }),
    played: { pip3: 'echo x==1.0' },
  },
  rpm_key: {
    args: () => ({ key: 'AABBCCDD12345678', state: 'absent' }),
    played: { rpm: ':', gpg: ':' },
  },
  selinux: {
    before: (folder) => text(folder, 'config', 'SELINUX=disabled\n'),
    args: (folder) => ({ configfile: join(folder, 'config'), state: 'disabled' }),
  },
  service: {
    args: () => ({ name: 'x', state: 'started', use: 'systemd' }),
    played: {
      systemctl: `printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\n'`,
    },
  },
  service_facts: {
    args: () => ({}),
    played: { systemctl: ':' },
  },
  setup: { args: () => ({}) },
  snap: rule('snap', `printf 'Name Version Rev Tracking Publisher Notes\\nx 1 1 latest/stable c -\\n'`, { name: 'x' }),
  subversion: {
    before: (folder) => mkdirSync(join(folder, '.svn')),
    args: (folder) => ({ repo: 'file:///r', dest: folder }),
    played: { svn: `case "$*" in *info*) printf 'URL: file:///r\\nRevision: 1\\nLast Changed Rev: 1\\n' ;; esac` },
  },
  sysctl: {
    before: (folder) => text(folder, 'sysctl.conf', 'kernel.ostype=Linux\n'),
    args: (folder) => ({ name: 'kernel.ostype', value: 'Linux', sysctl_file: join(folder, 'sysctl.conf') }),
    needs: 'sysctl',
  },
  systemd: {
    args: () => ({ name: 'x', state: 'started', enabled: true }),
    played: {
      systemctl: `printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\n'`,
    },
  },
  sysvinit: { args: () => ({ name: 'ssh', state: 'started' }), check: true, always: true },
  timezone: { args: () => ({ name: 'Etc/UTC' }), check: true, always: true },
  ufw: rule(
    'ufw',
    `case "$*" in *status*) printf 'Status: active\\nDefault: deny (incoming), allow (outgoing)\\n' ;; *) echo 'Skipping adding existing rule' ;; esac`,
    { rule: 'allow', to_port: '22' },
  ),
  uri: {
    before: (folder) =>
      new Promise((resolve) => {
        const server = createServer((_, response) => response.end('x')).listen(0, '127.0.0.1', () => {
          text(folder, 'port', String((server.address() as AddressInfo).port));
          resolve();
        });
        server.unref();
      }),
    args: (folder) => ({ url: `http://127.0.0.1:${readFileSync(join(folder, 'port'), 'utf8')}/` }),
    needs: 'curl',
    always: true,
  },
  user: { args: () => ({ name: 'root' }), check: true },
  wait_for: { args: (folder) => ({ path: folder }) },
  yarn: {
    args: (folder) => ({ name: 'x', path: folder }),
    played: { yarn: `echo '{"type":"tree","data":{"trees":[{"name":"x@1.0.0"}]}}'` },
  },
  yum: package_('yum', 'echo "Nothing to do."', { rpm: ':' }),
  xml: {
    before: (folder) => text(folder, 'a.xml', '<a><b>1</b></a>\n'),
    args: (folder) => ({ path: join(folder, 'a.xml'), xpath: '/a/b', value: '1' }),
  },
  zypper: package_('zypper', ':', { rpm: ':' }),
};
