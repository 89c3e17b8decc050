/** The time that a host has to answer in. */
import { SessionFailure } from './session_failure.ts';

/**
 * Calls back after so many seconds in which this process was there to listen: while it is busy itself (a passphrase's slow hash, a
 * machine with too much to do), what the host has answered waits unread, and that is not the host's fault. Returns what stops it.
 */
export function afterListening(seconds: number, done: () => void): () => void {
  const step = Math.min(250, Math.max(10, seconds * 50));
  let left = seconds * 1000;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    left -= Math.min(now - last, 2 * step);
    last = now;
    if (left > 0) return;
    clearInterval(timer);
    done();
  }, step);
  return () => clearInterval(timer);
}

/** Counts the seconds of one attempt, but not those in which the user is asked something. */
export class Clock {
  readonly #end = new AbortController();
  #stop: () => void = () => {};
  #doing = '';
  #running = false;
  #paused = 0;

  constructor(private readonly seconds: number) {}

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  start(doing: string): void {
    this.#doing = doing;
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#stop();
  }

  async pausedFor<T>(work: Promise<T>): Promise<T> {
    this.#paused++;
    this.#stop();
    try {
      return await work;
    } finally {
      this.#paused--;
      this.#arm();
    }
  }

  #arm(): void {
    this.#stop();
    if (!this.#running || this.#paused > 0) return;
    const text = `it did not ${this.#doing} within ${this.seconds} seconds`;
    this.#stop = afterListening(this.seconds, () => this.#end.abort(new SessionFailure('timeout', text)));
  }
}
