import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';
import { addressText, isGlobal, LINK_LOCAL, LOOPBACK, MULTICAST, Network } from './network.ts';

interface Asked {
  net: Network;
  /** Written with a prefix, or as an address alone. */
  type: 'network' | 'address';
  value: Py;
}

const int = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
const within = (list: Network[], net: Network): boolean =>
  list.some((one) => one.version === net.version && one.has(net.value));

/** The first and last address that a host can have. */
export function usable(net: Network): [bigint, bigint] | undefined {
  if (net.size === 2n) return [net.first, net.last];
  return net.size > 1n ? [net.first + 1n, net.last - 1n] : undefined;
}

function onlyNetwork(asked: Asked): Network {
  if (asked.type === 'address') fail('not a network address');
  return asked.net;
}

function neighbour(asked: Asked, step: bigint): Py {
  const net = onlyNetwork(asked);
  const range = usable(net);
  const at = net.value + step;
  return range && at >= range[0] && at <= range[1] ? net.text(at) : null;
}

function addressOf({ net }: Asked): Py {
  if (net.size === 1n || net.value !== net.first || net.broadcast === undefined || net.version === 6) return net.ip;
  return null;
}

const withPrefix = ({ net }: Asked): Py =>
  net.size > 2n && (net.value === net.first || net.value === net.broadcast) ? false : String(net);

function peer(asked: Asked): Py {
  const net = onlyNetwork(asked);
  if (net.size === 2n) return net.text(net.value ^ 1n);
  if (net.size !== 4n) fail('not a point-to-point network');
  if (net.value % 4n === 0n) fail('the network address of a /30 has no peer');
  if (net.value % 4n === 3n) fail('the broadcast address of a /30 has no peer');
  return net.text(net.value ^ 3n);
}

function sixToFour({ net, type, value }: Asked): Py {
  if (net.version === 6) {
    const tunnel = net.value >> 112n === 0x2002n;
    return tunnel && (type === 'address' || net.value !== net.first) ? value : false;
  }
  if ((net.size > 1n && net.value === net.first) || within(MULTICAST, net)) return false;
  const hex = net.value.toString(16).padStart(8, '0');
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`;
}

function toV4({ net, value }: Asked): Py {
  if (net.version === 4) return value;
  const inside = net.value >> 32n;
  if ((inside !== 0n && inside !== 0xffffn) || net.prefix < 96) return false;
  return `${addressText(4, net.value & 0xffffffffn)}/${net.prefix - 96}`;
}

function reverseName(net: Network): string {
  if (net.version === 4) return `${net.ip.split('.').reverse().join('.')}.in-addr.arpa.`;
  return `${[...net.value.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa.`;
}

const isMask = (net: Network): boolean => {
  const hosts = net.value ^ ((1n << BigInt(net.bits)) - 1n);
  return (hosts & (hosts + 1n)) === 0n || (net.value & (net.value + 1n)) === 0n;
};

const when = (holds: boolean, value: Py): Py => (holds ? value : null);
const host = ({ net }: Asked): Py =>
  net.size === 1n || net.value !== net.first || net.broadcast === undefined ? String(net) : null;
const network = ({ net }: Asked): Py => net.network;

const QUERIES: Record<string, (asked: Asked) => Py> = {
  '': ({ net, type }) => (type === 'address' ? net.ip : String(net)),
  '6to4': sixToFour,
  address: addressOf,
  ip: addressOf,
  'address/prefix': withPrefix,
  gateway: withPrefix,
  gw: withPrefix,
  'host/prefix': withPrefix,
  hostnet: withPrefix,
  router: withPrefix,
  bool: () => true,
  broadcast: ({ net }) => (net.size > 2n ? net.text(net.last) : null),
  cidr: ({ net }) => String(net),
  first_usable: (asked) => {
    const range = usable(onlyNetwork(asked));
    return range ? asked.net.text(range[0]) : null;
  },
  last_usable: (asked) => {
    const range = usable(onlyNetwork(asked));
    return range ? asked.net.text(range[1]) : null;
  },
  range_usable: (asked) => {
    const range = usable(onlyNetwork(asked));
    return range ? `${asked.net.text(range[0])}-${asked.net.text(range[1])}` : null;
  },
  host,
  hostmask: ({ net }) => net.hostmask,
  wildcard: ({ net }) => net.hostmask,
  int: ({ net, type }) => (type === 'address' ? int(net.value) : `${net.value}/${net.prefix}`),
  'ip/prefix': ({ net }) => when(net.size === 2n || (net.size > 1n && net.value !== net.first), String(net)),
  ip_netmask: ({ net }) =>
    when(net.size === 2n || (net.size > 1n && net.value !== net.first), `${net.ip} ${net.netmask}`),
  ipv4: toV4,
  v4: toV4,
  ipv6: ({ net, value }) => (net.version === 6 ? value : `::ffff:${net.ip}/${net.prefix + 96}`),
  v6: ({ net, value }) => (net.version === 6 ? value : `::ffff:${net.ip}/${net.prefix + 96}`),
  'link-local': ({ net, value }) => when(within(LINK_LOCAL, net), value),
  lo: ({ net, value }) => when(within(LOOPBACK, net), value),
  loopback: ({ net, value }) => when(within(LOOPBACK, net), value),
  multicast: ({ net, value }) => when(within(MULTICAST, net), value),
  unicast: ({ net, value }) => when(!within(MULTICAST, net), value),
  net: ({ net }) => when(net.size > 1n && net.value === net.first, net.cidr),
  next_usable: (asked) => neighbour(asked, 1n),
  previous_usable: (asked) => neighbour(asked, -1n),
  netmask: ({ net }) => net.netmask,
  network,
  network_id: network,
  'network/prefix': ({ net }) => net.cidr,
  subnet: ({ net }) => net.cidr,
  network_netmask: ({ net }) => `${net.network} ${net.netmask}`,
  network_wildcard: ({ net }) => `${net.network} ${net.hostmask}`,
  peer,
  prefix: ({ net }) => net.prefix,
  private: ({ net, value }) => when(!isGlobal(net), value),
  public: ({ net, value }) =>
    when(!within(MULTICAST, net) && isGlobal(net) && !within(LOOPBACK, net) && !isMask(net), value),
  revdns: ({ net }) => reverseName(net),
  size: ({ net }) => int(net.size),
  size_usable: ({ net }) => (net.size === 1n ? 0 : net.size === 2n ? 2 : int(net.size - 2n)),
  type: ({ net }) => (net.size === 1n || net.value !== net.first ? 'address' : 'network'),
  version: ({ net }) => net.version,
  wrap: ({ net, type, value }) => {
    if (net.version === 4) return value;
    return type === 'address' ? `[${net.ip}]` : `[${net.ip}]/${net.prefix}`;
  },
};

/** What a value says as an address: text with or without prefix, or a number. */
export function asked(value: Py, version: number): Asked | undefined {
  const text = toText(value);
  if (/^\d+$/.test(text)) {
    const n = BigInt(text);
    const six = version === 6 || (version === 0 && n >> 32n > 0n);
    if (n >> (six ? 128n : 32n) > 0n) return undefined;
    const net = new Network(six ? 6 : 4, n, six ? 128 : 32);
    return { net, type: 'address', value: String(net) };
  }
  const net = Network.parse(text);
  if (net) return { net, type: text.split('/').length === 2 ? 'network' : 'address', value };
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (!match) return undefined;
  const [n, prefix] = [BigInt(match[1]!), Number(match[2])];
  const six = n >> 32n > 0n || prefix > 32;
  if (n >> 128n > 0n || prefix > 128) return undefined;
  const built = new Network(six ? 6 : 4, n, prefix);
  return { net: built, type: 'network', value: String(built) };
}

/** The ipaddr filter. */
export function ipaddr(value: Py, queryGiven: Py = '', version = 0, name = 'ipaddr'): Py {
  if (Array.isArray(value)) {
    return value
      .map((item) => ipaddr(item, queryGiven, version, name))
      .filter((item) => item !== null && item !== false && item !== '' && item !== 0);
  }
  if (value === null) fail(`${name} needs an address, not none`);
  if (value === false || value === true || value === '' || value === 0) return false;
  const found = asked(value, version);
  if (!found) return false;
  const query = toText(queryGiven);
  if (version && found.net.version !== version) return false;
  const handler = Object.hasOwn(QUERIES, query) ? QUERIES[query] : undefined;
  if (handler) return handler(found);
  const range = /^\d+$/.test(query) ? undefined : Network.parse(query);
  if (range) return range.contains(found.net) ? found.value : null;
  return nth(found, query, name);
}

/** `192.168.0.0/24 | ipaddr('5')`: the address of that number, counted from the end where it is negative. */
function nth({ net, type }: Asked, query: string, name: string): Py {
  if (query === '' || Number.isNaN(Number(query))) fail(`${name}: unknown query '${query}'`);
  if (net.size === 1n) return type === 'address' ? net.ip : String(net);
  const index = BigInt(Math.trunc(Number(query)));
  const at = index < 0n ? net.size + index : index;
  return at < 0n || at >= net.size ? false : `${net.text(net.first + at)}/${net.prefix}`;
}
