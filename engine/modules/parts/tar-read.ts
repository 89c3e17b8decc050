/** What a tar archive of the controller holds, plain or gzipped: names, states and checksums, without the contents. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface TarMember {
  /** As it is written in the archive. */
  name: string;
  type: 'file' | 'directory' | 'link' | 'hard';
  mode: number;
  uid: number;
  gid: number;
  /** Names of owner and group; '' where the archive has none. */
  owner: string;
  group: string;
  /** Seconds, and the fraction's nine digits. */
  mtime: number;
  nanoseconds: string;
  size: number;
  sha1: string;
  /** What a link points at. */
  target: string;
}

export interface TarListing {
  gzip: boolean;
  members: TarMember[];
}

const BLOCK = 512;
/** More than any header of GNU or pax that a path could need. */
const HEADER_LIMIT = 1024 * 1024;

/** Reads an archive; undefined where it is none, is broken, or holds what is neither file, folder nor link. */
export async function listTar(source: string | Buffer, limit: number): Promise<TarListing | undefined> {
  const bytes = new Bytes(typeof source === 'string' ? createReadStream(source) : Readable.from([source]));
  try {
    const start = await bytes.peek(2);
    const gzip = start?.[0] === 0x1f && start[1] === 0x8b;
    const plain = gzip ? new Bytes(Readable.from(bytes.rest()).pipe(createGunzip())) : bytes;
    const members = await readMembers(plain, limit);
    return members && { gzip, members };
  } catch {
    return undefined;
  } finally {
    bytes.end();
  }
}

async function readMembers(bytes: Bytes, limit: number): Promise<TarMember[] | undefined> {
  const members: TarMember[] = [];
  let more: Record<string, string> = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (!block || block.every((byte) => byte === 0)) return members.length > 0 ? members : undefined;
    if (!sumFits(block)) return undefined;
    const type = String.fromCharCode(block[156]!);
    const size = more['size'] === undefined ? number(block, 124, 12) : Number(more['size']);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      if (size > HEADER_LIMIT) return undefined;
      const body = await bytes.take(size);
      await bytes.skip(padding(size));
      if (!body) return undefined;
      const text = body.toString('utf8');
      if (type === 'g') return undefined;
      if (type === 'x') more = { ...more, ...paxRecords(body) };
      else more = { ...more, [type === 'L' ? 'path' : 'linkpath']: text.replace(/\0.*$/s, '') };
      continue;
    }
    const member = memberOf(block, type, size, more);
    if (!member || members.length === limit) return undefined;
    more = {};
    const hash = createHash('sha1');
    const stored = member.type === 'file' ? size : 0;
    if (!(await bytes.pass(stored, (chunk) => hash.update(chunk)))) return undefined;
    await bytes.skip(padding(stored));
    member.sha1 = hash.digest('hex');
    members.push(member);
  }
}

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK;

const types: Record<string, TarMember['type']> = {
  '0': 'file',
  '\0': 'file',
  '1': 'hard',
  '2': 'link',
  '5': 'directory',
};

function memberOf(block: Buffer, type: string, size: number, more: Record<string, string>): TarMember | undefined {
  const kind = types[type];
  if (!kind || Object.keys(more).some((key) => /^(GNU\.sparse|SCHILY|RHT)/.test(key))) return undefined;
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar ? text(block, 345, 155) : '';
  const name = more['path'] ?? (prefix ? `${prefix}/${text(block, 0, 100)}` : text(block, 0, 100));
  const [seconds, fraction = ''] = (more['mtime'] ?? String(number(block, 136, 12))).split('.');
  return {
    name,
    type: kind === 'file' && name.endsWith('/') ? 'directory' : kind,
    mode: number(block, 100, 8) & 0o7777,
    uid: more['uid'] === undefined ? number(block, 108, 8) : Number(more['uid']),
    gid: more['gid'] === undefined ? number(block, 116, 8) : Number(more['gid']),
    owner: more['uname'] ?? text(block, 265, 32),
    group: more['gname'] ?? text(block, 297, 32),
    mtime: Number(seconds),
    nanoseconds: fraction.padEnd(9, '0').slice(0, 9),
    size,
    sha1: '',
    target: more['linkpath'] ?? text(block, 157, 100),
  };
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 ? at + length : Math.min(end, at + length));
}

/** Octal digits, or GNU's base-256 form. */
function number(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80) return Number(block.readBigUInt64BE(at + length - 8));
  return Number.parseInt(
    block
      .toString('latin1', at, at + length)
      .replace(/[^0-7]/g, ' ')
      .trim() || '0',
    8,
  );
}

function sumFits(block: Buffer): boolean {
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum === number(block, 148, 8);
}

function paxRecords(body: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, blank));
    if (blank < 0 || !(length > 0)) throw new Error('not a pax record');
    const record = body.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    found[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return found;
}

/** A stream that is taken in pieces of any size. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(private readonly stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }

  async peek(count: number): Promise<Buffer | undefined> {
    while (this.#held.length < count) if (!(await this.#more())) return undefined;
    return this.#held.subarray(0, count);
  }

  async take(count: number): Promise<Buffer | undefined> {
    const found = await this.peek(count);
    if (found) this.#held = this.#held.subarray(count);
    return found;
  }

  /** Gives the next `count` bytes away as they come; false if there are not so many. */
  async pass(count: number, to: (chunk: Buffer) => void): Promise<boolean> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#more())) return false;
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      to(part);
    }
    return true;
  }

  skip(count: number): Promise<boolean> {
    return this.pass(count, () => {});
  }

  async *rest(): AsyncGenerator<Buffer> {
    if (this.#held.length > 0) yield this.#held;
    for (let next = await this.#chunks.next(); !next.done; next = await this.#chunks.next()) yield next.value;
  }

  end(): void {
    this.stream.destroy();
  }
}
