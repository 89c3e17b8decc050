import { ModuleFailure } from '../../errors.ts';
import type { Dict } from '../../values.ts';
import { atMostOneOf, bool, dict, int, list, requiredBy, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, failure, type Program, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'firewalld',
  doc: 'Services, ports and rules of firewalld, in the running firewall, for good, or both.',
  reference: 'ansible.posix.firewalld',
  args: {
    service: str({ doc: 'A service.' }),
    protocol: str({ doc: 'A protocol.' }),
    port: str({ doc: '`80/tcp`, `161-162/udp`.' }),
    port_forward: list(
      dict({
        keys: {
          port: str({ required: true }),
          proto: str({ required: true, choices: ['udp', 'tcp'] }),
          toport: str({ required: true }),
          toaddr: str(),
        },
      }),
      { doc: 'A port to send elsewhere.' },
    ),
    rich_rule: str({ doc: 'A rich rule.' }),
    source: str({ doc: 'A source address.' }),
    interface: str({ doc: 'An interface, for `zone`.' }),
    icmp_block: str({ doc: 'An ICMP type to block.' }),
    icmp_block_inversion: bool({ doc: 'Invert the blocks.' }),
    zone: str({ doc: 'The zone; the default one if not given.' }),
    permanent: bool({ doc: 'Keep it for the next start.', default: false }),
    immediate: bool({ doc: 'With `permanent`: change the running firewall too.', default: false }),
    state: str({
      doc: 'Whether it should be there; `present` and `absent` are of zones and targets.',
      required: true,
      choices: ['absent', 'disabled', 'enabled', 'present'],
    }),
    timeout: int({ doc: 'Seconds that it holds.', default: 0 }),
    forward: bool({ doc: 'Forwarding inside the zone.' }),
    masquerade: bool({ doc: 'Masquerading.' }),
    offline: bool({ doc: 'Work without a running firewalld.', default: false }),
    target: str({ doc: 'Target of the zone.', choices: ['default', 'ACCEPT', 'DROP', '%%REJECT%%'] }),
  },
  rules: [
    requiredBy('interface', ['zone']),
    requiredBy('target', ['zone']),
    requiredBy('source', ['permanent']),
    atMostOneOf(
      'icmp_block',
      'icmp_block_inversion',
      'service',
      'protocol',
      'port',
      'port_forward',
      'rich_rule',
      'interface',
      'forward',
      'masquerade',
      'source',
      'target',
    ),
  ],
  check: 'full',
  examples: `- firewalld:
    service: https
    permanent: true
    immediate: true
    state: enabled
`,
  async run(args, { remote, check }) {
    const permanent = args.permanent;
    const immediate = args.immediate || !permanent;
    const zone = args.zone === undefined ? [] : [`--zone=${args.zone}`];
    const thing = thingOf(args);
    if (args.port !== undefined && !args.port.includes('/'))
      throw new ModuleFailure('improper port format (missing protocol?)');
    const should = args.state === 'enabled' || args.state === 'present';
    const contexts = args.offline
      ? [{ tool: 'firewall-offline-cmd', option: [] as string[] }]
      : [
          ...(permanent ? [{ tool: 'firewall-cmd', option: ['--permanent'] }] : []),
          ...(immediate ? [{ tool: 'firewall-cmd', option: [] as string[] }] : []),
        ];
    const asks = contexts.map(
      ({ tool, option }): Program => ({
        words: [tool, ...option, ...(thing ? [...zone, thing.ask] : ['--get-zones'])],
      }),
    );
    const answers = (await programs(remote, asks)).map(required);
    const steps: Program[] = [];
    for (const [i, { tool, option }] of contexts.entries()) {
      const answer = answers[i]!;
      if (/not running/i.test(answer.stderr + answer.stdout))
        throw new ModuleFailure(
          'firewall is not currently running, unable to perform immediate actions without a running firewall daemon',
        );
      if (thing?.target !== undefined) {
        const target = should ? thing.target : 'default';
        if (answer.stdout.trim() !== target)
          steps.push({ words: [tool, ...option, ...zone, `--set-target=${target}`] });
        continue;
      }
      if (!thing) {
        if (args.zone === undefined || !permanent)
          throw new ModuleFailure('a zone is made or removed with `zone`, `permanent` and present or absent');
        const is = answer.stdout.trim().split(/\s+/).includes(args.zone);
        if (is !== should && option.length > 0)
          steps.push({ words: [tool, ...option, `--${should ? 'new' : 'delete'}-zone=${args.zone}`] });
        continue;
      }
      if (answer.rc > 1) throw failure(answer);
      if ((answer.rc === 0) === should) continue;
      const timeout = args.timeout > 0 && should && option.length === 0 ? [`--timeout=${args.timeout}`] : [];
      steps.push({ words: [tool, ...option, ...zone, should ? thing.add : thing.remove, ...timeout] });
    }
    if (!check) await change(remote, steps);
    const how = permanent
      ? args.immediate
        ? 'Permanent and Non-Permanent(immediate) operation'
        : 'Permanent operation'
      : 'Non-permanent operation';
    return changed(steps.length > 0, {
      msg: steps.length > 0 ? `${how}, Changed ${thing?.name ?? 'zone'} to ${args.state}` : how,
    });
  },
});

interface Thing {
  name: string;
  ask: string;
  add: string;
  remove: string;
  target?: string;
}

interface Given {
  service?: string | undefined;
  protocol?: string | undefined;
  port?: string | undefined;
  port_forward?: unknown[] | undefined;
  rich_rule?: string | undefined;
  source?: string | undefined;
  interface?: string | undefined;
  icmp_block?: string | undefined;
  icmp_block_inversion?: boolean | undefined;
  forward?: boolean | undefined;
  masquerade?: boolean | undefined;
  target?: string | undefined;
}

/** What is asked for, as options of firewall-cmd. */
function thingOf(args: Given): Thing | undefined {
  const one = (name: string, option: string, value?: string): Thing => {
    const text = value === undefined ? option : `${option}=${value}`;
    return {
      name: `${name}${value === undefined ? '' : ` ${value}`}`,
      ask: `--query-${text}`,
      add: `--add-${text}`,
      remove: `--remove-${text}`,
    };
  };
  if (args.service !== undefined) return one('service', 'service', args.service);
  if (args.protocol !== undefined) return one('protocol', 'protocol', args.protocol);
  if (args.port !== undefined) return one('port', 'port', args.port);
  if (args.rich_rule !== undefined) return one('rich_rule', 'rich-rule', args.rich_rule);
  if (args.source !== undefined) return one('source', 'source', args.source);
  if (args.interface !== undefined) return one('interface', 'interface', args.interface);
  if (args.icmp_block !== undefined) return one('icmp-block', 'icmp-block', args.icmp_block);
  if (args.port_forward !== undefined && args.port_forward.length > 0) {
    const forward = Object.fromEntries(args.port_forward[0] as Dict) as Record<string, string>;
    const to = forward['toaddr'] === undefined ? '' : `:toaddr=${forward['toaddr']}`;
    return one(
      'port_forward',
      'forward-port',
      `port=${forward['port']}:proto=${forward['proto']}:toport=${forward['toport']}${to}`,
    );
  }
  for (const [name, option] of [
    ['icmp_block_inversion', 'icmp-block-inversion'],
    ['masquerade', 'masquerade'],
    ['forward', 'forward'],
  ] as const) {
    if (args[name] === undefined) continue;
    const thing = one(name, option);
    // `masquerade: false, state: enabled` asks for its absence.
    return args[name] ? thing : { ...thing, add: thing.remove, remove: thing.add, ask: thing.ask };
  }
  if (args.target !== undefined)
    return { name: 'target', ask: '--get-target', add: '', remove: '', target: args.target };
  return undefined;
}
