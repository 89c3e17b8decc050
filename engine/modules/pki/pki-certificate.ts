/** Certificates from arguments: the schema and the work that x509_certificate and x509_certificate_pipe share. */
import type { KeyObject } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { type Certificate, isIssuedBy, issueCertificate, readCertificate } from '../../pki/certificate.ts';
import { fingerprints, keyIdentifier, publicDer, readKey, samePublicKey } from '../../pki/keys.ts';
import { type Request, readRequest } from '../../pki/request.ts';
import { path, requiredIf, str } from '../args.ts';
import type { ModuleEnv } from '../define.ts';
import { attempt, keyOf, type Texts } from './pki-files.ts';
import { sameExtensions, sameName } from './pki-request.ts';
import { parseTime } from './pki-time.ts';

export const certificateArgs = {
  provider: str({ doc: 'Who signs: a CA of ours, or the certificate itself.', choices: ['ownca', 'selfsigned'] }),
  csr_path: path({ doc: 'File of the signing request.' }),
  csr_content: str({ doc: 'The signing request itself.' }),
  privatekey_path: path({ doc: 'File of the key (selfsigned).' }),
  privatekey_content: str({ doc: 'The key itself (selfsigned).', secret: true }),
  privatekey_passphrase: str({ doc: 'Opens the key.', secret: true }),
  ownca_path: path({ doc: "File of the CA's certificate." }),
  ownca_content: str({ doc: "The CA's certificate itself." }),
  ownca_privatekey_path: path({ doc: "File of the CA's key." }),
  ownca_privatekey_content: str({ doc: "The CA's key itself.", secret: true }),
  ownca_privatekey_passphrase: str({ doc: "Opens the CA's key.", secret: true }),
  ownca_digest: str({ doc: 'Digest of the signature.', choices: ['sha256', 'sha384', 'sha512'], default: 'sha256' }),
  ownca_not_before: str({ doc: 'Begin: +1d, -1h, or 20300101120000Z.', default: '+0s' }),
  ownca_not_after: str({ doc: 'End.', default: '+3650d' }),
  selfsigned_digest: str({
    doc: 'Digest of the signature.',
    choices: ['sha256', 'sha384', 'sha512'],
    default: 'sha256',
  }),
  selfsigned_not_before: str({ doc: 'Begin.', default: '+0s', aliases: ['selfsigned_notBefore'] }),
  selfsigned_not_after: str({ doc: 'End.', default: '+3650d', aliases: ['selfsigned_notAfter'] }),
  renew_before: str({
    doc: 'Make a new certificate when less than this is left of the old one, such as 30d (not in Ansible).',
  }),
  select_crypto_backend: str({ doc: 'Read and not used.', choices: ['auto', 'cryptography'], default: 'auto' }),
} as const;

export const certificateRules = [
  requiredIf('provider', 'ownca', ['csr_path', 'csr_content'], true),
  requiredIf('provider', 'ownca', ['ownca_path', 'ownca_content'], true),
  requiredIf('provider', 'ownca', ['ownca_privatekey_path', 'ownca_privatekey_content'], true),
  requiredIf('provider', 'selfsigned', ['privatekey_path', 'privatekey_content'], true),
  requiredIf('provider', 'selfsigned', ['csr_path', 'csr_content'], true),
];

interface CertificateArgs {
  provider?: 'ownca' | 'selfsigned' | undefined;
  csr_path?: string | undefined;
  csr_content?: string | undefined;
  privatekey_path?: string | undefined;
  privatekey_content?: string | undefined;
  privatekey_passphrase?: string | undefined;
  ownca_path?: string | undefined;
  ownca_content?: string | undefined;
  ownca_privatekey_path?: string | undefined;
  ownca_privatekey_content?: string | undefined;
  ownca_privatekey_passphrase?: string | undefined;
  ownca_digest: string;
  ownca_not_before: string;
  ownca_not_after: string;
  selfsigned_digest: string;
  selfsigned_not_before: string;
  selfsigned_not_after: string;
  renew_before?: string | undefined;
}

/** The files of the host that `certificate` needs. */
export function certificatePaths(args: CertificateArgs): (string | undefined)[] {
  return [args.csr_path, args.privatekey_path, args.ownca_path, args.ownca_privatekey_path];
}

/** The certificate that is there, if it is what is asked for, or a new one with the reason why. */
export function certificate(
  existing: string | undefined,
  args: CertificateArgs,
  texts: Texts,
  env: ModuleEnv,
  force: boolean,
): { pem: string; fresh: boolean; reason?: string } {
  const text = texts.of(args.csr_content, args.csr_path);
  if (text === undefined) throw new ModuleFailure('one of csr_path, csr_content is required');
  const request = attempt('the signing request', () => readRequest(text));
  if (!request.signatureValid) throw new ModuleFailure('the signing request is not signed with its own key');
  const issuer = args.provider === 'ownca' ? ownCa(args, texts, env) : { key: keyOf(args, texts, env) };
  if (args.provider === 'selfsigned' && !samePublicKey(issuer.key, request.publicKey))
    throw new ModuleFailure('the signing request is for another key than the private key given');

  const reason = force ? 'a new one is asked for' : whyNew(existing, request, issuer, args.renew_before);
  if (reason === undefined) return { pem: existing!, fresh: false };
  const own = args.provider === 'ownca';
  const now = new Date();
  const pem = attempt('the certificate', () =>
    issueCertificate(
      {
        subject: request.subject,
        publicKey: request.publicKey,
        extensions: request.extensions,
        notBefore: parseTime(own ? args.ownca_not_before : args.selfsigned_not_before, now),
        notAfter: parseTime(own ? args.ownca_not_after : args.selfsigned_not_after, now),
        digest: own ? args.ownca_digest : args.selfsigned_digest,
      },
      issuer,
    ),
  );
  return { pem, fresh: true, reason };
}

interface Signer {
  certificate?: string;
  key: KeyObject;
}

function ownCa(args: CertificateArgs, texts: Texts, env: ModuleEnv): Signer {
  const pem = texts.of(args.ownca_content, args.ownca_path);
  const key = texts.of(args.ownca_privatekey_content, args.ownca_privatekey_path);
  if (pem === undefined || key === undefined)
    throw new ModuleFailure('the CA needs ownca_path and ownca_privatekey_path');
  env.secret(key);
  return { certificate: pem, key: attempt("the CA's key", () => readKey(key, args.ownca_privatekey_passphrase)) };
}

function whyNew(
  existing: string | undefined,
  request: Request,
  issuer: Signer,
  renewBefore: string | undefined,
): string | undefined {
  if (existing === undefined || existing.trim() === '') return 'there is none';
  let found: Certificate;
  try {
    found = readCertificate(existing);
  } catch {
    return "what is there can't be read";
  }
  if (!samePublicKey(found.x509.publicKey, request.publicKey)) return 'it is for another key';
  if (!sameName(found.subject, request.subject)) return 'its subject is another';
  if (!sameExtensions(found.extensions, request.extensions)) return 'its names or usages are others';
  if (issuer.certificate !== undefined) {
    if (!isIssuedBy(found, readCertificate(issuer.certificate))) return 'it was issued by another CA';
  } else if (!found.x509.verify(found.x509.publicKey)) return 'it is not signed by its own key';
  if (renewBefore !== undefined) {
    const left = found.notAfter.getTime() - Date.now();
    const wanted = parseTime(`+${renewBefore.replace(/^\+/, '')}`, new Date(0)).getTime();
    if (left < wanted) return left < 0 ? 'it has expired' : `it ends in ${Math.floor(left / 86_400_000)} days`;
  }
  return undefined;
}

const ansibleTime = (date: Date) => `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

/** What x509_certificate_info tells. */
export function describeCertificate(pem: string): Record<string, unknown> {
  const read = readCertificate(pem);
  const { x509, extensions } = read;
  const constraints = extensions.basicConstraints;
  const colons = (bytes: Buffer | undefined) => bytes?.toString('hex').match(/../g)?.join(':') ?? null;
  const pairs = (parts: Certificate['subject']) => Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const left = read.notAfter.getTime() - Date.now();
  return {
    version: read.version,
    subject: pairs(read.subject),
    subject_ordered: read.subject.map(({ type, value }) => [type, value]),
    issuer: pairs(read.issuer),
    issuer_ordered: read.issuer.map(({ type, value }) => [type, value]),
    not_before: ansibleTime(read.notBefore),
    not_after: ansibleTime(read.notAfter),
    expired: left < 0,
    days_left: Math.floor(left / 86_400_000),
    serial_number: BigInt(`0x${x509.serialNumber}`).toString(),
    subject_alt_name: extensions.subjectAltName ?? null,
    subject_alt_name_critical: extensions.subjectAltNameCritical ?? false,
    key_usage: extensions.keyUsage ?? null,
    key_usage_critical: extensions.keyUsageCritical ?? false,
    extended_key_usage: extensions.extendedKeyUsage ?? null,
    extended_key_usage_critical: extensions.extendedKeyUsageCritical ?? false,
    basic_constraints: constraints
      ? [
          `CA:${constraints.ca ? 'TRUE' : 'FALSE'}`,
          ...(constraints.pathLength === undefined ? [] : [`pathlen:${constraints.pathLength}`]),
        ]
      : null,
    basic_constraints_critical: extensions.basicConstraintsCritical ?? false,
    subject_key_identifier: colons(extensions.subjectKeyIdentifier),
    authority_key_identifier: colons(extensions.authorityKeyIdentifier),
    fingerprints: fingerprints(x509.raw),
    public_key: x509.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    public_key_fingerprints: fingerprints(publicDer(x509.publicKey)),
    public_key_type: x509.publicKey.asymmetricKeyType?.toUpperCase() ?? '',
    key_identifier: colons(keyIdentifier(x509.publicKey)),
  };
}
