/** Facts of the network: interfaces, addresses, default routes. */
import { type FactSource, type Facts, number } from './facts-source.ts';

interface V4 {
  address: string;
  broadcast: string;
  netmask: string;
  network: string;
  prefix: string;
}
interface V6 {
  address: string;
  prefix: string;
  scope: string;
}
interface Interface {
  device: string;
  macaddress?: string;
  mtu?: number;
  type: string;
  ipv4?: V4;
  ipv4_secondaries?: V4[];
  ipv6?: V6[];
  [more: string]: unknown;
}

const TYPES: Record<string, string> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
};

/** Every network fact. */
export function network(source: FactSource): Facts {
  const found = interfaces(source);
  addAddresses(source, found);
  const all = [...found.values()];
  const v4 = all.flatMap((i) => [i.ipv4, ...(i.ipv4_secondaries ?? [])]).flatMap((a) => (a ? [a.address] : []));
  const v6 = all.flatMap((i) => i.ipv6 ?? []).map((a) => a.address);
  return {
    interfaces: [...found.keys()],
    ...Object.fromEntries([...found].map(([name, facts]) => [name.replace(/[-:.]/g, '_'), facts])),
    default_ipv4: defaultRoute(source, found, 4),
    default_ipv6: defaultRoute(source, found, 6),
    all_ipv4_addresses: v4.filter((a) => !a.startsWith('127.')),
    all_ipv6_addresses: v6.filter((a) => a !== '::1'),
    locally_reachable_ips: { ipv4: reachable(source, 'local4'), ipv6: reachable(source, 'local6') },
  };
}

const reachable = (source: FactSource, key: string) =>
  [...new Set(source.rows(key).flatMap((row) => /^local (\S+)/.exec(row)?.[1] ?? []))].sort();

function interfaces(source: FactSource): Map<string, Interface> {
  const found = new Map<string, Interface>();
  for (const path of source.paths(/^\/sys\/class\/net\/[^/]+\/mtu$/)) {
    const name = path.split('/')[4]!;
    const at = (file: string) => source.line(`/sys/class/net/${name}/${file}`);
    const facts: Interface = { device: name, type: TYPES[at('type') ?? ''] ?? 'unknown' };
    const mac = at('address');
    if (mac && mac !== '00:00:00:00:00:00') facts.macaddress = mac;
    facts.mtu = Number(at('mtu'));
    facts['active'] = at('operstate') !== 'down';
    facts['promisc'] = (Number(at('flags') ?? 0) & 0x100) !== 0;
    const speed = number(at('speed'));
    if (speed !== undefined) facts['speed'] = speed;
    Object.assign(facts, links(source, name), bonding(at));
    const bridge = at('bridge/bridge_id');
    if (bridge !== undefined) {
      const members = source
        .rows('netlinks')
        .flatMap((row) => new RegExp(`/net/${patternOf(name)}/brif/([^ /]+)`).exec(row)?.[1] ?? []);
      Object.assign(facts, { type: 'bridge', interfaces: members, id: bridge, stp: at('bridge/stp_state') === '1' });
    }
    found.set(name, facts);
  }
  return found;
}

const patternOf = (name: string) => name.replace(/[^\w-]/g, '\\$&');

function links(source: FactSource, name: string): Facts {
  const facts: Facts = {};
  for (const row of source.rows('netlinks')) {
    const match = new RegExp(`/net/${patternOf(name)}/(device|device/driver/module) -> .*?([^/]+)$`).exec(row);
    if (match) facts[match[1] === 'device' ? 'pciid' : 'module'] = match[2];
  }
  return facts;
}

function bonding(at: (file: string) => string | undefined): Facts {
  const mode = at('bonding/mode');
  if (mode === undefined) return {};
  return {
    type: 'bonding',
    slaves: (at('bonding/slaves') ?? '').split(' ').filter((s) => s !== ''),
    mode: mode.split(' ')[0],
    miimon: at('bonding/miimon'),
    lacp_rate: at('bonding/lacp_rate')?.split(' ')[0],
  };
}

function addAddresses(source: FactSource, found: Map<string, Interface>): void {
  for (const row of source.rows('addresses')) {
    const match = /^\d+:\s+(\S+?)(?:@\S+)?\s+(inet6?)\s+([^\s/]+)(?: peer ([^\s/]+))?(?:\/(\d+))?(.*)$/.exec(row);
    const facts = match && found.get(match[1]!);
    if (!match || !facts) continue;
    const [address, prefix, rest] = [match[3]!, match[5] ?? (match[2] === 'inet' ? '32' : '128'), match[6]!];
    if (match[2] === 'inet') addV4(facts, v4(address, prefix, / brd (\S+)/.exec(rest)?.[1] ?? ''));
    else facts.ipv6 = [...(facts.ipv6 ?? []), { address, prefix, scope: / scope (\S+)/.exec(rest)?.[1] ?? 'global' }];
  }
  for (const block of source.text('ifconfig').split(/\n(?=\S)/)) fromIfconfig(block, found);
}

/** busybox's or net-tools' ifconfig, where there is no `ip`. */
function fromIfconfig(block: string, found: Map<string, Interface>): void {
  const facts = found.get(/^([^\s:]+)/.exec(block)?.[1] ?? '');
  if (!facts) return;
  const four = /inet (?:addr:)?(\S+).*?(?:Mask:|netmask )(\S+)/.exec(block);
  const broadcast = /(?:Bcast:|broadcast )(\S+)/.exec(block)?.[1] ?? '';
  if (four) addV4(facts, v4(four[1]!, String(bitsOf(four[2]!)), broadcast));
  for (const six of block.matchAll(
    /inet6 (?:addr: )?([0-9a-f:]+)(?:\/(\d+)| {2}prefixlen (\d+))\s+[Ss]cope(?::|id \S+<)(\w+)/g,
  )) {
    const scope = six[4]!.toLowerCase();
    facts.ipv6 = [...(facts.ipv6 ?? []), { address: six[1]!, prefix: six[2] ?? six[3]!, scope }];
  }
}

function addV4(facts: Interface, address: V4): void {
  if (!facts.ipv4) facts.ipv4 = address;
  else facts.ipv4_secondaries = [...(facts.ipv4_secondaries ?? []), address];
}

const toNumber = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (n: number) => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');
const bitsOf = (mask: string) =>
  toNumber(mask)
    .toString(2)
    .split('')
    .filter((bit) => bit === '1').length;

function v4(address: string, prefix: string, broadcast: string): V4 {
  const size = 2 ** (32 - Number(prefix));
  return {
    address,
    broadcast,
    netmask: toAddress(2 ** 32 - size),
    network: toAddress(Math.floor(toNumber(address) / size) * size),
    prefix,
  };
}

function defaultRoute(source: FactSource, found: Map<string, Interface>, family: 4 | 6): Facts {
  const row = source.rows(`route${family}`)[0];
  let [name, address, gateway] = row
    ? [/ dev (\S+)/.exec(row)?.[1], / src (\S+)/.exec(row)?.[1], / via (\S+)/.exec(row)?.[1]]
    : [];
  if (!row && family === 4) [name, gateway] = fromRouteTable(source);
  const facts = name === undefined ? undefined : found.get(name);
  if (!facts || name === undefined || (row && !address)) return {};
  const shared = {
    interface: name,
    ...(gateway ? { gateway } : {}),
    macaddress: facts.macaddress,
    mtu: facts.mtu,
    type: facts.type,
  };
  if (family === 6) {
    const own = facts.ipv6?.find((a) => a.address === address);
    return { ...shared, address, ...(own ? { prefix: own.prefix, scope: own.scope } : {}) };
  }
  const own = [facts.ipv4, ...(facts.ipv4_secondaries ?? [])].find((a) => a && (!address || a.address === address));
  return { ...shared, ...(own ?? { address }), alias: name };
}

/** /proc/net/route: the default route's interface and gateway, little-endian hex. */
function fromRouteTable(source: FactSource): [string | undefined, string | undefined] {
  for (const row of source.rows('routes')) {
    const [name, destination, gateway] = row.split(/\s+/);
    if (destination !== '00000000' || gateway === undefined) continue;
    return [
      name,
      (gateway.match(/../g) ?? [])
        .reverse()
        .map((h) => Number.parseInt(h, 16))
        .join('.'),
    ];
  }
  return [undefined, undefined];
}
