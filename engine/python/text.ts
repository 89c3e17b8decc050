/** Python's str() and repr() of values. */

import { Float, Template, Timestamp, VaultText } from '../values.ts';
import { Callable, PyObject, Range, Tuple } from './objects.ts';
import type { Py } from './py.ts';
import { OMIT, Undefined } from './undefined.ts';

/** Python's repr of a float. */
export function floatText(n: number): string {
  if (Number.isNaN(n)) return 'nan';
  if (!Number.isFinite(n)) return n < 0 ? '-inf' : 'inf';
  if (Object.is(n, -0)) return '-0.0';
  const size = Math.abs(n);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, power] = n.toExponential().split('e') as [string, string];
    const sign = power[0] === '-' ? '-' : '+';
    return `${digits}e${sign}${power.slice(1).padStart(2, '0')}`;
  }
  const text = String(n);
  return text.includes('.') ? text : `${text}.0`;
}

/** Python's str() of a value. */
export function toText(value: Py): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isInteger(value) ? String(value === 0 ? 0 : value) : floatText(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return value.toString();
    case 'object':
      return objectText(value);
    default:
      return '';
  }
}

function objectText(value: Py): string {
  if (value === null) return 'None';
  if (value instanceof Undefined) return value.lenient ? '' : value.trip();
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Timestamp || value instanceof Template || value instanceof VaultText) return value.text;
  if (Array.isArray(value)) return listText(value);
  if (value instanceof Map) return dictText(value);
  if (value instanceof Range || value instanceof PyObject) return value.text();
  if (value instanceof Callable) return `<function ${value.name}>`;
  if (value instanceof Uint8Array) return `b${pyRepr(Buffer.from(value).toString('latin1'))}`;
  return value === OMIT ? '<<Omit>>' : '';
}

function listText(list: Py[]): string {
  const inner = list.map(pyRepr).join(', ');
  if (!(list instanceof Tuple)) return `[${inner}]`;
  return list.length === 1 ? `(${inner},)` : `(${inner})`;
}

function dictText(dict: Map<Py, Py>): string {
  const parts: string[] = [];
  for (const [key, item] of dict) parts.push(`${pyRepr(key)}: ${pyRepr(item)}`);
  return `{${parts.join(', ')}}`;
}

const PLAIN = /^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/;
const NAMED: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|[^\S ]/u;

/** Python's repr() of a value. */
export function pyRepr(value: Py): string {
  if (typeof value === 'string') return stringRepr(value);
  if (value instanceof Template || value instanceof VaultText) return stringRepr(value.text);
  if (value instanceof Timestamp) return timestampRepr(value);
  return toText(value);
}

function stringRepr(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = quote;
  for (const character of text) {
    if (character === quote) result += `\\${character}`;
    else if (NAMED[character]) result += NAMED[character];
    else if (UNPRINTABLE.test(character)) result += escaped(character);
    else result += character;
  }
  return result + quote;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

function timestampRepr(time: Timestamp): string {
  const [date = '', clock] = time.text.split(/[T ]/);
  const parts = date.split('-').map(Number);
  if (time.dateOnly) return `datetime.date(${parts.join(', ')})`;
  const [hour = '0', minute = '0', rest = '0'] = (clock ?? '').replace(/(Z|[+-]\d\d:?\d\d)$/, '').split(':');
  const [second = '0', fraction] = rest.split('.');
  const numbers = [...parts, Number(hour), Number(minute)];
  const micro = fraction ? Number(fraction.padEnd(6, '0').slice(0, 6)) : 0;
  if (Number(second) || micro) numbers.push(Number(second));
  if (micro) numbers.push(micro);
  return `datetime.datetime(${numbers.join(', ')})`;
}
