/** A host that keeps silent while it is connected to holds up nobody else. */
import type { Duplex } from 'node:stream';
import { afterListening } from './clock.ts';
import { afterTimeout, SessionFailure } from './session_failure.ts';

/** Seconds after which a host that has said nothing counts as silent, where each attempt costs a process. */
const PATIENCE = 1;
/** Connections to one address that may wait unauthenticated at once: sshd's MaxStartups refuses from ten on. */
const AT_ONE_ADDRESS = 8;

/** Told that a host is silent, so that what waits behind it may begin; the function it returns waits for a turn again. */
export type OnSilence = () => () => Promise<void>;

/** From the first attempt to connect to a host until it has said something, or is given up. */
export class Silence {
  #again: (() => Promise<void>) | undefined;
  #stop: () => void = () => {};

  constructor(private readonly onSilence: OnSilence | undefined) {}

  /** The attempt begins: if the host is silent for long, others are let pass. */
  begin(): void {
    this.#stop = afterListening(PATIENCE, () => this.now());
  }

  /** Others are let pass. */
  now(): void {
    this.#again ??= this.onSilence?.();
  }

  /** It has said something or is given up. Waits for a turn, if others were let pass meanwhile. */
  async over(): Promise<void> {
    this.#stop();
    const again = this.#again;
    this.#again = undefined;
    await again?.();
  }
}

/** How many connections wait for the first word of each address. */
export class Knocking {
  readonly #at = new Map<string, number>();

  /** Whether one more may wait; if so, `work` is done as one of them. */
  async one<T>(address: string, work: (allowed: boolean) => Promise<T>): Promise<T> {
    const count = this.#at.get(address) ?? 0;
    if (count >= AT_ONE_ADDRESS) return work(false);
    this.#at.set(address, count + 1);
    try {
      return await work(true);
    } finally {
      this.#at.set(address, this.#at.get(address)! - 1);
    }
  }
}

/** Waits until a host says its first word; nothing of it is read. */
export function firstWord(socket: Duplex, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      socket.off('readable', heard);
      socket.off('close', lost);
      socket.off('error', lost);
      signal.removeEventListener('abort', abort);
      done();
    };
    const heard = () => settle(resolve);
    const lost = () =>
      settle(() => reject(new SessionFailure('lost', 'the connection was closed during the handshake')));
    const abort = () => {
      socket.destroy();
      settle(() => reject(afterTimeout(signal.reason, false)));
    };
    if (signal.aborted) return abort();
    socket.on('readable', heard);
    socket.on('close', lost);
    socket.on('error', lost);
    signal.addEventListener('abort', abort, { once: true });
  });
}
