/** The way to a host below SSH: TCP, or the streams of a ProxyCommand. */
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { reasonOf } from '../../errors.ts';
import { startProgram } from '../start.ts';
import { afterListening } from './clock.ts';

/** Why there is no socket; `again` if another attempt may have better luck. */
export class SocketFailure extends Error {
  constructor(
    message: string,
    readonly again: boolean | 'after silence',
  ) {
    super(message);
  }
}

const CODES: Record<string, [text: string, again: boolean | 'after silence']> = {
  ENOTFOUND: ['there is no such host: its name has no address', false],
  EAI_AGAIN: ['its name could not be looked up: the name server does not answer', true],
  ECONNREFUSED: ['connection refused: nothing listens on that port', true],
  ECONNRESET: ['the connection was reset', true],
  ETIMEDOUT: ['it does not answer', 'after silence'],
  EHOSTUNREACH: ['there is no route to it', true],
  ENETUNREACH: ['there is no network to it', false],
  EACCES: ['this machine does not allow the connection', false],
  EPERM: ['this machine does not allow the connection', false],
  EMFILE: [reasonOf(Object.assign(new Error(), { code: 'EMFILE', syscall: 'connect' })), false],
};

interface TcpOptions {
  host: string;
  port: number;
  family?: 4 | 6 | undefined;
  localAddress?: string | undefined;
  /** Seconds. */
  timeout: number;
  signal: AbortSignal;
}

/**
 * Lets what is written in one turn leave as one: without its compiled part, as where no compiler was there when it was installed, ssh2 writes
 * a packet in three pieces, and each would be a call of the system and a packet on the wire.
 */
function writtenTogether(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (...words: unknown[]) => boolean;
  let corked = false;
  socket.write = (...words: unknown[]) => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...words);
  };
  return socket;
}

export function openTcp({ host, port, family, localAddress, timeout, signal }: TcpOptions): Promise<Socket> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return Promise.reject(new SocketFailure('its port is not a whole number from 1 to 65535', false));
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      ...(family === undefined ? {} : { family }),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const give = (error: Error) => {
      settled();
      socket.destroy();
      reject(error);
    };
    const abort = () => give(signal.reason as Error);
    const stop = afterListening(timeout, () =>
      give(new SocketFailure(`it does not answer within ${timeout} seconds`, 'after silence')),
    );
    const settled = () => {
      stop();
      signal.removeEventListener('abort', abort);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      settled();
      socket.removeAllListeners('error');
      resolve(writtenTogether(socket));
    });
    socket.once('error', (error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }) => {
      // A name with several addresses fails with one error for each.
      const first = error.errors?.[0] ?? error;
      const [text, again] = CODES[first.code ?? ''] ?? [first.message, true];
      give(new SocketFailure(text, again));
    });
  });
}

/** Starts a ProxyCommand; what it says on stderr is told when it fails. */
export function openProxy(command: string): { socket: Duplex; said(): Promise<string> } {
  // A group of its own, so that what the command starts ends with it.
  const child = startProgram('the ProxyCommand could not be started', '/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const socket = Duplex.from({ readable: child.stdout!, writable: child.stdin! });
  child.on('error', (error) => socket.destroy(error));
  socket.on('close', () => {
    try {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  });
  socket.on('error', () => {});
  child.unref();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    socket,
    async said() {
      // Its last words may still be on their way.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2000))]);
      return said.trim();
    },
  };
}
