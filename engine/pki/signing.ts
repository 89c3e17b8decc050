/** Signatures over DER, by node:crypto. */
import { type KeyObject, sign } from 'node:crypto';
import * as der from './der.ts';

const ECDSA: Record<string, string> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const RSA: Record<string, string> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};

/** The algorithm a key signs with, as certificates name it. */
export function algorithm(key: KeyObject, digest: string): der.Node {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return der.sequence(der.oid('1.3.101.112'));
    case 'ed448':
      return der.sequence(der.oid('1.3.101.113'));
    case 'ec':
      return der.sequence(der.oid(known(ECDSA, digest)));
    case 'rsa':
      return der.sequence(der.oid(known(RSA, digest)), der.nothing());
    default:
      throw new RangeError(`a key of the type ${key.asymmetricKeyType} can't sign`);
  }
}

function known(table: Record<string, string>, digest: string): string {
  const id = table[digest];
  if (!id) throw new RangeError(`the digest ${digest} is not one of ${Object.keys(table).join(', ')}`);
  return id;
}

/** `content`, its algorithm and its signature: the shape of requests and certificates. */
export function signed(content: der.Node, key: KeyObject, digest: string): Buffer {
  const bytes = der.encode(content);
  const edwards = key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448';
  const signature = sign(edwards ? null : digest, bytes, key);
  return der.encode(der.sequence(content, algorithm(key, digest), der.bits(signature)));
}
