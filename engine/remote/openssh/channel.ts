/** A channel: an ssh that shares the connection of another one, and whose three streams are the command's. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from '../../errors.ts';
import { type Channel, type ChannelEnd, ChannelRefused, lastWords } from '../shell/channel.ts';
import { startProgram } from '../start.ts';
import { channelArguments } from './command.ts';
import type { Master } from './master.ts';

interface Shared {
  program: string;
  master: Master;
  folder: string;
  control: string;
  environment: NodeJS.ProcessEnv;
}

/** ssh's exit code where it was not the command that failed. */
const FAILED = 255;
/** Milliseconds in which a shell ends whose input has ended. */
const LINGER = 2000;

let count = 0;

/** Opens a channel; resolves when the host has agreed to it. */
export async function openChannel(shared: Shared, command: string, terminal: boolean): Promise<Channel> {
  const log = join(shared.folder, `l${++count}`);
  const words = channelArguments(shared.control, log, terminal, command);
  const child = startProgram('the command could not be given to ssh', shared.program, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: shared.environment,
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(FAILED));
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream!.on('error', () => {});
  try {
    const id = await opened(log, exited);
    const channel = channelOf(shared, child, exited, id);
    shared.master.channels.add(channel.ended);
    void channel.ended.then(() => {
      shared.master.channels.delete(channel.ended);
      shared.master.forget(id);
    });
    return channel;
  } catch (error) {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream!.destroy();
    throw error;
  } finally {
    rmSync(log, { force: true });
  }
}

/** Waits for the line of the log that says the session's number. */
async function opened(log: string, exited: Promise<number | null>): Promise<number> {
  let over = false;
  void exited.then(() => {
    over = true;
  });
  for (let pause = 2; ; pause = Math.min(50, pause * 2)) {
    const ended = over;
    const text = read(log);
    const id = /master session id: (\d+)/.exec(text)?.[1];
    if (id !== undefined) return Number(id);
    const refused = /session request failed: (.*)/.exec(text)?.[1];
    if (refused !== undefined) throw new ChannelRefused(`the host opens no further session: ${refused}`);
    if (ended) throw new UnreachableError(`the connection is over: ${lastLine(text)}`);
    await sleep(pause);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function lastLine(text: string): string {
  const said = text.split('\n').filter((line) => line !== '' && !/^debug\d: /.test(line));
  return said.at(-1)?.trim() ?? 'ssh ended';
}

function channelOf({ master }: Shared, child: ChildProcess, exited: Promise<number | null>, id: number): Channel {
  const { stdin, stdout, stderr } = child as ChildProcess & { stdin: Channel['stdin'] };
  const streams = [stdout!, stderr!];
  const over = Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))),
  );
  const ended = new Promise<ChannelEnd>((resolve) => {
    // The command has ended, but something that it started holds the channel open.
    master.onExit(id, async ({ code }) => {
      await Promise.race([exited, lastWords(streams, over, 500)]);
      await Promise.race([exited, sleep(100)]);
      resolve({ code });
    });
    void exited.then(async (code) => {
      const lost =
        code === FAILED
          ? await Promise.race([master.ended.then((why) => why ?? 'it was closed'), sleep(300)])
          : undefined;
      // The streams close when the master lets go of them; on a busy machine what it wrote last may come a while after the exit.
      await Promise.race([over, lastWords(streams, over, 500)]);
      if (typeof lost === 'string')
        resolve({ code: null, lost: new UnreachableError(`the connection was lost: ${lost}`) });
      else resolve({ code });
    });
  });
  const kill = () => {
    try {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const drain = () => {
    for (const stream of streams) stream.resume();
  };
  void ended.then(async () => {
    await Promise.race([exited, sleep(LINGER, undefined, { ref: false })]);
    kill();
  });
  return {
    stdin,
    stdout: stdout!,
    stderr: stderr!,
    ended,
    release() {
      drain();
      stdin.end();
      void Promise.race([exited, sleep(LINGER, undefined, { ref: false })]).then(kill);
    },
    kill() {
      drain();
      kill();
    },
  };
}
