/** Connection `local`: the controller itself, without ssh. */
import { type ChildProcess, execFile } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { UnreachableError } from '../errors.ts';
import { localUser } from './local_user.ts';
import { quote } from './quote.ts';
import { type Channel, type ChannelEnd, type Connection, lastWords } from './shell/channel.ts';
import { startProgram } from './start.ts';

interface LocalOptions {
  /** Where commands start: the playbook's folder. */
  directory?: string | undefined;
  /** Environment of the shells; that of this process if not given. */
  environment?: Record<string, string> | undefined;
  /** Runs the commands, `/bin/sh` if not given. */
  shell?: string | undefined;
}

/** A connection to the controller itself; nothing can go wrong with it but a shell that does not start. */
export function connectLocal(options: LocalOptions = {}): Connection {
  const running = new Set<Channel>();
  let close: (reason: undefined) => void = () => {};
  const closed = new Promise<undefined>((resolve) => {
    close = resolve;
  });
  return {
    local: true,
    user: localUser(),
    where: 'the controller',
    closed,
    async open(command, { terminal = false } = {}) {
      const shell = options.shell ?? '/bin/sh';
      // util-linux's script is the terminal that every Linux has; Node has none of its own.
      const words = terminal ? ['script', '-qec', command, '/dev/null'] : [shell, '-c', command];
      const pipes = terminal ? undefined : await makePipes();
      const failure = `${quote(words[0]!)} could not be started on the controller`;
      const ends = pipes ? [pipes.stdout, pipes.stderr] : [];
      let child: ChildProcess;
      try {
        child = startProgram(failure, words[0]!, words.slice(1), {
          stdio: ['pipe', pipes?.stdout.theirs ?? 'pipe', pipes?.stderr.theirs ?? 'pipe'],
          // A session of its own: a Ctrl-C for the controller is not for the task, and a time-out can end all of it.
          detached: true,
          ...(options.directory === undefined ? {} : { cwd: options.directory }),
          ...(options.environment === undefined ? {} : { env: options.environment }),
        });
      } catch (error) {
        for (const { ours } of ends) ours.destroy();
        throw error;
      } finally {
        for (const { theirs } of ends) closeSync(theirs);
      }
      const channel = channelOf(
        child,
        pipes?.stdout.ours ?? child.stdout!,
        pipes?.stderr.ours ?? child.stderr!,
        failure,
      );
      running.add(channel);
      void channel.ended.then(() => running.delete(channel));
      return channel;
    },
    close() {
      for (const channel of running) channel.release();
      close(undefined);
    },
  };
}

interface Pipe {
  ours: Readable;
  theirs: number;
}

/**
 * Pipes for the output. Node's own are sockets, which a program can't open again as /dev/stdout or /dev/stderr; undefined
 * where there are no others to be had.
 */
async function makePipes(): Promise<{ stdout: Pipe; stderr: Pipe } | undefined> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'troupe-'));
    const files = [join(folder, 'out'), join(folder, 'err')] as const;
    await promisify(execFile)('mkfifo', ['-m', '600', ...files]);
    const [stdout, stderr] = files.map((file) => {
      // Our end first, which does not wait for the other; theirs must be one on which writing waits.
      const reading = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
      return {
        theirs: openSync(file, constants.O_WRONLY),
        ours: new Socket({ fd: reading, readable: true, writable: false }),
      };
    });
    return { stdout: stdout!, stderr: stderr! };
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function channelOf(child: ChildProcess, stdout: Readable, stderr: Readable, failure: string): Channel {
  const streams = [stdout, stderr];
  const over = Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))),
  );
  const ended = new Promise<ChannelEnd>((resolve) => {
    child.once('error', (error) => {
      resolve({ code: null, lost: new UnreachableError(`${failure}: ${error.message}`) });
    });
    // The exit, and not the end of the streams alone: a background process may keep them open for ever.
    child.once('exit', async (code, signal) => {
      await lastWords(streams, over, 100);
      resolve({ code, signal: signal ?? undefined });
    });
  });
  const stdin = child.stdin!;
  // A write to a program that is gone must not be an uncaught error; `ended` says what happened.
  for (const stream of [stdin, ...streams]) stream.on('error', () => {});
  // Closes our ends, so that neither the program nor its background processes keep the controller alive.
  const release = () => {
    stdin.end(() => stdin.destroy());
    for (const stream of streams) stream.destroy();
    child.unref();
  };
  return {
    stdin,
    stdout,
    stderr,
    ended,
    release,
    kill() {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
      release();
    },
  };
}
