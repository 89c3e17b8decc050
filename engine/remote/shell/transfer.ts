/** Large content: uploads and downloads, streamed through a shell that does nothing else in the meantime. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ModuleFailure, UnreachableError } from '../../errors.ts';
import type { HostPool } from '../host_pool.ts';
import type { UploadOptions } from '../remote.ts';
import type { TaskBinding } from '../target.ts';
import { parseReply, RestFinder } from './reply.ts';
import { ownScript } from './scripts.ts';
import type { Shell } from './shell.ts';

/** One write to a channel. */
const SLICE = 256 * 1024;
/** A host's answer with a path, or why there is none, is shorter. */
const LONGEST_PATH = 64 * 1024;

/** Streams content into a new file of the right user; see Remote.upload. */
export async function upload(
  pool: HostPool,
  task: TaskBinding,
  content: Buffer | Readable,
  options: UploadOptions = {},
): Promise<string> {
  const size = Buffer.isBuffer(content) ? content.length : options.size;
  const base = (options.name ?? 'upload').replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
  const name = `.${base}.${randomBytes(6).toString('hex')}`;
  const slot = await pool.lease(task, undefined, true);
  let path: string | undefined;
  try {
    const shell = await slot.shell;
    let ready: (path: string) => void = () => {};
    const opened = new Promise<string>((resolve) => {
      ready = resolve;
    });
    let head = Buffer.alloc(0);
    const answer = pool.request(task, slot, {
      script: ownScript('receive'),
      variables: { directory: options.directory, name, size },
      stdin: true,
      last: size === undefined,
      onOutput(stream, chunk) {
        if (stream === 'stderr' || path !== undefined) return;
        if (head.length > LONGEST_PATH) return;
        head = Buffer.concat([head, chunk]);
        path = /^path\0([^\0]*)\0/.exec(head.toString())?.[1];
        if (path !== undefined) ready(path);
      },
    });
    const early = answer.then(
      () => undefined,
      () => undefined,
    );
    if ((await Promise.race([opened, early])) !== undefined) {
      await feed(shell, content, size, early);
      if (size === undefined) shell.endInput();
    }
    const reply = parseReply(await answer, { script: 'upload' });
    // Its input has ended with the content.
    if (size === undefined) shell.close();
    options.identity?.(reply.get('is'));
    return reply.get('path');
  } catch (error) {
    // Half of the content may be on its way: what this shell would read next is not a request.
    if (path !== undefined || !(error instanceof ModuleFailure)) slot.opened?.drop(error as Error);
    if (path !== undefined && !(error instanceof UnreachableError)) await pool.remove(task, path).catch(() => {});
    throw error;
  } finally {
    pool.release(slot);
  }
}

/** Writes the content; stops when the host has answered before the end (a full disk). */
async function feed(
  shell: Shell,
  content: Buffer | Readable,
  size: number | undefined,
  early: Promise<unknown>,
): Promise<void> {
  let answered = false;
  void early.then(() => {
    answered = true;
  });
  let sent = 0;
  const source = Buffer.isBuffer(content) ? slices(content) : content;
  for await (const part of source) {
    for (const slice of slices(Buffer.from(part as Buffer | string))) {
      if (answered) throw new ModuleFailure('the host stopped reading before the end of the content');
      sent += slice.length;
      if (size !== undefined && sent > size) throw new ModuleFailure(`the content is longer than its ${size} bytes`);
      await Promise.race([shell.send(slice), early]);
    }
  }
  if (size !== undefined && sent < size) throw new ModuleFailure(`the content ended after ${sent} of ${size} bytes`);
}

function* slices(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += SLICE) yield content.subarray(at, at + SLICE);
}

/** Streams a file of the host; resolves when it is open there. */
export async function download(pool: HostPool, task: TaskBinding, path: string): Promise<Readable> {
  const slot = await pool.lease(task, undefined, true);
  let shell: Shell;
  try {
    shell = await slot.shell;
  } catch (error) {
    pool.release(slot);
    throw error;
  }
  const stream = new Readable({
    read: () => shell.hold(false),
    destroy(error, done) {
      if (!ended) shell.drop(error ?? new ModuleFailure(`the download of ${path} was given up`));
      done(error);
    },
  });
  let ended = false;
  const finder = new RestFinder();
  const head: Buffer[] = [];
  let kept = 0;
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const answer = pool.request(task, slot, {
    script: ownScript('give'),
    variables: { path },
    discard: true,
    onOutput(from, chunk) {
      if (from === 'stderr') return;
      const part = finder.feed(chunk);
      kept += chunk.length;
      if (finder.found) open();
      else if (kept <= LONGEST_PATH) head.push(chunk);
      if (part && !stream.push(part)) shell.hold(true);
    },
  });
  const finished = answer.then((raw) => {
    ended = true;
    parseReply({ ...raw, stdout: finder.found ? Buffer.alloc(0) : Buffer.concat(head) }, { script: 'download' });
  });
  const end = () => {
    ended = true;
    shell.hold(false);
    pool.release(slot);
  };
  finished.then(end, end);
  await Promise.race([opened, finished]);
  finished.then(
    () => stream.push(null),
    (error) => stream.destroy(error),
  );
  return stream;
}
