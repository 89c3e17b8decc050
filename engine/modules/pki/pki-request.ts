/** Signing requests from arguments: the schema and the work that openssl_csr and openssl_csr_pipe share. */
import type { KeyObject } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { type Extensions, purposeName, usageName } from '../../pki/extensions.ts';
import { keyIdentifier, samePublicKey } from '../../pki/keys.ts';
import { type NamePart, normalAltName, partName } from '../../pki/names.ts';
import { createRequest, type Request, readRequest } from '../../pki/request.ts';
import { type Dict, toPlain } from '../../values.ts';
import { bool, dict, int, list, path, raw, str } from '../args.ts';
import { attempt } from './pki-files.ts';

export const requestArgs = {
  privatekey_path: path({ doc: 'File of the key that the request is for.' }),
  privatekey_content: str({ doc: 'The key itself.', secret: true }),
  privatekey_passphrase: str({ doc: 'Opens the key.', secret: true }),
  digest: str({ doc: 'Digest of the signature.', choices: ['sha256', 'sha384', 'sha512'], default: 'sha256' }),
  subject: dict({ doc: 'Parts of the name; a part with several values has a list.' }),
  subject_ordered: list(raw(), { doc: 'Parts of the name as a list of dicts with one key.' }),
  country_name: str({ doc: 'C of the name.', aliases: ['C', 'countryName'] }),
  state_or_province_name: str({ doc: 'ST of the name.', aliases: ['ST', 'stateOrProvinceName'] }),
  locality_name: str({ doc: 'L of the name.', aliases: ['L', 'localityName'] }),
  organization_name: str({ doc: 'O of the name.', aliases: ['O', 'organizationName'] }),
  organizational_unit_name: str({ doc: 'OU of the name.', aliases: ['OU', 'organizationalUnitName'] }),
  common_name: str({ doc: 'CN of the name.', aliases: ['CN', 'commonName'] }),
  email_address: str({ doc: 'E-mail address of the name.', aliases: ['E', 'emailAddress'] }),
  subject_alt_name: list(str(), { doc: 'DNS:name, IP:address ...', aliases: ['subjectAltName'] }),
  subject_alt_name_critical: bool({ default: false, aliases: ['subjectAltName_critical'] }),
  use_common_name_for_san: bool({
    doc: 'Without alternative names take the common name as one.',
    default: true,
    aliases: ['useCommonNameForSAN'],
  }),
  key_usage: list(str(), { doc: 'What the key may do: digitalSignature ...', aliases: ['keyUsage'] }),
  key_usage_critical: bool({ default: false, aliases: ['keyUsage_critical'] }),
  extended_key_usage: list(str(), { doc: 'serverAuth, clientAuth ...', aliases: ['extKeyUsage', 'extendedKeyUsage'] }),
  extended_key_usage_critical: bool({
    default: false,
    aliases: ['extKeyUsage_critical', 'extendedKeyUsage_critical'],
  }),
  basic_constraints: list(str(), { doc: 'CA:TRUE, pathlen:0 ...', aliases: ['basicConstraints'] }),
  basic_constraints_critical: bool({ default: false, aliases: ['basicConstraints_critical'] }),
  create_subject_key_identifier: bool({ doc: 'Put the identifier of the key into the request.', default: false }),
  version: int({ doc: 'Version of the request.', choices: [1], default: 1 }),
  select_crypto_backend: str({ doc: 'Read and not used.', choices: ['auto', 'cryptography'], default: 'auto' }),
} as const;

interface RequestArgs {
  digest: string;
  subject?: Dict | undefined;
  subject_ordered?: unknown[] | undefined;
  subject_alt_name?: string[] | undefined;
  subject_alt_name_critical: boolean;
  use_common_name_for_san: boolean;
  key_usage?: string[] | undefined;
  key_usage_critical: boolean;
  extended_key_usage?: string[] | undefined;
  extended_key_usage_critical: boolean;
  basic_constraints?: string[] | undefined;
  basic_constraints_critical: boolean;
  create_subject_key_identifier: boolean;
  [name: string]: unknown;
}

const FIELDS = {
  country_name: 'countryName',
  state_or_province_name: 'stateOrProvinceName',
  locality_name: 'localityName',
  organization_name: 'organizationName',
  organizational_unit_name: 'organizationalUnitName',
  common_name: 'commonName',
  email_address: 'emailAddress',
};

function subjectOf(args: RequestArgs): NamePart[] {
  const parts: [string, unknown][] = Object.entries(FIELDS)
    .filter(([field]) => args[field] !== undefined)
    .map(([field, type]) => [type, args[field]]);
  if (args.subject) parts.push(...Object.entries(toPlain(args.subject) as object));
  for (const item of args.subject_ordered ?? []) parts.push(...Object.entries(toPlain(item as Dict) as object));
  return parts.flatMap(([written, value]) => {
    const type = partName(written);
    if (!type) throw new ModuleFailure(`Cannot find subject field "${written}"`);
    return (Array.isArray(value) ? value : [value]).map((one) => ({ type, value: String(one) }));
  });
}

function constraintsOf(words: readonly string[] | undefined): Extensions['basicConstraints'] {
  if (!words || words.length === 0) return undefined;
  let ca = false;
  let pathLength: number | undefined;
  for (const word of words) {
    const length = /^pathlen:(\d+)$/.exec(word)?.[1];
    if (length !== undefined) pathLength = Number(length);
    else if (/^CA:(TRUE|FALSE)$/.test(word)) ca = word === 'CA:TRUE';
    else throw new ModuleFailure(`Unknown basic constraint "${word}"`);
  }
  return { ca, pathLength };
}

/** The name and extensions that the arguments ask for. */
function wantedRequest(args: RequestArgs, key: KeyObject): { subject: NamePart[]; extensions: Extensions } {
  const subject = subjectOf(args);
  const common = subject.find((part) => part.type === 'commonName')?.value;
  let names = args.subject_alt_name;
  if (!names && args.use_common_name_for_san && common) names = [`DNS:${common}`];
  const given = (list: string[] | undefined, one: (name: string) => string) =>
    list && list.length > 0 ? list.map(one) : undefined;
  return attempt('the request', () => ({
    subject,
    extensions: {
      subjectAltName: given(names, normalAltName),
      subjectAltNameCritical: args.subject_alt_name_critical,
      keyUsage: given(args.key_usage, usageName),
      keyUsageCritical: args.key_usage_critical,
      extendedKeyUsage: given(args.extended_key_usage, purposeName),
      extendedKeyUsageCritical: args.extended_key_usage_critical,
      basicConstraints: constraintsOf(args.basic_constraints),
      basicConstraintsCritical: args.basic_constraints_critical,
      subjectKeyIdentifier: args.create_subject_key_identifier ? keyIdentifier(key) : undefined,
    },
  }));
}

/** A request that already is what is asked for, or a new one. */
export function request(
  existing: string | undefined,
  args: RequestArgs,
  key: KeyObject,
): { pem: string; fresh: boolean } {
  const want = wantedRequest(args, key);
  if (existing !== undefined && !args.force) {
    const found = tryRead(existing);
    const same =
      found?.signatureValid === true &&
      samePublicKey(found.publicKey, key) &&
      sameName(found.subject, want.subject) &&
      sameExtensions(found.extensions, want.extensions);
    if (same) return { pem: existing, fresh: false };
  }
  return { pem: attempt('the request', () => createRequest({ ...want, digest: args.digest }, key)), fresh: true };
}

function tryRead(pem: string): Request | undefined {
  try {
    return readRequest(pem);
  } catch {
    return undefined;
  }
}

export function sameName(a: readonly NamePart[], b: readonly NamePart[]): boolean {
  return a.length === b.length && a.every((part, i) => part.type === b[i]!.type && part.value === b[i]!.value);
}

const sameSet = (a: readonly string[] = [], b: readonly string[] = []) =>
  new Set(a).size === new Set(b).size && a.every((item) => b.includes(item));

/** Whether two lists of extensions say the same; identifiers of keys count only where both have them. */
export function sameExtensions(a: Extensions, b: Extensions): boolean {
  const critical = (x: boolean | undefined, y: boolean | undefined, there: unknown) =>
    there === undefined || (x ?? false) === (y ?? false);
  const [ca, cb] = [a.basicConstraints, b.basicConstraints];
  const [ia, ib] = [a.subjectKeyIdentifier, b.subjectKeyIdentifier];
  return (
    sameSet(a.subjectAltName, b.subjectAltName) &&
    critical(a.subjectAltNameCritical, b.subjectAltNameCritical, a.subjectAltName) &&
    sameSet(a.keyUsage, b.keyUsage) &&
    critical(a.keyUsageCritical, b.keyUsageCritical, a.keyUsage) &&
    sameSet(a.extendedKeyUsage, b.extendedKeyUsage) &&
    critical(a.extendedKeyUsageCritical, b.extendedKeyUsageCritical, a.extendedKeyUsage) &&
    (ca?.ca ?? false) === (cb?.ca ?? false) &&
    ca?.pathLength === cb?.pathLength &&
    critical(a.basicConstraintsCritical, b.basicConstraintsCritical, ca) &&
    (ia === undefined || ib === undefined || ia.equals(ib))
  );
}

/** Ansible's return values of a request. */
export function describeRequest(pem: string): Record<string, unknown> {
  const { subject, extensions } = readRequest(pem);
  const constraints = extensions.basicConstraints;
  return {
    subject: subject.map(({ type, value }) => [type, value]),
    subjectAltName: extensions.subjectAltName ?? null,
    keyUsage: extensions.keyUsage ?? null,
    extendedKeyUsage: extensions.extendedKeyUsage ?? null,
    basicConstraints: constraints
      ? [
          `CA:${constraints.ca ? 'TRUE' : 'FALSE'}`,
          ...(constraints.pathLength === undefined ? [] : [`pathlen:${constraints.pathLength}`]),
        ]
      : null,
  };
}
