/** X.509 certificates: issued here, read and verified by node:crypto. */
import { type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import * as der from './der.ts';
import { decodeExtensions, type Extensions, encodeExtensions } from './extensions.ts';
import { keyIdentifier, publicDer } from './keys.ts';
import { decodeName, encodeName, type NamePart } from './names.ts';
import { algorithm, signed } from './signing.ts';

interface CertificateSpec {
  subject: readonly NamePart[];
  publicKey: KeyObject;
  extensions: Extensions;
  notBefore: Date;
  notAfter: Date;
  digest?: string | undefined;
}

/** Who signs: a CA's certificate and key; without one the certificate signs itself. */
interface Issuer {
  certificate?: string | undefined;
  key: KeyObject;
}

/** A certificate as PEM. Identifiers of the keys are added, the serial number is random (126 bits). */
export function issueCertificate(spec: CertificateSpec, issuer: Issuer): string {
  const { subject, publicKey, notBefore, notAfter, digest = 'sha256' } = spec;
  if (notAfter <= notBefore) throw new RangeError('the certificate would end before it begins');
  const authority = issuer.certificate === undefined ? undefined : readCertificate(issuer.certificate);
  if (authority && !authority.x509.checkPrivateKey(issuer.key))
    throw new RangeError("the CA's private key does not belong to the CA's certificate");
  if (authority && !authority.extensions.basicConstraints?.ca)
    throw new RangeError('the certificate given as CA is not one (no CA:TRUE)');
  const extensions = encodeExtensions({
    ...spec.extensions,
    subjectKeyIdentifier: spec.extensions.subjectKeyIdentifier ?? keyIdentifier(publicKey),
    authorityKeyIdentifier: authority?.extensions.subjectKeyIdentifier ?? keyIdentifier(issuer.key),
  });
  const content = der.sequence(
    der.tagged(0, der.integer(2)),
    der.integer(serialNumber()),
    algorithm(issuer.key, digest),
    authority ? der.embed(authority.subjectDer) : encodeName(subject),
    der.sequence(der.time(notBefore), der.time(notAfter)),
    encodeName(subject),
    der.embed(publicDer(publicKey)),
    der.tagged(3, extensions!),
  );
  return der.toPem(signed(content, issuer.key, digest), 'CERTIFICATE');
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40; // positive, and always 16 bytes long
  return bytes;
}

export interface Certificate {
  x509: X509Certificate;
  subject: NamePart[];
  issuer: NamePart[];
  subjectDer: Buffer;
  extensions: Extensions;
  notBefore: Date;
  notAfter: Date;
  version: number;
  signatureAlgorithm: string;
}

/** Reads the first certificate of a text; throws RangeError if there is none. */
export function readCertificate(pem: string): Certificate {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der.fromPem(pem, ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']));
  } catch (error) {
    throw new RangeError(`it is not a certificate: ${(error as Error).message}`);
  }
  const [content, kind] = der.elements(der.elements(x509.raw)[0]!.content);
  const fields = der.elements(content!.content);
  const version = fields[0]!.tag === 0xa0 ? fields.shift()!.content.at(-1)! + 1 : 1;
  const [, , issuer, , subject] = fields;
  const list = fields.find((field) => field.tag === 0xa3);
  return {
    x509,
    subject: decodeName(subject!.content),
    issuer: decodeName(issuer!.content),
    subjectDer: subject!.whole,
    extensions: list ? decodeExtensions(der.elements(list.content)[0]!.content) : {},
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    version,
    signatureAlgorithm: der.dotted(der.elements(kind!.content)[0]!.content),
  };
}

/** Whether the CA with this certificate signed the other. */
export function isIssuedBy(certificate: Certificate, authority: Certificate): boolean {
  try {
    return certificate.x509.checkIssued(authority.x509) && certificate.x509.verify(authority.x509.publicKey);
  } catch {
    return false;
  }
}
