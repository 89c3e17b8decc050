/** Python's operators on values: truth, equality, order, arithmetic, membership, iteration. */

import { Float, float, isInt, Timestamp } from '../values.ts';
import { formatPercent } from './format.ts';
import { Range, TimeDelta, Tuple } from './objects.ts';
import type { Py } from './py.ts';
import { numeric, typeName } from './types.ts';
import { fail, Undefined } from './undefined.ts';

// biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint of the same value are equal
const sameNumber = (x: number | bigint, y: number | bigint): boolean => x == y;

/** Python's == . */
export function equals(a: Py, b: Py): boolean {
  if (a === b && typeof a !== 'object') return true;
  if (a instanceof Undefined) return a.lenient ? b instanceof Undefined && b.lenient : a.trip();
  if (b instanceof Undefined) return b.lenient ? false : b.trip();
  if (a === b) return true;
  const x = numeric(a);
  if (x !== undefined) {
    const y = numeric(b);
    return y !== undefined && sameNumber(x, y);
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length || a instanceof Tuple !== b instanceof Tuple) return false;
    return a.every((item, i) => equals(item, b[i]));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, item] of a) {
      const other = dictGet(b, key);
      if (other === undefined || !equals(item, other)) return false;
    }
    return true;
  }
  if (a instanceof Timestamp && b instanceof Timestamp) {
    return a.dateOnly === b.dateOnly && a.date.getTime() === b.date.getTime();
  }
  if (a instanceof TimeDelta && b instanceof TimeDelta) return a.milliseconds === b.milliseconds;
  if (a instanceof Range && b instanceof Range) return equals([...a], [...b]);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return false;
}

/** A dict's value under a key, by Python's equality of keys (1, 1.0 and true are one key); JS undefined where there is none. */
export function dictGet(dict: Map<Py, Py>, key: Py): Py {
  const found = dict.get(key);
  if (found !== undefined || typeof key === 'string' || key === null) return found;
  const n = numeric(key);
  if (n === undefined) {
    if (!(key instanceof Tuple)) return undefined;
    for (const [other, item] of dict) if (equals(other, key)) return item;
    return undefined;
  }
  const plain = dict.get(n);
  if (plain !== undefined) return plain;
  return n === 1 ? dict.get(true) : n === 0 ? dict.get(false) : undefined;
}

/** Python's order of two values, as a number below, at or above 0. */
export function order(a: Py, b: Py, operator = '<'): number {
  if (a instanceof Undefined) a.trip();
  if (b instanceof Undefined) b.trip();
  if (typeof a === 'string' && typeof b === 'string') return textOrder(a, b);
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : sameNumber(x, y) ? 0 : Number.NaN;
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (!equals(a[i], b[i])) return order(a[i], b[i], operator);
    }
    return a.length - b.length;
  }
  if (a instanceof Timestamp && b instanceof Timestamp) return a.date.getTime() - b.date.getTime();
  if (a instanceof TimeDelta && b instanceof TimeDelta) return a.milliseconds - b.milliseconds;
  fail(`'${operator}' is not supported between '${typeName(a)}' and '${typeName(b)}'`, convertHint(a, b));
}

function convertHint(a: Py, b: Py): string | undefined {
  const texts = [a, b].filter((v) => typeof v === 'string').length;
  return texts === 1 && [a, b].some((v) => numeric(v) !== undefined) ? 'convert the text with `| int`' : undefined;
}

/** Order by code points, which differs from JS's order beyond U+FFFF. */
export function textOrder(a: string, b: string): number {
  if (a === b) return 0;
  const limit = Math.min(a.length, b.length);
  for (let i = 0; i < limit; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** One comparison of a chain. */
export function compare(operator: string, a: Py, b: Py): boolean {
  switch (operator) {
    case '==':
      return equals(a, b);
    case '!=':
      return !equals(a, b);
    case '<':
      return order(a, b, '<') < 0;
    case '<=':
      return order(a, b, '<=') <= 0;
    case '>':
      return order(a, b, '>') > 0;
    case '>=':
      return order(a, b, '>=') >= 0;
    case 'in':
      return contains(b, a);
    default:
      return !contains(b, a);
  }
}

/** Python's `item in container`. */
export function contains(container: Py, item: Py): boolean {
  if (container instanceof Undefined) container.trip();
  if (item instanceof Undefined) item.trip();
  if (typeof container === 'string') {
    if (typeof item !== 'string') {
      fail(`'in' of a text needs a text on its left, not '${typeName(item)}'`, 'convert it with `| string`');
    }
    return container.includes(item);
  }
  if (Array.isArray(container)) {
    return typeof item === 'string'
      ? container.includes(item) || container.some((i) => i instanceof Undefined && i.trip())
      : container.some((other) => equals(other, item));
  }
  if (container instanceof Map) {
    if ((Array.isArray(item) && !(item instanceof Tuple)) || item instanceof Map) {
      fail(`a '${typeName(item)}' can't be a key of a dict`);
    }
    return container.has(item) || dictGet(container, item) !== undefined;
  }
  if (container instanceof Range) return [...container].some((other) => equals(other, item));
  fail(`'in' needs a list, a dict or a text on its right, not '${typeName(container)}'`);
}

const normal = (n: bigint): number | bigint => {
  const small = Number(n);
  return Number.isSafeInteger(small) ? small : n;
};

const isFloatValue = (v: Py): boolean => v instanceof Float || (typeof v === 'number' && !Number.isInteger(v));

/** Arithmetic on two numbers. */
function calculate(operator: string, a: Py, b: Py, x: number | bigint, y: number | bigint): Py {
  if (operator === '/' && (typeof x === 'bigint' || typeof y === 'bigint') && !isFloatValue(a) && !isFloatValue(b)) {
    return float(ratio(BigInt(x), BigInt(y)));
  }
  if (isFloatValue(a) || isFloatValue(b) || operator === '/') return floatCalculate(operator, Number(x), Number(y));
  if (operator === '**' && y < 0) return floatCalculate('**', Number(x), Number(y));
  if (typeof x === 'number' && typeof y === 'number') {
    const small = smallCalculate(operator, x, y);
    if (Number.isSafeInteger(small)) return small === 0 ? 0 : small;
  }
  return normal(bigCalculate(operator, BigInt(x), BigInt(y)));
}

function smallCalculate(operator: string, x: number, y: number): number {
  if (operator === '+') return x + y;
  if (operator === '-') return x - y;
  if (operator === '*') return x * y;
  if (operator === '**') return x ** y;
  if (y === 0) fail('division by zero');
  const remainder = x % y;
  const modulo = remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder;
  return operator === '%' ? modulo : (x - modulo) / y;
}

function bigCalculate(operator: string, x: bigint, y: bigint): bigint {
  if (operator === '+') return x + y;
  if (operator === '-') return x - y;
  if (operator === '*') return x * y;
  if (operator === '**') {
    if (y > 100_000n) fail('the power is too large');
    return x ** y;
  }
  if (y === 0n) fail('division by zero');
  const remainder = x % y;
  const modulo = remainder !== 0n && remainder < 0n !== y < 0n ? remainder + y : remainder;
  return operator === '%' ? modulo : (x - modulo) / y;
}

function floatCalculate(operator: string, x: number, y: number): number | Float {
  if (operator === '+') return float(x + y);
  if (operator === '-') return float(x - y);
  if (operator === '*') return float(x * y);
  if (operator === '**') {
    if (x === 0 && y < 0) fail('0.0 cannot be raised to a negative power');
    if (x < 0 && Number.isFinite(y) && !Number.isInteger(y)) fail('a negative number to a fractional power is complex');
    return float(x ** y);
  }
  if (y === 0) fail('division by zero');
  if (operator === '/') return float(x / y);
  return float(floatDivmod(x, y)[operator === '%' ? 1 : 0]);
}

/** Python's divmod of floats, signed zeros included. */
function floatDivmod(x: number, y: number): [number, number] {
  let modulo = x % y;
  let quotient = (x - modulo) / y;
  if (modulo === 0) modulo = y < 0 ? -0 : 0;
  else if (modulo < 0 !== y < 0) {
    modulo += y;
    quotient -= 1;
  }
  if (quotient === 0) return [x / y < 0 || Object.is(x / y, -0) ? -0 : 0, modulo];
  const whole = Math.floor(quotient);
  return [quotient - whole > 0.5 ? whole + 1 : whole, modulo];
}

/** The quotient of two ints, rounded once. */
function ratio(x: bigint, y: bigint): number {
  if (y === 0n) fail('division by zero');
  const sign = x < 0n !== y < 0n ? -1 : 1;
  const [a, b] = [x < 0n ? -x : x, y < 0n ? -y : y];
  const shift = 64 - (a.toString(2).length - b.toString(2).length);
  const scaled = shift >= 0 ? (a << BigInt(shift)) / b : a / (b << BigInt(-shift));
  const result = sign * Number(scaled | 1n) * 2 ** -shift;
  if (!Number.isFinite(result)) fail('the result of the division is too large for a float');
  return a === 0n ? 0 : result;
}

/** Python's binary operators + - * / // % ** . */
export function binary(operator: string, a: Py, b: Py): Py {
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
      return a instanceof Tuple ? Tuple.make([...a, ...b]) : [...a, ...b];
    }
  }
  if (a instanceof Undefined) a.trip();
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b);
  if (b instanceof Undefined) b.trip();
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return calculate(operator, a, b, x, y);
  if (operator === '*') {
    if (isSequence(a) && (isInt(b) || typeof b === 'boolean')) return repeated(a, Number(b));
    if (isSequence(b) && (isInt(a) || typeof a === 'boolean')) return repeated(b, Number(a));
  }
  const moved = timeArithmetic(operator, a, b);
  if (moved) return moved;
  const text = typeof a === 'string' || typeof b === 'string';
  fail(
    `unsupported operand types for ${operator}: '${typeName(a)}' and '${typeName(b)}'`,
    operator === '+' && text ? 'join texts with `~`, or convert with `| int`' : undefined,
  );
}

const isSequence = (value: Py): boolean => typeof value === 'string' || Array.isArray(value);

function repeated(value: Py, times: number): Py {
  const count = Math.max(0, times);
  if (count * value.length > 50_000_000) fail('the repeated value is too long');
  if (typeof value === 'string') return value.repeat(count);
  const items = Array.from({ length: count }, () => [...value]).flat();
  return value instanceof Tuple ? Tuple.make(items) : items;
}

function timeArithmetic(operator: string, a: Py, b: Py): Py {
  const plus = operator === '+';
  if (!plus && operator !== '-') return undefined;
  if (a instanceof Timestamp && b instanceof Timestamp && !plus) {
    return new TimeDelta(a.date.getTime() - b.date.getTime());
  }
  if (a instanceof Timestamp && b instanceof TimeDelta) {
    return timestamp(a.date.getTime() + (plus ? b.milliseconds : -b.milliseconds), a.dateOnly);
  }
  if (a instanceof TimeDelta && b instanceof TimeDelta) {
    return new TimeDelta(a.milliseconds + (plus ? b.milliseconds : -b.milliseconds));
  }
  return plus && a instanceof TimeDelta && b instanceof Timestamp ? timeArithmetic('+', b, a) : undefined;
}

/** A time without a zone, whose text is Python's str() of it. */
export function timestamp(milliseconds: number, dateOnly = false): Timestamp {
  const date = new Date(milliseconds);
  const iso = date.toISOString();
  const fraction = iso.slice(20, 23);
  const text = dateOnly
    ? iso.slice(0, 10)
    : `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '000' ? '' : `.${fraction}000`}`;
  return new Timestamp(text, date, dateOnly);
}

/** Unary minus and plus. */
export function unary(operator: '-' | '+', value: Py): Py {
  if (value instanceof Undefined) value.trip();
  const n = numeric(value);
  if (n === undefined) {
    if (value instanceof TimeDelta) return new TimeDelta(-value.milliseconds);
    fail(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  }
  if (operator === '+') return value instanceof Float ? value : n;
  if (isFloatValue(value)) return float(-Number(n));
  return typeof n === 'bigint' ? normal(-n) : n === 0 ? 0 : -n;
}

/** The items that a value iterates over, as an array. */
export function toList(value: Py): Py[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (value instanceof Undefined) return value.lenient ? [] : value.trip();
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Range) {
    if (value.length > 10_000_000) fail(`the range of ${value.length} numbers is too long`);
    return [...value];
  }
  if (value instanceof Uint8Array) return [...value];
  fail(`'${typeName(value)}' object is not iterable`, value === null ? 'it is none' : undefined);
}

/** Python's len(). */
export function lengthOf(value: Py): number {
  if (typeof value === 'string') return /[\ud800-\udbff]/.test(value) ? [...value].length : value.length;
  if (value instanceof Undefined) return value.lenient ? 0 : value.trip();
  if (Array.isArray(value) || value instanceof Range || value instanceof Uint8Array) return value.length;
  if (value instanceof Map) return value.size;
  fail(`'${typeName(value)}' has no length`);
}
