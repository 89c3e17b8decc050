import { isIP } from 'node:net';
import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { int, list, path, str } from '../args.ts';
import { defineModule, shell, unchanged, unpredicted } from '../define.ts';
import { pathInfo } from '../parts/attributes.ts';
import { pythonRegex } from '../parts/python-regex.ts';

/** States of TCP as /proc/net/tcp writes them. */
const STATES: Record<string, string> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
};

export default defineModule({
  name: 'wait_for',
  doc: 'Waits, on the host, for a port to open or close, for connections to end, or for a file or a text in it.',
  reference: 'ansible.builtin.wait_for',
  args: {
    host: str({ doc: 'Where the port is.', default: '127.0.0.1' }),
    timeout: int({ doc: 'Seconds to wait at most.', default: 300 }),
    connect_timeout: int({ doc: 'Seconds for one try to connect.', default: 5 }),
    delay: int({ doc: 'Seconds before the first look.', default: 0 }),
    port: int({ doc: 'The port.' }),
    active_connection_states: list(str(), {
      doc: 'States that count as connections for `drained`.',
      default: ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'],
    }),
    state: str({
      doc: '`started`: the port is open; `stopped`: closed; `drained`: no connections; `present`, `absent`: of a file.',
      default: 'started',
      choices: ['absent', 'drained', 'present', 'started', 'stopped'],
    }),
    path: path({ doc: 'The file.' }),
    search_regex: str({ doc: 'A text (Python syntax) to find in the file, or in what the port says first.' }),
    exclude_hosts: list(str(), { doc: 'Addresses whose connections do not count for `drained`.' }),
    sleep: int({ doc: 'Seconds between looks.', default: 1 }),
    msg: str({ doc: 'Message of a failure, instead of ours.' }),
  },
  check: 'skip',
  traits: { observes: true },
  returns: {
    elapsed: 'Seconds waited.',
    match_groups: 'What the groups of `search_regex` matched.',
    match_groupdict: 'The same of named groups.',
  },
  examples: `- wait_for:
    port: 8080
    timeout: 60
- wait_for:
    path: /var/run/app.ready
`,
  async run(args, { remote, check }) {
    if (check) return unpredicted('remote module (wait_for) does not support check mode');
    const { port, path: file, state, search_regex: search } = args;
    const wrong = whatIsWrong(args);
    if (wrong) throw new ModuleFailure(wrong, { elapsed: 0 });
    const expression = search === undefined ? undefined : pythonRegex(search, { multiline: true });
    const extended = search === undefined ? '' : extendedRegex(search);
    const reply = await remote.call(shell('wait_for', import.meta.url), {
      w_host: args.host,
      w_port: port,
      w_path: remotePath(file),
      w_state: state,
      w_timeout: args.timeout,
      w_connect_timeout: args.connect_timeout,
      w_delay: args.delay,
      w_sleep: args.sleep,
      w_search: extended,
      w_states: args.active_connection_states.map((name) => STATES[name]).join('|'),
      w_exclude: (args.exclude_hosts ?? []).flatMap(procAddresses).join('|'),
      w_local_hex:
        state === 'drained' && !['0.0.0.0', '127.0.0.1', '::'].includes(args.host) ? localHex(args.host) : '',
    });
    const elapsed = Number(reply.get('elapsed'));
    if (reply.has('timeout')) throw new ModuleFailure(args.msg ?? timeoutMessage(args), { elapsed });
    const match = expression?.exec(reply.get('found'));
    return unchanged({
      state,
      port: port ?? null,
      search_regex: search ?? null,
      match_groups: match ? match.slice(1).map((g) => g ?? null) : [],
      match_groupdict: match?.groups ? { ...match.groups } : {},
      path: file ?? null,
      ...(reply.has('info') ? pathInfo(reply) : {}),
      elapsed,
    });
  },
});

interface Given {
  host: string;
  port?: number | undefined;
  path?: string | undefined;
  state: string;
  search_regex?: string | undefined;
  exclude_hosts?: string[] | undefined;
  active_connection_states: string[];
}

function whatIsWrong({ port, path: file, state, exclude_hosts, active_connection_states }: Given): string | undefined {
  if (port !== undefined && file !== undefined) return 'port and path parameter can not both be passed to wait_for';
  if (file !== undefined && (state === 'stopped' || state === 'drained')) {
    return `state=${state} should only be used for checking a port in the wait_for module`;
  }
  if (exclude_hosts !== undefined && state !== 'drained') return 'exclude_hosts should only be with state=drained';
  const unknown = active_connection_states.find((name) => STATES[name] === undefined);
  return unknown === undefined ? undefined : `unknown active_connection_state (${unknown}) defined`;
}

function timeoutMessage({ host, port, path: file, state, search_regex: search }: Given): string {
  const port_ = `${host}:${port}`;
  if (state === 'drained') return `Timeout when waiting for ${port_} to drain`;
  if (state === 'absent' || state === 'stopped') {
    return port === undefined
      ? `Timeout when waiting for ${file} to be absent.`
      : `Timeout when waiting for ${port_} to stop.`;
  }
  if (search !== undefined)
    return `Timeout when waiting for search string ${search} in ${port === undefined ? file : port_}`;
  return port === undefined ? `Timeout when waiting for file ${file}` : `Timeout when waiting for ${port_}`;
}

const CLASSES: Record<string, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[[:alnum:]_]',
  W: '[^[:alnum:]_]',
  s: '[[:space:]]',
  S: '[^[:space:]]',
  A: '^',
  Z: '$',
};

/** The pattern as grep -E reads it; what grep cannot express is refused by name. */
function extendedRegex(pattern: string): string {
  const refuse = (what: string): never => {
    throw new ModuleFailure(`search_regex: ${what} cannot be searched for on the host; simplify the expression`, {
      elapsed: 0,
    });
  };
  const named = pattern.replace(/\(\?P<\w+>|\(\?:/g, '(');
  if (/\(\?/.test(named)) refuse('a group that begins with (?');
  return named
    .replace(/\[\^?\]?(?:\\.|[^\]\\])*\]/g, (set) => set.replace(/\\([\s\S])/g, (_, c: string) => inSet(c)))
    .replace(/\\(.)|(\*|\+|\?|\})\?/gs, (whole, c: string | undefined, lazy: string | undefined) => {
      if (lazy !== undefined) return lazy;
      if (c === undefined) return whole;
      if (c === 'n' || c === 'r') return refuse('a text over several lines');
      if (c === 't') return '\t';
      if (c === 'b' || c === 'B') return `\\${c}`;
      return CLASSES[c] ?? (/[A-Za-z0-9]/.test(c) ? refuse(`\\${c}`) : `\\${c}`);
    });
}

function inSet(c: string): string {
  const short: Record<string, string> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]', t: '\t' };
  return short[c] ?? c;
}

/** How /proc/net writes an address: words of 32 bits in the host's order. */
function procAddresses(address: string): string[] {
  if (isIP(address) === 4) {
    const word = littleEndian(address.split('.').map(Number));
    return [word, `${'0'.repeat(16)}FFFF0000${word}`];
  }
  if (isIP(address) === 6) return [ipv6(address)];
  throw new ModuleFailure(`exclude_hosts: ${address} is not an address`, { elapsed: 0 });
}

const localHex = (address: string) => (isIP(address) ? `(${procAddresses(address).join('|')}|0{8}|0{32})` : '');

const littleEndian = (octets: number[]) =>
  octets
    .reverse()
    .map((n) => n.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

function ipv6(address: string): string {
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const parts = (text: string) => (text === '' ? [] : text.split(':').map((h) => h.padStart(4, '0')));
  const [left, right] = [parts(head), parts(tail)];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0000'), ...right].join('');
  const words = all.match(/.{8}/g) ?? [];
  return words.map((w) => littleEndian((w.match(/../g) ?? []).map((h) => Number.parseInt(h, 16)))).join('');
}
