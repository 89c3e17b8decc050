/**
 * Unpacks an archive of somebody else's: names that leave the directory, links out of it, devices, setuid files and bombs are refused,
 * whatever the archive says. Everything goes into a fresh directory, which takes its place only when all of it was right.
 */
import { chmodSync, mkdirSync, readFileSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';
import { mistake } from '../errors.ts';

interface Limits {
  entries: number;
  bytes: number;
  /** How many times larger than the archive its content may be. */
  ratio: number;
}

const LIMITS: Limits = { entries: 50_000, bytes: 512 * 1024 * 1024, ratio: 200 };
/** Below this no archive is a bomb. */
const SMALL = 8 * 1024 * 1024;

/** Unpacks into an empty directory; `strip` is how many leading names are taken off, `below` the directory that is meant. */
export async function unpack(
  archive: Buffer,
  into: string,
  { name, strip = 0, limits = LIMITS }: { name: string; strip?: number; limits?: Limits },
): Promise<void> {
  const refuse = (why: string): never => {
    throw mistake(
      `${name} was not installed: its archive ${why}`,
      undefined,
      'nothing of it was kept; ask whoever publishes it',
    );
  };
  const tar = extract();
  const gzip = archive[0] === 0x1f && archive[1] === 0x8b;
  const bytes = Readable.from([archive]);
  const source = gzip ? bytes.pipe(createGunzip()) : bytes;
  source.on('error', (error) => tar.destroy(error));
  source.pipe(tar);
  const state: State = {
    into,
    limits,
    entries: 0,
    bytes: 0,
    most: Math.max(SMALL, archive.length * limits.ratio),
    links: [],
    seen: new Set(),
    refuse,
  };
  try {
    for await (const entry of tar) await member(entry.header, entry, strip, state);
  } catch (error) {
    if (error instanceof Error && error.name === 'AuthorError') throw error;
    refuse(`cannot be read: ${(error as Error).message}`);
  }
  if (state.entries === 0) refuse('is empty');
  makeLinks(state);
}

interface State {
  into: string;
  limits: Limits;
  entries: number;
  bytes: number;
  most: number;
  links: { path: string; target: string; shown: string }[];
  seen: Set<string>;
  refuse(why: string): never;
}

async function member(header: Headers, content: AsyncIterable<Buffer>, strip: number, state: State): Promise<void> {
  const { refuse } = state;
  if (++state.entries > state.limits.entries) refuse(`has more than ${state.limits.entries} entries`);
  const shown = JSON.stringify(header.name);
  const path = safeName(header.name, strip);
  if (path === undefined) refuse(`has an entry ${shown}, which leads out of the directory`);
  if ((header.mode ?? 0) & 0o6000) refuse(`has an entry ${shown} with setuid or setgid`);
  const drain = async () => {
    for await (const _ of content);
  };
  if (path === '') return drain();
  if (header.type === 'directory') {
    makeFolder(path!, state, shown);
    return drain();
  }
  if (header.type === 'file' || header.type === 'contiguous-file' || header.type === null) {
    newName(path!, state, shown);
    const bytes = await contentOf(content, state);
    write(path!, bytes, ((header.mode ?? 0) & 0o100) !== 0, state, shown);
    return;
  }
  await drain();
  if (header.type === 'symlink') {
    newName(path!, state, shown);
    state.links.push({ path: path!, target: header.linkname ?? '', shown });
  } else if (header.type === 'link') {
    newName(path!, state, shown);
    hardLink(path!, header.linkname ?? '', strip, state, shown);
  } else if (header.type !== 'pax-header' && header.type !== 'pax-global-header')
    refuse(`has an entry ${shown} that is a ${header.type}`);
}

/** The name inside the directory; '' for what was stripped, undefined for one that leads elsewhere. */
function safeName(name: string, strip: number): string | undefined {
  if (/[\0\\]/.test(name) || name.startsWith('/') || /^[A-Za-z]:/.test(name)) return undefined;
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return undefined;
  return parts.slice(strip).join('/');
}

function newName(path: string, state: State, shown: string): void {
  // A second entry of one name could be written through what the first one was.
  if (state.seen.has(path)) state.refuse(`has the entry ${shown} twice`);
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (state.seen.has(folder)) state.refuse(`has an entry ${shown} below one that is no directory`);
  state.seen.add(path);
}

function makeFolder(path: string, state: State, shown: string): void {
  for (let folder = path; folder !== '.'; folder = dirname(folder))
    if (state.seen.has(folder)) state.refuse(`has an entry ${shown} below one that is no directory`);
  mkdirSync(join(state.into, path), { recursive: true, mode: 0o755 });
}

async function contentOf(content: AsyncIterable<Buffer>, state: State): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) {
    state.bytes += chunk.length;
    if (state.bytes > state.limits.bytes) state.refuse(`holds more than ${state.limits.bytes} bytes`);
    if (state.bytes > state.most) state.refuse(`grows to more than ${state.limits.ratio} times its size`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(path: string, bytes: Buffer, executable: boolean, state: State, shown: string): void {
  const file = join(state.into, path);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, bytes, { flag: 'wx', mode: 0o644 });
    if (executable) chmodSync(file, 0o755);
  } catch (error) {
    state.refuse(`has an entry ${shown} that cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** A second name of a file that was unpacked: a copy of it. */
function hardLink(path: string, target: string, strip: number, state: State, shown: string): void {
  const first = safeName(target, strip);
  if (!first || !state.seen.has(first) || state.links.some((link) => link.path === first))
    state.refuse(`has a link ${shown} to ${JSON.stringify(target)}, which is no file before it`);
  write(path, readFileSync(join(state.into, first!)), false, state, shown);
}

/** Links come last, so that nothing is written through one; each has to lead to something inside. */
function makeLinks({ into, links, refuse }: State): void {
  for (const { path, target, shown } of links) {
    const lexical = normalize(join(dirname(path), target));
    if (
      target === '' ||
      /\0/.test(target) ||
      target.startsWith('/') ||
      lexical === '..' ||
      lexical.startsWith(`..${sep}`)
    )
      refuse(`has a link ${shown} to ${JSON.stringify(target)}, out of the directory`);
    mkdirSync(dirname(join(into, path)), { recursive: true, mode: 0o755 });
    symlinkSync(target, join(into, path));
  }
  const root = realpathSync(into);
  for (const { path, shown } of links) {
    const file = join(into, path);
    let real: string;
    try {
      real = realpathSync(file);
    } catch {
      refuse(`has a link ${shown} to ${JSON.stringify(readlinkSync(file))}, which leads to nothing`);
    }
    if (real! !== root && !real!.startsWith(root + sep)) refuse(`has a link ${shown} that leads out of the directory`);
  }
}
