/** Distinguished names, and the alternative names of a certificate. */
import { isIP } from 'node:net';
import * as der from './der.ts';

/** One part of a name, in order: `CN`, `O` ... and its value. */
export interface NamePart {
  type: string;
  value: string;
}

const OIDS: Record<string, string> = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  streetAddress: '2.5.4.9',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  title: '2.5.4.12',
  givenName: '2.5.4.42',
  emailAddress: '1.2.840.113549.1.9.1',
  domainComponent: '0.9.2342.19200300.100.1.25',
  userId: '0.9.2342.19200300.100.1.1',
};

const SHORT: Record<string, string> = {
  CN: 'commonName',
  SN: 'surname',
  C: 'countryName',
  L: 'localityName',
  ST: 'stateOrProvinceName',
  street: 'streetAddress',
  O: 'organizationName',
  OU: 'organizationalUnitName',
  GN: 'givenName',
  DC: 'domainComponent',
  UID: 'userId',
};

/** The long name under which results tell a part, from a long or short one; undefined if nobody knows it. */
export function partName(written: string): string | undefined {
  return Object.hasOwn(OIDS, written) ? written : SHORT[written];
}

export function encodeName(parts: readonly NamePart[]): der.Node {
  return der.sequence(
    ...parts.map(({ type, value }) => {
      const name = partName(type);
      if (!name) throw new RangeError(`a subject has no part ${type}`);
      return der.set(der.sequence(der.oid(OIDS[name]!), encodeValue(name, value)));
    }),
  );
}

function encodeValue(name: string, value: string): der.Node {
  if (name === 'countryName') {
    if (!/^[A-Za-z]{2}$/.test(value)) throw new RangeError(`a country is two letters, not ${value}`);
    return der.printable(value);
  }
  return name === 'emailAddress' || name === 'domainComponent' ? der.ia5(value) : der.utf8(value);
}

/** Parts of a name from its DER content. */
export function decodeName(content: Buffer): NamePart[] {
  return der.elements(content).flatMap((relative) =>
    der.elements(relative.content).map((pair) => {
      const [type, value] = der.elements(pair.content);
      const known = der.dotted(type!.content);
      const name = Object.keys(OIDS).find((key) => OIDS[key] === known) ?? known;
      return { type: name, value: decodeText(value!) };
    }),
  );
}

function decodeText(element: der.Element): string {
  if (element.tag === 0x1e) return Buffer.from(element.content).swap16().toString('utf16le');
  return element.content.toString(element.tag === 0x0c ? 'utf8' : 'latin1');
}

const KINDS: Record<string, number> = { email: 1, DNS: 2, URI: 6, IP: 7, RID: 8 };

/** `DNS:name`, `IP:address`, `email:`, `URI:`, `RID:` as a GeneralName. */
export function encodeAltName(written: string): der.Node {
  const [, kind, value] = /^([A-Za-z]+):(.*)$/s.exec(written) ?? [];
  const tag = kind === undefined ? undefined : KINDS[kind];
  if (tag === undefined || value === undefined || value === '')
    throw new RangeError(`"${written}" is not an alternative name such as DNS:host.example or IP:10.0.0.1`);
  if (kind === 'IP') return der.implicit(tag, ipBytes(value));
  if (kind === 'RID') return der.implicit(tag, oidBytes(value));
  if (kind === 'DNS' && !/^[\x21-\x7e]+$/.test(value)) throw new RangeError(`"${value}" is not a DNS name`);
  return der.implicit(tag, Buffer.from(value, 'latin1'));
}

/** The same names read back, each in the form in which they are written. */
export function decodeAltNames(content: Buffer): string[] {
  return der.elements(content).map(({ tag, content: value }) => {
    const kind = Object.keys(KINDS).find((name) => KINDS[name] === (tag & 0x1f));
    if (kind === 'IP') return `IP:${ipText(value)}`;
    if (kind === 'RID') return `RID:${der.dotted(value)}`;
    return kind ? `${kind}:${value.toString('latin1')}` : `other:${value.toString('hex')}`;
  });
}

/** An alternative name in one spelling, so that two can be compared. */
export function normalAltName(written: string): string {
  const ip = /^IP:(.*)$/.exec(written)?.[1];
  return ip !== undefined && isIP(ip) ? `IP:${ipText(ipBytes(ip))}` : written;
}

function oidBytes(text: string): Buffer {
  return der.elements(der.encode(der.oid(text)))[0]!.content;
}

function ipBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  if (isIP(text) !== 6) throw new RangeError(`"${text}" is not an IP address`);
  let plain = text.replace(/%.*$/, '');
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  if (dotted) {
    const [a, b, c, d] = dotted.slice(1).map(Number) as [number, number, number, number];
    plain = `${plain.slice(0, dotted.index)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [left = '', right] = plain.split('::');
  const head = left ? left.split(':') : [];
  const tail = right ? right.split(':') : [];
  const middle = right === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [i, group] of [...head, ...middle, ...tail].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  return bytes;
}

function ipText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return bytes.toString('hex');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  // The longest run of zeros is left out, as RFC 5952 has it.
  const text = groups.join(':');
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  if (!longest) return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
