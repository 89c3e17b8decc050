/** Finds many strings in a text at once, in one pass over it: what is there is looked up by the first four characters. */

const WIDTH = 4;
const TABLE = 1 << 16;

function slot(text: string, at: number): number {
  const a = text.charCodeAt(at) + text.charCodeAt(at + 1) * 31;
  const b = text.charCodeAt(at + 2) * 961 + text.charCodeAt(at + 3) * 29791;
  return (a + b) & (TABLE - 1);
}

export class SecretSearch {
  /** Which slots have a string at all: most places of a text are passed by this alone. */
  readonly #used = new Uint8Array(TABLE);
  readonly #bySlot = new Map<number, string[]>();
  readonly #known = new Set<string>();
  longest = 0;

  get size(): number {
    return this.#known.size;
  }

  has(word: string): boolean {
    return this.#known.has(word);
  }

  /** Adds a string of at least four characters. */
  add(word: string): void {
    if (word.length < WIDTH || this.#known.has(word)) return;
    this.#known.add(word);
    this.longest = Math.max(this.longest, word.length);
    const key = slot(word, 0);
    this.#used[key] = 1;
    const words = this.#bySlot.get(key) ?? [];
    words.push(word);
    words.sort((a, b) => b.length - a.length);
    this.#bySlot.set(key, words);
  }

  /** The longest string that is at this place. */
  #at(text: string, place: number): string | undefined {
    const key = slot(text, place);
    if (this.#used[key] === 0) return undefined;
    return this.#bySlot.get(key)!.find((word) => text.startsWith(word, place));
  }

  /** The text with each string that is found replaced; overlapping ones as one. */
  replace(text: string, mask: string): string {
    let out = '';
    let kept = 0;
    for (let at = 0; at + WIDTH <= text.length; at++) {
      const found = this.#at(text, at);
      if (found === undefined) continue;
      let end = at + found.length;
      // Another one may begin inside and end behind it.
      for (let inner = at + 1; inner < end && inner + WIDTH <= text.length; inner++) {
        const other = this.#at(text, inner);
        if (other !== undefined) end = Math.max(end, inner + other.length);
      }
      out += text.slice(kept, at) + mask;
      kept = end;
      at = end - 1;
    }
    return kept === 0 ? text : out + text.slice(kept);
  }

  /**
   * Where a text that goes on can be cut: behind this place nothing has begun that what follows may complete, and no string that
   * is there whole is cut in two.
   */
  safeEnd(text: string): number {
    const from = Math.max(0, text.length - this.longest + 1);
    let end = text.length;
    for (let at = from; at < text.length; at++) {
      if (at + WIDTH <= text.length && this.#used[slot(text, at)] === 0) continue;
      const rest = text.slice(at);
      const begun = rest.length < WIDTH ? this.#anyBegins(rest) : this.#begins(rest);
      if (!begun) continue;
      end = at;
      break;
    }
    for (let at = Math.max(0, end - this.longest); at < end && at + WIDTH <= text.length; at++) {
      const found = this.#at(text, at);
      if (found !== undefined && at + found.length > end) return at;
    }
    return end;
  }

  #begins(rest: string): boolean {
    return (this.#bySlot.get(slot(rest, 0)) ?? []).some((word) => word.length > rest.length && word.startsWith(rest));
  }

  #anyBegins(rest: string): boolean {
    for (const word of this.#known) if (word.startsWith(rest)) return true;
    return false;
  }
}
