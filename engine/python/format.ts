/** Python's text formatting: `%`, str.format and the format mini-language. */

import { Float, isInt } from '../values.ts';
import { Tuple } from './objects.ts';
import type { Py } from './py.ts';
import { floatText, pyRepr, toText } from './text.ts';
import { numeric, typeName } from './types.ts';
import { fail, Undefined } from './undefined.ts';

const PERCENT = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([\s\S]?)/g;

/** `text % values`. */
export function formatPercent(text: string, values: Py): string {
  const list: Py[] = values instanceof Tuple ? values : [values];
  const dict = values instanceof Map ? values : undefined;
  let index = 0;
  const take = () => {
    if (index >= list.length) fail('not enough arguments for the format text');
    return list[index++];
  };
  let named = false;
  const result = text.replace(PERCENT, (whole, key, flags, widthText, precisionText, type, at: number) => {
    if (type === '%') return '%';
    if (type === '') fail('incomplete format', `a lone \`%\` is written \`%%\` (at ${at})`);
    const width = widthText === '*' ? Number(take()) : widthText === undefined ? 0 : Number(widthText);
    const precision =
      precisionText === '*' ? Number(take()) : precisionText === undefined ? undefined : Number(precisionText);
    let value: Py;
    if (key !== undefined) {
      named = true;
      if (!dict) fail('the format text names its values and so needs a dict');
      value = dict.get(key);
      if (value === undefined) fail(`the format text names \`${key}\`, which the dict does not have`);
    } else value = take();
    return percentItem(value, flags, width, precision, type, whole);
  });
  if (!named && !dict && index < list.length && (values instanceof Tuple || !Array.isArray(values))) {
    fail('not all arguments were used by the format text');
  }
  return result;
}

function percentItem(
  value: Py,
  flags: string,
  width: number,
  precision: number | undefined,
  type: string,
  whole: string,
): string {
  if (value instanceof Undefined) value.trip();
  const left = flags.includes('-') || width < 0;
  const size = Math.abs(width);
  const zero = flags.includes('0') && !left;
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-';
  let body: string;
  if (type === 's' || type === 'r' || type === 'a') {
    body = type === 's' ? toText(value) : pyRepr(value);
    if (precision !== undefined) body = [...body].slice(0, precision).join('');
    return pad(body, size, left ? '<' : '>', ' ');
  }
  if (type === 'c') return pad(character(value), size, left ? '<' : '>', ' ');
  const n = numeric(value);
  if (n === undefined) fail(`%${type} format: a number is required, not '${typeName(value)}'`);
  if ('diuxXo'.includes(type)) {
    if ('xXo'.includes(type) && !isInt(value) && typeof value !== 'boolean') {
      fail(`%${type} format: an integer is required, not '${typeName(value)}'`);
    }
    body = intDigits(truncated(n), type, flags.includes('#'), precision);
  } else if ('eEfFgG'.includes(type)) {
    body = floatDigits(Number(n), type, precision ?? 6, flags.includes('#'));
  } else fail(`unsupported format \`${whole}\``);
  return signed(body, sign, size, zero ? '0' : ' ', left ? '<' : zero ? '=' : '>');
}

function character(value: Py): string {
  if (typeof value === 'string' && [...value].length === 1) return value;
  const code = Number(
    isInt(value) || typeof value === 'boolean' ? numeric(value) : fail('%c needs an int or a character'),
  );
  if (code < 0 || code > 0x10ffff) fail('%c: the number is no character');
  return String.fromCodePoint(code);
}

function truncated(n: number | bigint): bigint {
  if (typeof n === 'bigint') return n;
  if (!Number.isFinite(n)) fail(`cannot convert float ${Number.isNaN(n) ? 'NaN' : 'infinity'} to integer`);
  return BigInt(Math.trunc(n));
}

function intDigits(n: bigint, type: string, alternate: boolean, precision = 0): string {
  const base = type === 'x' || type === 'X' ? 16 : type === 'o' ? 8 : type === 'b' ? 2 : 10;
  let digits = (n < 0n ? -n : n).toString(base).padStart(precision, '0');
  if (type === 'X') digits = digits.toUpperCase();
  const prefix = alternate && base !== 10 ? `0${type}` : '';
  return `${n < 0n ? '-' : ''}${prefix}${digits}`;
}

function floatDigits(n: number, type: string, precision: number, alternate = false): string {
  const upper = type === type.toUpperCase();
  const kind = type.toLowerCase();
  let text: string;
  if (!Number.isFinite(n)) text = floatText(n);
  else if (kind === 'f') text = fixed(n, precision);
  else if (kind === 'e') text = exponent(n, precision);
  else text = general(n, precision, alternate);
  if (Object.is(n, -0) && !text.startsWith('-')) text = `-${text}`;
  return upper ? text.toUpperCase() : text;
}

/** toFixed with the exact decimal expansion, beyond what toFixed does for large numbers. */
function fixed(n: number, precision: number): string {
  const size = Math.abs(n);
  if (size < 1e21 && precision <= 100) return roundHalfEven(n, precision);
  return BigInt(Math.trunc(n)).toString() + (precision ? `.${'0'.repeat(precision)}` : '');
}

/** A number with a fixed count of decimals; of two equally near, the even one, as Python rounds. */
export function roundHalfEven(n: number, precision: number): string {
  const up = n.toFixed(precision);
  if (precision > 70 || !Number.isFinite(n)) return up;
  const exact = n.toFixed(Math.min(100, precision + 30));
  const rest = exact.slice(exact.indexOf('.') + 1 + precision);
  if (!/^50*$/.test(rest)) return up;
  const down = exact.slice(0, exact.length - rest.length).replace(/\.$/, '');
  return Number(down.at(-1)) % 2 === 0 ? down : up;
}

function exponent(n: number, precision: number): string {
  const [digits, power] = n.toExponential(Math.min(precision, 100)).split('e') as [string, string];
  return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

function general(n: number, precision: number, alternate: boolean): string {
  const p = precision || 1;
  if (n === 0) return alternate ? `0.${'0'.repeat(p - 1)}` : '0';
  const power = Number(n.toExponential(p - 1).split('e')[1]);
  const text = power < -4 || power >= p ? exponent(n, p - 1) : fixed(n, p - 1 - power);
  if (alternate || !text.includes('.')) return text;
  return text.replace(/\.?0+(?=e|$)/, '');
}

function signed(body: string, sign: string, width: number, fill: string, align: string): string {
  const negative = body.startsWith('-');
  const mark = negative ? '-' : sign === '-' ? '' : sign;
  const digits = negative ? body.slice(1) : body;
  if (align === '=') {
    const prefix = /^0[xXob]/.exec(digits)?.[0] ?? '';
    const rest = digits.slice(prefix.length);
    return mark + prefix + rest.padStart(width - mark.length - prefix.length, fill);
  }
  return pad(mark + digits, width, align, fill);
}

function pad(text: string, width: number, align: string, fill: string): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '^') return fill.repeat(missing >> 1) + text + fill.repeat(missing - (missing >> 1));
  return fill.repeat(missing) + text;
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

/** format(value, spec) of the mini-language. */
function formatValue(value: Py, spec: string): string {
  if (value instanceof Undefined) value.trip();
  if (spec === '') return toText(value);
  const match = SPEC.exec(spec);
  if (!match) fail(`invalid format \`${spec}\``);
  const [, fillGiven, alignGiven, sign = '-', , alternate, zero, widthText, group, precisionText, type] = match;
  const width = Number(widthText ?? 0);
  const precision = precisionText === undefined ? undefined : Number(precisionText);
  const isBool = typeof value === 'boolean';
  const n = isBool && type === 's' ? undefined : numeric(value);
  if (n === undefined || type === 's') {
    if (typeof value !== 'string') fail(`unsupported format \`${spec}\` for '${typeName(value)}'`);
    if (type !== undefined && type !== 's') fail(`unknown format \`${type}\` for '${typeName(value)}'`);
    if (group) fail(`no \`${group}\` in a text's format`);
    if (alignGiven === '=') fail("'=' alignment not allowed in a text's format");
    const text = precision === undefined ? toText(value) : [...toText(value)].slice(0, precision).join('');
    return pad(text, width, alignGiven ?? '<', fillGiven ?? (zero ? '0' : ' '));
  }
  const fill = fillGiven ?? (zero ? '0' : ' ');
  const align = alignGiven ?? (zero ? '=' : '>');
  const isInteger = isInt(value) || isBool;
  const digits =
    isInteger && !'eEfFgG%'.includes(type ?? 'd')
      ? intSpec(n, type, alternate, precision)
      : floatSpec(Number(n), type, precision, !isInteger);
  const grouped = group
    ? grouping(digits, group, type, zero && !alignGiven ? width - (digits.startsWith('-') || sign !== '-' ? 1 : 0) : 0)
    : digits;
  return signed(grouped, sign, width, fill, align);
}

function intSpec(
  n: number | bigint,
  type: string | undefined,
  alternate: string | undefined,
  precision: number | undefined,
): string {
  if (precision !== undefined) fail('precision not allowed in an integer format');
  if (type === 'c') return String.fromCodePoint(Number(n));
  if (type !== undefined && !'bdoxXn'.includes(type)) fail(`unknown format \`${type}\` for 'int'`);
  return intDigits(truncated(n), type ?? 'd', alternate !== undefined);
}

function floatSpec(n: number, type: string | undefined, precision: number | undefined, isFloat: boolean): string {
  if (type === '%') return `${floatDigits(n * 100, 'f', precision ?? 6)}%`;
  if (type === undefined) {
    if (precision === undefined) return floatText(n);
    const text = floatDigits(n, 'g', precision);
    return isFloat && /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (!'eEfFgGn'.includes(type)) fail(`unknown format \`${type}\` for 'float'`);
  return floatDigits(n, type === 'n' ? 'g' : type, precision ?? 6);
}

function grouping(text: string, mark: string, type: string | undefined, width: number): string {
  const match = /^(-?(?:0[xXob])?)([\da-fA-F]+)(.*)$/.exec(text);
  if (!match) return text;
  const [, head = '', digits = '', tail = ''] = match;
  const size = 'xXob'.includes(type ?? 'd') ? 4 : 3;
  let whole = digits;
  const group = (d: string) => d.replace(new RegExp(`\\B(?=(?:[\\da-fA-F]{${size}})+$)`, 'g'), mark);
  while (width && group(whole).length + tail.length < width) whole = `0${whole}`;
  return head + group(whole) + tail;
}

const FIELD = /^([^.[!:]*)((?:\.[^.[!:]+|\[[^\]]+\])*)(?:!([rsa]))?(?::([\s\S]*))?$/;

/** text.format(*args, **kwargs); `lookup` reads an attribute or item of a field such as `{0.name[1]}`. */
export function formatText(
  text: string,
  args: Py[],
  kwargs: Map<string, Py>,
  lookup: (object: Py, key: string, isItem: boolean) => Py,
): string {
  let auto = 0;
  const field = (inner: string): string => {
    const match = FIELD.exec(inner);
    if (!match) fail(`invalid field \`{${inner}}\` in a format text`);
    const [, name = '', path = '', conversion, specText = ''] = match;
    let value: Py;
    if (name === '' || /^\d+$/.test(name)) {
      const index = name === '' ? auto++ : Number(name);
      if (index >= args.length) fail(`the format text uses value ${index}, but only ${args.length} were given`);
      value = args[index];
    } else {
      if (!kwargs.has(name)) fail(`the format text names \`${name}\`, which was not given`);
      value = kwargs.get(name);
    }
    for (const [step] of path.matchAll(/\.[^.[]+|\[[^\]]+\]/g)) {
      value = step[0] === '.' ? lookup(value, step.slice(1), false) : lookup(value, step.slice(1, -1), true);
    }
    if (conversion === 'r' || conversion === 'a') value = pyRepr(value);
    else if (conversion === 's') value = toText(value);
    return formatValue(value, specText.includes('{') ? expand(specText) : specText);
  };
  const expand = (source: string): string => {
    let result = '';
    for (let i = 0; i < source.length; i++) {
      const character = source[i]!;
      if (character === '}') {
        if (source[i + 1] !== '}') fail("single '}' in a format text", 'a brace is written `}}`');
        result += source[i++];
      } else if (character !== '{') result += character;
      else if (source[i + 1] === '{') result += source[i++];
      else {
        const end = closing(source, i);
        result += field(source.slice(i + 1, end));
        i = end;
      }
    }
    return result;
  };
  return expand(text);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  fail("single '{' in a format text", 'a brace is written `{{`');
}

/** A number that a filter was given as text, int or float. */
export function asNumber(value: Py): number | undefined {
  if (value instanceof Float) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : undefined;
}
