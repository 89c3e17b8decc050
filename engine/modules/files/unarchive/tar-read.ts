/** What a tar archive of the controller holds, plain or gzipped: names, states and checksums, without the contents. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';

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

const TYPES: Record<string, TarMember['type']> = {
  file: 'file',
  link: 'hard',
  symlink: 'link',
  directory: 'directory',
};

/** Reads an archive; undefined where it is none, is broken, or holds what is neither file, folder nor link. */
export async function listTar(source: string | Buffer, limit: number): Promise<TarListing | undefined> {
  try {
    const start = typeof source === 'string' ? await firstBytes(source) : source;
    const gzip = start[0] === 0x1f && start[1] === 0x8b;
    const members = await membersOf(source, gzip, limit);
    return members && { gzip, members };
  } catch {
    return undefined;
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(2);
    await file.read(bytes, 0, 2, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

async function membersOf(source: string | Buffer, gzip: boolean, limit: number): Promise<TarMember[] | undefined> {
  const bytes = typeof source === 'string' ? createReadStream(source) : Readable.from([source]);
  const archive = extract({ allowUnknownFormat: true });
  const broken = (error: Error) => archive.destroy(error);
  const tar = gzip ? bytes.on('error', broken).pipe(createGunzip()) : bytes;
  Readable.from(withoutGlobals(tar)).on('error', broken).pipe(archive);
  try {
    const members: TarMember[] = [];
    for await (const entry of archive) {
      const member = memberOf(entry.header);
      if (!member || members.length === limit) return undefined;
      const hash = createHash('sha1');
      for await (const chunk of entry) hash.update(chunk as Buffer);
      member.sha1 = hash.digest('hex');
      members.push(member);
    }
    return members.length > 0 ? members : undefined;
  } finally {
    bytes.destroy();
  }
}

/** Attributes that an archive gives to all that follows, which the package does not apply: such an archive is not read. */
async function* withoutGlobals(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of tar) {
    if (isFirst && chunk[156] === 'g'.charCodeAt(0)) throw new Error('an archive with global attributes');
    isFirst = false;
    yield chunk;
  }
}

/** The package's types leave out what it found in pax headers. */
type Header = Headers & { pax?: Record<string, string> | null };

function memberOf({ name, type, pax, ...header }: Header): TarMember | undefined {
  const kind = TYPES[type ?? ''];
  const more: Partial<Record<string, string>> = pax ?? {};
  if (!kind || Object.keys(more).some((key) => /^(GNU\.sparse|SCHILY|RHT)/.test(key))) return undefined;
  const [seconds, fraction = ''] = (more['mtime'] ?? String((header.mtime?.getTime() ?? 0) / 1000)).split('.');
  return {
    name,
    type: kind === 'file' && name.endsWith('/') ? 'directory' : kind,
    mode: (header.mode ?? 0) & 0o7777,
    uid: Number(more['uid'] ?? header.uid),
    gid: Number(more['gid'] ?? header.gid),
    owner: more['uname'] ?? header.uname ?? '',
    group: more['gname'] ?? header.gname ?? '',
    mtime: Number(seconds),
    nanoseconds: fraction.padEnd(9, '0').slice(0, 9),
    size: header.size ?? 0,
    sha1: '',
    target: header.linkname ?? '',
  };
}
