/** IPv4 and IPv6 addresses and networks as big ints, with the texts that Python's netaddr gives them. */

import ipaddr from 'ipaddr.js';

const toValue = (bytes: readonly number[]): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** An address of either version, or undefined: without leading zeros, short forms such as `127.1`, or a zone. */
export function parseAddress(text: string): { version: 4 | 6; value: bigint } | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text))
    return { version: 4, value: toValue(ipaddr.IPv4.parse(text).toByteArray()) };
  const hex = withoutTail(text);
  return hex !== undefined && ipaddr.IPv6.isValid(hex)
    ? { version: 6, value: toValue(ipaddr.IPv6.parse(hex).toByteArray()) }
    : undefined;
}

/** An IPv6 address whose end is written as IPv4, all in hex: the package takes `::1.2.3.4` to be `::ffff:1.2.3.4`. */
function withoutTail(text: string): string | undefined {
  if (text.includes('%')) return undefined;
  const tail = /:([^:]*\.[^:]*)$/.exec(text)?.[1];
  if (tail === undefined) return text;
  if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined;
  const value = toValue(ipaddr.IPv4.parse(tail).toByteArray());
  return `${text.slice(0, -tail.length)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

/** An address as text; netaddr writes the last 32 bits of what holds an IPv4 address as one. */
export function addressText(version: 4 | 6, value: bigint): string {
  const size = version === 4 ? 4 : 16;
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt((size - 1 - i) * 8)) & 255n));
  if (version === 4) return new ipaddr.IPv4(bytes).toString();
  if (value >> 32n === 0xffffn) return `::ffff:${addressText(4, value & 0xffffffffn)}`;
  if (value > 0xffffn && value >> 32n === 0n) return `::${addressText(4, value)}`;
  return new ipaddr.IPv6(bytes).toRFC5952String();
}

/** An address with the length of its network's prefix. */
export class Network {
  constructor(
    readonly version: 4 | 6,
    readonly value: bigint,
    readonly prefix: number,
  ) {}

  /** `1.2.3.4`, `1.2.3.4/24`, `1.2.3.4/255.255.255.0` or IPv6 alike; undefined for anything else. */
  static parse(text: string): Network | undefined {
    const [addressPart = '', prefixPart, ...more] = text.split('/');
    const address = parseAddress(addressPart);
    if (!address || more.length) return undefined;
    const bits = address.version === 4 ? 32 : 128;
    const prefix = prefixPart === undefined ? bits : prefixOf(prefixPart, address.version);
    return prefix === undefined || prefix > bits ? undefined : new Network(address.version, address.value, prefix);
  }

  get bits(): number {
    return this.version === 4 ? 32 : 128;
  }
  get #host(): bigint {
    return (1n << BigInt(this.bits - this.prefix)) - 1n;
  }
  get #all(): bigint {
    return (1n << BigInt(this.bits)) - 1n;
  }
  get size(): bigint {
    return this.#host + 1n;
  }
  get first(): bigint {
    return this.value & (this.#all ^ this.#host);
  }
  get last(): bigint {
    return this.value | this.#host;
  }
  /** The broadcast address; a network of one or two addresses has none, nor has IPv6. */
  get broadcast(): bigint | undefined {
    return this.version === 4 && this.size <= 2n ? undefined : this.last;
  }
  text(value: bigint): string {
    return addressText(this.version, value);
  }
  get ip(): string {
    return this.text(this.value);
  }
  get network(): string {
    return this.text(this.first);
  }
  get netmask(): string {
    return this.text(this.#all ^ this.#host);
  }
  get hostmask(): string {
    return this.text(this.#host);
  }
  get cidr(): string {
    return `${this.network}/${this.prefix}`;
  }
  /** Address and prefix. */
  toString(): string {
    return `${this.ip}/${this.prefix}`;
  }
  contains(other: Network): boolean {
    return this.version === other.version && other.first >= this.first && other.last <= this.last;
  }
  has(value: bigint): boolean {
    return value >= this.first && value <= this.last;
  }
}

function prefixOf(text: string, version: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const given = parseAddress(text);
  if (given?.version !== version) return undefined;
  const mask = given.value;
  const bits = version === 4 ? 32 : 128;
  const all = (1n << BigInt(bits)) - 1n;
  const ones = (n: bigint) => n.toString(2).replaceAll('0', '').length;
  const hosts = all ^ mask;
  if ((hosts & (hosts + 1n)) === 0n) return ones(mask);
  return (mask & (mask + 1n)) === 0n ? bits - ones(mask) : undefined;
}

/** The fewest networks that cover a range of addresses. */
export function rangeNetworks(version: 4 | 6, first: bigint, last: bigint): Network[] {
  const bits = version === 4 ? 32 : 128;
  const found: Network[] = [];
  for (let at = first; at <= last; ) {
    let size = 0;
    while (size < bits && (at & ((1n << BigInt(size + 1)) - 1n)) === 0n && at + (1n << BigInt(size + 1)) - 1n <= last)
      size++;
    found.push(new Network(version, at, bits - size));
    at += 1n << BigInt(size);
  }
  return found;
}

const nets = (texts: string): Network[] => texts.split(' ').map((text) => Network.parse(text)!);
const NOT_GLOBAL = nets(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 ' +
    '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 ' +
    '2001:db8::/32 2002::/16 fc00::/7 fe80::/10',
);
const GLOBAL_ALL_THE_SAME = nets(
  '192.0.0.9/32 192.0.0.10/32 2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28',
);

/** Whether an address can be reached from everywhere, by IANA's registries. */
export function isGlobal(net: Network): boolean {
  const inside = (one: Network) => one.version === net.version && one.has(net.value);
  return !NOT_GLOBAL.some(inside) || GLOBAL_ALL_THE_SAME.some(inside);
}

export const MULTICAST = nets('224.0.0.0/4 ff00::/8');
export const LOOPBACK = nets('127.0.0.0/8 ::1/128');
export const LINK_LOCAL = nets('169.254.0.0/16 fe80::/10');
