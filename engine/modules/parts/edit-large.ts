/**
 * Files too large to be held in memory are edited as streams: one download to look at the lines, and for a change a second one whose
 * lines go back to the host, changed, beside the file's place. What is held is a piece of some lines, however large the file.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ModuleFailure } from '../../errors.ts';
import type { Remote } from '../../remote/remote.ts';
import type { ModuleEnv } from '../define.ts';
import { type EditArgs, type EditedFile, put, uploadVariables, type Written } from './edit.ts';

/** Bytes above which a file is edited as a stream, by the modules that can. A test lowers it, to see every case done so. */
export const streaming = { above: 8 * 1024 * 1024 };
/** Bytes of a line, above which a file has no lines. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** A file whose content was not read. */
export interface LargeFile extends EditedFile {
  large: { size: number; target: string };
}

export const isLarge = (file: EditedFile): file is LargeFile => file.large !== undefined;

/** The file in pieces of whole lines, as latin1 text; `seen` is told the bytes as they come. */
async function* piecesOf(file: LargeFile, remote: Remote, seen: (bytes: Buffer) => void = () => {}) {
  let rest = '';
  for await (const bytes of (await remote.download(file.large.target)) as AsyncIterable<Buffer>) {
    seen(bytes);
    const text = rest + bytes.toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) yield text.slice(0, end);
    rest = text.slice(end);
    if (rest.length > LONGEST_LINE)
      throw new ModuleFailure(`${file.path}: a line is longer than ${LONGEST_LINE / 1024 ** 2} MiB`);
  }
  if (rest !== '') yield rest;
}

/** Looks at the pieces of a large file in turn, each of whole lines; returns the file's SHA-1. */
export async function scanPieces(file: LargeFile, remote: Remote, look: (piece: string) => void): Promise<string> {
  const hash = createHash('sha1');
  for await (const piece of piecesOf(file, remote, (bytes) => hash.update(bytes))) look(piece);
  return hash.digest('hex');
}

/** Calls back with each line, its end included. */
export function eachLine(piece: string, look: (line: string) => void): void {
  let at = 0;
  for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', at)) {
    look(piece.slice(at, end + 1));
    at = end + 1;
  }
  if (at < piece.length) look(piece.slice(at));
}

/** A change of a large file: what becomes of each piece and, at last, of the end (undefined); and the bytes of the whole. */
interface PieceChange {
  size: number;
  of(piece: string | undefined): string;
}

async function* changedPieces(file: LargeFile, remote: Remote, change: PieceChange): AsyncGenerator<Buffer> {
  for await (const piece of piecesOf(file, remote)) yield Buffer.from(change.of(piece), 'latin1');
  yield Buffer.from(change.of(undefined), 'latin1');
}

/** Puts what a change makes of a large file in its place, if it is still the one with this SHA-1; undefined if its content stays. */
export async function writePieces(
  file: LargeFile,
  change: PieceChange | undefined,
  expected: string,
  args: EditArgs,
  env: ModuleEnv,
): Promise<Written> {
  const content = async (made: PieceChange) => {
    const { target } = file.large;
    const directory = target.slice(0, target.lastIndexOf('/')) || '/';
    const stream = Readable.from(changedPieces(file, env.remote, made), { objectMode: false });
    const where = args.unsafe_writes ? undefined : directory;
    return { variables: await uploadVariables(stream, made.size, where, env.remote), size: made.size, expected };
  };
  return put(file, args, env, change && (() => content(change)));
}

/** What is shown instead of the texts. */
export function largeDiffs(file: LargeFile, written: Written) {
  const prepared = `${file.path} has more than ${streaming.above / 1024 ** 2} MiB: its text is not shown\n`;
  return [{ prepared }, { ...written.diff, before_header: file.path, after_header: file.path }];
}
