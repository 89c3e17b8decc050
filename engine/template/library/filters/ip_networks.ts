/** The filters of ansible.utils for networks: subnets, ranges, arithmetic, and the table of all address filters. */

import { toList } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { numeric, typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import { hwaddr, MAC } from './hardware.ts';
import { asked, ipaddr, usable } from './ipaddr.ts';
import { Network, parseAddress, rangeNetworks } from './network.ts';

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
