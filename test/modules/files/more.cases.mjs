import { hostileNames } from './hostile.mjs';

const P = '{d}/x';
const of =
  (module) =>
  (name, args, text, more = {}) => ({
    name: `${module.split('.').at(-1)}: ${name}`,
    module,
    args: { path: P, ...args },
    before: text === undefined ? {} : { x: text },
    ...more,
  });
const ini = of('community.general.ini_file');
const keys = of('ansible.posix.authorized_key');
const known = of('ansible.builtin.known_hosts');
const pass = of('community.general.htpasswd');
const limits = (name, args, text, more = {}) => ({
  name: `pam_limits: ${name}`,
  module: 'community.general.pam_limits',
  args: { dest: P, ...args },
  before: text === undefined ? {} : { x: text },
  ...more,
});

const conf = '; top\nglobal = 1\n\n[one]\na = 1\n# b = 2\nc=3\n\n[two]\na = 1\na = 2\nflag\n\n[three]\n';
const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDJ me@here';
const ed = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPzO you';
const third = 'no-pty,command="a, b" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIQQQ third one';
const authorized = `# keys\n${rsa}\n\n${ed}\n`;
// A real key: ssh-keygen is asked about the line.
const edKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIKmhBqZ2CFcvoGwAnM1WMSEBWyElnAFgHoRjTJjXQrHl';
const otherKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIE9zMdhYWhOcGLhdFPsbaXHDvoZCAjXiHWZ3LJuFrLwC';
const hosts = `# hosts\nweb ssh-ed25519 ${edKey}\nweb,db ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDJ\n[far]:2222 ssh-ed25519 ${otherKey}\n`;
const mask = { ignore: ['path', 'size'] };
const stored = 'old:$apr1$abcdefgh$rK/lObuciIG5ziaV8BdHR/\nsha:{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ=\n';
const limit = '# limits\n*\tsoft\tnofile\t1024\n@team hard nproc 50 # few\nroot - core unlimited\n';

export default [
  ini('an option is changed', { section: 'one', option: 'a', value: '2' }, conf),
  ini('an option is there', { section: 'one', option: 'a', value: '1' }, conf),
  ini('an option is added', { section: 'one', option: 'new', value: 'x' }, conf),
  ini('an option is added to an empty section', { section: 'three', option: 'new', value: 'x' }, conf),
  ini('an option that is commented out', { section: 'one', option: 'b', value: '3' }, conf),
  ini(
    'an option that is commented out stays',
    { section: 'one', option: 'b', value: '3', modify_inactive_option: false },
    conf,
  ),
  ini('an option with other spaces', { section: 'one', option: 'c', value: '3' }, conf),
  ini('an option with other spaces that stays', { section: 'one', option: 'c', value: '3', ignore_spaces: true }, conf),
  ini('no extra spaces', { section: 'one', option: 'd', value: '4', no_extra_spaces: true }, conf),
  ini('an option of several lines', { section: 'two', option: 'a', value: '2' }, conf),
  ini('values', { section: 'two', option: 'a', values: ['2', '3'] }, conf),
  ini('values added', { section: 'two', option: 'a', values: ['5'], exclusive: false }, conf),
  ini('values there', { section: 'two', option: 'a', values: ['1', '2'] }, conf),
  ini('without a value', { section: 'two', option: 'flag', allow_no_value: true }, conf),
  ini('without a value, added', { section: 'one', option: 'flag', allow_no_value: true }, conf),
  ini('without a value, not allowed', { section: 'one', option: 'flag' }, conf),
  ini('a value for one without', { section: 'two', option: 'flag', value: 'on' }, conf),
  ini('no section', { option: 'global', value: '2' }, conf),
  ini('no section, added', { option: 'other', value: '2' }, conf),
  ini('a new section', { section: 'four', option: 'a', value: 'b' }, conf),
  ini('only a section', { section: 'four', allow_no_value: true }, conf),
  ini('an empty file', { section: 'a', option: 'b', value: 'c' }, ''),
  ini('no file', { section: 'a', option: 'b', value: 'c' }, undefined),
  ini('no file, no section', { option: 'b', value: 'c' }, undefined),
  ini('no file, not created', { section: 'a', option: 'b', value: 'c', create: false }, undefined),
  ini('no end of line', { section: 'a', option: 'b', value: 'c' }, '[a]\nb = c'),
  ini('an option is removed', { section: 'one', option: 'a', state: 'absent' }, conf),
  ini('an option is removed, all lines', { section: 'two', option: 'a', state: 'absent' }, conf),
  ini('one value is removed', { section: 'two', option: 'a', value: '1', state: 'absent', exclusive: false }, conf),
  ini('an option that is not there is removed', { section: 'one', option: 'zz', state: 'absent' }, conf),
  ini('a section is removed', { section: 'one', state: 'absent' }, conf),
  ini('a section that is not there is removed', { section: 'zz', state: 'absent' }, conf),
  ini('mode', { section: 'one', option: 'a', value: '2', mode: '0600' }, conf),
  ini('mode alone', { section: 'one', option: 'a', value: '1', mode: '0600' }, conf),
  ini('backup', { section: 'one', option: 'a', value: '2', backup: true }, conf),
  ini(
    'section_has_values',
    { section: 'peer', section_has_values: [{ option: 'name', value: 'b' }], option: 'ip', value: '9' },
    '[peer]\nname = a\nip = 1\n[peer]\nname = b\nip = 2\n',
  ),
  ini(
    'section_has_values, none',
    { section: 'peer', section_has_values: [{ option: 'name', values: ['z'] }], option: 'ip', value: '9' },
    '[peer]\nname = a\nip = 1\n',
  ),
  ini('through a link', { path: '{d}/l', section: 'one', option: 'a', value: '2', follow: true }, undefined, {
    before: { x: conf, l: { type: 'link', to: 'x' } },
  }),
  ini('over a link', { path: '{d}/l', section: 'one', option: 'a', value: '2' }, undefined, {
    before: { x: conf, l: { type: 'link', to: 'x' } },
  }),
  ...hostileNames
    .filter(([kind]) => kind !== 'newline')
    .flatMap(([kind, value]) => [
      ini(`value: ${kind}`, { section: 'one', option: 'a', value }, conf),
      ini(`section: ${kind}`, { section: value, option: 'a', value: '1' }, conf),
    ]),

  keys('a key is added', { user: 'root', key: third }, authorized, mask),
  keys('a key is there', { user: 'root', key: rsa }, authorized, mask),
  keys('a key to no file', { user: 'root', key: rsa, manage_dir: false }, undefined, mask),
  keys('a key to no folder', { user: 'root', key: rsa, path: '{d}/.ssh/authorized_keys' }, undefined, mask),
  keys('several keys', { user: 'root', key: `${rsa}\n# comment\n${third}\n`, manage_dir: false }, authorized, mask),
  keys('exclusive', { user: 'root', key: `${third}\n${ed}`, exclusive: true, manage_dir: false }, authorized, mask),
  keys(
    'options',
    { user: 'root', key: rsa, key_options: 'no-pty,from="10.0.0.0/8,::1"', manage_dir: false },
    authorized,
    mask,
  ),
  keys('options that are there', { user: 'root', key: third, manage_dir: false }, `${third}\n`, mask),
  keys('a comment', { user: 'root', key: rsa, comment: 'new comment', manage_dir: false }, authorized, mask),
  keys('a key is removed', { user: 'root', key: rsa, state: 'absent', manage_dir: false }, authorized, mask),
  keys(
    'a key that is not there is removed',
    { user: 'root', key: third, state: 'absent', manage_dir: false },
    authorized,
    mask,
  ),
  keys('of somebody', { user: 'nobody', key: rsa, path: '{d}/.ssh/authorized_keys' }, undefined, mask),
  keys('of nobody known', { user: 'no-such-user', key: rsa, path: '{d}/.ssh/authorized_keys' }, undefined, mask),
  keys('no key', { user: 'root', key: 'nonsense', manage_dir: false }, authorized, mask),
  keys('a file with keys', { user: 'root', key: 'file://{d}/k', manage_dir: false }, undefined, {
    before: { k: `${rsa}\n${ed}\n` },
    ...mask,
  }),
  keys(
    'hostile comments',
    {
      user: 'root',
      key: hostileNames
        .filter(([kind]) => kind !== 'newline')
        .map(([, value], i) => `ssh-rsa AAAA${i} ${value}`)
        .join('\n'),
      manage_dir: false,
    },
    authorized,
    mask,
  ),

  known('a host is added', { name: 'new', key: `new ssh-ed25519 ${edKey}` }, hosts),
  known('a host is there', { name: 'web', key: `web ssh-ed25519 ${edKey}` }, hosts),
  known('a key is replaced', { name: 'web', key: `web ssh-ed25519 ${otherKey}` }, hosts),
  known('a host with a port', { name: '[far]:2222', key: `[far]:2222 ssh-ed25519 ${edKey}` }, hosts),
  known('a host is removed', { name: 'web', state: 'absent' }, hosts, {
    differs: { why: 'ssh-keygen -R leaves a copy called .old', parts: ['after', 'diff'] },
  }),
  known('a host that is not there is removed', { name: 'zz', state: 'absent' }, hosts),
  known('one key is removed', { name: 'web', key: `web ssh-ed25519 ${edKey}`, state: 'absent' }, hosts),
  known('another key is removed', { name: 'web', key: `web ssh-ed25519 ${otherKey}`, state: 'absent' }, hosts, {
    differs: { why: 'Ansible removes the other key of this type', parts: ['changed', 'diff', 'after', 'values'] },
  }),
  known('no file', { name: 'web', key: `web ssh-ed25519 ${edKey}` }, undefined),
  known('no key', { name: 'web' }, hosts),
  known('a key of another host', { name: 'db', key: `web ssh-ed25519 ${edKey}` }, hosts),
  known('capitals', { name: 'WEB', key: `web ssh-ed25519 ${edKey}` }, hosts),

  pass('a user is there', { name: 'old', password: 'pass' }, stored),
  pass('a user is there by SHA', { name: 'sha', password: 'secret' }, stored, {
    differs: { why: '', parts: ['after', 'changed', 'msg'] },
  }),
  pass('plain', { name: 'new', password: 'pw', hash_scheme: 'plaintext' }, stored, {
    differs: {
      why: 'Ansible fails over a plain password that is there',
      parts: ['changed', 'failed', 'values', 'diff', 'msg'],
    },
  }),
  pass('SHA', { name: 'new', password: 'pw', hash_scheme: 'ldap_sha1' }, stored),
  pass('no file', { name: 'new', password: 'pw', hash_scheme: 'ldap_sha1', mode: '0640' }, undefined),
  pass('no file, not created', { name: 'new', password: 'pw', create: false }, undefined),
  pass('a new password', { name: 'old', password: 'pw', hash_scheme: 'ldap_sha1' }, stored),
  pass('a user is removed', { name: 'old', state: 'absent' }, stored),
  pass('a user that is not there is removed', { name: 'zz', state: 'absent' }, stored),
  pass('removed from no file', { name: 'zz', state: 'absent' }, undefined),
  pass('mode alone', { name: 'old', password: 'pass', mode: '0600' }, stored),
  ...hostileNames
    .filter(([kind]) => kind !== 'newline')
    .map(([kind, value]) =>
      pass(`password: ${kind}`, { name: 'new', password: value, hash_scheme: 'ldap_sha1' }, stored),
    ),

  limits('a limit is added', { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '64' }, limit, {
    differs: { why: 'Ansible takes the end of the line for a part of its comment', parts: ['diff', 'msg', 'after'] },
  }),
  limits('a limit is there', { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '1024' }, limit),
  limits('a limit is changed', { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '2048' }, limit),
  limits(
    'a limit with a comment is changed',
    { domain: '@team', limit_type: 'hard', limit_item: 'nproc', value: '60' },
    limit,
    {
      differs: { why: 'Ansible takes the end of the line for a part of its comment', parts: ['diff', 'msg', 'after'] },
    },
  ),
  limits('use_max', { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '512', use_max: true }, limit),
  limits('use_min', { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '512', use_min: true }, limit),
  limits('unlimited', { domain: 'root', limit_type: '-', limit_item: 'core', value: '0', use_max: true }, limit),
  limits('a value that is none', { domain: 'root', limit_type: '-', limit_item: 'core', value: 'much' }, limit),
  limits('nice', { domain: 'root', limit_type: '-', limit_item: 'nice', value: '-30' }, limit),
  limits(
    'a comment',
    { domain: 'joe', limit_type: 'hard', limit_item: 'as', value: 'unlimited', comment: 'for joe' },
    '',
  ),
  limits('no file', { domain: 'joe', limit_type: 'hard', limit_item: 'as', value: '1' }, undefined),
];
