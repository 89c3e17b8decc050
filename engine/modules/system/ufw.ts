import { ModuleFailure } from '../../errors.ts';
import { atLeastOneOf, atMostOneOf, bool, int, requiredBy, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { failure, type Program, programs, required } from '../parts/programs.ts';

const RULE_FILES = ['/lib', '/etc', '/var/lib'].flatMap((base) => [
  `${base}/ufw/user.rules`,
  `${base}/ufw/user6.rules`,
]);

export default defineModule({
  name: 'ufw',
  doc: "Ubuntu's simple firewall: its state, policies and rules.",
  reference: 'community.general.ufw',
  args: {
    state: str({
      doc: 'Switch it on or off, read it again, or forget every rule.',
      choices: ['disabled', 'enabled', 'reloaded', 'reset'],
    }),
    default: str({ doc: 'Policy for a direction.', aliases: ['policy'], choices: ['allow', 'deny', 'reject'] }),
    direction: str({ doc: 'The direction.', choices: ['in', 'incoming', 'out', 'outgoing', 'routed'] }),
    logging: str({ doc: 'What is logged.', choices: ['on', 'off', 'low', 'medium', 'high', 'full'] }),
    insert: int({ doc: 'Number to insert the rule at.' }),
    insert_relative_to: str({
      doc: 'What `insert` counts from.',
      default: 'zero',
      choices: ['first-ipv4', 'first-ipv6', 'last-ipv4', 'last-ipv6', 'zero'],
    }),
    rule: str({ doc: 'What the rule does.', choices: ['allow', 'deny', 'limit', 'reject'] }),
    log: bool({ doc: 'Log new connections of the rule.', default: false }),
    from_ip: str({ doc: 'Source address.', default: 'any', aliases: ['from', 'src'] }),
    from_port: str({ doc: 'Source port.' }),
    to_ip: str({ doc: 'Destination address.', default: 'any', aliases: ['dest', 'to'] }),
    to_port: str({ doc: 'Destination port.', aliases: ['port'] }),
    proto: str({
      doc: 'Protocol.',
      aliases: ['protocol'],
      choices: ['any', 'tcp', 'udp', 'ipv6', 'esp', 'ah', 'gre', 'igmp', 'vrrp'],
    }),
    name: str({ doc: 'An application profile.', aliases: ['app'] }),
    delete: bool({ doc: 'Remove the rule.', default: false }),
    interface: str({ doc: 'Interface of the direction.', aliases: ['if'] }),
    interface_in: str({ doc: 'Interface packets come from.', aliases: ['if_in'] }),
    interface_out: str({ doc: 'Interface packets go to.', aliases: ['if_out'] }),
    route: bool({ doc: 'The rule is for routed packets.', default: false }),
    comment: str({ doc: 'A comment.' }),
  },
  rules: [
    atLeastOneOf('default', 'state', 'logging', 'rule'),
    atMostOneOf('name', 'proto', 'logging'),
    atMostOneOf('direction', 'interface_in'),
    atMostOneOf('direction', 'interface_out'),
    requiredBy('interface', ['direction']),
  ],
  check: 'full',
  returns: { commands: 'The commands.', msg: 'The state afterwards.' },
  examples: `- ufw:
    rule: allow
    port: '443'
    proto: tcp
`,
  async run(args, { remote, check }) {
    refuse(args);
    const look: Program[] = [
      { words: ['ufw', 'status', 'verbose'] },
      { words: ['grep', '-h', '^### tuple', ...RULE_FILES] },
    ];
    const numbered: Program[] =
      args.insert !== undefined && args.insert_relative_to !== 'zero' && !args.delete
        ? [{ words: ['ufw', 'status', 'numbered'] }]
        : [];
    const numbers = numbered.length > 0 ? required((await programs(remote, numbered))[0]!).stdout : '';
    const doing = commands(args, numbers, check);
    const list = [...look, ...doing.map((words): Program => ({ words })), ...(check ? [] : look)];
    const ran = await programs(remote, list);
    const [state, rules] = [required(ran[0]!), ran[1]!];
    const bad = ran.slice(2, 2 + doing.length).find((one) => one.rc !== 0);
    const shown = ran.filter((one) => one.command.startsWith('ufw')).map((one) => one.command);
    if (state.rc !== 0) throw failure(state);
    if (bad) throw new ModuleFailure(bad.stderr.trim() || bad.stdout.trim(), { commands: shown, rc: bad.rc });
    const predicted = predict(args, state.stdout);
    const said = ran.slice(2, 2 + doing.length).at(-1)?.stdout ?? '';
    if (check) return changed(predicted || (args.rule !== undefined && !skips(said)), { commands: shown });
    const [after, rulesAfter] = ran.slice(-2);
    const differs = state.stdout !== after!.stdout || rules.stdout !== rulesAfter!.stdout;
    return changed(differs || ['reloaded', 'reset'].includes(args.state ?? ''), {
      commands: shown,
      msg: after!.stdout.trimEnd(),
    });
  },
});

interface Given {
  state?: string | undefined;
  default?: string | undefined;
  direction?: string | undefined;
  logging?: string | undefined;
  insert?: number | undefined;
  insert_relative_to: string;
  rule?: string | undefined;
  log: boolean;
  from_ip: string;
  from_port?: string | undefined;
  to_ip: string;
  to_port?: string | undefined;
  proto?: string | undefined;
  name?: string | undefined;
  delete: boolean;
  interface?: string | undefined;
  interface_in?: string | undefined;
  interface_out?: string | undefined;
  route: boolean;
  comment?: string | undefined;
}

function refuse(args: Given): void {
  if (args.default && ![undefined, 'outgoing', 'incoming', 'routed'].includes(args.direction)) {
    throw new ModuleFailure(
      'For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be specified.',
    );
  }
  if (args.rule && ![undefined, 'in', 'out'].includes(args.direction)) {
    throw new ModuleFailure('For rules, direction must be one of "in" and "out", or direction must not be specified.');
  }
  if (!args.route && args.interface_in && args.interface_out)
    throw new ModuleFailure('Only route rules can combine interface_in and interface_out');
}

/** Whether every line says that there was nothing to do. */
const skips = (said: string) => {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^(Skipping|Could not delete non-existent rule)/.test(line));
};

const STATES: Record<string, string> = { enabled: 'enable', disabled: 'disable', reloaded: 'reload', reset: 'reset' };

function commands(args: Given, numbers: string, check: boolean): string[][] {
  const list: string[][] = [];
  if (!check) {
    if (args.default) list.push(['ufw', 'default', args.default, ...(args.direction ? [args.direction] : [])]);
    if (args.logging) list.push(['ufw', 'logging', args.logging]);
  }
  if (args.rule) list.push(['ufw', ...(check ? ['--dry-run'] : []), ...ruleWords(args, numbers)]);
  if (!check && args.state) list.push(['ufw', '-f', STATES[args.state]!]);
  return list;
}

function ruleWords(args: Given, numbers: string): string[] {
  const at =
    args.insert === undefined || args.delete ? undefined : insertAt(args.insert, args.insert_relative_to, numbers);
  const pair = (word: string, value: string | undefined) => (value ? [word, value] : []);
  return [
    ...(args.route ? ['route'] : []),
    ...(args.delete ? ['delete'] : []),
    ...(at === undefined ? [] : ['insert', String(at)]),
    args.rule!,
    ...(args.direction ? [args.direction] : []),
    ...pair('on', args.interface),
    ...(args.interface_in ? ['in', 'on', args.interface_in] : []),
    ...(args.interface_out ? ['out', 'on', args.interface_out] : []),
    ...(args.log ? ['log'] : []),
    ...pair('from', args.from_ip),
    ...pair('port', args.from_port),
    ...pair('to', args.to_ip),
    ...pair('port', args.to_port),
    ...pair('proto', args.proto),
    ...pair('app', args.name),
    ...pair('comment', args.comment),
  ];
}

/** ufw refuses a number beyond its last rule; then the rule is appended. */
function insertAt(insert: number, relative: string, numbers: string): number | undefined {
  if (relative === 'zero') return insert;
  const rules = numbers.split('\n').flatMap((line) => {
    const number = /^\[ *(\d+)\] /.exec(line)?.[1];
    return number === undefined ? [] : [{ number: Number(number), v6: line.includes('(v6)') }];
  });
  const last = Math.max(0, ...rules.map((r) => r.number));
  const v4 = rules.filter((r) => !r.v6).map((r) => r.number);
  const from: Record<string, number> = {
    'first-ipv4': 1,
    'last-ipv4': v4.length > 0 ? Math.max(...v4) : 1,
    'first-ipv6': v4.length > 0 ? Math.max(...v4) + 1 : 1,
    'last-ipv6': rules.some((r) => r.v6) ? last : last + 1,
  };
  const to = insert + from[relative]!;
  return to > last ? undefined : to;
}

function predict(args: Given, state: string): boolean {
  const on = state.includes(' active');
  if (args.state === 'reloaded' || args.state === 'reset') return true;
  if ((args.state === 'disabled' && on) || (args.state === 'enabled' && !on)) return true;
  if (args.default) {
    const match = /Default: (\w+) \(incoming\), (\w+) \(outgoing\), (\w+) \(routed\)/.exec(state);
    if (!match) return true;
    const at = { incoming: match[1], outgoing: match[2], routed: match[3] }[args.direction ?? 'incoming'];
    if (at !== args.default && at !== 'disabled') return true;
  }
  if (args.logging) {
    const match = /Logging: (on|off)(?: \((\w+)\))?/.exec(state);
    if (!match) return true;
    if (
      args.logging === 'off'
        ? match[1] !== 'off'
        : match[1] === 'off' || (args.logging !== 'on' && args.logging !== match[2])
    )
      return true;
  }
  return false;
}
