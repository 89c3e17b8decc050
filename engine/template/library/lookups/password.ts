/** The password lookup: a random password, kept in a file so that the next run finds the same one. */
import { randomInt } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hashPassword, randomSalt } from '../../../python/crypt.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';
import type { Value } from '../../../values.ts';
import type { Lookup, LookupEnv } from '../lookups.ts';
import { keyValues } from './key_values.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const SETS: Record<string, string> = {
  ascii_lowercase: LOWER,
  ascii_uppercase: LOWER.toUpperCase(),
  ascii_letters: LOWER + LOWER.toUpperCase(),
  digits: DIGITS,
  hexdigits: `${DIGITS}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation: PUNCTUATION,
  whitespace: ' \t\n\r\v\f',
  printable: DIGITS + LOWER + LOWER.toUpperCase() + PUNCTUATION + ' \t\n\r\v\f',
};
const PARAMETERS = ['length', 'encrypt', 'chars', 'ident', 'seed'];

function characters(given: Value | undefined): string {
  const specs =
    typeof given === 'string'
      ? [
          ...(given.includes(',,') ? [','] : []),
          ...given
            .replaceAll(',,', ',')
            .split(',')
            .filter((part) => part !== ''),
        ]
      : Array.isArray(given)
        ? given.map(toText)
        : ['ascii_letters', 'digits', '.,:-_'];
  return specs
    .map((spec) => (Object.hasOwn(SETS, spec) ? SETS[spec]! : spec))
    .join('')
    .replace(/["']/g, '');
}

/** Random text; a seed gives the same text each time (not the one Python would give). */
function randomPassword(length: number, from: string, seed?: Value): string {
  if (from === '') fail('the password has no characters to be made of');
  const all = [...from];
  if (seed === undefined || seed === null) return Array.from({ length }, () => all[randomInt(all.length)]!).join('');
  let state = 0x811c9dc5;
  for (const c of toText(seed)) state = Math.imul(state ^ c.codePointAt(0)!, 0x01000193) >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return all[Math.floor((state / 4294967296) * all.length)]!;
  }).join('');
}

function stored(path: string): { password: string; salt: string | undefined; ident: string | undefined } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    fail(`the password file \`${path}\` can't be read: ${(error as Error).message}`);
  }
  const match = /^([\s\S]*) salt=(.*?)(?: ident=(.*))?$/.exec(text);
  return match
    ? { password: match[1]!, salt: match[2], ident: match[3] }
    : { password: text, salt: undefined, ident: undefined };
}

function store(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}

/** Runs while no other process of the same kind works on the file. */
function locked<T>(path: string, work: () => T): T {
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let held: number | undefined;
  for (let tries = 0; held === undefined; tries++) {
    try {
      held = openSync(lock, 'wx', 0o600);
    } catch {
      if (tries > 70) fail(`the password file \`${path}\` is locked`, `remove \`${lock}\` if no other run is working`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    return work();
  } finally {
    closeSync(held);
    unlinkSync(lock);
  }
}

function one(term: string, kwargs: Map<string, Value>, env: LookupEnv): string {
  const { rest, named } = keyValues(term);
  for (const name of named.keys())
    if (!PARAMETERS.includes(name)) fail(`the lookup password has no argument \`${name}\``);
  const get = (name: string): Value | undefined => named.get(name) ?? kwargs.get(name);
  const path = resolve(env.options.folder ?? '.', rest);
  const encrypt = get('encrypt') === undefined || get('encrypt') === null ? undefined : toText(get('encrypt')!);
  const work = () => {
    const kept = path === '/dev/null' ? undefined : stored(path);
    const text = kept?.password ?? randomPassword(Number(get('length') ?? 20), characters(get('chars')), get('seed'));
    env.secret?.(text);
    const salt = kept?.salt ?? (encrypt ? randomSalt(encrypt) : undefined);
    const ident = kept?.ident ?? (get('ident') === undefined ? undefined : toText(get('ident')!));
    if (path !== '/dev/null' && (!kept || (encrypt && !kept.salt))) {
      store(path, text + (salt ? ` salt=${salt}` : '') + (salt && ident ? ` ident=${ident}` : ''));
    }
    return encrypt ? hashPassword(text, encrypt, { salt, ident }) : text;
  };
  return path === '/dev/null' ? work() : locked(path, work);
}

/** `lookup('password', 'path length=16 chars=digits')`. */
export const password: Lookup = (terms, kwargs, env) => terms.map((term) => one(toText(term), kwargs, env));
