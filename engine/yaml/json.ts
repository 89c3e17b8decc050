/** JSON to values, with int and float kept apart and with places; Ansible tries JSON before YAML, and so does parseYaml. */
import { type AuthorError, mistake } from '../errors.ts';
import { type Dict, float, fromProject, type Place, type Source, setPlaces, type Value } from '../values.ts';
import type { ParseOptions } from './build.ts';
import { integer } from './scalars.ts';

const STRING = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null|NaN|-?Infinity/y;
const SPACE = /[ \t\r\n]*/y;
const WORDS: { [word: string]: boolean | null | number } = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};
const DEEPEST = 1000;

/** The value of a JSON text; throws an AuthorError where it is none. */
export function parseJson(source: Source, options: ParseOptions = {}): Value {
  return new JsonReader(source, options.trusted ?? true).whole();
}

class JsonReader {
  readonly #source: Source;
  readonly #text: string;
  readonly #trusted: boolean;
  #at: number;
  #depth = 0;

  constructor(source: Source, trusted: boolean) {
    this.#source = source;
    this.#text = source.text;
    this.#trusted = trusted;
    this.#at = source.text.startsWith('\ufeff') ? 1 : 0;
  }

  whole(): Value {
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#expected('the end of the text');
    return value;
  }

  #place(offset = this.#at): Place {
    return { source: this.#source, offset };
  }

  #expected(what: string): AuthorError {
    const found = this.#at < this.#text.length ? `\`${this.#text[this.#at]}\`` : 'the end of the text';
    return mistake(`expected ${what} in this JSON, and found ${found}`, this.#place());
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #take(mark: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    this.#space();
    return true;
  }

  #value(): Value {
    if (++this.#depth > DEEPEST) throw mistake('values are nested too deeply', this.#place());
    const value = this.#oneValue();
    this.#depth--;
    return value;
  }

  #oneValue(): Value {
    const start = this.#at;
    const first = this.#text[start];
    if (first === '{') return this.#dict();
    if (first === '[') return this.#list();
    if (first === '"') {
      const text = this.#string();
      return this.#trusted ? fromProject(text, this.#place(start + 1)) : text;
    }
    const word = this.#match(WORD);
    if (word) return WORDS[word[0]]!;
    const number = this.#match(NUMBER)?.[0];
    if (number === undefined) throw this.#expected('a value');
    return /[.eE]/.test(number) ? float(Number(number)) : integer(BigInt(number));
  }

  #string(): string {
    const found = this.#match(STRING);
    if (!found)
      throw mistake('this JSON text is never closed, or holds a control character or a wrong escape', this.#place());
    return found[1]!.includes('\\') ? (JSON.parse(found[0]) as string) : found[1]!;
  }

  #list(): Value[] {
    const self = this.#place();
    const list: Value[] = [];
    const values = new Map<Value, Place>();
    this.#take('[');
    if (!this.#take(']')) {
      do {
        values.set(list.length, this.#place());
        list.push(this.#value());
      } while (this.#take(','));
      if (!this.#take(']')) throw this.#expected('`,` or `]`');
    }
    setPlaces(list, { self, values });
    return list;
  }

  #dict(): Dict {
    const self = this.#place();
    const dict: Dict = new Map();
    const keys = new Map<Value, Place>();
    const values = new Map<Value, Place>();
    this.#take('{');
    if (!this.#take('}')) {
      do {
        const keyPlace = this.#place();
        if (this.#text[this.#at] !== '"') throw this.#expected('a key in "quotes"');
        const key = this.#string();
        if (!this.#take(':')) throw this.#expected('`:`');
        keys.set(key, keyPlace);
        values.set(key, this.#place());
        dict.set(key, this.#value());
      } while (this.#take(','));
      if (!this.#take('}')) throw this.#expected('`,` or `}`');
    }
    setPlaces(dict, { self, keys, values });
    return dict;
  }
}
