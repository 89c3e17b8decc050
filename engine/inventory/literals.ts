/** Python's literals, as Ansible reads the values of an ini inventory: `[1, 2]`, `{'a': True}`, `1.5`; anything else is text. */
import { unescapeText } from '../python/escapes.ts';
import { type Dict, float, fromProject, type Place, type Value } from '../values.ts';

class NoLiteral extends Error {}

/** The value of a text that is one Python literal, else the text itself; texts with template marks become Templates. */
export function readLiteral(text: string, place?: Place): Value {
  // Most values are words; only these can begin a literal other than True, False and None.
  if (!/^[\s]*[-+\d.'"[({rRbBuUTFN#]/.test(text)) return fromProject(text, place);
  try {
    const reader = new Reader(text, place);
    return reader.whole();
  } catch (error) {
    if (error instanceof NoLiteral) return fromProject(text, place);
    throw error;
  }
}

const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?/y;
const STRING_START = /([rRbBuU]|[bB][rR]|[rR][bB])?('''|"""|'|")/y;
class Reader {
  readonly #text: string;
  readonly #place: Place | undefined;
  #at = 0;
  #depth = 0;

  constructor(text: string, place: Place | undefined) {
    this.#text = text;
    this.#place = place;
  }

  whole(): Value {
    this.#space();
    const value = this.#tuple();
    this.#space();
    if (this.#at < this.#text.length) throw new NoLiteral();
    return value;
  }

  /** `1, 2` without brackets is a tuple too. */
  #tuple(): Value {
    const first = this.#value();
    if (!this.#take(',')) return first;
    const items = [first];
    while (this.#at < this.#text.length) {
      items.push(this.#value());
      if (!this.#take(',')) break;
    }
    return items;
  }

  #space(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (char !== undefined && /\s/.test(char)) this.#at++;
      else return;
    }
  }

  #take(mark: string): boolean {
    this.#space();
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    this.#space();
    return true;
  }

  #value(): Value {
    if (++this.#depth > 200) throw new NoLiteral();
    this.#space();
    const value = this.#oneValue();
    this.#space();
    this.#depth--;
    return value;
  }

  #oneValue(): Value {
    if (this.#take('[')) return this.#items(']');
    if (this.#take('(')) return this.#parenthesis();
    if (this.#take('{')) return this.#braces();
    if (this.#take('-')) return this.#negate(this.#number());
    if (this.#take('+')) return this.#number();
    const word = /(?:True|False|None)(?!\w)/y;
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0];
    if (found) {
      this.#at += found.length;
      return found === 'None' ? null : found === 'True';
    }
    return this.#strings() ?? this.#number();
  }

  #negate(value: Value): Value {
    if (typeof value === 'bigint') return -value;
    if (typeof value === 'number') return value === 0 ? 0 : -value;
    return float(-Number(value));
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text)?.[0];
    if (!found || /^0_?[0-9_]*[1-9]$|^0\d*[1-9]\d*$/.test(found)) throw new NoLiteral();
    this.#at += found.length;
    if (/[\wjJ]/.test(this.#text[this.#at] ?? '')) throw new NoLiteral();
    const digits = found.replaceAll('_', '');
    if (!/^0[xXoObB]/.test(digits) && /[.eE]/.test(digits)) return float(Number(digits));
    const n = BigInt(digits);
    return Number.isSafeInteger(Number(n)) ? Number(n) : n;
  }

  #items(closer: string): Value[] {
    const items: Value[] = [];
    while (!this.#take(closer)) {
      items.push(this.#value());
      if (this.#take(closer)) break;
      if (!this.#take(',')) throw new NoLiteral();
    }
    return items;
  }

  #parenthesis(): Value {
    if (this.#take(')')) return [];
    const value = this.#value();
    if (this.#take(')')) return value;
    if (!this.#take(',')) throw new NoLiteral();
    return [value, ...this.#items(')')];
  }

  #braces(): Value {
    const dict: Dict = new Map();
    if (this.#take('}')) return dict;
    const first = this.#value();
    if (!this.#take(':')) {
      if (this.#take('}')) return [first];
      if (!this.#take(',')) throw new NoLiteral();
      return [first, ...this.#items('}')];
    }
    dict.set(first, this.#value());
    while (!this.#take('}')) {
      if (!this.#take(',')) throw new NoLiteral();
      if (this.#take('}')) break;
      const key = this.#value();
      if (!this.#take(':')) throw new NoLiteral();
      dict.set(key, this.#value());
    }
    return dict;
  }

  /** One string, or several side by side, which Python joins. */
  #strings(): Value | undefined {
    let text: string | undefined;
    const start = this.#at;
    for (;;) {
      STRING_START.lastIndex = this.#at;
      const found = STRING_START.exec(this.#text);
      if (!found) break;
      this.#at += found[0].length;
      text = (text ?? '') + this.#stringBody(found[2]!, /r/i.test(found[1] ?? ''));
      this.#space();
    }
    const place = this.#place && { source: this.#place.source, offset: this.#place.offset + start + 1 };
    return text === undefined ? undefined : fromProject(text, place);
  }

  #stringBody(quote: string, raw: boolean): string {
    const start = this.#at;
    while (!this.#text.startsWith(quote, this.#at)) {
      const char = this.#text[this.#at];
      if (char === undefined || (char === '\n' && quote.length === 1)) throw new NoLiteral();
      this.#at += char === '\\' ? 2 : 1;
    }
    const body = this.#text.slice(start, this.#at);
    this.#at += quote.length;
    return raw
      ? body
      : unescapeText(body, () => {
          throw new NoLiteral();
        });
  }
}
