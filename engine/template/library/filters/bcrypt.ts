/** bcrypt: Blowfish with a costly key schedule; its tables are the digits of pi and are worked out on first use. */
import { fail } from '../../../python/undefined.ts';

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const WORDS = 18 + 4 * 256;

let table: Uint32Array | undefined;

/** The first words of pi's fraction, by Machin's formula. */
function piWords(): Uint32Array {
  if (table) return table;
  const guard = 64n;
  const bits = BigInt(WORDS * 32) + guard;
  const one = 1n << bits;
  const arctanInverse = (x: bigint): bigint => {
    let power = one / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));
  const hex = ((pi - 3n * one) >> guard).toString(16).padStart(WORDS * 8, '0');
  table = Uint32Array.from({ length: WORDS }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
  return table;
}

class Blowfish {
  readonly p = piWords().slice(0, 18);
  readonly s = piWords().slice(18);
  #left = 0;
  #right = 0;

  encipher(): void {
    const { p, s } = this;
    let l = this.#left ^ p[0]!;
    let r = this.#right;
    for (let i = 1; i <= 16; i += 2) {
      r ^=
        (((s[l >>> 24]! + s[256 + ((l >>> 16) & 255)]!) ^ s[512 + ((l >>> 8) & 255)]!) + s[768 + (l & 255)]!) ^ p[i]!;
      l ^=
        (((s[r >>> 24]! + s[256 + ((r >>> 16) & 255)]!) ^ s[512 + ((r >>> 8) & 255)]!) + s[768 + (r & 255)]!) ^
        p[i + 1]!;
    }
    this.#left = (r ^ p[17]!) >>> 0;
    this.#right = l >>> 0;
  }

  /** Mixes a key, and a salt where there is one, into the tables. */
  expand(key: Buffer, salt?: Buffer): void {
    for (let i = 0; i < 18; i++) this.p[i]! ^= word(key, i);
    this.#left = 0;
    this.#right = 0;
    let at = 0;
    const fill = (into: Uint32Array) => {
      for (let i = 0; i < into.length; i += 2) {
        if (salt) {
          this.#left ^= word(salt, at++);
          this.#right ^= word(salt, at++);
        }
        this.encipher();
        into[i] = this.#left;
        into[i + 1] = this.#right;
      }
    };
    fill(this.p);
    fill(this.s);
  }

  encrypt(block: Uint32Array, at: number): void {
    this.#left = block[at]!;
    this.#right = block[at + 1]!;
    this.encipher();
    block[at] = this.#left;
    block[at + 1] = this.#right;
  }
}

/** The 32-bit word at an index of bytes that repeat. */
function word(bytes: Buffer, index: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = (value << 8) | bytes[(index * 4 + i) % bytes.length]!;
  return value >>> 0;
}

function encode(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    text += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
    if (b !== undefined) text += ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
    if (c !== undefined) text += ALPHABET[c & 63]!;
  }
  return text;
}

function decode(text: string, length: number): Buffer {
  let bits = '';
  for (const c of text) bits += ALPHABET.indexOf(c).toString(2).padStart(6, '0');
  return Buffer.from(Array.from({ length }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2)));
}

/** A bcrypt hash with a salt of 22 characters; the salt's last bits that do not count are cleared. */
export function bcrypt(password: Buffer, saltText: string, cost: number, ident: string): string {
  if (saltText.length !== 22) fail("bcrypt's salt has 22 characters");
  if (cost < 4 || cost > 31) fail("bcrypt's rounds are 4 to 31");
  if (!/^2[abxy]?$/.test(ident)) fail(`bcrypt has no version '${ident}'`);
  const salt = decode(saltText, 16);
  const key = Buffer.concat([password, Buffer.from([0])]).subarray(0, 72);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let i = 2 ** cost; i > 0; i--) {
    cipher.expand(key);
    cipher.expand(salt);
  }
  const block = Uint32Array.from({ length: 6 }, (_, i) => word(Buffer.from('OrpheanBeholderScryDoubt'), i));
  for (let i = 0; i < 64; i++) for (let at = 0; at < 6; at += 2) cipher.encrypt(block, at);
  const bytes = Buffer.alloc(24);
  block.forEach((value, i) => {
    bytes.writeUInt32BE(value, i * 4);
  });
  return `$${ident}$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(bytes.subarray(0, 23))}`;
}
