import { ModuleFailure } from '../../errors.ts';
import { isDict, toPlain } from '../../values.ts';
import { atMostOneOf, bool, dict, list, requiredBy, requiredIf, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, failure, type Program, programs, required } from '../parts/programs.ts';

const words = { doc: 'As the option of iptables of this name.' };

export default defineModule({
  name: 'iptables',
  doc: 'One rule, chain or policy of the running packet filter; nothing is kept for the next boot.',
  reference: 'ansible.builtin.iptables',
  args: {
    table: str({ doc: 'The table.', default: 'filter', choices: ['filter', 'nat', 'mangle', 'raw', 'security'] }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    action: str({ doc: 'Where a new rule goes: last or first.', default: 'append', choices: ['append', 'insert'] }),
    rule_num: str({ doc: 'Number to insert the rule at.' }),
    ip_version: str({ doc: 'Which filter.', default: 'ipv4', choices: ['ipv4', 'ipv6', 'both'] }),
    chain: str({ doc: 'The chain.' }),
    protocol: str(words),
    source: str(words),
    destination: str(words),
    tcp_flags: dict({
      doc: 'Flags to look at, and those that are set.',
      keys: { flags: list(str()), flags_set: list(str()) },
    }),
    match: list(str(), { doc: 'Extensions to load.', default: [] }),
    jump: str({ doc: 'What to do with a packet.' }),
    gateway: str(words),
    log_prefix: str(words),
    log_level: str({
      ...words,
      choices: [
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
        '7',
        'emerg',
        'alert',
        'crit',
        'error',
        'warning',
        'notice',
        'info',
        'debug',
      ],
    }),
    goto: str(words),
    in_interface: str(words),
    out_interface: str(words),
    fragment: str(words),
    set_counters: str(words),
    source_port: str(words),
    destination_port: str(words),
    destination_ports: list(str(), { ...words, default: [] }),
    to_ports: str(words),
    to_destination: str(words),
    to_source: str(words),
    syn: str({ doc: 'First packets of connections.', default: 'ignore', choices: ['ignore', 'match', 'negate'] }),
    set_dscp_mark: str(words),
    set_dscp_mark_class: str(words),
    comment: str(words),
    ctstate: list(str(), { ...words, default: [] }),
    src_range: str(words),
    dst_range: str(words),
    match_set: str(words),
    match_set_flags: str({ ...words, choices: ['src', 'dst', 'src,dst', 'dst,src', 'dst,dst', 'src,src'] }),
    limit: str(words),
    limit_burst: str(words),
    uid_owner: str(words),
    gid_owner: str(words),
    reject_with: str(words),
    icmp_type: str(words),
    flush: bool({ doc: 'Remove every rule of the chain, or table.', default: false }),
    policy: str({ doc: 'Policy of the chain.', choices: ['ACCEPT', 'DROP', 'QUEUE', 'RETURN'] }),
    wait: str({ doc: 'Seconds to wait for the lock.' }),
    chain_management: bool({ doc: 'Make or remove the chain itself if no rule is given.', default: false }),
    numeric: bool({ doc: 'List by numbers only.', default: false }),
  },
  rules: [
    atMostOneOf('set_dscp_mark', 'set_dscp_mark_class'),
    atMostOneOf('flush', 'policy'),
    requiredBy('set_dscp_mark', ['jump']),
    requiredBy('set_dscp_mark_class', ['jump']),
    requiredIf('jump', 'TEE', ['gateway']),
    requiredIf('jump', 'tee', ['gateway']),
    requiredIf('flush', false, ['chain']),
  ],
  check: 'full',
  returns: { rule: 'The rule as options.', chain: 'The chain.', table: 'The table.' },
  examples: `- iptables:
    chain: INPUT
    protocol: tcp
    destination_port: '443'
    jump: ACCEPT
`,
  async run(args, { remote, check }) {
    const given = { ...args } as unknown as Given;
    if ((args.log_prefix || args.log_level) && args.jump === undefined) given['jump'] = 'LOG';
    else if ((args.log_prefix || args.log_level) && args.jump !== 'LOG') {
      throw new ModuleFailure('Logging options can only be used with the LOG jump target.');
    }
    const shown = ruleOf({ ...args } as unknown as Given, 'ipv4').join(' ');
    const families = args.ip_version === 'both' ? ['ipv4', 'ipv6'] : [args.ip_version];
    const tool = (family: string) => [
      family === 'ipv4' ? 'iptables' : 'ip6tables',
      '-t',
      args.table,
      ...(args.wait === undefined ? [] : ['-w', args.wait]),
    ];
    const asks = families.map((family): Program => ({ words: question(args, tool(family), ruleOf(given, family)) }));
    const answers = (await programs(remote, asks)).map(required);
    const changes: Program[] = [];
    for (const [i, family] of families.entries()) {
      const doing = act(args, answers[i]!, tool(family), ruleOf(given, family));
      if (doing) changes.push({ words: doing });
    }
    const real = changes.filter(({ words: line }) => line.length > 0);
    if (!check) await change(remote, real);
    return changed(changes.length > 0, {
      ip_version: args.ip_version,
      table: args.table,
      chain: args.chain ?? null,
      flush: args.flush,
      rule: shown,
      state: args.state,
      chain_management: args.chain_management,
      wait: args.wait ?? null,
    });
  },
});

type Given = Record<string, string | string[] | undefined>;
interface Wanted {
  flush: boolean;
  policy?: string | undefined;
  state: string;
  chain?: string | undefined;
  action: string;
  rule_num?: string | undefined;
  chain_management: boolean;
}

/** What tells the state: the listing of the chain, or whether the rule is there. */
function question(args: Wanted, tool: string[], rule: string[]): string[] {
  if (args.flush) return [tool[0]!, '--version'];
  if (args.policy || rule.length === 0) return [...tool, '-n', '-L', args.chain!];
  return [...tool, '-C', args.chain!, ...rule];
}

/** The change: words to run, none ([]) where only the result says changed, undefined where all is well. */
function act(
  args: Wanted,
  answer: { rc: number; stdout: string; stderr: string; command: string },
  tool: string[],
  rule: string[],
): string[] | undefined {
  if (args.flush) return [...tool, '-F', ...(args.chain === undefined ? [] : [args.chain])];
  if (args.policy) {
    const policy = /^Chain \S+ \(policy (\w+)/m.exec(answer.stdout)?.[1];
    if (policy === undefined)
      throw answer.rc === 0 ? new ModuleFailure("Can't detect current policy") : failure(answer as never);
    return policy === args.policy ? undefined : [...tool, '-P', args.chain!, args.policy];
  }
  const is = answer.rc === 0;
  const should = args.state === 'present';
  if (rule.length === 0) {
    if (is === should) return undefined;
    return args.chain_management ? [...tool, should ? '-N' : '-X', args.chain!] : [];
  }
  if (is === should) return undefined;
  if (!should) return [...tool, '-D', args.chain!, ...rule];
  if (args.action === 'insert')
    return [...tool, '-I', args.chain!, ...(args.rule_num === undefined ? [] : [args.rule_num]), ...rule];
  return [...tool, '-A', args.chain!, ...rule];
}

/** The rule as options, in the order Ansible gives them. */
function ruleOf(p: Given, family: string): string[] {
  const rule: string[] = [];
  const text = (name: string) => (typeof p[name] === 'string' && p[name] !== '' ? (p[name] as string) : undefined);
  const items = (name: string) => (Array.isArray(p[name]) ? (p[name] as string[]) : []);
  const negatable = (flag: string, value: string | undefined) => {
    if (value === undefined) return;
    if (value.startsWith('!')) rule.push('!', flag, value.slice(1).trim());
    else rule.push(flag, value);
  };
  const put = (name: string, flag: string) => negatable(flag, text(name));
  const load = (extension: string, when: unknown) => {
    if (when && !(Array.isArray(when) && when.length === 0)) rule.push('-m', extension);
  };
  const csv = (name: string, flag: string) => {
    if (items(name).length > 0) rule.push(flag, items(name).join(','));
  };
  put('protocol', '-p');
  put('source', '-s');
  put('destination', '-d');
  for (const extension of items('match')) rule.push('-m', extension);
  if (isDict(p['tcp_flags'] as never)) {
    const flags = toPlain(p['tcp_flags'] as never) as Record<string, string[]>;
    if (flags['flags'] && flags['flags_set'])
      rule.push('--tcp-flags', flags['flags'].join(','), flags['flags_set'].join(','));
  }
  put('jump', '-j');
  const jump = text('jump')?.toLowerCase();
  if (jump === 'tee') put('gateway', '--gateway');
  put('log_prefix', '--log-prefix');
  put('log_level', '--log-level');
  put('to_destination', '--to-destination');
  load('multiport', items('destination_ports'));
  csv('destination_ports', '--dports');
  put('to_source', '--to-source');
  put('goto', '-g');
  put('in_interface', '-i');
  put('out_interface', '-o');
  put('fragment', '-f');
  put('set_counters', '-c');
  put('source_port', '--source-port');
  put('destination_port', '--destination-port');
  put('to_ports', '--to-ports');
  put('set_dscp_mark', '--set-dscp');
  put('set_dscp_mark_class', '--set-dscp-class');
  if ((text('set_dscp_mark') || text('set_dscp_mark_class')) && jump !== 'dscp') rule.push('-j', 'DSCP');
  if (p['syn'] === 'match') rule.push('--syn');
  if (p['syn'] === 'negate') rule.push('!', '--syn');
  const matches = items('match');
  if (items('ctstate').length > 0) {
    const old = matches.includes('state') && !matches.includes('conntrack');
    if (!old && !matches.includes('conntrack')) rule.push('-m', 'conntrack');
    csv('ctstate', old ? '--state' : '--ctstate');
  }
  if (!matches.includes('iprange')) load('iprange', text('src_range') ?? text('dst_range'));
  put('src_range', '--src-range');
  put('dst_range', '--dst-range');
  if (!matches.includes('set')) load('set', text('match_set'));
  if (text('match_set')) {
    put('match_set', '--match-set');
    if (text('match_set_flags')) rule.push(text('match_set_flags')!);
  }
  load('limit', text('limit') ?? text('limit_burst'));
  put('limit', '--limit');
  put('limit_burst', '--limit-burst');
  for (const who of ['uid', 'gid']) {
    load('owner', text(`${who}_owner`));
    put(`${who}_owner`, `--${who}-owner`);
  }
  if (text('jump') === undefined && text('reject_with')) rule.push('-j', 'REJECT');
  put('reject_with', '--reject-with');
  put('icmp_type', family === 'ipv6' ? '--icmpv6-type' : '--icmp-type');
  load('comment', text('comment'));
  if (text('comment') !== undefined) rule.push('--comment', text('comment')!);
  return rule;
}
