/** Programs that need a channel of their own: raw commands, terminals, and whatever a relay is asked to run. */
import { ModuleFailure } from '../../errors.ts';
import { bySh, openAs, startTime } from '../become.ts';
import type { HostPool } from '../host_pool.ts';
import { quote } from '../quote.ts';
import type { CallOptions } from '../remote.ts';
import type { TaskBinding } from '../target.ts';
import type { Channel } from './channel.ts';
import { OUTPUT_LIMIT, tooMuchOutput } from './shell.ts';

/** Sends a command to the login shell as it is, on a channel of its own; see Remote.raw. */
export async function runRaw(
  pool: HostPool,
  task: TaskBinding,
  command: string,
  options: CallOptions = {},
): Promise<{ rc: number; stdout: Buffer; stderr: Buffer }> {
  const channel = await openProgram(pool, task, command, false);
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const room = roomFor(pool.outputLimit);
  for (const name of ['stdout', 'stderr'] as const) {
    channel[name]
      .on('data', (chunk: Buffer) => {
        if (!room.takes(chunk.length)) return;
        parts[name].push(chunk);
        options.onOutput?.(name, chunk);
      })
      .resume();
  }
  channel.stdin.end();
  const rc = await waitFor(channel, task, options.timeout, room.full);
  return { rc, stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** Runs a program on a terminal; see Remote.terminal. */
export async function runTerminal(
  pool: HostPool,
  task: TaskBinding,
  command: string,
  options: { onOutput(text: string, write: (answer: string) => void): void; timeout?: number },
): Promise<{ rc: number; output: string }> {
  // What is typed must not come back as if the program had said it. A terminal that OpenSSH asks for has no settings at all.
  const channel = await openProgram(pool, task, `stty sane -echo 2>/dev/null; ${command}`, true);
  const decoder = new TextDecoder();
  let output = '';
  const room = roomFor(pool.outputLimit);
  channel.stdout
    .on('data', (chunk: Buffer) => {
      if (!room.takes(chunk.length)) return;
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      options.onOutput(text, (answer) => channel.stdin.write(answer));
    })
    .resume();
  channel.stderr.resume();
  const rc = await waitFor(channel, task, options.timeout ?? task.timeout, room.full);
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

/** Room for the output of a program; `full` is rejected when it brings more. */
function roomFor(limit = OUTPUT_LIMIT): { takes(bytes: number): boolean; full: Promise<never> } {
  let size = 0;
  let overflow: (error: Error) => void = () => {};
  const full = new Promise<never>((_, reject) => {
    overflow = reject;
  });
  full.catch(() => {});
  return {
    full,
    takes(bytes) {
      size += bytes;
      if (size > limit) overflow(tooMuchOutput(limit));
      return size <= limit;
    },
  };
}

/** The exit code; a lost connection, a time-out or an abort throw. */
async function waitFor(
  channel: Channel,
  task: TaskBinding,
  timeout: number | undefined,
  full: Promise<never>,
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const { signal } = task;
  let onAbort = () => {};
  const cut = new Promise<never>((_, reject) => {
    onAbort = () => reject(new ModuleFailure('interrupted'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeout !== undefined) {
      const late = () => new ModuleFailure(`timed out after ${timeout} seconds`, { timedout: { period: timeout } });
      timer = setTimeout(() => reject(late()), timeout * 1000);
    }
  });
  try {
    const end = await Promise.race([channel.ended, cut, full]);
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
