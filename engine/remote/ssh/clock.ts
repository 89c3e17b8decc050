/** The time that a host has to answer in. */
import { SessionFailure } from './ssh.ts';

/** Counts the seconds of one attempt, but not those in which the user is asked something. */
export class Clock {
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
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
    clearTimeout(this.#timer);
  }

  async pausedFor<T>(work: Promise<T>): Promise<T> {
    this.#paused++;
    clearTimeout(this.#timer);
    try {
      return await work;
    } finally {
      this.#paused--;
      this.#arm();
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#running || this.#paused > 0) return;
    const text = `it did not ${this.#doing} within ${this.seconds} seconds`;
    this.#timer = setTimeout(() => this.#end.abort(new SessionFailure('timeout', text)), this.seconds * 1000);
  }
}
