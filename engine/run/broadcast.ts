/** One stream of events for many readers: each reader sees every event from the first, at its own pace. */

export class Broadcast<T> implements AsyncIterable<T> {
  #events: T[] = [];
  #ended = false;
  #error: unknown;
  #wake: (() => void)[] = [];

  emit(event: T): void {
    this.#events.push(event);
    this.#notify();
  }

  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (let i = 0; ; i++) {
      while (i >= this.#events.length) {
        if (this.#ended) {
          if (this.#error) throw this.#error;
          return;
        }
        await new Promise<void>((wake) => this.#wake.push(wake));
      }
      yield this.#events[i]!;
    }
  }
}
