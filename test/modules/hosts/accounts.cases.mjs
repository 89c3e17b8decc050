// group, user, authorized_key, getent, known_hosts, htpasswd, pam_limits, cron.
const clean = `for u in tu1 tu2 tu3; do pkill -u $u; userdel $u; done >/dev/null 2>&1
for g in tg1 tg2 tg3 tu1 tu2 tu3; do groupdel $g; done >/dev/null 2>&1
rm -rf /home/tu? /srv/homes /var/mail/tu? /var/spool/mail/tu? /etc/skel/.probe; sed -i '/^tu[0-9]:/d' /etc/subuid /etc/subgid; true`;
const accounts = `grep -E '^t[ug][0-9]:' /etc/passwd /etc/group /etc/gshadow
grep -E '^tu[0-9]:' /etc/shadow | awk -F: -v d="$(($(date +%s) / 86400))" 'BEGIN { OFS = ":" } { if ($3 >= d - 1 && $3 <= d + 1) $3 = "today"; print }'
for h in /home/tu? /srv/homes/*; do [ -e "$h" ] && find "$h" -printf '%p %M %u %g\\n' | sort; done; true`;
const A = '$6$abcdefghijklmnop$0zvAjN7eVwqNCQJhA3sGYq0S6zJoNBHLYmTCyo1sAAwFT9mEuGnbvpB3hvFoP6bbFnVxVFrHRTYWJVDPSTYDB/';
const B = '$6$qrstuvwxyzabcdef$0zvAjN7eVwqNCQJhA3sGYq0S6zJoNBHLYmTCyo1sAAwFT9mEuGnbvpB3hvFoP6bbFnVxVFrHRTYWJVDPSTYDB/';

const group = (name, args, before = '', more = {}) => ({
  name: `group: ${name}`,
  module: 'group',
  args,
  before: `${clean}\n${before}`,
  probe: accounts,
  ...more,
});
const user = (name, args, before = '', more = {}) => ({
  name: `user: ${name}`,
  module: 'user',
  args,
  before: `${clean}\n${before}`,
  probe: accounts,
  ...more,
});
const one = 'useradd -m -u 3401 -U -s /bin/sh -c One tu1';
const key = (n) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${String.fromCharCode(65 + n).repeat(43)} key${n}@example.org`;
const authorized = (name, args, before = '', more = {}) => ({
  name: `authorized_key: ${name}`,
  module: 'ansible.posix.authorized_key',
  args,
  before: `${clean}\nuseradd -m -u 3401 -U -s /bin/sh tu1\nmkdir -p /home/tu1/.ssh; chmod 700 /home/tu1/.ssh; chown tu1:tu1 /home/tu1/.ssh\n${before}`,
  probe:
    `cat /home/tu1/.ssh/authorized_keys; find /home/tu1/.ssh {d} -printf '%p %M %u %g\\n' 2>&1 | sort; cat {d}/* 2>/dev/null; true`.replaceAll(
      '{d}',
      '/srv/case',
    ),
  ...more,
});
const put = (text) =>
  `cat >/home/tu1/.ssh/authorized_keys <<'E'\n${text}\nE\nchmod 600 /home/tu1/.ssh/authorized_keys; chown tu1:tu1 /home/tu1/.ssh/authorized_keys`;
const getent = (name, args, more = {}) => ({
  name: `getent: ${name}`,
  module: 'getent',
  args,
  keep: ['ansible_facts'],
  ...more,
});
const known = (name, args, before = '', more = {}) => ({
  name: `known_hosts: ${name}`,
  module: 'known_hosts',
  args: { path: '{d}/known', ...args },
  before,
  probe: 'cat known; stat -c "%A %U" known',
  ...more,
});
const K1 = 'h1.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFp7KzpBN1kWmZyVdUF7aPYxH8sU4m1LZqS5sU8M7O2x';
const K2 = 'h1.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGp7KzpBN1kWmZyVdUF7aPYxH8sU4m1LZqS5sU8M7O2x';
const K3 = 'h2.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHp7KzpBN1kWmZyVdUF7aPYxH8sU4m1LZqS5sU8M7O2x';
const keep = (...lines) => `cat >known <<'E'\n${lines.join('\n')}\nE`;
const cron = (name, args, before = '', more = {}) => ({
  name: `cron: ${name}`,
  module: 'cron',
  args,
  before: `crontab -r 2>/dev/null; rm -f /etc/cron.d/t_*; ${before}`,
  probe: `crontab -l; for f in /etc/cron.d/t_*; do [ -e "$f" ] && { stat -c '%n %A %U' "$f"; cat "$f"; }; done; true`,
  ignore: ['backup_file'],
  ...more,
});
const tab = (...lines) => `crontab - <<'E'\n${lines.join('\n')}\nE`;
const htpasswd = (name, args, before = '', more = {}) => ({
  name: `htpasswd: ${name}`,
  module: 'community.general.htpasswd',
  args: { path: '{d}/pw', ...args },
  before,
  // the salt is by chance
  probe: `[ ! -e pw ] || { stat -c '%A %U' pw; sed 's/\\$[./A-Za-z0-9]\\{8\\}\\$.*/$SALT$HASH/' pw; }`,
  ...more,
});
const limits = (name, args, before = '', more = {}) => ({
  name: `pam_limits: ${name}`,
  module: 'community.general.pam_limits',
  args: { dest: '{d}/limits.conf', ...args },
  before: before || 'touch limits.conf',
  probe: `[ ! -e limits.conf ] || { stat -c '%A %U' limits.conf; cat limits.conf; }; ls`,
  ...more,
});

export default [
  group('made', { name: 'tg1', gid: 3501 }),
  group('made, a system group', { name: 'tg1', gid: 301, system: true }),
  group('other gid', { name: 'tg1', gid: 3502 }, 'groupadd -g 3501 tg1'),
  group('as it is', { name: 'tg1', gid: 3501 }, 'groupadd -g 3501 tg1'),
  group('without gid, there already', { name: 'tg1' }, 'groupadd -g 3501 tg1'),
  group('a taken gid', { name: 'tg2', gid: 3501 }, 'groupadd -g 3501 tg1'),
  group('a taken gid, non_unique', { name: 'tg2', gid: 3501, non_unique: true }, 'groupadd -g 3501 tg1'),
  group('removed', { name: 'tg1', state: 'absent' }, 'groupadd -g 3501 tg1'),
  group('removed, not there', { name: 'tg1', state: 'absent' }),
  group('removed, the first group of a user', { name: 'tu1', state: 'absent' }, one),
  group('removed by force', { name: 'tu1', state: 'absent', force: true }, one),
  group('local', { name: 'tg3', gid: 3503, local: true }, '', {
    differs: {
      why: 'lgroupadd (libuser) is not on the host',
      parts: ['failed', 'changed', 'values', 'diff', 'msg', 'after'],
    },
  }),
  group('gid_min and gid_max', { name: 'tg1', gid_min: 4400, gid_max: 4410 }),

  user('made', { name: 'tu1', uid: 3401 }),
  user(
    'made with much',
    {
      name: 'tu1',
      uid: 3401,
      comment: 'A "B" \'C\' $D',
      shell: '/bin/bash',
      home: '/srv/homes/tu1',
      password: A,
      groups: ['tg1', 'tg2'],
      umask: '077',
    },
    'groupadd -g 3501 tg1; groupadd -g 3502 tg2; mkdir -p /srv/homes',
  ),
  user('made with a first group', { name: 'tu1', uid: 3401, group: 'tg1' }, 'groupadd -g 3501 tg1'),
  user('made without a home', { name: 'tu1', uid: 3401, create_home: false }),
  user('made, a system user', { name: 'tu1', uid: 399, system: true }),
  user('made with a skeleton', { name: 'tu1', uid: 3401, skeleton: '{d}/skel' }, 'mkdir skel; echo x >skel/.probe'),
  user('made, expires', { name: 'tu1', uid: 3401, expires: 1893456000 }),
  user('made, locked', { name: 'tu1', uid: 3401, password: A, password_lock: true }),
  user('made, ages', {
    name: 'tu1',
    uid: 3401,
    password_expire_max: 90,
    password_expire_min: 1,
    password_expire_warn: 14,
  }),
  user('a group that is not there', { name: 'tu1', uid: 3401, groups: ['nope'] }),
  user('a first group that is not there', { name: 'tu1', uid: 3401, group: 'nope' }),
  user('as it is', { name: 'tu1', uid: 3401, shell: '/bin/sh', comment: 'One' }, one),
  user('nothing said', { name: 'tu1' }, one),
  user('other comment', { name: 'tu1', comment: 'Two words' }, one),
  user('comment emptied', { name: 'tu1', comment: '' }, one),
  user('other shell', { name: 'tu1', shell: '/bin/bash' }, one),
  user('other uid', { name: 'tu1', uid: 3411 }, one),
  user('other home', { name: 'tu1', home: '/srv/homes/tu1' }, `mkdir -p /srv/homes; ${one}`),
  user(
    'other home, moved',
    { name: 'tu1', home: '/srv/homes/tu1', move_home: true },
    `mkdir -p /srv/homes; ${one}; echo x >/home/tu1/x`,
  ),
  user('other first group', { name: 'tu1', group: 'tg1' }, `groupadd -g 3501 tg1; ${one}`),
  user('groups set', { name: 'tu1', groups: ['tg1', 'tg2'] }, `groupadd -g 3501 tg1; groupadd -g 3502 tg2; ${one}`),
  user(
    'groups appended',
    { name: 'tu1', groups: 'tg2', append: true },
    `groupadd -g 3501 tg1; groupadd -g 3502 tg2; ${one}; usermod -G tg1 tu1`,
  ),
  user(
    'groups appended, in them already',
    { name: 'tu1', groups: 'tg1', append: true },
    `groupadd -g 3501 tg1; ${one}; usermod -G tg1 tu1`,
  ),
  user(
    'groups replaced',
    { name: 'tu1', groups: 'tg2' },
    `groupadd -g 3501 tg1; groupadd -g 3502 tg2; ${one}; usermod -G tg1 tu1`,
  ),
  user('groups emptied', { name: 'tu1', groups: [] }, `groupadd -g 3501 tg1; ${one}; usermod -G tg1 tu1`),
  user('groups emptied by text', { name: 'tu1', groups: '' }, `groupadd -g 3501 tg1; ${one}; usermod -G tg1 tu1`),
  user('append without groups', { name: 'tu1', append: true }, one),
  user('other password', { name: 'tu1', password: B }, `${one}; usermod -p '${A}' tu1`),
  user('same password', { name: 'tu1', password: A }, `${one}; usermod -p '${A}' tu1`),
  user(
    'password only when made',
    { name: 'tu1', password: B, update_password: 'on_create' },
    `${one}; usermod -p '${A}' tu1`,
  ),
  user('password locked', { name: 'tu1', password_lock: true }, `${one}; usermod -p '${A}' tu1`),
  user('password unlocked', { name: 'tu1', password_lock: false }, `${one}; usermod -p '!${A}' tu1`),
  user('password `*`', { name: 'tu1', password: '*' }, one),
  user('password `!`', { name: 'tu1', password: '!' }, `${one}; usermod -p '${A}' tu1`),
  user('a password in clear', { name: 'tu1', password: 'clear text' }, one),
  user('expires', { name: 'tu1', expires: 1893456000 }, one),
  user('expires, as it is', { name: 'tu1', expires: 1893456000 }, `${one}; usermod -e 2030-01-01 tu1`),
  user('expires no longer', { name: 'tu1', expires: -1 }, `${one}; usermod -e 2030-01-01 tu1`),
  user('ages changed', { name: 'tu1', password_expire_max: 90, password_expire_min: 2 }, one),
  user('ages as they are', { name: 'tu1', password_expire_max: 90 }, `${one}; chage -M 90 tu1`),
  user('inactive', { name: 'tu1', password_expire_account_disable: 15 }, one, {
    differs: { why: 'Ansible sets password_expire_account_disable anew in every run', parts: ['changed', 'values'] },
  }),
  user('removed', { name: 'tu1', state: 'absent' }, one),
  user('removed with its home', { name: 'tu1', state: 'absent', remove: true }, one),
  user('removed by force', { name: 'tu1', state: 'absent', remove: true, force: true }, one),
  user('removed, not there', { name: 'tu1', state: 'absent' }),
  user('an ssh key', { name: 'tu1', generate_ssh_key: true, ssh_key_type: 'ed25519', ssh_key_comment: 'c d' }, one, {
    ignore: ['ssh_fingerprint', 'ssh_public_key'],
  }),
  user(
    'a key of a length',
    { name: 'tu1', generate_ssh_key: true, ssh_key_bits: 2048, ssh_key_file: '.ssh/other' },
    one,
    {
      ignore: ['ssh_fingerprint', 'ssh_public_key'],
    },
  ),
  user('a home made later', { name: 'tu1' }, 'useradd -M -u 3401 -U tu1'),
  user('non_unique', { name: 'tu2', uid: 3401, non_unique: true }, one),
  user('a taken uid', { name: 'tu2', uid: 3401 }, one),
  user('uid_min', { name: 'tu2', uid_min: 4500, uid_max: 4510 }),

  authorized('added', { user: 'tu1', key: key(1) }),
  authorized('there already', { user: 'tu1', key: key(1) }, put(key(1))),
  authorized(
    'other comment',
    { user: 'tu1', key: `${key(1).split(' ').slice(0, 2).join(' ')} new comment` },
    put(key(1)),
  ),
  authorized('comment given', { user: 'tu1', key: key(1), comment: 'given' }, put(key(1))),
  authorized('options', { user: 'tu1', key: key(1), key_options: 'no-port-forwarding,from="10.0.1.1"' }),
  authorized(
    'options changed',
    { user: 'tu1', key: key(1), key_options: 'no-pty' },
    put(`no-port-forwarding ${key(1)}`),
  ),
  authorized('options of the file are left', { user: 'tu1', key: key(1) }, put(`no-port-forwarding ${key(1)}`)),
  authorized('a command with quotes', { user: 'tu1', key: key(1), key_options: 'command="echo \\"a b\\" $(id)"' }),
  authorized('two at once', { user: 'tu1', key: `${key(1)}\n${key(2)}\n# remark\n` }, put(key(3))),
  authorized('exclusive', { user: 'tu1', key: key(1), exclusive: true }, put(`# kept?\n${key(2)}\n${key(3)}`)),
  authorized('exclusive, as it is', { user: 'tu1', key: key(1), exclusive: true }, put(key(1))),
  authorized('removed', { user: 'tu1', key: key(1), state: 'absent' }, put(`${key(2)}\n${key(1)}\n${key(3)}`)),
  authorized('removed, not there', { user: 'tu1', key: key(1), state: 'absent' }, put(key(2))),
  authorized(
    'remarks and blank lines are kept',
    { user: 'tu1', key: key(4) },
    put(`# first\n\n${key(1)}\n\n#${key(2)}`),
  ),
  authorized('no folder yet', { user: 'tu1', key: key(1) }, 'rm -r /home/tu1/.ssh'),
  authorized('no folder, not managed', { user: 'tu1', key: key(1), manage_dir: false }, 'rm -r /home/tu1/.ssh'),
  authorized('a path of its own', { user: 'tu1', key: key(1), path: '{d}/keys', manage_dir: false }),
  authorized('no such user', { user: 'nobody-here', key: key(1) }),
  authorized('no key at all', { user: 'tu1', key: 'this is no key' }),
  authorized(
    'a link, followed',
    { user: 'tu1', key: key(1), path: '{d}/link', follow: true, manage_dir: false },
    `echo '${key(2)}' >real; ln -s real link`,
  ),
  authorized(
    'a wide mode is narrowed',
    { user: 'tu1', key: key(1) },
    `${put(key(2))}; chmod 666 /home/tu1/.ssh/authorized_keys`,
  ),

  getent('one user', { database: 'passwd', key: 'root' }),
  getent('all of passwd', { database: 'passwd' }),
  getent('a group', { database: 'group', key: 'sudo' }),
  getent('not there', { database: 'passwd', key: 'nobody-here' }),
  getent('not there, allowed', { database: 'passwd', key: 'nobody-here', fail_key: false }),
  getent('services by another split', { database: 'services', key: 'http', split: '/' }),
  getent('services', { database: 'services', key: 'ssh' }),
  getent('an unknown database', { database: 'nonsense' }),
  getent('a service', { database: 'passwd', key: 'root', service: 'files' }),
  // The day of its last change is the day on which the host's image was built.
  getent('shadow', { database: 'shadow', key: 'nobody' }, { before: 'chage -d 2024-10-04 nobody' }),

  known('added', { name: 'h1.example.org', key: K1 }),
  known('added to others', { name: 'h1.example.org', key: K1 }, keep('# remark', K3)),
  known('there', { name: 'h1.example.org', key: K1 }, keep(K1, K3)),
  known('replaced', { name: 'h1.example.org', key: K1 }, keep(K3, K2)),
  known('removed', { name: 'h1.example.org', state: 'absent' }, keep(K1, K3), {
    differs: { why: 'Ansible shows no diff for a name that is removed without its key', parts: ['diff'] },
  }),
  known('removed by key', { name: 'h1.example.org', key: K1, state: 'absent' }, keep(K1, K3)),
  known('removed, not there', { name: 'h1.example.org', state: 'absent' }, keep(K3)),
  known('removed, no file', { name: 'h1.example.org', state: 'absent' }),
  known('a key without its name', { name: 'other.example.org', key: K1 }),
  known('hashed', { name: 'h1.example.org', key: K1, hash_host: true }, '', {
    ignore: ['diff'],
    probe: `sed 's/|1|[^ ]*/HASH/' known; stat -c "%A %U" known`,
  }),
  known(
    'found though hashed',
    { name: 'h1.example.org', key: K1, hash_host: true },
    `${keep(K1)}; ssh-keygen -q -H -f known 2>/dev/null; rm -f known.old`,
    {
      ignore: ['diff'],
      probe: `sed 's/|1|[^ ]*/HASH/' known; stat -c "%A %U" known`,
    },
  ),
  known(
    'a port',
    { name: '[h1.example.org]:2222', key: K1.replace('h1.example.org', '[h1.example.org]:2222') },
    keep(K1),
  ),

  cron('a job', { name: 'daily', minute: '0', hour: '5,2', job: 'ls -alh > /dev/null' }),
  cron('as it is', { name: 'daily', job: 'true' }, tab('#Ansible: daily', '* * * * * true')),
  cron(
    'other time',
    { name: 'daily', job: 'true', minute: '5' },
    tab('# mine', '#Ansible: daily', '* * * * * true', '1 1 1 1 1 other'),
  ),
  cron('hostile text', { name: 'a "b" $(c) `d`', job: `echo "it's" $(id) \\% 'x'` }),
  cron('special time', { name: 'boot', special_time: 'reboot', job: '/some/job.sh' }),
  cron('disabled', { name: 'off', job: 'true', disabled: true }),
  cron('enabled again', { name: 'off', job: 'true' }, tab('#Ansible: off', '#* * * * * true')),
  cron(
    'removed',
    { name: 'daily', state: 'absent' },
    tab('# mine', '#Ansible: daily', '* * * * * true', '1 1 1 1 1 other'),
  ),
  cron('removed, not there', { name: 'nope', state: 'absent' }, tab('1 1 1 1 1 other')),
  cron('a variable', { name: 'PATH', env: true, job: '/opt/bin' }, tab('1 1 1 1 1 other')),
  cron('a variable changed', { name: 'PATH', env: true, job: '/opt/bin' }, tab('PATH="/bin"', '1 1 1 1 1 other')),
  cron('a variable removed', { name: 'PATH', env: true, state: 'absent' }, tab('PATH="/bin"', '1 1 1 1 1 other')),
  cron(
    'a variable after another',
    { name: 'B', env: true, job: 'b', insertafter: 'A' },
    tab('A="1"', 'C="1"', '1 1 1 1 1 other'),
  ),
  cron(
    'a variable before another',
    { name: 'B', env: true, job: 'b', insertbefore: 'C' },
    tab('A="1"', 'C="1"', '1 1 1 1 1 other'),
  ),
  cron('a file', { name: 'up', minute: '0', hour: '12', user: 'root', job: 'YUMINTERACTIVE=0 /x', cron_file: 't_one' }),
  cron(
    'a file, a job removed',
    { name: 'up', cron_file: 't_one', state: 'absent' },
    `printf '#Ansible: up\\n0 12 * * * root true\\n#Ansible: b\\n1 1 * * * root b\\n' >/etc/cron.d/t_one`,
  ),
  cron(
    'a file, its last job removed',
    { name: 'up', cron_file: 't_one', state: 'absent' },
    `printf '#Ansible: up\\n0 12 * * * root true\\n' >/etc/cron.d/t_one`,
  ),
  cron('a file, without a user', { name: 'up', job: 'true', cron_file: 't_one' }),
  cron('weekday and month', { name: 'w', weekday: '1-5', month: '*/2', day: '1', job: 'true' }),
  cron('of another user', { name: 'x', user: 'nobody', job: 'true' }, 'crontab -u nobody -r 2>/dev/null; true', {
    probe: 'crontab -l -u nobody',
  }),
  cron('a job with a line break', { name: 'x', job: 'a\nb' }),

  htpasswd('made', { name: 'ann', password: 'secret' }),
  htpasswd('not made', { name: 'ann', password: 'secret', create: false }),
  htpasswd('another user', { name: 'ann', password: 'secret' }, `echo 'bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' >pw`),
  htpasswd(
    'same password',
    { name: 'bob', password: 'password' },
    `echo 'bob:$apr1$abcdefgh$Iq.WH9HE8GcdDYpjNAgSm1' >pw`,
  ),
  htpasswd(
    'sha1, same password',
    { name: 'bob', password: 'password', hash_scheme: 'ldap_sha1' },
    `echo 'bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' >pw`,
  ),
  htpasswd(
    'sha1, other password',
    { name: 'bob', password: 'other', hash_scheme: 'ldap_sha1' },
    `echo 'bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' >pw`,
  ),
  htpasswd('removed', { name: 'bob', state: 'absent' }, `printf 'ann:x\\nbob:y\\n' >pw`),
  htpasswd('removed, not there', { name: 'bob', state: 'absent' }, `printf 'ann:x\\n' >pw`),
  htpasswd('removed, no file', { name: 'bob', state: 'absent' }),
  htpasswd('mode', { name: 'ann', password: 'secret', mode: '0640' }),

  limits('added', { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '64000' }),
  limits(
    'changed',
    { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '100' },
    `printf '# c\\njoe\\tsoft\\tnofile\\t64000\\n' >limits.conf`,
  ),
  limits(
    'as it is',
    { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '100' },
    `printf 'joe soft nofile 100\\n' >limits.conf`,
  ),
  limits(
    'use_max',
    { domain: 'joe', limit_type: 'hard', limit_item: 'fsize', value: '100', use_max: true },
    `printf 'joe hard fsize 200\\n' >limits.conf`,
  ),
  limits(
    'use_max, greater',
    { domain: 'joe', limit_type: 'hard', limit_item: 'fsize', value: '300', use_max: true },
    `printf 'joe hard fsize 200\\n' >limits.conf`,
  ),
  limits(
    'use_min',
    { domain: 'joe', limit_type: 'hard', limit_item: 'fsize', value: '300', use_min: true },
    `printf 'joe hard fsize 200\\n' >limits.conf`,
  ),
  limits('unlimited', { domain: '*', limit_type: '-', limit_item: 'memlock', value: 'unlimited', comment: 'because' }),
  limits(
    'unlimited, use_min',
    { domain: '*', limit_type: '-', limit_item: 'memlock', value: '5', use_min: true },
    `printf '* - memlock unlimited\\n' >limits.conf`,
  ),
  limits(
    'comment of the line',
    { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '5' },
    `printf 'joe soft nofile 100 # why\\nx y\\n' >limits.conf`,
    {
      differs: {
        why: 'pam_limits of Ansible adds an empty line after a remark that it keeps',
        parts: ['diff', 'msg', 'after'],
      },
    },
  ),
  limits('no file', { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '5' }, 'true'),
  limits('a word for a number', { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: 'many' }),
  limits(
    'a bad number in the file',
    { domain: 'joe', limit_type: 'soft', limit_item: 'nofile', value: '7' },
    `printf 'joe soft nofile lots\\n' >limits.conf`,
  ),
];
