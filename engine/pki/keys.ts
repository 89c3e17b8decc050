/** Private keys: made, read and written by node:crypto. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  getHashes,
  type KeyObject,
} from 'node:crypto';
import * as der from './der.ts';

type KeyType = 'RSA' | 'ECC' | 'Ed25519' | 'Ed448';

export interface KeySpec {
  type: KeyType;
  /** Bits of an RSA key. */
  size?: number | undefined;
  /** Curve of an ECC key, under OpenSSL's or the SEC's name. */
  curve?: string | undefined;
}

/** The curves under the names that Ansible uses, and node's. */
export const CURVES: Record<string, string> = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
  secp224r1: 'secp224r1',
  secp256k1: 'secp256k1',
  brainpoolP256r1: 'brainpoolP256r1',
  brainpoolP384r1: 'brainpoolP384r1',
  brainpoolP512r1: 'brainpoolP512r1',
};

/** A new private key. */
export function generateKey({ type, size, curve }: KeySpec): KeyObject {
  if (type === 'RSA') return generateKeyPairSync('rsa', { modulusLength: size ?? 4096 }).privateKey;
  if (type === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (type === 'Ed448') return generateKeyPairSync('ed448').privateKey;
  return generateKeyPairSync('ec', { namedCurve: CURVES[curve ?? 'secp256r1'] ?? curve ?? 'prime256v1' }).privateKey;
}

/** Forms of a key's text: PKCS#8, or the older ones of each kind, PKCS#1 for RSA and SEC 1 for curves. */
type KeyForm = 'pkcs8' | 'pkcs1';

/** The key as text; with a passphrase encrypted (AES-256). Ed25519 and Ed448 have PKCS#8 alone. */
export function keyPem(key: KeyObject, passphrase?: string, form: KeyForm = 'pkcs8'): string {
  const kind = key.asymmetricKeyType;
  const old = kind === 'rsa' ? 'pkcs1' : kind === 'ec' ? 'sec1' : 'pkcs8';
  const type = form === 'pkcs8' ? 'pkcs8' : old;
  const locked = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type, format: 'pem', ...locked } as never).toString();
}

/** The form of a key's text. */
export function formOf(pem: string): KeyForm {
  return /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem) ? 'pkcs8' : 'pkcs1';
}

/** Whether a key's text is encrypted. */
export function isEncrypted(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
}

/** A private key from its text (PKCS#8, PKCS#1, SEC1); throws RangeError with the reason in words. */
export function readKey(pem: string, passphrase?: string): KeyObject {
  const locked = isEncrypted(pem);
  if (locked && passphrase === undefined)
    throw new RangeError('the private key is encrypted, and no passphrase is given');
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(locked ? { passphrase } : {}) });
  } catch {
    throw new RangeError(locked ? "the private key can't be read with this passphrase" : 'it is not a private key');
  }
}

/** What a private key is. */
export function describeKey(key: KeyObject): { type: KeyType; size: number; curve?: string } {
  const details = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { type: 'RSA', size: details.modulusLength ?? 0 };
    case 'ec': {
      const name = details.namedCurve ?? '';
      const curve = Object.keys(CURVES).find((known) => CURVES[known] === name) ?? name;
      return { type: 'ECC', size: Number(/\d{3}/.exec(curve)?.[0] ?? 0), curve };
    }
    case 'ed25519':
      return { type: 'Ed25519', size: 256 };
    case 'ed448':
      return { type: 'Ed448', size: 448 };
    default:
      throw new RangeError(`a key of the type ${key.asymmetricKeyType} can't sign certificates`);
  }
}

/** DER of the public half (SubjectPublicKeyInfo). */
export function publicDer(key: KeyObject): Buffer {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return open.export({ type: 'spki', format: 'der' });
}

export const samePublicKey = (a: KeyObject, b: KeyObject): boolean => publicDer(a).equals(publicDer(b));

/** The identifier that certificates give a key: SHA-1 of the bits of the public key (RFC 5280, 4.2.1.2, method 1). */
export function keyIdentifier(key: KeyObject): Buffer {
  const [, bits] = der.elements(der.elements(publicDer(key))[0]!.content);
  return createHash('sha1').update(bits!.content.subarray(1)).digest();
}

/** Fingerprints by hash as Ansible reports them: `aa:bb:...`. */
export function fingerprints(bytes: Buffer): Record<string, string> {
  const names = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].filter((name) => getHashes().includes(name));
  return Object.fromEntries(
    names.map((name) => [name, createHash(name).update(bytes).digest('hex').match(/../g)!.join(':')]),
  );
}
