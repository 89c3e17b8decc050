/** known_hosts: which host has which key. A key is compared by its bytes; names may be hashed, patterns, or have a port. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../../errors.ts';
import { matchPattern } from './config.ts';

interface Line {
  file: string;
  number: number;
  marker?: 'cert-authority' | 'revoked';
  hosts: string;
  type: string;
  key: Buffer;
}

/** What the files say about the key that a host showed. */
type Verdict =
  | { is: 'known' }
  | { is: 'unknown'; certAuthority: boolean }
  | { is: 'changed'; place: string; type: string; fingerprint: string; otherType: boolean }
  | { is: 'revoked'; place: string };

/** The name under which a host is looked up. */
export function lookupName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** `SHA256:...`, as ssh prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519`, ...: the first string of a key's bytes. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString('latin1', 4, 4 + length);
}

export class KnownHosts {
  readonly #lines: Line[];
  /** A file that is there and cannot be read, and why: what it holds might say that a new key is a changed one. */
  readonly unreadable: string | undefined;

  /** Files that are missing are empty. */
  constructor(files: readonly string[]) {
    const read = files.map(readLines);
    this.#lines = read.flatMap((one) => (typeof one === 'string' ? [] : one));
    this.unreadable = read.find((one) => typeof one === 'string');
  }

  /** Types of the keys that are known for a host, so that it is asked for one of those. */
  types(host: string, port: number): string[] {
    const found = this.#for(lookupName(host, port)).filter((line) => !line.marker);
    return [...new Set(found.map((line) => line.type))];
  }

  check(host: string, port: number, key: Buffer): Verdict {
    const lines = this.#for(lookupName(host, port));
    const revoked = lines.find((line) => line.marker === 'revoked' && sameKey(line.key, key));
    if (revoked) return { is: 'revoked', place: place(revoked) };
    const plain = lines.filter((line) => !line.marker);
    if (plain.some((line) => sameKey(line.key, key))) return { is: 'known' };
    const type = keyType(key);
    const other = plain.find((line) => line.type === type) ?? plain[0];
    if (other) {
      const { type: known } = other;
      const print = fingerprint(other.key);
      return { is: 'changed', place: place(other), type: known, fingerprint: print, otherType: known !== type };
    }
    // ssh takes the same key under the host's name without the port as good, and nothing else of that.
    if (port !== 22 && this.check(host, 22, key).is === 'known') return { is: 'known' };
    return { is: 'unknown', certAuthority: lines.some((line) => line.marker === 'cert-authority') };
  }

  #for(name: string): Line[] {
    return this.#lines.filter((line) => hostMatches(name, line.hosts));
  }
}

/** Adds a host's key at the end of a file, unless someone has done so in the meantime. */
export function addKnownHost(file: string, host: string, port: number, key: Buffer, hashed: boolean): void {
  if (new KnownHosts([file]).check(host, port, key).is !== 'unknown') return;
  let name = lookupName(host, port);
  if (hashed) {
    const salt = randomBytes(20);
    name = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // It is the first.
  }
  const start = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${start}${name} ${keyType(key)} ${key.toString('base64')}\n`, { mode: 0o600 });
}

/** The lines of a file, or why it cannot be read. */
function readLines(file: string): Line[] | string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = /^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '');
    return missing ? [] : `${file} cannot be read: ${reasonOf(error)}`;
  }
  const lines: Line[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^\s*(?:@(cert-authority|revoked)\s+)?([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/=]+)/.exec(raw);
    if (!match) continue;
    const key = Buffer.from(match[4]!, 'base64');
    // A damaged line must not be taken for a changed key.
    if (keyType(key) !== match[3]) continue;
    const line: Line = { file, number: index + 1, hosts: match[2]!, type: match[3]!, key };
    if (match[1]) line.marker = match[1] as 'cert-authority' | 'revoked';
    lines.push(line);
  }
  return lines;
}

function hostMatches(name: string, hosts: string): boolean {
  if (hosts.startsWith('|')) {
    const [, version, salt, hash] = hosts.split('|');
    if (version !== '1' || !salt || !hash) return false;
    const mac = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    const wanted = Buffer.from(hash, 'base64');
    return mac.length === wanted.length && timingSafeEqual(mac, wanted);
  }
  let matched = false;
  for (const written of hosts.toLowerCase().split(',')) {
    const negated = written.startsWith('!');
    if (!matchPattern(name, negated ? written.slice(1) : written)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function sameKey(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function place(line: Line): string {
  return `${line.file}:${line.number}`;
}
