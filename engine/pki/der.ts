/** Building DER with node-forge's asn1, and reading it back. Nothing here verifies anything. */
import forge from 'node-forge';

const { asn1 } = forge;
const { Type, Class } = asn1;

export type Node = forge.asn1.Asn1;

const binary = (bytes: Buffer): string => bytes.toString('latin1');

const universal = (type: forge.asn1.Type, constructed: boolean, value: string | Node[]): Node =>
  asn1.create(Class.UNIVERSAL, type, constructed, value as never);

export const sequence = (...items: Node[]): Node => universal(Type.SEQUENCE, true, items);
export const set = (...items: Node[]): Node => universal(Type.SET, true, items);
export const oid = (dotted: string): Node => universal(Type.OID, false, asn1.oidToDer(dotted).getBytes());
export const nothing = (): Node => universal(Type.NULL, false, '');
export const boolean = (value: boolean): Node => universal(Type.BOOLEAN, false, value ? '\xff' : '\0');
export const octets = (bytes: Buffer): Node => universal(Type.OCTETSTRING, false, binary(bytes));
export const bits = (bytes: Buffer, unused = 0): Node =>
  universal(Type.BITSTRING, false, String.fromCharCode(unused) + binary(bytes));
export const utf8 = (text: string): Node => universal(Type.UTF8, false, binary(Buffer.from(text)));
export const printable = (text: string): Node => universal(Type.PRINTABLESTRING, false, text);
export const ia5 = (text: string): Node => universal(Type.IA5STRING, false, text);
/** `[n]` with other nodes inside. */
export const tagged = (n: number, ...items: Node[]): Node => asn1.create(Class.CONTEXT_SPECIFIC, n, true, items);
/** `[n]` that holds bytes. */
export const implicit = (n: number, bytes: Buffer): Node =>
  asn1.create(Class.CONTEXT_SPECIFIC, n, false, binary(bytes) as never);

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Buffer | number): Node {
  let value = typeof bytes === 'number' ? Buffer.from([bytes]) : bytes;
  while (value.length > 1 && value[0] === 0 && value[1]! < 0x80) value = value.subarray(1);
  if (value[0]! >= 0x80) value = Buffer.concat([Buffer.of(0), value]);
  return universal(Type.INTEGER, false, binary(value));
}

/** A date as a certificate holds it: two digits of the year until 2049, four from then on. */
export function time(date: Date): Node {
  return date.getUTCFullYear() < 2050
    ? universal(Type.UTCTIME, false, asn1.dateToUtcTime(date) as string)
    : universal(Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date) as string);
}

/** DER text of a node. */
export function encode(node: Node): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

/** A node from DER that somebody else encoded (a public key, a name). */
export function embed(der: Buffer): Node {
  return asn1.fromDer(binary(der));
}

/** One element of DER as it stands in the bytes: what a signature covers must not be encoded anew. */
export interface Element {
  tag: number;
  /** Header and content. */
  whole: Buffer;
  content: Buffer;
}

/** Splits bytes into the elements that stand one after another; throws RangeError on anything that is not DER. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    found.push(element);
    at += element.whole.length;
  }
  return found;
}

function elementAt(bytes: Buffer, at: number): Element {
  const tag = bytes[at]!;
  let length = bytes[at + 1];
  let start = at + 2;
  if ((tag & 0x1f) === 0x1f || length === undefined || length === 0x80) throw new RangeError('not DER');
  if (length > 0x80) {
    const count = length - 0x80;
    if (count > 4 || start + count > bytes.length) throw new RangeError('not DER');
    length = bytes.readUIntBE(start, count);
    start += count;
  }
  if (start + length > bytes.length) throw new RangeError('not DER: it ends too early');
  return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
}

/** Dotted text of an object identifier's content. */
export function dotted(content: Buffer): string {
  return asn1.derToOid(forge.util.createBuffer(binary(content)));
}

/** The DER in a PEM text with one of these labels; throws RangeError if there is none. */
export function fromPem(pem: string, labels: readonly string[]): Buffer {
  for (const label of labels) {
    const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(pem);
    if (found) return Buffer.from(found[1]!, 'base64');
  }
  throw new RangeError(`no ${labels[0]} in it`);
}

export function toPem(der: Buffer, label: string): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
