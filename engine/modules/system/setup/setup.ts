import { ModuleFailure } from '../../../errors.ts';
import { fnmatch } from '../../../python/fnmatch.ts';
import { IniError, parseIni } from '../../../python/ini.ts';
import { remotePath } from '../../../remote/quote.ts';
import { type Dict, fromPlain } from '../../../values.ts';
import { int, list, path, str } from '../../args.ts';
import { defineModule, shell } from '../../define.ts';
import { devices, firmware, lvm, memory, mounts, processors, uptime } from './facts-hardware.ts';
import { network } from './facts-network.ts';
import { asksForPython, discovered, interpreterOf, pythonFacts } from './facts-python.ts';
import { FactSource, type Facts } from './facts-source.ts';
import { capabilities, dateTime, distribution, managers, platform, small, user } from './facts-system.ts';
import { virtualization } from './facts-virtual.ts';

const MIN =
  'apparmor caps cmdline date_time distribution dns env fips local lsb pkg_mgr platform python selinux service_mgr ssh_pub_keys systemd user'.split(
    ' ',
  );
/** Names of subsets, beside those of `min`, and the group of facts that brings each. */
const GROUPS: Record<string, string> = {
  hardware: 'hardware devices dmi memory mounts processor processor_cores processor_count lvm uptime_seconds',
  network: 'network interfaces default_ipv4 default_ipv6 all_ipv4_addresses all_ipv6_addresses locally_reachable_ips',
  virtual: 'virtual virtualization_role virtualization_type virtualization_tech_guest virtualization_tech_host',
  other: 'chroot is_chroot fibre_channel_wwn hostnqn iscsi loadavg facter ohai',
};
const GROUP_OF = new Map(Object.entries(GROUPS).flatMap(([group, names]) => names.split(' ').map((n) => [n, group])));

export default defineModule({
  name: 'setup',
  doc: `Gathers facts about the host, under Ansible's names, in one request.

Nothing of it needs Python. Those about Python itself (\`ansible_python\`, \`ansible_python_version\`) are looked for where the
host has one and a file of the project names them.`,
  reference: 'ansible.builtin.setup',
  aliases: ['gather_facts'],
  args: {
    gather_subset: list(str(), {
      doc: 'Which facts: all, min, hardware, network, virtual, or a single one; `!` leaves one out.',
      default: ['all'],
    }),
    gather_timeout: int({ doc: 'Seconds for each part that may hang.', default: 10 }),
    filter: list(str(), { doc: 'Return only facts whose names match one of these patterns.', default: [] }),
    fact_path: path({ doc: "Folder of the host's own facts (*.fact).", default: '/etc/ansible/facts.d' }),
    parallel: str({ doc: 'Has no effect: there is one request.' }),
  },
  check: 'full',
  traits: { observes: true },
  returns: { ansible_facts: 'The facts.' },
  examples: `- setup:
    gather_subset: [network]
- debug:
    msg: "{{ ansible_facts.default_ipv4.address }}"
`,
  async run(args, { remote, warn, variable, named }) {
    const wanted = subsets(args.gather_subset);
    const python = wanted.min.has('python') && (named?.python || asksForPython(args));
    const reply = await remote.call(shell('setup', import.meta.url), {
      s_min: [...wanted.min].some((name) => name !== 'python' && name !== 'local'),
      s_hardware: wanted.groups.has('hardware'),
      s_network: wanted.groups.has('network'),
      s_virtual: wanted.groups.has('virtual'),
      s_other: wanted.groups.has('other'),
      s_local: wanted.min.has('local'),
      s_python: python,
      s_interpreter: python ? interpreterOf(variable('ansible_python_interpreter')) : undefined,
      s_timeout: args.gather_timeout,
      s_fact_path: remotePath(args.fact_path),
    });
    const source = new FactSource(reply);
    const facts = { ...minimal(source, wanted.min), ...grouped(source, wanted.groups) };
    if (wanted.min.has('local')) facts['local'] = localFacts(source, warn);
    Object.assign(facts, pythonFacts(source));
    const prefixed = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]));
    const found = discovered(source);
    const all = filtered({ ...prefixed, ...found, gather_subset: args.gather_subset, module_setup: true }, args.filter);
    return { changed: false, values: { ansible_facts: all }, facts: fromPlain(all) as Dict };
  },
});

interface Wanted {
  min: Set<string>;
  groups: Set<string>;
}

/** `all`, `min`, names, each with `!` to leave it out, as Ansible resolves them. */
function subsets(given: string[]): Wanted {
  const groups = new Set<string>();
  const min = new Set<string>();
  const out = new Set<string>();
  const names = given.map((n) => n.trim()).filter((n) => n !== '');
  const known = (name: string) => {
    if (name === 'all' || name === 'min' || MIN.includes(name) || GROUP_OF.has(name)) return name;
    const options = ['all', 'min', ...MIN, ...GROUP_OF.keys()].sort().join(', ');
    throw new ModuleFailure(`Bad subset '${name}' given to Ansible. gather_subset options allowed: ${options}`);
  };
  for (const name of names) if (name.startsWith('!')) out.add(known(name.slice(1)));
  const positive = names.filter((n) => !n.startsWith('!')).map(known);
  if (!out.has('min')) for (const name of MIN) min.add(name);
  if (positive.includes('all') || (positive.length === 0 && !out.has('all'))) {
    for (const group of Object.keys(GROUPS)) if (!out.has(group)) groups.add(group);
  }
  for (const name of out) {
    min.delete(name);
    const group = GROUP_OF.get(name);
    if (group === name) groups.delete(group);
  }
  for (const name of positive) {
    if (MIN.includes(name)) min.add(name);
    const group = GROUP_OF.get(name);
    if (group) groups.add(group);
  }
  return { min, groups };
}

function minimal(source: FactSource, wanted: Set<string>): Facts {
  if (wanted.size === 0) return {};
  const has = (name: string, make: () => Facts) => (wanted.has(name) ? make() : {});
  const os = distribution(source);
  const many = small(source);
  const pick = (...names: string[]) => Object.fromEntries(Object.entries(many).filter(([key]) => names.includes(key)));
  const manager = managers(source, String(os['os_family']));
  const { env, ...own } = user(source);
  return {
    ...has('platform', () => platform(source)),
    ...has('distribution', () => os),
    ...has('date_time', () => dateTime(source)),
    ...has('user', () => own),
    ...has('env', () => ({ env })),
    ...has('cmdline', () => pick('cmdline', 'proc_cmdline')),
    ...has('caps', () => capabilities(source)),
    ...has('dns', () => pick('dns')),
    ...has('fips', () => pick('fips')),
    ...has('apparmor', () => pick('apparmor')),
    ...has('selinux', () => pick('selinux', 'selinux_python_present')),
    ...has('lsb', () => pick('lsb')),
    ...has('systemd', () => pick('systemd')),
    ...has('ssh_pub_keys', () =>
      Object.fromEntries(Object.entries(many).filter(([key]) => key.startsWith('ssh_host_key'))),
    ),
    ...has('pkg_mgr', () => ({ pkg_mgr: manager['pkg_mgr'] })),
    ...has('service_mgr', () => ({ service_mgr: manager['service_mgr'] })),
  };
}

function grouped(source: FactSource, groups: Set<string>): Facts {
  const facts: Facts = {};
  if (groups.has('hardware')) {
    for (const part of [processors, memory, firmware, uptime, devices, mounts, lvm]) Object.assign(facts, part(source));
  }
  if (groups.has('network')) Object.assign(facts, network(source));
  if (groups.has('virtual')) Object.assign(facts, virtualization(source));
  if (groups.has('other')) Object.assign(facts, others(source));
  return facts;
}

function others(source: FactSource): Facts {
  const load = (source.line('/proc/loadavg') ?? '').split(' ').map(Number);
  const iqn = source.lines('/etc/iscsi/initiatorname.iscsi').find((line) => line.startsWith('InitiatorName='));
  return {
    loadavg: { '1m': load[0], '5m': load[1], '15m': load[2] },
    is_chroot: source.text('is_chroot') === '1',
    iscsi_iqn: iqn?.split('=')[1] ?? '',
    hostnqn: source.line('/etc/nvme/hostnqn') ?? '',
    fibre_channel_wwn: source.paths(/fc_host/).map((path) => (source.line(path) ?? '').replace(/^0x/, '')),
  };
}

/** The host's own facts: JSON, else ini, else an error text in the fact's place. */
function localFacts(source: FactSource, warn: (text: string) => void): Facts {
  const { reply } = source;
  const [names, texts, codes] = [reply.all('local_name'), reply.all('local_text'), reply.all('local_rc')];
  const paths = reply.all('local_path');
  const facts: Facts = {};
  for (const [i, name] of names.entries()) {
    const text = texts[i] ?? '';
    const path = paths[i] ?? `${name}.fact`;
    if (codes[i] === 'absent') {
      const why = `Could not stat fact (${path}): [Errno 2] No such file or directory: '${path}'`;
      warn(why);
      facts[name] = why;
      continue;
    }
    if (codes[i] !== '0') {
      const why = `Failure executing fact script (${name}.fact), rc: ${codes[i]}`;
      warn(why);
      facts[name] = why;
      continue;
    }
    try {
      facts[name] = JSON.parse(text);
    } catch {
      const read = ini(text) ?? 'error loading facts as JSON or ini - please check content: ';
      facts[name] = typeof read === 'string' ? read.replace(': ', `: ${path}`) : read;
      if (typeof read === 'string') warn(String(facts[name]));
    }
  }
  return facts;
}

/** Sections as dicts, with `%` as Python's parser reads it; or what is wrong with it, if it is ini at all. */
function ini(text: string): Facts | string | undefined {
  try {
    const sections = parseIni(text);
    if (sections.size === 0) return undefined;
    for (const section of sections.values())
      for (const [key, written] of section) {
        const value = written ?? '';
        const odd = /%(?![%(]).*/s.exec(value.replaceAll('%%', ''))?.[0];
        if (odd !== undefined)
          return `error loading facts as ini - please check content:  ('%' must be followed by '%' or '(', found: '${odd}')`;
        section.set(key, value.replaceAll('%%', '%'));
      }
    return Object.fromEntries([...sections].map(([name, section]) => [name, Object.fromEntries(section)]));
  } catch (error) {
    if (error instanceof IniError) return undefined;
    throw error;
  }
}

/** Patterns of the shell against the names with or without `ansible_`. */
function filtered(facts: Facts, patterns: string[]): Facts {
  const used = patterns.filter((p) => p !== '');
  if (used.length === 0 || used.includes('*')) return facts;
  const expressions = used.map((pattern) => fnmatch(pattern));
  const wanted = (name: string) => expressions.some((e) => e.test(name) || e.test(name.replace(/^ansible_/, '')));
  return Object.fromEntries(Object.entries(facts).filter(([name]) => wanted(name)));
}
