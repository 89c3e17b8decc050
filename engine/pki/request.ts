/** Certificate signing requests (PKCS#10). */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as der from './der.ts';
import { decodeExtensions, type Extensions, encodeExtensions } from './extensions.ts';
import { publicDer } from './keys.ts';
import { decodeName, encodeName, type NamePart } from './names.ts';
import { signed } from './signing.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

interface RequestSpec {
  subject: readonly NamePart[];
  extensions: Extensions;
  digest?: string | undefined;
}

/** A request as PEM, signed with the key that it is for. */
export function createRequest({ subject, extensions, digest = 'sha256' }: RequestSpec, key: KeyObject): string {
  const wanted = encodeExtensions(extensions);
  const attributes = wanted ? [der.sequence(der.oid(EXTENSION_REQUEST), der.set(wanted))] : [];
  const content = der.sequence(
    der.integer(0),
    encodeName(subject),
    der.embed(publicDer(key)),
    der.tagged(0, ...attributes),
  );
  return der.toPem(signed(content, key, digest), 'CERTIFICATE REQUEST');
}

export interface Request {
  subject: NamePart[];
  publicKey: KeyObject;
  extensions: Extensions;
  /** The request is signed with the private half of its own key. */
  signatureValid: boolean;
}

/** Reads a request; throws RangeError if it isn't one. */
export function readRequest(pem: string): Request {
  const [whole] = der.elements(der.fromPem(pem, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']));
  const [content, kind, signature] = der.elements(whole!.content);
  if (!content || !kind || !signature) throw new RangeError('it is not a certificate request');
  const [, subject, key, attributes] = der.elements(content.content);
  const publicKey = createPublicKey({ key: key!.whole, format: 'der', type: 'spki' });
  const request = (attributes ? der.elements(attributes.content) : [])
    .map((attribute) => der.elements(attribute.content))
    .find(([id]) => der.dotted(id!.content) === EXTENSION_REQUEST);
  const list = request && der.elements(request[1]!.content)[0];
  return {
    subject: decodeName(subject!.content),
    publicKey,
    extensions: list ? decodeExtensions(list.content) : {},
    signatureValid: verify(digestOf(kind), content.whole, publicKey, signature.content.subarray(1)),
  };
}

const DIGESTS: Record<string, string> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

function digestOf(kind: der.Element): string | null {
  const id = der.dotted(der.elements(kind.content)[0]!.content);
  if (id === '1.3.101.112' || id === '1.3.101.113') return null;
  const digest = DIGESTS[id];
  if (!digest) throw new RangeError(`requests signed with the algorithm ${id} are not taken`);
  return digest;
}
