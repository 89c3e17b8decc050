/** The extensions of requests and certificates. */
import * as der from './der.ts';
import { decodeAltNames, encodeAltName } from './names.ts';

export interface Extensions {
  subjectAltName?: string[] | undefined;
  subjectAltNameCritical?: boolean | undefined;
  /** Under RFC 5280's names: digitalSignature, keyCertSign ... */
  keyUsage?: string[] | undefined;
  keyUsageCritical?: boolean | undefined;
  /** serverAuth, clientAuth ... or dotted. */
  extendedKeyUsage?: string[] | undefined;
  extendedKeyUsageCritical?: boolean | undefined;
  basicConstraints?: { ca: boolean; pathLength?: number | undefined } | undefined;
  basicConstraintsCritical?: boolean | undefined;
  subjectKeyIdentifier?: Buffer | undefined;
  authorityKeyIdentifier?: Buffer | undefined;
}

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
};

const USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

const PURPOSES: Record<string, string> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0',
};

const SPELLINGS: Record<string, string> = {
  'Digital Signature': 'digitalSignature',
  'Non Repudiation': 'nonRepudiation',
  'Content Commitment': 'nonRepudiation',
  contentCommitment: 'nonRepudiation',
  'Key Encipherment': 'keyEncipherment',
  'Data Encipherment': 'dataEncipherment',
  'Key Agreement': 'keyAgreement',
  'Certificate Sign': 'keyCertSign',
  'CRL Sign': 'cRLSign',
  'Encipher Only': 'encipherOnly',
  'Decipher Only': 'decipherOnly',
  'TLS Web Server Authentication': 'serverAuth',
  'TLS Web Client Authentication': 'clientAuth',
  'Code Signing': 'codeSigning',
  'E-mail Protection': 'emailProtection',
  'Time Stamping': 'timeStamping',
  'OCSP Signing': 'OCSPSigning',
};

/** The one name of a usage, from any of OpenSSL's spellings; throws RangeError for an unknown one. */
export function usageName(written: string): string {
  const name = SPELLINGS[written] ?? written;
  if (USAGES.includes(name)) return name;
  throw new RangeError(`"${written}" is not a key usage; there are ${USAGES.join(', ')}`);
}

export function purposeName(written: string): string {
  const name = SPELLINGS[written] ?? written;
  if (Object.hasOwn(PURPOSES, name)) return name;
  const known = Object.keys(PURPOSES).find((key) => PURPOSES[key] === name);
  if (known || /^\d+(\.\d+)+$/.test(name)) return known ?? name;
  throw new RangeError(`"${written}" is not an extended key usage; there are ${Object.keys(PURPOSES).join(', ')}`);
}

function extension(id: string, critical: boolean | undefined, value: der.Node): der.Node {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(id), ...flag, der.octets(der.encode(value)));
}

/** The extensions as the list that requests and certificates hold; undefined where there are none. */
export function encodeExtensions(want: Extensions): der.Node | undefined {
  const list: der.Node[] = [];
  if (want.basicConstraints) {
    const { ca, pathLength } = want.basicConstraints;
    const parts = [...(ca ? [der.boolean(true)] : []), ...(pathLength === undefined ? [] : [der.integer(pathLength)])];
    list.push(extension(OID.basicConstraints, want.basicConstraintsCritical, der.sequence(...parts)));
  }
  if (want.keyUsage && want.keyUsage.length > 0)
    list.push(extension(OID.keyUsage, want.keyUsageCritical, usageBits(want.keyUsage)));
  if (want.extendedKeyUsage && want.extendedKeyUsage.length > 0) {
    const purposes = want.extendedKeyUsage.map((name) => der.oid(PURPOSES[purposeName(name)] ?? name));
    list.push(extension(OID.extendedKeyUsage, want.extendedKeyUsageCritical, der.sequence(...purposes)));
  }
  if (want.subjectAltName && want.subjectAltName.length > 0) {
    const names = der.sequence(...want.subjectAltName.map(encodeAltName));
    list.push(extension(OID.subjectAltName, want.subjectAltNameCritical, names));
  }
  if (want.subjectKeyIdentifier)
    list.push(extension(OID.subjectKeyIdentifier, false, der.octets(want.subjectKeyIdentifier)));
  if (want.authorityKeyIdentifier) {
    const keyId = der.sequence(der.implicit(0, want.authorityKeyIdentifier));
    list.push(extension(OID.authorityKeyIdentifier, false, keyId));
  }
  return list.length > 0 ? der.sequence(...list) : undefined;
}

function usageBits(names: readonly string[]): der.Node {
  const wanted = new Set(names.map(usageName));
  const bytes = [0, 0];
  let last = 0;
  for (const [bit, name] of USAGES.entries()) {
    if (!wanted.has(name)) continue;
    bytes[bit >> 3]! |= 0x80 >> (bit & 7);
    last = bit;
  }
  // DER leaves the trailing zero bits out.
  return der.bits(Buffer.from(bytes.slice(0, (last >> 3) + 1)), 7 - (last & 7));
}

/** Reads the list back; extensions of other kinds are passed over. */
export function decodeExtensions(list: Buffer): Extensions {
  const found: Extensions = {};
  for (const one of der.elements(list)) {
    const parts = der.elements(one.content);
    const id = der.dotted(parts[0]!.content);
    const critical = parts.length > 2 && parts[1]!.content[0] === 0xff;
    const value = der.elements(parts.at(-1)!.content)[0];
    if (!value) throw new RangeError('an extension is empty');
    readOne(found, id, critical, value);
  }
  return found;
}

function readOne(found: Extensions, id: string, critical: boolean, value: der.Element): void {
  switch (id) {
    case OID.subjectAltName:
      found.subjectAltName = decodeAltNames(value.content);
      found.subjectAltNameCritical = critical;
      break;
    case OID.keyUsage:
      found.keyUsage = USAGES.filter((_, bit) => ((value.content[1 + (bit >> 3)] ?? 0) << (bit & 7)) & 0x80);
      found.keyUsageCritical = critical;
      break;
    case OID.extendedKeyUsage:
      found.extendedKeyUsage = der.elements(value.content).map((purpose) => purposeName(der.dotted(purpose.content)));
      found.extendedKeyUsageCritical = critical;
      break;
    case OID.basicConstraints: {
      const parts = der.elements(value.content);
      const length = parts.find((part) => part.tag === 2)?.content;
      const ca = parts.some((part) => part.tag === 1 && part.content[0] === 0xff);
      found.basicConstraints = {
        ca,
        pathLength: length === undefined ? undefined : length.readUIntBE(0, length.length),
      };
      found.basicConstraintsCritical = critical;
      break;
    }
    case OID.subjectKeyIdentifier:
      found.subjectKeyIdentifier = value.content;
      break;
    case OID.authorityKeyIdentifier:
      found.authorityKeyIdentifier = der.elements(value.content).find((part) => part.tag === 0x80)?.content;
      break;
  }
}
