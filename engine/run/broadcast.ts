/** One stream of events for many readers, each at its own pace. What all readers have read is not kept. */

interface Link<T> {
  event?: T;
  next?: Link<T>;
}

/** A reader that comes before this many events have been read by another sees the stream from its start. */
const KEPT = 1000;

export class Broadcast<T> implements AsyncIterable<T> {
  #last: Link<T> = {};
  #first: Link<T> | undefined = this.#last;
  #ended = false;
  #error: unknown;
  #wake: (() => void)[] = [];

  emit(event: T): void {
    this.#last.event = event;
    this.#last.next = {};
    this.#last = this.#last.next;
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
    let link = this.#first ?? this.#last;
    for (let count = 0; ; count++) {
      if (count === KEPT) this.#first = undefined;
      while (!link.next) {
        if (this.#ended) {
          if (this.#error) throw this.#error;
          return;
        }
        await new Promise<void>((wake) => this.#wake.push(wake));
      }
      yield link.event!;
      link = link.next;
    }
  }
}
