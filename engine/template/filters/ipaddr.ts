/** The filters of ansible.utils for addresses: ipaddr and its kin. */
import { type FilterDefinition, filter } from '../definitions.ts';
import { numeric, toList, typeName } from '../operators.ts';
import type { Py } from '../py.ts';
import { toText } from '../text.ts';
import { fail } from '../undefined.ts';
import {
  addressText,
  isGlobal,
  LINK_LOCAL,
  LOOPBACK,
  MULTICAST,
  Network,
  parseAddress,
  rangeNetworks,
} from './network.ts';

interface Asked {
  net: Network;
  /** Written with a prefix, or as an address alone. */
  type: 'network' | 'address';
  value: Py;
}

const int = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
const within = (list: Network[], net: Network): boolean =>
  list.some((one) => one.version === net.version && one.has(net.value));

function usable(net: Network): [bigint, bigint] | undefined {
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
function asked(value: Py, version: number): Asked | undefined {
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

/** A network as nthhost and the like take it: an address keeps itself, a network its first address. */
function normalized(value: Py): Network | undefined {
  const found = asked(value, 0);
  if (!found) return undefined;
  const { net } = found;
  return net.size === 1n || net.value !== net.first ? net : new Network(net.version, net.first, net.prefix);
}

function nthhost(value: Py, query: Py): Py {
  const net = normalized(value);
  const n = query === '' || query === null || !/^-?\d+$/.test(toText(query)) ? 0n : BigInt(toText(query));
  if (!net || query === '' || query === 0 || net.size <= n) return false;
  const at = n < 0n ? net.size + n : n;
  return at < 0n ? false : net.text(net.first + at);
}

function bothIn(outer: [bigint, bigint], test: Network): boolean {
  const last = test.broadcast ?? test.value;
  const first = test.size > 1n ? test.first : test.value;
  return first >= outer[0] && first <= outer[1] && last >= outer[0] && last <= outer[1];
}

/** Whether an address or network lies inside another; its network and broadcast addresses count unless `usableOnly`. */
function inside(value: Py, test: Py, usableOnly: boolean): boolean {
  const outer = subnetOf(value);
  const inner = subnetOf(test);
  if (!outer || !inner || outer.version !== inner.version) return false;
  const whole: [bigint, bigint] = [outer.first, outer.last];
  return bothIn(usableOnly ? (usable(outer) ?? whole) : whole, inner);
}

const subnetOf = (value: Py): Network | undefined => {
  const net = asked(value, 0)?.net;
  return net && new Network(net.version, net.first, net.prefix);
};

function ipsubnet(value: Py, queryGiven: Py, index: Py): Py {
  const found = asked(value, 0);
  if (!found) return false;
  const net = new Network(found.net.version, found.net.first, found.net.prefix);
  const isAddress = net.size === 1n;
  const query = toText(queryGiven);
  if (query === '') return net.cidr;
  if (/^\d+$/.test(query)) return subnetAt(net, isAddress, Number(query), index);
  const outer = subnetOf(query) ?? fail(`ipsubnet needs a subnet or an address; ${query} is neither`);
  if (!outer.has(net.value) || outer.version !== net.version) fail(`${net.cidr} is not in the subnet ${outer.cidr}`);
  return String(((net.value - outer.first) >> BigInt(net.bits - net.prefix)) + 1n);
}

function subnetAt(net: Network, isAddress: boolean, size: number, index: Py): Py {
  if (size > net.bits) return false;
  if (isAddress) {
    const supernets = Array.from(
      { length: Math.max(0, net.prefix - size) },
      (_, i) => new Network(net.version, net.value, size + i),
    );
    const at = index === null ? 0 : Number(toText(index));
    const chosen = supernets.at(at);
    return chosen ? chosen.cidr : false;
  }
  if (index === null) {
    if (size < net.prefix) fail(`the requested subnet size of ${size} is invalid`);
    return (1n << BigInt(size - net.prefix)).toString();
  }
  if (size < net.prefix) return false;
  const count = 1n << BigInt(size - net.prefix);
  const wanted = BigInt(toText(index));
  const at = wanted < 0n ? wanted + count : wanted;
  if (at < 0n || at >= count) return false;
  return `${net.text(net.first + (at << BigInt(net.bits - size)))}/${size}`;
}

function cidrMerge(value: Py, action: Py): Py {
  const list = toList(value).map(
    (item) => Network.parse(toText(item)) ?? fail(`cidr_merge: invalid address '${toText(item)}'`),
  );
  if (action === 'span') {
    if (list.length === 0) return null;
    if (list.length === 1) return String(list[0]);
    const ascending = (a: bigint, b: bigint) => (a < b ? -1 : 1);
    const first = list.map((net) => net.first).sort(ascending)[0]!;
    const last = list
      .map((net) => net.last)
      .sort(ascending)
      .at(-1)!;
    let net = new Network(list[0]!.version, first, list[0]!.bits);
    while (net.last < last || net.first > first) net = new Network(net.version, first, net.prefix - 1);
    return net.cidr;
  }
  if (action !== 'merge') fail(`cidr_merge: invalid action '${toText(action)}'`);
  const sorted = [...list].sort(
    (a, b) => a.version - b.version || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0),
  );
  const ranges: { version: 4 | 6; first: bigint; last: bigint }[] = [];
  for (const net of sorted) {
    const before = ranges.at(-1);
    if (before && before.version === net.version && net.first <= before.last + 1n) {
      if (net.last > before.last) before.last = net.last;
    } else ranges.push({ version: net.version, first: net.first, last: net.last });
  }
  return ranges.flatMap((range) => rangeNetworks(range.version, range.first, range.last).map(String));
}

const MAC_STYLES: Record<string, (hex: string) => Py> = {
  bare: (hex) => hex.toUpperCase(),
  bool: () => true,
  int: (hex) => Number.parseInt(hex, 16),
  cisco: (hex) => hex.match(/.{4}/g)!.join('.'),
  eui48: (hex) => hex.toUpperCase().match(/../g)!.join('-'),
  win: (hex) => hex.toUpperCase().match(/../g)!.join('-'),
  linux: (hex) => hex.match(/../g)!.join(':'),
  pgsql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  postgresql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  psql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  unix: (hex) =>
    hex
      .match(/../g)!
      .map((pair) => pair.replace(/^0/, ''))
      .join(':'),
};

const MAC =
  /^(?:[\da-f]{12}|[\da-f]{1,2}(?:[:-][\da-f]{1,2}){5}|[\da-f]{1,4}(?:\.[\da-f]{1,4}){2}|[\da-f]{5,6}[:-][\da-f]{5,6})$/i;

function hwaddr(value: Py, query: string, name: string): Py {
  const text = toText(value);
  if (!MAC.test(text)) {
    if (query !== '' && query !== 'bool') fail(`${name}: '${text}' is not a hardware address`);
    return null;
  }
  const parts = text.split(/[:.-]/);
  const hex = parts
    .map((part) => part.padStart(12 / parts.length, '0'))
    .join('')
    .toLowerCase();
  if (query === '') return value;
  return (Object.hasOwn(MAC_STYLES, query) ? MAC_STYLES[query]! : fail(`${name}: unknown query '${query}'`))(hex);
}

function slaac(value: Py, mac: Py): Py {
  const net = asked(value, 0)?.net;
  const hex = typeof mac === 'string' && MAC.test(mac) ? (hwaddr(mac, 'bare', 'slaac') as string) : undefined;
  if (net?.version !== 6 || hex === undefined) return false;
  const eui = BigInt(`0x${hex.slice(0, 6)}fffe${hex.slice(6)}`) ^ (2n << 56n);
  return net.text(net.first | eui);
}

function ipmath(value: Py, amount: Py): string {
  const net = Network.parse(toText(value)) ?? fail(`ipmath needs an address; ${toText(value)} is none`);
  const step = numeric(amount);
  if (step === undefined || (typeof step === 'number' && !Number.isInteger(step)))
    fail(`ipmath needs an int, not '${typeName(amount)}'`);
  const at = net.value + BigInt(step);
  if (at < 0n || at >> BigInt(net.bits) > 0n) fail('ipmath: the result is no address');
  return net.text(at);
}

function ipwrap(value: Py, query: Py): Py {
  if (Array.isArray(value)) return value.map((item) => ipwrap(item, query));
  try {
    const found = ipaddr(value, query);
    return found ? ipaddr(found, 'wrap') : value;
  } catch {
    return value;
  }
}

function nthUsable(value: Py, offset: Py, sign: bigint): Py {
  const net = normalized(value);
  if (!net) return false;
  const range = usable(net);
  const at = net.value + sign * BigInt(toText(offset));
  return range && at >= range[0] && at <= range[1] ? net.text(at) : null;
}

export const IPADDR: FilterDefinition[] = [
  filter('ipaddr(query="", version=false)', (_c, value, query, version) => ipaddr(value, query, Number(version))),
  filter('ipv4(query="")', (_c, value, query) => ipaddr(value, query, 4, 'ipv4')),
  filter('ipv6(query="")', (_c, value, query) => ipaddr(value, query, 6, 'ipv6')),
  filter('ipwrap(query="")', (_c, value, query) => ipwrap(value, query)),
  filter('ipsubnet(query="", index=null)', (_c, value, query, index) => ipsubnet(value, query, index)),
  filter('nthhost(query="")', (_c, value, query) => nthhost(value, query)),
  filter('network_in_usable(test)', (_c, value, test) => inside(value, test, true)),
  filter('network_in_network(test)', (_c, value, test) => inside(value, test, false)),
  filter('reduce_on_network(network)', (_c, value, network) =>
    toList(value).filter((item) => inside(network, item, false)),
  ),
  filter('next_nth_usable(offset)', (_c, value, offset) => nthUsable(value, offset, 1n)),
  filter('previous_nth_usable(offset)', (_c, value, offset) => nthUsable(value, offset, -1n)),
  filter('cidr_merge(action="merge")', (_c, value, action) => cidrMerge(value, action)),
  filter('ipmath(amount)', (_c, value, amount) => ipmath(value, amount)),
  filter('ip4_hex(delimiter="")', (_c, value, delimiter) => {
    const address = parseAddress(toText(value));
    if (address?.version !== 4) fail(`ip4_hex needs an IPv4 address; ${toText(value)} is none`);
    return address.value.toString(16).padStart(8, '0').match(/../g)!.join(toText(delimiter));
  }),
  filter('hwaddr(query="")', (_c, value, query) => hwaddr(value, toText(query), 'hwaddr')),
  filter('macaddr(query="")', (_c, value, query) => hwaddr(value, toText(query), 'macaddr')),
  filter('slaac(query="")', (_c, value, query) => slaac(value, query)),
  filter('usable_range', (_c, value) => {
    const net = Network.parse(toText(value)) ?? fail(`usable_range: '${toText(value)}' is no network`);
    if (net.value !== net.first) fail(`usable_range: ${String(net)} has host bits set`);
    if (net.size > 65536n) fail('usable_range: the network has too many addresses to list');
    const ips = Array.from({ length: Number(net.size) }, (_, i) => net.text(net.first + BigInt(i)));
    return new Map<Py, Py>([
      ['usable_ips', ips],
      ['number_of_ips', Number(net.size)],
    ]);
  }),
];
