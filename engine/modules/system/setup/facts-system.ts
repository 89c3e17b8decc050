/** Facts of the system itself: distribution, kernel, user, time, package and service managers. */
import { assignments, type FactSource, type Facts } from './facts-source.ts';

const FAMILIES: Record<string, string> = {
  RedHat:
    'RedHat RHEL Fedora CentOS Scientific SLC Ascendos CloudLinux PSBM OracleLinux OVS OEL Amazon Amzn Virtuozzo XenServer Alibaba EulerOS openEuler AlmaLinux Rocky TencentOS EuroLinux Kylin MIRACLE',
  Debian:
    'Debian Ubuntu Raspbian Neon KDE_neon Linux_Mint SteamOS Devuan Kali Cumulus Pop!_OS Parrot Pardus_GNU/Linux Uos Deepin OSMC Linuxmint Deepin',
  Suse: 'SuSE SLES SLED openSUSE openSUSE_Tumbleweed SLES_SAP SUSE_LINUX openSUSE_Leap ALP-Dolomite SL-Micro openSUSE_MicroOS',
  Archlinux: 'Archlinux Antergos Manjaro',
  Alpine: 'Alpine',
  Gentoo: 'Gentoo Funtoo',
  Slackware: 'Slackware',
  Altlinux: 'Altlinux',
  Void: 'Void',
  NixOS: 'NixOS',
  Flatcar: 'Flatcar',
  ClearLinux: 'Clear_Linux_OS Clear_Linux_Mix',
};
const FAMILY_OF = new Map(
  Object.entries(FAMILIES).flatMap(([family, names]) => names.split(' ').map((n) => [n.replaceAll('_', ' '), family])),
);

/** By ID of os-release: the name that Ansible gives. */
const NAMES: Record<string, string> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  raspbian: 'Debian',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  devuan: 'Devuan',
  centos: 'CentOS',
  rhel: 'RedHat',
  fedora: 'Fedora',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  ol: 'OracleLinux',
  amzn: 'Amazon',
  alpine: 'Alpine',
  arch: 'Archlinux',
  manjaro: 'Manjaro',
  sles: 'SLES',
  sled: 'SLED',
  'opensuse-leap': 'openSUSE Leap',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  gentoo: 'Gentoo',
  void: 'Void',
  openeuler: 'openEuler',
  flatcar: 'Flatcar',
  nixos: 'NixOS',
};

/** distribution, its version and release, os_family. */
export function distribution(source: FactSource): Facts {
  const os = assignments(source.lines('/etc/os-release'));
  const name = NAMES[os['ID'] ?? ''] ?? os['NAME'] ?? 'Linux';
  const family = FAMILY_OF.get(name) ?? familyLike(os['ID_LIKE']) ?? name;
  const version = versionOf(source, os, name, family);
  const [major, minor] = version.split('.');
  const facts: Facts = {
    distribution: name,
    distribution_version: version,
    distribution_major_version: major || 'NA',
    distribution_release: releaseOf(source, os, family),
    distribution_file_parsed: Object.keys(os).length > 0,
    distribution_file_path:
      family === 'RedHat' && source.has('/etc/redhat-release') ? '/etc/redhat-release' : '/etc/os-release',
    distribution_file_variety:
      family === 'RedHat' ? (name === 'Amazon' ? 'Amazon' : 'RedHat') : family === 'Suse' ? 'SUSE' : family,
    os_family: family,
  };
  if (minor !== undefined && family === 'Debian' && name === 'Debian') facts['distribution_minor_version'] = minor;
  return facts;
}

function familyLike(like: string | undefined): string | undefined {
  for (const id of (like ?? '').split(' ')) {
    const family = FAMILY_OF.get(NAMES[id] ?? '');
    if (family) return family;
  }
  return undefined;
}

function versionOf(source: FactSource, os: Record<string, string>, name: string, family: string): string {
  const from = (path: string) => /\d+(\.\d+)*/.exec(source.line(path) ?? '')?.[0];
  if (name === 'Debian') return from('/etc/debian_version') ?? os['VERSION_ID'] ?? 'NA';
  if (name === 'Alpine') return source.line('/etc/alpine-release') ?? os['VERSION_ID'] ?? 'NA';
  if (family === 'RedHat' && name !== 'Amazon') {
    return from('/etc/centos-release') ?? from('/etc/redhat-release') ?? os['VERSION_ID'] ?? 'NA';
  }
  return os['VERSION_ID'] ?? (family === 'Archlinux' ? 'NA' : 'NA');
}

function releaseOf(source: FactSource, os: Record<string, string>, family: string): string {
  const lsb = assignments(source.lines('/etc/lsb-release'));
  const named = os['VERSION_CODENAME'] ?? os['UBUNTU_CODENAME'] ?? lsb['DISTRIB_CODENAME'];
  if (named) return named;
  if (family === 'RedHat')
    return /\(([^)]+)\)/.exec(source.line('/etc/redhat-release') ?? os['VERSION'] ?? '')?.[1] ?? 'NA';
  return family === 'Debian' && /sid/.test(source.line('/etc/debian_version') ?? '') ? 'sid' : 'NA';
}

/** kernel, architecture, names of the host. */
export function platform(source: FactSource): Facts {
  const machine = source.text('machine').trim();
  const node = source.line('/proc/sys/kernel/hostname') ?? 'localhost';
  const hostname = node.split('.')[0]!;
  const resolved = source.text('fqdn').trim();
  const fqdn = resolved !== '' && resolved !== 'localhost' ? resolved : fqdnFromHosts(source, node);
  const bits = source.text('long_bit').trim() || (/64|s390x/.test(machine) ? '64' : '32');
  const architecture = /^i[3456]86$/.test(machine) ? 'i386' : machine;
  const facts: Facts = {
    system: source.line('/proc/sys/kernel/ostype') ?? 'Linux',
    kernel: source.line('/proc/sys/kernel/osrelease') ?? '',
    kernel_version: source.line('/proc/sys/kernel/version') ?? '',
    machine,
    architecture,
    userspace_bits: bits,
    userspace_architecture: machine === 'x86_64' && bits === '32' ? 'i386' : architecture,
    nodename: node,
    hostname,
    fqdn,
    domain: fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '',
  };
  const id = source.line('/etc/machine-id') || source.line('/var/lib/dbus/machine-id');
  if (id) facts['machine_id'] = id;
  return facts;
}

/** /etc/hosts says the full name where there is no `hostname` to ask. */
function fqdnFromHosts(source: FactSource, node: string): string {
  for (const line of source.lines('/etc/hosts')) {
    const [, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(node)) return names.find((n) => n.startsWith(`${node}.`)) ?? node;
  }
  return node;
}

const two = (text: string | undefined) => text ?? '';

/** date_time, by the host's clock and zone. */
export function dateTime(source: FactSource): Facts {
  const fields = source.text('date').trim().split('|');
  if (fields.length < 14) return {};
  const [year, month, day, hour, minute, second, epoch, nanos, weekday, number_, , week, zone, offset] = fields;
  const micro = /^\d+$/.test(two(nanos)) ? two(nanos).slice(0, 6) : '000000';
  const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19);
  const compact = `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    date_time: {
      year,
      month,
      weekday,
      weekday_number: number_,
      weeknumber: week,
      day,
      hour,
      minute,
      second,
      epoch,
      epoch_int: epoch,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601_micro: `${utc}.${micro}Z`,
      iso8601: `${utc}Z`,
      iso8601_basic: `${compact}${micro}`,
      iso8601_basic_short: compact,
      tz: zone,
      tz_dst: zone,
      tz_offset: offset,
    },
  };
}

/** The user that tasks run as, and the environment. */
export function user(source: FactSource): Facts {
  const [uid, gid] = source.text('ids').split(':').map(Number);
  const [name, , , , gecos, home, shell] = source.text('passwd').split(':');
  const env: Record<string, string> = {};
  for (const entry of source.reply.bytes('environ').toString('utf8').split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0) env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return {
    user_id: name || env['USER'] || String(uid),
    user_uid: uid,
    user_gid: Number(source.text('passwd').split(':')[3] ?? gid),
    user_gecos: gecos ?? '',
    user_dir: home ?? env['HOME'] ?? '',
    user_shell: shell ?? '',
    real_user_id: uid,
    effective_user_id: uid,
    real_group_id: gid,
    effective_group_id: gid,
    env,
  };
}

/** Small ones: cmdline, dns, fips, selinux, apparmor, lsb, ssh keys, systemd. */
export function small(source: FactSource): Facts {
  return {
    ...kernelArguments(source.line('/proc/cmdline') ?? ''),
    dns: dns(source.lines('/etc/resolv.conf')),
    fips: source.line('/proc/sys/crypto/fips_enabled') === '1',
    apparmor: { status: source.has('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' },
    selinux: selinux(source),
    selinux_python_present: true,
    lsb: lsb(source),
    ...sshKeys(source),
    ...systemd(source),
  };
}

function kernelArguments(line: string): Facts {
  const single: Facts = {};
  const all: Facts = {};
  for (const word of line.split(/\s+/).filter((w) => w !== '')) {
    const equals = word.indexOf('=');
    const key = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? true : word.slice(equals + 1);
    single[key] = value;
    const before = all[key];
    all[key] =
      before === undefined || value === true ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return { cmdline: single, proc_cmdline: all };
}

function dns(lines: string[]): Facts {
  const facts: Record<string, unknown> = {};
  for (const line of lines) {
    const [word, ...rest] = line
      .replace(/^[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (word === 'nameserver') facts['nameservers'] = [...((facts['nameservers'] as string[]) ?? []), ...rest];
    else if (word === 'domain' && rest[0]) facts['domain'] = rest[0];
    else if (word === 'search') facts['search'] = rest;
    else if (word === 'sortlist') facts['sortlist'] = rest;
    else if (word === 'options') {
      facts['options'] = Object.fromEntries(
        rest.map((o) => (o.includes(':') ? [o.slice(0, o.indexOf(':')), o.slice(o.indexOf(':') + 1)] : [o, true])),
      );
    }
  }
  return facts;
}

function selinux(source: FactSource): Facts {
  const enforce = source.line('/sys/fs/selinux/enforce');
  if (enforce === undefined) return { status: 'disabled' };
  const config = assignments(source.lines('/etc/selinux/config'));
  return {
    status: 'enabled',
    policyvers: Number(source.line('/sys/fs/selinux/policyvers') ?? 0) || 'unknown',
    config_mode: config['SELINUX'] ?? 'unknown',
    mode: enforce === '1' ? 'enforcing' : 'permissive',
    type: config['SELINUXTYPE'] ?? 'unknown',
  };
}

function lsb(source: FactSource): Facts {
  const said = new Map(source.rows('lsb').map((row) => [row.split(':')[0]!, row.slice(row.indexOf(':') + 1).trim()]));
  const file = assignments(source.lines('/etc/lsb-release'));
  const found = {
    id: said.get('Distributor ID') ?? file['DISTRIB_ID'],
    description: said.get('Description') ?? file['DISTRIB_DESCRIPTION'],
    release: said.get('Release') ?? file['DISTRIB_RELEASE'],
    codename: said.get('Codename') ?? file['DISTRIB_CODENAME'],
  };
  const facts = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  if (found.release) facts['major_release'] = found.release.split('.')[0];
  return facts;
}

function sshKeys(source: FactSource): Facts {
  const facts: Facts = {};
  for (const path of source.paths(/^\/etc\/ssh\/ssh_host_\w+_key\.pub$/)) {
    const kind = /ssh_host_(\w+)_key/.exec(path)![1]!;
    const [type, key] = (source.line(path) ?? '').split(' ');
    facts[`ssh_host_key_${kind}_public`] = key;
    facts[`ssh_host_key_${kind}_public_keytype`] = type;
  }
  return facts;
}

function systemd(source: FactSource): Facts {
  const [first = '', features = ''] = source.rows('systemd');
  const version = /^systemd (\d+)/.exec(first)?.[1];
  return version === undefined ? {} : { systemd: { version: Number(version), features } };
}

/** What capsh says of this shell's capabilities. */
export function capabilities(source: FactSource): Facts {
  const line = source.rows('capsh').find((row) => row.startsWith('Current:'));
  if (line === undefined) return {};
  const current = line.slice(line.indexOf(':') + 1).trim();
  if (current === '=ep') return { system_capabilities_enforced: 'False', system_capabilities: [] };
  const names = (current.split('=')[1] ?? '').split(',').map((name) => name.trim());
  return { system_capabilities_enforced: 'True', system_capabilities: names };
}

/** pkg_mgr and service_mgr. */
export function managers(source: FactSource, family: string): Facts {
  return { pkg_mgr: packageManager(new Set(source.reply.all('has')), family), service_mgr: serviceManager(source) };
}

function packageManager(has: Set<string>, family: string): string {
  if (family === 'Debian' && has.has('apt-get')) return 'apt';
  if (family === 'RedHat') {
    for (const [command, name] of [
      ['dnf-3', 'dnf'],
      ['dnf5', 'dnf5'],
      ['dnf', 'dnf'],
      ['yum', 'yum'],
      ['microdnf', 'dnf'],
    ] as const) {
      if (has.has(command)) return name;
    }
  }
  const others = {
    zypper: 'zypper',
    pacman: 'pacman',
    apk: 'apk',
    emerge: 'portage',
    'xbps-install': 'xbps',
    opkg: 'opkg',
  };
  for (const [command, name] of Object.entries(others)) if (has.has(command)) return name;
  if (has.has('dnf')) return 'dnf';
  return has.has('apt-get') ? 'apt' : has.has('pkg') ? 'pkgng' : 'unknown';
}

function serviceManager(source: FactSource): string {
  const first = source.line('/proc/1/comm') ?? '';
  if (first === 'systemd' || source.has('/run/systemd/system')) return 'systemd';
  if (source.has('/sbin/openrc-run') || source.has('/sbin/openrc') || first === 'openrc-init') return 'openrc';
  if (first === 'runit' || first === 'runit-init') return 'runit';
  if (source.has('/sbin/initctl')) return 'upstart';
  if (source.text('init').endsWith('systemd')) return 'systemd';
  if (first === 'init' && source.has('/etc/init.d')) return 'sysvinit';
  return first && !['sh', 'bash', 'init'].includes(first) ? first : 'service';
}
