/** Large content, and programs that need a channel of their own: upload, download, raw commands, terminals. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ModuleFailure, UnreachableError } from '../../errors.ts';
import { bySh, openAs } from '../become.ts';
import { type HostPool, startTime } from '../pool.ts';
import { quote, type ShellValue } from '../quote.ts';
import type { CallOptions, ShellScript } from '../remote.ts';
import type { TaskBinding } from '../target.ts';
import type { Channel } from './channel.ts';
import { parseReply, RestFinder } from './reply.ts';
import type { Shell } from './shell.ts';

/** One write to a channel. */
const SLICE = 256 * 1024;

/**
 * `set -C` makes the shell create the file with O_EXCL: a file or link that someone put there is never written through.
 * The controller sends nothing before it was told that the file is open, and `head` takes exactly what was announced.
 */
const receive: ShellScript = {
  name: 't_receive',
  needs: [],
  text: `do_t_receive() {
  umask 077
  t_beside=$directory
  if [ -z "$directory" ]; then
    t_private "$T_UPLOADS" || fail "could not make the temporary folder $T_UPLOADS"
    directory=$T_UPLOADS
  fi
  t_file=\${directory%/}/$name
  set -C
  t_open=
  trap 'rm -f "$t_file"' HUP INT TERM PIPE
  {
    t_open=1
    reply path "$t_file"
    if [ -n "$size" ]; then head -c "$size" >&3; else cat >&3; fi
  } 3>"$t_file" 2>/dev/null || {
    t_rc=$?
    if [ -n "$t_open" ]; then
      rm -f "$t_file"
      fail "could not write $t_file (exit code $t_rc; is the disk full?)"
    fi
    t_why='it cannot be written to'
    [ -w "$directory" ] || t_why="this user may not write to $directory"
    [ -d "$directory" ] || t_why="the folder $directory does not exist"
    fail "could not make the file $t_file: $t_why"
  }
  if [ -n "$size" ] && [ "$(wc -c <"$t_file")" -ne "$size" ]; then
    rm -f "$t_file"
    fail "the transfer to $t_file was cut short"
  fi
  # The shell's end removes it, should nobody come to use it; a content without a size ends with its shell.
  if [ -n "$t_beside" ] && [ -n "$size" ] && temp_folder; then
    case $t_file in /*) printf '%s' "$t_file" >"$T_TMP/sent.$name" ;; esac
  fi
  # A connection that was lost looks like the end of the content; then nobody is there to read this.
  reply done 1 2>/dev/null || rm -f "$t_file"
}`,
};

/** Streams content into a new file of the right user; see Remote.upload. */
export async function upload(
  pool: HostPool,
  task: TaskBinding,
  content: Buffer | Readable,
  options: { directory?: ShellValue; name?: string; size?: number } = {},
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
      script: receive,
      variables: { directory: options.directory, name, size },
      stdin: true,
      last: size === undefined,
      onOutput(stream, chunk) {
        if (stream === 'stderr' || path !== undefined) return;
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

const give: ShellScript = {
  name: 't_give',
  needs: [],
  text: `do_t_give() {
  [ -e "$path" ] || fail "the file $path does not exist"
  [ ! -d "$path" ] || fail "$path is a folder"
  [ -r "$path" ] || fail "this user may not read $path"
  { reply_rest content; cat; } <"$path"
}`,
};

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
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const answer = pool.request(task, slot, {
    script: give,
    variables: { path },
    discard: true,
    onOutput(from, chunk) {
      if (from === 'stderr') return;
      const part = finder.feed(chunk);
      if (!finder.found) head.push(chunk);
      else open();
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

/** Sends a command to the login shell as it is, on a channel of its own; see Remote.raw. */
export async function runRaw(
  pool: HostPool,
  task: TaskBinding,
  command: string,
  options: CallOptions = {},
): Promise<{ rc: number; stdout: Buffer; stderr: Buffer }> {
  const channel = await openProgram(pool, task, command, false);
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ['stdout', 'stderr'] as const) {
    channel[name]
      .on('data', (chunk: Buffer) => {
        parts[name].push(chunk);
        options.onOutput?.(name, chunk);
      })
      .resume();
  }
  channel.stdin.end();
  const rc = await waitFor(channel, task, options.timeout);
  return { rc, stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** Runs a program on a terminal; see Remote.terminal. */
export async function runTerminal(
  pool: HostPool,
  task: TaskBinding,
  command: string,
  options: { onOutput(text: string, write: (answer: string) => void): void; timeout?: number },
): Promise<{ rc: number; output: string }> {
  // What is typed must not come back as if the program had said it.
  const channel = await openProgram(pool, task, `stty -echo 2>/dev/null; ${command}`, true);
  const decoder = new TextDecoder();
  let output = '';
  channel.stdout
    .on('data', (chunk: Buffer) => {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      options.onOutput(text, (answer) => channel.stdin.write(answer));
    })
    .resume();
  channel.stderr.resume();
  const rc = await waitFor(channel, task, options.timeout ?? task.timeout);
  return { rc, output };
}

/** A command on a channel of its own, as the task's user: nothing of ours is between its streams and the caller. */
export async function openProgram(
  pool: HostPool,
  task: TaskBinding,
  command: string,
  terminal: boolean,
): Promise<Channel> {
  const connection = await pool.connection();
  const become = pool.becoming(connection, task.become);
  const timeout = startTime(become, pool.target);
  const exports = Object.entries(task.environment ?? {}).map(([name, value]) => `export ${name}=${quote(value)}; `);
  const inSh = `/bin/sh -c ${quote(exports.join('') + command)}`;
  const channel = await pool.channel(connection, () => {
    if (become) return openAs(connection, become, inSh, { timeout, terminal });
    return connection.open(terminal ? bySh(inSh) : command, { terminal });
  });
  pool.count(command.length);
  return channel;
}

/** The exit code; a lost connection, a time-out or an abort throw. */
async function waitFor(channel: Channel, task: TaskBinding, timeout: number | undefined): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const { signal } = task;
  let onAbort = () => {};
  const cut = new Promise<never>((_, reject) => {
    onAbort = () => reject(new ModuleFailure('interrupted'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeout !== undefined) {
      timer = setTimeout(() => reject(new ModuleFailure(`timed out after ${timeout} seconds`)), timeout * 1000);
    }
  });
  try {
    const end = await Promise.race([channel.ended, cut]);
    if (end.lost) throw end.lost;
    return end.code ?? 128;
  } catch (error) {
    channel.kill();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
