/**
 * Cuts a shell's output into the answers of its requests. A mark is a control byte, 32 random hex digits, one character that
 * says what it is, an optional text and a line feed; all between two marks is the task's own output, byte for byte.
 */

/** `!` the shell is there, `<` an answer begins, `=` it ends (with the exit code). */
export type MarkKind = '!' | '<' | '=';

const HINT = 0x02;
/** A mark's text is a number at most; what is longer only looks like one. */
const LONGEST_TEXT = 32;

/** The printf format that prints a mark. The control byte is written as an escape, so an echo of the request is no mark. */
export function markFormat(mark: string, kind: MarkKind, text = ''): string {
  return `\\002${mark}${kind}${text}\\n`;
}

interface FrameEvents {
  output(chunk: Buffer): void;
  mark(kind: MarkKind, text: string): void;
}

/** Reads one stream. Each byte is looked at once: only what may be the start of a mark is kept for the next chunk. */
export class FrameReader {
  readonly #mark: Buffer;
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    mark: string,
    private readonly events: FrameEvents,
  ) {
    this.#mark = Buffer.from(`\x02${mark}`);
  }

  feed(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const at = bytes.indexOf(this.#mark);
      if (at < 0) break;
      const after = at + this.#mark.length;
      const end = bytes.subarray(after, after + LONGEST_TEXT).indexOf(0x0a);
      if (end < 0 && bytes.length < after + LONGEST_TEXT) {
        if (at > 0) this.events.output(bytes.subarray(0, at));
        this.#rest = bytes.subarray(at);
        return;
      }
      if (end < 0) {
        this.events.output(bytes.subarray(0, after));
        bytes = bytes.subarray(after);
        continue;
      }
      if (at > 0) this.events.output(bytes.subarray(0, at));
      const text = bytes.toString('latin1', after, after + end);
      bytes = bytes.subarray(after + end + 1);
      this.#rest = bytes;
      this.events.mark(text[0] as MarkKind, text.slice(1));
    }
    const keep = this.#mayBegin(bytes);
    if (keep > 0) this.events.output(bytes.subarray(0, keep));
    this.#rest = bytes.subarray(keep);
  }

  /** Where a mark may begin that is not whole yet; the length if none. */
  #mayBegin(bytes: Buffer): number {
    let at = bytes.indexOf(HINT, Math.max(0, bytes.length - this.#mark.length + 1));
    while (at >= 0) {
      if (bytes.compare(this.#mark, 0, bytes.length - at, at) === 0) return at;
      at = bytes.indexOf(HINT, at + 1);
    }
    return bytes.length;
  }
}
