// Units, tables of the system, names, packages.
const c = (module, name, args, before, probe, more = {}) => ({
  name: `${module.split('.').at(-1)}: ${name}`,
  module,
  args,
  before,
  probe,
  ...more,
});

// systemd_service, service, service_facts
const unit = `cat >/etc/systemd/system/t-one.service <<'END'
[Unit]
Description=one
[Service]
ExecStart=/bin/sleep 1000
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload`;
const noUnit = `systemctl unmask t-one 2>/dev/null; systemctl disable --now t-one 2>/dev/null; systemctl reset-failed t-one 2>/dev/null
rm -f /etc/systemd/system/t-one.service; systemctl daemon-reload`;
const unitProbe =
  'systemctl is-active t-one; systemctl is-enabled t-one; systemctl show -p NeedDaemonReload,UnitFileState t-one; true';
const running = `${unit}; systemctl start t-one`;
const enabled = `${unit}; systemctl enable --now t-one 2>/dev/null`;
const ofUnits =
  (module) =>
  (name, args, before = unit, more = {}) =>
    c(module, name, args, `${noUnit}\n${before}`, unitProbe, { ignore: ['status'], ...more });
const systemd = ofUnits('systemd_service');
const service = ofUnits('service');

const sysctl = (name, args, before = '', more = {}) =>
  c(
    'ansible.posix.sysctl',
    name,
    { sysctl_file: '{d}/x.conf', reload: false, ...args },
    before,
    'cat x.conf; ls -l x.conf | cut -c1-10; ls',
    more,
  );

const fstab = (...lines) => `mkdir -p m; cat >fstab <<'END'\n${lines.join('\n')}\nEND`;
const line = 'none /srv/case/m tmpfs size=1m 0 0';
const here = 'mount -t tmpfs -o size=1m none /srv/case/m';
const mount = (name, args, before = fstab('# t'), more = {}) =>
  c(
    'ansible.posix.mount',
    name,
    { fstab: '{d}/fstab', path: '{d}/m', ...args },
    // the case's folder was not removed where the last case left a mount in it
    `umount /srv/case/m 2>/dev/null; cd /; rm -rf /srv/case; mkdir -p /srv/case; cd /srv/case; ${before}`,
    'cat fstab; grep " /srv/case/m " /proc/mounts | cut -d" " -f1-3; ls -d m; true',
    { ignore: ['backup_file'], ...more },
  );

const hostname = (name, args, before = ':') =>
  c('hostname', name, args, `hostnamectl hostname node-1; ${before}`, 'cat /etc/hostname; hostname');

const timezone = (name, args, before = ':') =>
  c(
    'community.general.timezone',
    name,
    args,
    `ln -sfn /usr/share/zoneinfo/Etc/UTC /etc/localtime; echo Etc/UTC >/etc/timezone; systemctl stop systemd-timedated; ${before}`,
    'readlink -f /etc/localtime; cat /etc/timezone',
    {
      differs: {
        why: 'Ansible tells the command lines of timezone in msg, and leaves /etc/timezone as it was',
        parts: ['msg', 'after'],
      },
    },
  );

const alternatives = (name, args, before = '') =>
  c(
    'community.general.alternatives',
    name,
    { name: 'tool', ...args },
    `update-alternatives --remove-all tool 2>/dev/null; rm -f /usr/local/bin/tool*
for x in a b c; do printf '#!/bin/sh\\n' >/usr/local/bin/tool-$x; chmod 755 /usr/local/bin/tool-$x; done
${before}`,
    'readlink /usr/local/bin/tool /etc/alternatives/tool; update-alternatives --query tool; true',
    {
      differs: {
        why: "Ansible's diff of alternatives lists what its module has parsed, ours the choice",
        parts: ['diff'],
      },
    },
  );
const install = (x, priority) =>
  `update-alternatives --quiet --install /usr/local/bin/tool tool /usr/local/bin/tool-${x} ${priority} >/dev/null`;

const iptables = (name, args, before = ':') =>
  c(
    'iptables',
    name,
    args,
    `for t in filter nat; do iptables -t $t -F; iptables -t $t -X; done; iptables -P INPUT ACCEPT; iptables -P FORWARD ACCEPT; ${before}`,
    'iptables -S; iptables -t nat -S',
  );

const repository = `rm -rf /srv/repo; mkdir -p /srv/repo; : >/srv/repo/Packages
rm -f /etc/apt/sources.list.d/*; dpkg --purge --force-all t-one t-two t-dep >/dev/null 2>&1
pack() {
  b=$(mktemp -d); mkdir -p "$b/DEBIAN" "$b/usr/share/$1" "$b/etc"; echo "$2" >"$b/usr/share/$1/version"
  echo c >"$b/etc/$1.conf"; echo "/etc/$1.conf" >"$b/DEBIAN/conffiles"
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@example.org>\\n%bDescription: t\\n' "$1" "$2" "$3" >"$b/DEBIAN/control"
  chmod -R go+rX "$b"; f=/srv/repo/$1_$2_all.deb; dpkg-deb --root-owner-group -b "$b" "$f" >/dev/null
  { cat "$b/DEBIAN/control"; printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "\${f##*/}" "$(stat -c %s "$f")" "$(sha256sum "$f" | cut -d' ' -f1)"; } >>/srv/repo/Packages
  rm -r "$b"
}
pack t-one 1.0; pack t-one 2.0; pack t-dep 1.0; pack t-two 1.0 'Depends: t-dep\\n'
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
apt-get -qq update`;
const get = (what) => `apt-get -qqy install ${what} >/dev/null 2>&1`;
const apt = (name, args, before = '', more = {}) =>
  c(
    'apt',
    name,
    args,
    `${repository}\n${before}`,
    `dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n' 't-*' 2>/dev/null; ls -1 /etc/t-*.conf 2>/dev/null; apt-mark showmanual | grep '^t-'; apt-mark showhold; true`,
    {
      // what apt prints, and when the cache was made
      ignore: ['stdout', 'stderr', 'stdout_lines', 'stderr_lines', 'cache_update_time', 'diff'],
      ...more,
    },
  );

const sources = `rm -f /etc/apt/sources.list.d/* /etc/apt/keyrings/*; echo "# here" >/etc/apt/sources.list; rm -rf /srv/repo; mkdir -p /srv/repo; : >/srv/repo/Packages`;
const sourcesProbe =
  'cd /etc/apt; for f in sources.list sources.list.d/* keyrings/*; do [ -e "$f" ] && { stat -c "%n %A %U" "$f"; cat "$f"; }; done; true';
const aptRepository = (name, args, before = '', more = {}) =>
  c('apt_repository', name, { update_cache: false, ...args }, `${sources}\n${before}`, sourcesProbe, {
    ignore: ['sources_added', 'sources_removed'],
    ...more,
  });
const deb822 = (name, args, before = '') => c('deb822_repository', name, args, `${sources}\n${before}`, sourcesProbe);

const diffless = {
  differs: { why: 'Ansible shows no diff for a line of a file that is not of its own making', parts: ['diff'] },
};
const D = 'deb [trusted=yes] file:/srv/repo ./';
const X = 'deb http://x.example.org/ a b';

export default [
  systemd('started', { name: 't-one', state: 'started' }),
  systemd('started and enabled', { name: 't-one', state: 'started', enabled: true }),
  systemd('as it is', { name: 't-one', state: 'started', enabled: true }, enabled),
  systemd('stopped', { name: 't-one', state: 'stopped' }, running),
  systemd('restarted', { name: 't-one', state: 'restarted' }, running),
  systemd('reloaded', { name: 't-one', state: 'reloaded' }, running),
  systemd('reloaded, not running', { name: 't-one', state: 'reloaded' }),
  systemd('disabled', { name: 't-one', enabled: false }, enabled),
  systemd('masked', { name: 't-one', masked: true }, 'systemctl daemon-reload'),
  systemd('unmasked', { name: 't-one', masked: false }, 'systemctl mask t-one 2>/dev/null'),
  systemd('daemon_reload', { daemon_reload: true }),
  systemd('daemon_reload and more', { name: 't-one', state: 'started', daemon_reload: true }),
  systemd('not there', { name: 't-none', state: 'started' }),
  systemd('not there, stopped', { name: 't-none', state: 'stopped' }),
  systemd('with its ending', { name: 't-one.service', state: 'started' }),
  service('started', { name: 't-one', state: 'started' }),
  service('started and enabled', { name: 't-one', state: 'started', enabled: true }),
  service('stopped, disabled', { name: 't-one', state: 'stopped', enabled: false }, enabled),
  service('restarted', { name: 't-one', state: 'restarted' }, running),
  service('not there', { name: 't-none', state: 'started' }),

  sysctl('added', { name: 'net.ipv4.ip_forward', value: '1' }),
  sysctl(
    'changed',
    { name: 'net.ipv4.ip_forward', value: '1' },
    `printf '# c\\nnet.ipv4.ip_forward = 0\\nvm.swappiness=5\\n' >x.conf`,
  ),
  sysctl('as it is', { name: 'vm.swappiness', value: '5' }, `printf 'vm.swappiness=5\\n' >x.conf`),
  sysctl('as it is, blanks', { name: 'vm.swappiness', value: '5' }, `printf 'vm.swappiness = 5\\n' >x.conf`),
  sysctl('removed', { name: 'vm.swappiness', state: 'absent' }, `printf 'a.b=1\\nvm.swappiness=5\\n' >x.conf`),
  sysctl('removed, not there', { name: 'vm.swappiness', state: 'absent' }, `printf 'a.b=1\\n' >x.conf`),
  sysctl('several words', { name: 'net.ipv4.tcp_rmem', value: '4096 87380 6291456' }),
  sysctl(
    'several words, other blanks',
    { name: 'net.ipv4.tcp_rmem', value: '4096 87380 6291456' },
    `printf 'net.ipv4.tcp_rmem=4096\\t87380  6291456\\n' >x.conf`,
  ),
  sysctl('a boolean', { name: 'net.ipv4.ip_forward', value: true }),
  sysctl('twice in the file', { name: 'a.b', value: '3' }, `printf 'a.b=1\\na.b=2\\n' >x.conf`),
  sysctl('semicolon remark', { name: 'a.b', value: '3' }, `printf '; a.b=1\\n\\n#x\\n' >x.conf`),

  mount('present', { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'present' }),
  mount('present, as it is', { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'present' }, fstab('# t', line)),
  mount(
    'present, other options',
    { src: 'none', fstype: 'tmpfs', opts: 'size=2m', state: 'present' },
    fstab('# t', line, '/dev/x /y ext4 defaults 0 2'),
  ),
  mount('mounted', { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'mounted' }),
  mount(
    'mounted, as it is',
    { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'mounted' },
    `${fstab(line)}\n${here}`,
  ),
  mount('mounted, no folder yet', { src: 'none', fstype: 'tmpfs', state: 'mounted' }, `${fstab('# t')}\nrmdir m`),
  mount('unmounted', { state: 'unmounted' }, `${fstab(line)}\n${here}`),
  mount('unmounted, was not', { state: 'unmounted' }, fstab(line)),
  mount('absent', { state: 'absent' }, `${fstab('# t', line)}\n${here}`),
  mount('absent, was not', { state: 'absent' }, `${fstab('# t')}\nrmdir m`),
  mount('absent_from_fstab', { state: 'absent_from_fstab' }, `${fstab('# t', line)}\n${here}`),
  mount('ephemeral', { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'ephemeral' }),
  mount('remounted', { src: 'none', fstype: 'tmpfs', opts: 'size=1m', state: 'remounted' }, `${fstab(line)}\n${here}`),
  mount(
    'a bind',
    { src: '{d}/from', fstype: 'none', opts: 'bind', state: 'mounted' },
    `${fstab('# t')}\nmkdir from; echo x >from/x`,
    { probe: 'cat fstab; cat m/x; true' },
  ),
  mount('dump, passno, boot', {
    src: '/dev/x',
    fstype: 'ext4',
    state: 'present',
    dump: '1',
    passno: '2',
    boot: false,
  }),
  mount('a blank in the source', { src: '/a b', fstype: 'ext4', state: 'present' }),
  mount('a backup', { src: '/a', fstype: 'ext4', state: 'present', backup: true }, fstab('# t'), {
    probe: 'cat fstab; ls | wc -l',
  }),
  mount('nothing to mount', { src: '/nope', fstype: 'ext4', state: 'mounted' }),

  hostname('other', { name: 'other-1' }),
  hostname('as it is', { name: 'node-1' }),
  hostname('a full name', { name: 'x.example.org' }),
  hostname('by systemd', { name: 'other-2', use: 'systemd' }),
  hostname('by debian', { name: 'other-3', use: 'debian' }),

  timezone('other', { name: 'Europe/Berlin' }),
  timezone('as it is', { name: 'Etc/UTC' }),
  timezone('unknown', { name: 'Nowhere/City' }),
  timezone(
    'another before',
    { name: 'America/New_York' },
    'ln -sfn /usr/share/zoneinfo/Asia/Tokyo /etc/localtime; echo Asia/Tokyo >/etc/timezone; systemctl stop systemd-timedated',
  ),

  alternatives('made', { path: '/usr/local/bin/tool-a', link: '/usr/local/bin/tool' }),
  alternatives('made with a priority', { path: '/usr/local/bin/tool-a', link: '/usr/local/bin/tool', priority: 70 }),
  alternatives('chosen', { path: '/usr/local/bin/tool-b' }, `${install('a', 50)}; ${install('b', 20)}`),
  alternatives(
    'as it is',
    { path: '/usr/local/bin/tool-a' },
    `${install('a', 50)}; update-alternatives --set tool /usr/local/bin/tool-a >/dev/null`,
  ),
  alternatives(
    'present only',
    { path: '/usr/local/bin/tool-c', link: '/usr/local/bin/tool', state: 'present' },
    install('a', 50),
  ),
  alternatives(
    'auto',
    { path: '/usr/local/bin/tool-a', state: 'auto' },
    `${install('a', 50)}; ${install('b', 20)}; update-alternatives --quiet --set tool /usr/local/bin/tool-b`,
  ),
  alternatives(
    'absent',
    { path: '/usr/local/bin/tool-b', state: 'absent' },
    `${install('a', 50)}; ${install('b', 20)}`,
  ),
  alternatives(
    'other priority',
    { path: '/usr/local/bin/tool-a', link: '/usr/local/bin/tool', priority: 10 },
    install('a', 50),
  ),
  alternatives('not there', { path: '/usr/local/bin/nope', link: '/usr/local/bin/tool' }),

  iptables('a rule', { chain: 'INPUT', protocol: 'tcp', destination_port: '80', jump: 'ACCEPT' }),
  iptables(
    'as it is',
    { chain: 'INPUT', protocol: 'tcp', destination_port: '80', jump: 'ACCEPT' },
    'iptables -A INPUT -p tcp --destination-port 80 -j ACCEPT',
  ),
  iptables(
    'inserted',
    { chain: 'INPUT', protocol: 'tcp', destination_port: '81', jump: 'DROP', action: 'insert', rule_num: '1' },
    'iptables -A INPUT -p udp -j ACCEPT',
  ),
  iptables(
    'removed',
    { chain: 'INPUT', protocol: 'udp', jump: 'ACCEPT', state: 'absent' },
    'iptables -A INPUT -p udp -j ACCEPT',
  ),
  iptables('removed, not there', { chain: 'INPUT', protocol: 'udp', jump: 'ACCEPT', state: 'absent' }),
  iptables('a policy', { chain: 'FORWARD', policy: 'DROP' }),
  iptables('a policy as it is', { chain: 'FORWARD', policy: 'ACCEPT' }),
  iptables('flushed', { chain: 'INPUT', flush: true }, 'iptables -A INPUT -p udp -j ACCEPT'),
  iptables('a chain', { chain: 'MINE', chain_management: true }),
  iptables('a chain removed', { chain: 'MINE', chain_management: true, state: 'absent' }, 'iptables -N MINE'),
  iptables('nat', {
    table: 'nat',
    chain: 'PREROUTING',
    in_interface: 'eth0',
    protocol: 'tcp',
    match: 'tcp',
    destination_port: '80',
    jump: 'REDIRECT',
    to_ports: '8600',
    comment: 'Redirect "web" $(x)',
  }),
  iptables('much', {
    chain: 'INPUT',
    protocol: 'tcp',
    source: '10.0.0.0/8',
    destination: '!10.1.0.0/16',
    match: ['tcp'],
    destination_ports: ['80', '443'],
    ctstate: 'NEW,ESTABLISHED',
    syn: 'match',
    limit: '5/minute',
    limit_burst: '10',
    jump: 'ACCEPT',
  }),
  iptables('icmp', { chain: 'INPUT', protocol: 'icmp', icmp_type: 'echo-request', jump: 'DROP' }),
  iptables('log', { chain: 'INPUT', protocol: 'udp', jump: 'LOG', log_prefix: 'a b: ', log_level: 'info' }),
  iptables('ranges', { chain: 'INPUT', src_range: '192.168.1.1-192.168.1.9', jump: 'ACCEPT' }),

  apt('installed', { name: 't-one' }),
  apt('there already', { name: 't-one' }, get('t-one=1.0')),
  apt('a version', { name: 't-one=1.0' }),
  apt('an older version', { name: 't-one=1.0', allow_downgrade: true }, get('t-one')),
  apt('latest', { name: 't-one', state: 'latest' }, get('t-one=1.0')),
  apt('two and what they need', { name: ['t-one', 't-two'] }),
  apt('removed', { name: 't-one', state: 'absent' }, get('t-one')),
  apt('purged', { name: 't-one', state: 'absent', purge: true }, get('t-one')),
  apt('removed, not there', { name: 't-one', state: 'absent' }),
  apt('not there', { name: 't-none' }),
  apt('a file', { deb: '/srv/repo/t-one_1.0_all.deb' }),
  apt('only upgrade', { name: 't-one', only_upgrade: true, state: 'latest' }),
  apt('a pattern of versions', { name: 't-one=1.*' }),
  apt('a held package', { name: 't-one', state: 'latest' }, `${get('t-one=1.0')}; apt-mark hold t-one >/dev/null`),

  aptRepository('added', { repo: D }),
  aptRepository('there', { repo: D }, `echo '${D}' >/etc/apt/sources.list.d/file_srv_repo.list`),
  aptRepository('a name', { repo: D, filename: 'mine' }),
  aptRepository('a mode', { repo: D, filename: 'mine', mode: '0600' }),
  aptRepository(
    'removed',
    { repo: D, state: 'absent' },
    `printf '# c\\n${D}\\n${X}\\n' >/etc/apt/sources.list.d/x.list`,
    diffless,
  ),
  aptRepository(
    'removed, the last line',
    { repo: D, state: 'absent' },
    `printf '${D}\\n' >/etc/apt/sources.list.d/x.list`,
  ),
  aptRepository('removed, not there', { repo: D, state: 'absent' }),
  aptRepository('enabled again', { repo: X }, `printf '# ${X}\\n' >/etc/apt/sources.list.d/x.list`, diffless),
  aptRepository('a long line', {
    repo: 'deb [arch=amd64 signed-by=/etc/apt/k.gpg] https://download.example.org/linux/debian bookworm stable',
  }),
  aptRepository('in the main file', { repo: X }, `printf '${X}\\n' >/etc/apt/sources.list`),
  aptRepository('no repository', { repo: 'nonsense' }),

  deb822('made', { name: 'mine', types: 'deb', uris: 'file:/srv/repo', suites: './', trusted: true }),
  deb822('much', {
    name: 'a b',
    types: ['deb', 'deb-src'],
    uris: ['https://x.example.org/a', 'https://y.example.org/'],
    suites: ['stable', 'beta'],
    components: ['main', 'more'],
    architectures: ['amd64'],
    enabled: false,
    by_hash: true,
    check_valid_until: false,
    date_max_future: 5,
    languages: ['en', 'de'],
    pdiffs: true,
    allow_insecure: false,
    mode: '0640',
  }),
  deb822(
    'changed',
    { name: 'mine', types: 'deb', uris: 'file:/srv/repo', suites: './' },
    `printf 'Types: deb\\nURIs: file:/srv/other\\nSuites: ./\\nX-Repolib-Name: mine\\n' >/etc/apt/sources.list.d/mine.sources`,
  ),
  deb822('a key as text', {
    name: 'mine',
    types: 'deb',
    uris: 'https://x.example.org',
    suites: 'stable',
    components: 'main',
    signed_by: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEabcdef\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n',
  }),
  deb822('absent', { name: 'mine', state: 'absent' }, `printf 'Types: deb\\n' >/etc/apt/sources.list.d/mine.sources`),
  deb822('absent, not there', { name: 'mine', state: 'absent' }),
  deb822('a suite without components', {
    name: 'mine',
    types: 'deb',
    uris: 'https://x.example.org',
    suites: 'stable',
  }),

  ...[
    ['hold', { name: 'zip', selection: 'hold' }],
    ['as it is', { name: 'zip', selection: 'install' }],
    ['no package', { name: 't-nope', selection: 'hold' }],
  ].map(([name, args]) =>
    c(
      'dpkg_selections',
      name,
      args,
      'echo zip install | dpkg --set-selections',
      'dpkg --get-selections zip; dpkg --get-selections t-nope; true',
    ),
  ),

  ...[
    [
      'a question',
      { name: 'locales', question: 'locales/default_environment_locale', value: 'C.UTF-8', vtype: 'select' },
    ],
    [
      'several values',
      {
        name: 'locales',
        question: 'locales/locales_to_be_generated',
        value: 'de_DE.UTF-8 UTF-8, fr_FR.UTF-8 UTF-8',
        vtype: 'multiselect',
      },
    ],
    ['one that is not there', { name: 't-pkg', question: 't-pkg/flag', value: 'yes', vtype: 'boolean' }],
    ['a boolean', { name: 't-pkg', question: 't-pkg/flag', value: true, vtype: 'boolean' }],
    ['hostile text', { name: 't-pkg', question: 't-pkg/text', value: 'it\'s "x" $(id) `d`', vtype: 'string' }],
    ['only shown', { name: 'locales' }, { ignore: ['current'] }],
    ['unseen', { name: 't-pkg', question: 't-pkg/text', value: 'z', vtype: 'string', unseen: true }],
  ].map(([name, args, more]) =>
    c(
      'debconf',
      name,
      args,
      `echo PURGE | debconf-communicate t-pkg >/dev/null 2>&1
echo 'locales locales/default_environment_locale select None' | debconf-set-selections
echo 'locales locales/locales_to_be_generated multiselect' | debconf-set-selections`,
      '{ debconf-show t-pkg; debconf-show locales; } | sort',
      more,
    ),
  ),

  c(
    'community.general.locale_gen',
    'made',
    { name: 'de_DE.UTF-8' },
    `sed -i 's/^[a-z]/# &/' /etc/locale.gen; rm -f /usr/lib/locale/locale-archive`,
    `grep '^[^#]' /etc/locale.gen; locale -a`,
    {
      ignore: ['diff'],
      differs: {
        why: 'Ansible predicts no change of a locale that is commented out, and says ubuntu_mode',
        parts: ['changed', 'values'],
      },
    },
  ),
  c(
    'community.general.locale_gen',
    'unknown',
    { name: 'xx_XX.UTF-8' },
    `sed -i 's/^[a-z]/# &/' /etc/locale.gen`,
    `grep '^[^#]' /etc/locale.gen; true`,
  ),
];
