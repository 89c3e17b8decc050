/** Password hashes in crypt's formats: md5_crypt, apr_md5_crypt, sha256_crypt, sha512_crypt, bcrypt. */
import { createHash, randomInt } from 'node:crypto';
import bcryptjs from 'bcryptjs';
import { fail } from './undefined.ts';

const ITOA = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const NAMES: Record<string, string> = {
  md5: 'md5_crypt',
  blowfish: 'bcrypt',
  sha256: 'sha256_crypt',
  sha512: 'sha512_crypt',
};

interface Scheme {
  saltSize: number;
  rounds: number;
  hash(password: Buffer, salt: string, rounds: number, ident: string | undefined): string;
}

const SCHEMES: Record<string, Scheme> = {
  md5_crypt: { saltSize: 8, rounds: 0, hash: (password, salt) => md5Crypt(password, salt, '$1$') },
  sha256_crypt: {
    saltSize: 16,
    rounds: 535_000,
    hash: (password, salt, rounds) => shaCrypt('sha256', '5', password, salt, rounds),
  },
  sha512_crypt: {
    saltSize: 16,
    rounds: 656_000,
    hash: (password, salt, rounds) => shaCrypt('sha512', '6', password, salt, rounds),
  },
  bcrypt: {
    saltSize: 22,
    rounds: 12,
    hash: (password, salt, rounds, ident) => bcrypt(password, salt, rounds, ident ?? '2b'),
  },
};

function schemeOf(name: string): Scheme {
  const full = NAMES[name] ?? name;
  if (!Object.hasOwn(SCHEMES, full)) {
    fail(
      `password_hash does not know the type '${name}'`,
      `types are ${[...Object.keys(NAMES), ...Object.keys(SCHEMES)].join(', ')}`,
    );
  }
  return SCHEMES[full]!;
}

/** Apache's variant of the MD5 hash, for htpasswd alone: password_hash does not know it. */
export const apr1 = (password: string, salt = randomSalt('md5')): string =>
  md5Crypt(Buffer.from(password, 'utf8'), salt, '$apr1$');

function bcrypt(password: Buffer, salt: string, cost: number, ident: string): string {
  if (salt.length !== 22) fail("bcrypt's salt has 22 characters");
  if (cost < 4 || cost > 31) fail("bcrypt's rounds are 4 to 31");
  if (!/^2[aby]?$/.test(ident)) fail(`bcrypt has no version '${ident}'`);
  return bcryptjs.hashSync(password.toString('utf8'), `$${ident}$${String(cost).padStart(2, '0')}$${salt}`);
}

/** A random salt that fits a scheme. */
export function randomSalt(name: string, size?: number): string {
  const scheme = schemeOf(name);
  return Array.from({ length: size ?? scheme.saltSize }, () => ITOA[randomInt(64)]!).join('');
}

interface HashSettings {
  salt?: string | undefined;
  saltSize?: number | undefined;
  rounds?: number | undefined;
  ident?: string | undefined;
}

/** The hash of a password as /etc/shadow keeps it. */
export function hashPassword(password: string, name: string, settings: HashSettings = {}): string {
  const scheme = schemeOf(name);
  const salt = settings.salt || randomSalt(name, settings.saltSize);
  if (!/^[./0-9A-Za-z]*$/.test(salt))
    fail('the salt has a character that is not allowed', 'use only letters, digits, `.` and `/`');
  if (salt.length > scheme.saltSize) fail(`the salt is longer than ${scheme.saltSize} characters`);
  return scheme.hash(Buffer.from(password, 'utf8'), salt, settings.rounds ?? scheme.rounds, settings.ident);
}

/** crypt's base64 of the bytes picked three at a time. */
function encoded(digest: Buffer, order: number[][]): string {
  let text = '';
  for (const picked of order) {
    let value = picked.reduce((n, at) => (n << 8) | (at < 0 ? 0 : digest[at]!), 0);
    const bytes = picked.filter((at) => at >= 0).length;
    for (let i = 0; i <= bytes; i++) {
      text += ITOA[value & 63];
      value >>>= 6;
    }
  }
  return text;
}

function md5Crypt(password: Buffer, salt: string, magic: '$1$' | '$apr1$'): string {
  const md5 = (...parts: (Buffer | string)[]) => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const alternate = md5(password, salt, password);
  const parts: (Buffer | string)[] = [password, magic, salt];
  for (let left = password.length; left > 0; left -= 16) parts.push(alternate.subarray(0, Math.min(16, left)));
  for (let n = password.length; n > 0; n >>= 1) parts.push(n & 1 ? Buffer.from([0]) : password.subarray(0, 1));
  let digest = md5(...parts);
  for (let i = 0; i < 1000; i++) {
    const round: (Buffer | string)[] = [i & 1 ? password : digest];
    if (i % 3) round.push(salt);
    if (i % 7) round.push(password);
    round.push(i & 1 ? digest : password);
    digest = md5(...round);
  }
  const order = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
    [-1, -1, 11],
  ];
  return `${magic}${salt}$${encoded(digest, order)}`;
}

/** Drepper's SHA-crypt. */
function shaCrypt(algorithm: string, id: string, password: Buffer, salt: string, rounds: number): string {
  if (rounds < 1000 || rounds > 999_999_999) fail('the rounds of a SHA password hash are 1000 to 999999999');
  const size = algorithm === 'sha512' ? 64 : 32;
  const sha = (...parts: (Buffer | string)[]) => {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const repeatTo = (bytes: Buffer, length: number) =>
    Buffer.concat(Array.from({ length: Math.ceil(length / size) }, () => bytes)).subarray(0, length);
  const alternate = sha(password, salt, password);
  const parts: (Buffer | string)[] = [password, salt, repeatTo(alternate, password.length)];
  for (let n = password.length; n > 0; n >>= 1) parts.push(n & 1 ? alternate : password);
  let digest = sha(...parts);
  const p = repeatTo(sha(...Array.from({ length: password.length }, () => password)), password.length);
  const s = repeatTo(sha(...Array.from({ length: 16 + digest[0]! }, () => salt)), salt.length);
  for (let i = 0; i < rounds; i++) {
    const round = [i & 1 ? p : digest];
    if (i % 3) round.push(s);
    if (i % 7) round.push(p);
    round.push(i & 1 ? digest : p);
    digest = createHash(algorithm).update(Buffer.concat(round)).digest();
  }
  const told = rounds === 5000 ? '' : `rounds=${rounds}$`;
  return `$${id}$${told}${salt}$${encoded(digest, shaOrder(size))}`;
}

/** The order in which SHA-crypt takes the bytes of its digest. */
function shaOrder(size: number): number[][] {
  const third = Math.floor(size / 3);
  const order: number[][] = [];
  let at = [0, third, 2 * third];
  for (let i = 0; i < third; i++) {
    order.push(at);
    const [a, b, c] = at as [number, number, number];
    at = size === 64 ? [b + 1, c + 1, a + 1] : [c + 1, a + 1, b + 1];
  }
  order.push(size === 64 ? [-1, -1, 63] : [-1, 31, 30]);
  return order;
}
