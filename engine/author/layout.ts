/**
 * Where the keys and values of a call's arguments are written: `apt({ name: 'nginx' })`. Read from the text, with as much of the syntax
 * as that takes; what is not written as a literal has no places of its own, and that of the call is shown.
 */

export interface Layout {
  readonly offset: number;
  /** Behind it. */
  readonly end?: number;
  /** Of an object: where each key and its value are. */
  readonly keys?: ReadonlyMap<string, { readonly key: number; readonly value: Layout }>;
  /** Of a list. */
  readonly items?: readonly Layout[];
}

/** The arguments of the call whose name is at an offset. */
export function layoutOfCall(text: string, offset: number): readonly Layout[] {
  const reader = new Reader(text, offset);
  return reader.toArguments() ? reader.list(')') : [];
}

/** Where the expression ends that begins at an offset. */
export function endOfExpression(text: string, offset: number): number {
  return new Reader(text, offset).value().end ?? text.length;
}

/** Where the text of a tagged template begins, whose tag is at an offset. */
export function startOfTemplate(text: string, offset: number): number {
  const found = /^[\w$.\s]*`/.exec(text.slice(offset, offset + 80));
  return found ? offset + found[0].length : offset;
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

class Reader {
  #at: number;

  constructor(
    private readonly text: string,
    at: number,
  ) {
    this.#at = at;
  }

  /** Behind the `(` of the call; false where there is none. */
  toArguments(): boolean {
    const found = /^[\w$.?!\s]*(?:<[^()]*>)?\s*\(/.exec(this.text.slice(this.#at, this.#at + 400));
    if (!found) return false;
    this.#at += found[0].length;
    return true;
  }

  /** Values up to a closing bracket. */
  list(close: string): Layout[] {
    const found: Layout[] = [];
    for (;;) {
      this.#skip();
      if (this.#done() || this.#take(close)) return found;
      // What is spread has any number of items, so the places of the rest are not known.
      if (this.text.startsWith('...', this.#at)) {
        this.#toEnd(close);
        return found;
      }
      const before = this.#at;
      found.push(this.value());
      this.#skip();
      this.#take(',');
      if (this.#at === before) this.#at++;
    }
  }

  value(): Layout {
    const offset = this.#at;
    if (this.#take('{')) {
      const keys = this.#entries();
      this.#expression();
      return { offset, end: this.#at, keys };
    }
    if (this.#take('[')) {
      const items = this.list(']');
      this.#expression();
      return { offset, end: this.#at, items };
    }
    this.#expression();
    return { offset, end: this.#at };
  }

  #entries(): Map<string, { key: number; value: Layout }> {
    const keys = new Map<string, { key: number; value: Layout }>();
    for (;;) {
      this.#skip();
      if (this.#done() || this.#take('}')) return keys;
      const key = this.#at;
      const found = /^(?:([\w$]+)|'([^'\n\\]*)'|"([^"\n\\]*)")\s*(:|(?=[,}]))/.exec(
        this.text.slice(this.#at, this.#at + 200),
      );
      if (found) {
        this.#at += found[0].length;
        this.#skip();
        const value = found[4] === ':' ? this.value() : { offset: key };
        keys.set(found[1] ?? found[2] ?? found[3] ?? '', { key, value });
      } else this.#expression();
      this.#skip();
      this.#take(',');
      if (this.#at === key) this.#at++;
    }
  }

  /** To the comma or closing bracket that ends an expression. */
  #expression(): void {
    while (!this.#done()) {
      this.#skip();
      const char = this.text[this.#at] ?? '';
      if (char === ',' || char === ')' || char === ']' || char === '}' || char === '') return;
      this.#one(char);
    }
  }

  /** Past one character, or all of what it opens. */
  #one(char: string): void {
    this.#at++;
    const close = CLOSES[char];
    if (close !== undefined) this.#toEnd(close);
    else if (char === "'" || char === '"') this.#string(char);
    else if (char === '`') this.#template();
    else if (char === '/' && /[(,=:[!&|?{};>]\s*$/.test(this.text.slice(Math.max(0, this.#at - 40), this.#at - 1)))
      this.#at += /^(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*\//.exec(this.text.slice(this.#at))?.[0].length ?? 0;
  }

  #toEnd(close: string): void {
    while (!this.#done()) {
      this.#skip();
      if (this.#take(close)) return;
      if (!this.#done()) this.#one(this.text[this.#at]!);
    }
  }

  #string(quote: string): void {
    while (!this.#done()) {
      const char = this.text[this.#at++]!;
      if (char === '\\') this.#at++;
      else if (char === quote || char === '\n') return;
    }
  }

  #template(): void {
    while (!this.#done()) {
      const char = this.text[this.#at++]!;
      if (char === '\\') this.#at++;
      else if (char === '`') return;
      else if (char === '$' && this.#take('{')) this.#toEnd('}');
    }
  }

  #skip(): void {
    const found = /^(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/.exec(this.text.slice(this.#at));
    if (found) this.#at += found[0].length;
  }

  #take(word: string): boolean {
    if (!this.text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #done(): boolean {
    return this.#at >= this.text.length;
  }
}
