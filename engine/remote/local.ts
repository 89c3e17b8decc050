/** Connection `local`: the controller itself, without ssh. */
import { type ChildProcess, spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { UnreachableError } from '../errors.ts';
import { type Channel, type ChannelEnd, type Connection, lastWords } from './channel.ts';
import { quote } from './quote.ts';

export interface LocalOptions {
  /** Where commands start: the playbook's folder. */
  directory?: string | undefined;
  /** Environment of the shells; that of this process if not given. */
  environment?: Record<string, string> | undefined;
  /** Runs the commands, `/bin/sh` if not given. */
  shell?: string | undefined;
}

/** A connection to the controller itself; nothing can go wrong with it but a shell that does not start. */
export function connectLocal(options: LocalOptions = {}): Connection {
  const children = new Set<ChildProcess>();
  let close: (reason: undefined) => void = () => {};
  const closed = new Promise<undefined>((resolve) => {
    close = resolve;
  });
  return {
    local: true,
    user: userInfo().username,
    where: 'the controller',
    closed,
    async open(command, { terminal = false } = {}) {
      const shell = options.shell ?? '/bin/sh';
      // util-linux's script is the terminal that every Linux has; Node has none of its own.
      const words = terminal ? ['script', '-qec', command, '/dev/null'] : [shell, '-c', command];
      const child = spawn(words[0]!, words.slice(1), {
        stdio: ['pipe', 'pipe', 'pipe'],
        // A session of its own: a Ctrl-C for the controller is not for the task, and a time-out can end all of it.
        detached: true,
        ...(options.directory === undefined ? {} : { cwd: options.directory }),
        ...(options.environment === undefined ? {} : { env: options.environment }),
      });
      children.add(child);
      child.once('exit', () => children.delete(child));
      return channelOf(child, `${quote(words[0]!)} could not be started on the controller`);
    },
    close() {
      for (const child of children) letGo(child);
      close(undefined);
    },
  };
}

function channelOf(child: ChildProcess, failure: string): Channel {
  const ended = new Promise<ChannelEnd>((resolve) => {
    child.once('error', (error) => {
      resolve({ code: null, lost: new UnreachableError(`${failure}: ${error.message}`) });
    });
    const closed = new Promise<void>((over) => child.once('close', () => over()));
    // 'exit' and not 'close' alone: a background process may keep the pipes open for ever.
    child.once('exit', async (code, signal) => {
      await lastWords([child.stdout!, child.stderr!], closed, 100);
      resolve({ code, signal: signal ?? undefined });
    });
  });
  // A write to a program that is gone must not be an uncaught error; `ended` says what happened.
  for (const stream of [child.stdin!, child.stdout!, child.stderr!]) stream.on('error', () => {});
  return {
    stdin: child.stdin!,
    stdout: child.stdout!,
    stderr: child.stderr!,
    ended,
    release: () => letGo(child),
    kill() {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
      letGo(child);
    },
  };
}

/** Closes our ends, so that neither the program nor its background processes keep the controller alive. */
function letGo(child: ChildProcess): void {
  child.stdin?.end();
  child.stdin?.once('finish', () => child.stdin?.destroy());
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
