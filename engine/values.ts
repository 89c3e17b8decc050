/**
 * The values that flow through the engine, and the places they came from.
 *
 * A dict is a Map (order and key types are Python's: `{2: a, 1: b}` keeps its order, 1 and "1" are two keys, and no key can
 * reach a prototype). An int is a JS number that is an integer, or a bigint beyond 2^53; a float is any other number, and an
 * integral float (1.0) is a `Float`, because its text differs from an int's.
 *
 * A string is data. Only a `Template`, which the YAML loader makes from a project's own files, is ever rendered: whatever a
 * host, a command, a lookup or the command line returned is a plain string and stays literal text (SECURITY.md, S-01).
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Timestamp
  | Template
  | VaultText
  | Value[]
  | Dict;

export type Dict = Map<Value, Value>;
/** A dict that is only read. */
export type ReadonlyDict = ReadonlyMap<Value, Value>;

/** A float whose value is integral: keeps `1.0` apart from `1`. */
export class Float {
  constructor(readonly value: number) {}
  valueOf(): number {
    return this.value;
  }
}

/** The value of a float computation in its canonical form. */
export function float(n: number): number | Float {
  return Number.isInteger(n) ? new Float(n) : n;
}

/** A YAML 1.1 date or date-time; `text` is what Python's str() of it gives. */
export class Timestamp {
  constructor(
    readonly text: string,
    readonly date: Date,
    readonly dateOnly: boolean,
  ) {}
}

/** A file's name as messages show it: relative to the folder that the user stands in, if it is inside of it. */
export function shownPath(path: string, cwd: string | undefined): string {
  // From the root folder every path would lose its slash and nothing else.
  const inside = cwd !== undefined && cwd !== '/' && path.startsWith(`${cwd}/`);
  return inside ? path.slice(cwd.length + 1) : path;
}

/** A text (a file, or a `-e` argument) that values were read from. */
export class Source {
  #lines: number[] | undefined;
  constructor(
    readonly file: string,
    readonly text: string,
    /** The file is encrypted: no line of it is shown, in no message. */
    readonly secret = false,
  ) {}

  /** 1-based line and column of an offset. */
  position(offset: number): { line: number; column: number } {
    this.#lines ??= [0, ...[...this.text.matchAll(/\n/g)].map((m) => m.index + 1)];
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#lines[low]! + 1 };
  }

  line(number: number): string {
    return this.text.split('\n', number)[number - 1]?.replace(/\r$/, '') ?? '';
  }
}

/** Where something stands: a source and an offset in it; line and column are worked out only when an error is worded. */
export interface Place {
  readonly source: Source;
  readonly offset: number;
  /** The call that led here, where a playbook is a program. */
  readonly from?: Place;
}

/**
 * A string from a project's file that contains `{{`, `{%` or `{#`: rendered once, when it is used.
 * `compiled` is the template engine's cache, owned by template/.
 */
export class Template {
  compiled: unknown = undefined;
  constructor(
    readonly text: string,
    readonly place: Place | undefined,
  ) {}
}

/** `!vault` text not yet decrypted; `vars/` decrypts it at first use with the secrets of the run, to a plain inert string. */
export class VaultText {
  constructor(
    readonly text: string,
    readonly place: Place | undefined,
  ) {}
}

const TEMPLATE_MARK = /\{\{|\{%|\{#/;

/** A string from a project's file as a value: a Template where it holds a template's mark, else the plain string. */
export function fromProject(text: string, place: Place | undefined): string | Template {
  return TEMPLATE_MARK.test(text) ? new Template(text, place) : text;
}

interface ContainerPlaces {
  self: Place;
  keys?: Map<Value, Place>;
  values: Map<Value, Place>;
}

const places = new WeakMap<object, ContainerPlaces>();

/** Remembers where a container and its entries stand; called by yaml/ and inventory/ loaders only. */
export function setPlaces(container: Value[] | Dict, where: ContainerPlaces): void {
  places.set(container, where);
}

/** Where a list, dict or Template stands, if it came from a file. */
export function placeOf(value: Value | undefined): Place | undefined {
  if (value instanceof Template || value instanceof VaultText) return value.place;
  return typeof value === 'object' && value !== null ? places.get(value)?.self : undefined;
}

/** Where a key of a dict stands. */
export function placeOfKey(dict: ReadonlyDict, key: Value): Place | undefined {
  const where = places.get(dict);
  return where?.keys?.get(key) ?? where?.self;
}

/** Where the value under a dict's key, or at a list's index, stands. */
export function placeOfValue(container: ReadonlyDict | Value[], key: Value): Place | undefined {
  const where = places.get(container);
  return where?.values.get(key) ?? where?.self;
}

/** A copy of a dict without some keys, which remembers the places of the rest. */
export function without(dict: Dict, ...keys: Value[]): Dict {
  const copy = new Map(dict);
  for (const key of keys) copy.delete(key);
  const where = places.get(dict);
  if (where) places.set(copy, where);
  return copy;
}

export const isDict = (value: unknown): value is Dict => value instanceof Map;
export const isList = (value: unknown): value is Value[] => Array.isArray(value);
export const isInt = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
export const isFloat = (value: unknown): value is number | Float =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));

/** A dict from a plain object; nested plain objects, arrays and Maps are converted too, `undefined` entries dropped. */
export function fromPlain(plain: unknown): Value {
  if (plain === undefined) return null;
  if (typeof plain !== 'object' || plain === null) return plain as Value;
  if (plain instanceof Float || plain instanceof Timestamp || plain instanceof Template || plain instanceof VaultText) {
    return plain;
  }
  if (Array.isArray(plain)) return plain.map(fromPlain);
  const entries = plain instanceof Map ? [...plain] : Object.entries(plain);
  return new Map(entries.filter(([, v]) => v !== undefined).map(([k, v]) => [k, fromPlain(v)]));
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Plain JSON of a value, for events and for modules. Keys become strings; `__proto__` is an own key like any other; a Template
 * becomes its source text, a VaultText a mark, a bigint a number where it fits, else its digits.
 */
export function toPlain(value: Value | ReadonlyDict): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float) return value.value;
  if (value instanceof Timestamp || value instanceof Template) return value.text;
  if (value instanceof VaultText) return '<vault-encrypted>';
  if (Array.isArray(value)) return value.map(toPlain);
  const plain: { [key: string]: Json } = {};
  for (const [key, item] of value) {
    Object.defineProperty(plain, keyText(key), {
      value: toPlain(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return plain;
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (key instanceof Float) return `${key.value}.0`;
  return key instanceof Timestamp || key instanceof Template ? key.text : String(key);
}

const ESCAPED = /(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]/;

/** Bytes as a text: UTF-8, and each byte that is none kept as a half of a surrogate pair, as Python has it (surrogateescape). */
export function textOfBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\uFFFD')) return text;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length === 0) parts.push(String.fromCharCode(0xdc00 + bytes[at]!));
    else parts.push(bytes.toString('utf8', at, at + length));
    at += length || 1;
  }
  return parts.join('');
}

/** How many bytes the character that begins here has; 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
  if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return 0;
  const text = bytes.toString('utf8', at, at + length);
  return text === '\uFFFD'
    ? bytes.toString('latin1', at, at + 3) === '\xEF\xBF\xBD'
      ? 3
      : 0
    : text.includes('\uFFFD')
      ? 0
      : length;
}

/** The bytes of a text, those that textOfBytes kept among them. */
export function bytesOfText(text: string): Buffer {
  if (!ESCAPED.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  let plain = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char.length > 1 || code < 0xdc80 || code > 0xdcff) {
      plain += char;
      continue;
    }
    parts.push(Buffer.from(plain, 'utf8'), Buffer.from([code - 0xdc00]));
    plain = '';
  }
  return Buffer.concat([...parts, Buffer.from(plain, 'utf8')]);
}
