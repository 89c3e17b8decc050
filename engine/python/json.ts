/** JSON as Python's json module reads and writes it. */

import { Float, float, isFloat, isInt, Template, Timestamp, VaultText } from '../values.ts';
import { PyObject, Range } from './objects.ts';
import { textOrder } from './operators.ts';
import type { Py } from './py.ts';
import { floatText, toText } from './text.ts';
import { truthy, typeName } from './types.ts';
import { fail, Undefined } from './undefined.ts';

interface DumpOptions {
  indent?: number | string | null | undefined;
  sortKeys?: boolean;
  ensureAscii?: boolean;
  separators?: [string, string] | undefined;
}

/** json.dumps. */
export function dumpJson(value: Py, options: DumpOptions = {}): string {
  const { indent } = options;
  const pretty = indent !== null && indent !== undefined;
  const [item, key] = options.separators ?? [pretty ? ',' : ', ', ': '];
  const step = !pretty ? '' : typeof indent === 'string' ? indent : ' '.repeat(Math.max(0, Number(indent)));
  const ascii = options.ensureAscii ?? true;
  const text = (s: string) => quote(s, ascii);
  const write = (v: Py, level: string): string => {
    if (v === null) return 'null';
    if (typeof v === 'string') return text(v);
    if (typeof v === 'boolean') return v ? 'true' : 'false';
    if (isInt(v)) return String(v);
    if (isFloat(v)) return jsonFloat(v instanceof Float ? v.value : v);
    if (v instanceof Undefined) v.trip();
    if (v instanceof Range) return write([...v], level);
    const inner = level + step;
    const open = pretty ? `\n${inner}` : '';
    const close = pretty ? `\n${level}` : '';
    const glue = item + (pretty ? `\n${inner}` : '');
    if (Array.isArray(v)) {
      if (v.length === 0) return '[]';
      return `[${open}${v.map((one) => write(one, inner)).join(glue)}${close}]`;
    }
    if (v instanceof Map) {
      if (v.size === 0) return '{}';
      let entries = [...v];
      if (options.sortKeys) entries = entries.sort(([a], [b]) => textOrder(keyText(a), keyText(b)));
      return `{${open}${entries.map(([k, one]) => `${text(keyText(k))}${key}${write(one, inner)}`).join(glue)}${close}}`;
    }
    if (v instanceof Timestamp) return text(v.text.replace(' ', 'T'));
    if (v instanceof Template || v instanceof VaultText) return text(v.text);
    if (v instanceof PyObject) return text(v.text());
    fail(`a '${typeName(v)}' can't be written as JSON`);
  };
  return write(value, '');
}

function jsonFloat(n: number): string {
  if (Number.isNaN(n)) return 'NaN';
  if (!Number.isFinite(n)) return n < 0 ? '-Infinity' : 'Infinity';
  return floatText(n);
}

function keyText(key: Py): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (isInt(key) || isFloat(key)) return toText(key);
  if (key instanceof Timestamp) return key.text;
  fail(`a '${typeName(key)}' can't be a key in JSON`);
}

function quote(text: string, ascii: boolean): string {
  const quoted = JSON.stringify(text);
  const plain = quoted.includes('\\ud') ? quoted.replace(/\\u(d[89a-f][\da-f]{2})/g, (_, hex) => `\\u${hex}`) : quoted;
  if (!ascii) return plain;
  return /[^\0-\x7e]/.test(plain)
    ? plain.replace(/[^\0-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : plain;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const WORDS: [string, Py][] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** json.loads: keeps ints apart from floats, and big ints exact. */
export function loadJson(text: string): Py {
  let at = 0;
  const bad = (message: string, where = at): never => {
    const before = text.slice(0, where);
    const line = before.split('\n').length;
    return fail(`invalid JSON: ${message}: line ${line} column ${where - before.lastIndexOf('\n')} (char ${where})`);
  };
  const space = () => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++;
  };
  const string = (): string => {
    STRING.lastIndex = at;
    const match = STRING.exec(text);
    if (!match) bad('invalid string');
    at = STRING.lastIndex;
    return JSON.parse(match![0]);
  };
  const sequence = <T>(end: string, one: () => T): T[] => {
    const items: T[] = [];
    at++;
    space();
    if (text[at] === end) {
      at++;
      return items;
    }
    for (;;) {
      items.push(one());
      space();
      if (text[at] === end) {
        at++;
        return items;
      }
      if (text[at] !== ',') bad("expecting ',' delimiter");
      at++;
      space();
    }
  };
  const pair = (): [string, Py] => {
    if (text[at] !== '"') bad('expecting property name enclosed in double quotes');
    const key = string();
    space();
    if (text[at] !== ':') bad("expecting ':' delimiter");
    at++;
    return [key, value()];
  };
  const value = (): Py => {
    space();
    const c = text[at];
    if (c === '"') return string();
    if (c === '{') return new Map(sequence('}', pair));
    if (c === '[') return sequence(']', value);
    for (const [word, meaning] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (!match) bad('expecting value');
    at = NUMBER.lastIndex;
    if (match![1] !== undefined || match![2] !== undefined) return float(Number(match![0]));
    const n = Number(match![0]);
    return Number.isSafeInteger(n) ? (n === 0 ? 0 : n) : BigInt(match![0]);
  };
  const result = value();
  space();
  if (at < text.length) bad('extra data');
  return result;
}

/** Options of to_json and its kin from a call's named arguments. */
export function dumpOptions(named: Map<string, Py>, defaults: DumpOptions = {}): DumpOptions {
  const options: DumpOptions = { ...defaults };
  if (named.has('indent')) options.indent = named.get('indent');
  if (named.has('sort_keys')) options.sortKeys = truthy(named.get('sort_keys'));
  if (named.has('ensure_ascii')) options.ensureAscii = truthy(named.get('ensure_ascii'));
  const separators = named.get('separators');
  if (Array.isArray(separators)) options.separators = [toText(separators[0]), toText(separators[1])];
  return options;
}
