/** A file of lines of JSON that only grows: written in pieces, never waited for, and read to the last line that is whole. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** So much is written at once at the latest. */
const MOST = 256 * 1024;

export class LineWriter {
  #waiting: string[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when what is waiting is written, at the end of this turn of the event loop. */
  #turn: Promise<void> | undefined;
  #descriptor: number | undefined;

  /** A line is written after so many milliseconds at the latest. `failed` is told, once, when the file can't be written any more; nothing is thrown. */
  constructor(
    path: string,
    private readonly failed: (error: unknown) => void,
    private readonly delay: number,
  ) {
    this.#descriptor = openSync(path, 'ax', 0o600);
  }

  write(line: string): void {
    if (this.#descriptor === undefined) return;
    this.#waiting.push(line);
    this.#size += line.length;
    if (this.#size > MOST) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.delay).unref();
  }

  /** Resolves when all that was given so far is in the file; a process that is killed leaves it there. */
  written(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        this.flush();
        resolve();
      });
    });
    return this.#turn;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#descriptor === undefined || this.#waiting.length === 0) return;
    const bytes = Buffer.from(`${this.#waiting.join('\n')}\n`);
    this.#waiting = [];
    this.#size = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      this.#close();
      this.failed(error);
    }
  }

  end(): void {
    this.flush();
    this.#close();
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

interface Line {
  text: string;
  /** Where it begins in the file, and its length in bytes. */
  at: number;
  size: number;
}

/** The lines of a file; what comes after the last newline was cut off and is none. */
export function* linesOf(path: string): Generator<Line> {
  const descriptor = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(MOST);
    let rest = Buffer.alloc(0);
    let at = 0;
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) {
      let bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        yield { text: bytes.toString('utf8', 0, end), at, size: end };
        at += end + 1;
        bytes = bytes.subarray(end + 1);
      }
      rest = bytes;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Each line's JSON; a line that is none ends the reading, as a file that a full disk cut off in the middle. */
export function* recordsOf<T>(path: string): Generator<T> {
  for (const { text } of linesOf(path)) {
    let record: T;
    try {
      record = JSON.parse(text) as T;
    } catch {
      return;
    }
    yield record;
  }
}
