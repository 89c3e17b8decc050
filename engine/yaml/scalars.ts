/**
 * What a plain (unquoted) scalar means in YAML 1.1 as PyYAML, and so Ansible, reads it: `yes` is true, `0644` is octal,
 * `1:30` counts in sixties, `2001-12-14` is a date.
 */
import { Float, float, Timestamp, type Value } from '../values.ts';

export type ScalarTag = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'str';

const TRUE = /^(?:yes|true|on)$/i;
const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?$/;

/** The type that YAML 1.1 gives a plain scalar by its look. */
export function scalarTag(text: string): ScalarTag {
  // Most scalars are words: one look at the first character decides.
  if (!/^[-+.0-9~a-zA-Z]/.test(text)) return text === '' ? 'null' : 'str';
  if (BOOL.test(text)) return 'bool';
  if (NULL.test(text)) return 'null';
  if (!/^[-+.0-9]/.test(text)) return 'str';
  if (FLOAT.test(text)) return 'float';
  if (INT.test(text)) return 'int';
  return DATE.test(text) || DATE_TIME.test(text) ? 'timestamp' : 'str';
}

/** The value of a scalar read as a tag; undefined when the text can't be read so (`!!int x`, 2001-13-45). */
export function scalarValue(text: string, tag: ScalarTag): Value | undefined {
  if (tag === 'str') return text;
  if (tag === 'null') return null;
  if (tag === 'bool') return BOOL.test(text) ? TRUE.test(text) : undefined;
  if (tag === 'int') return readInt(text);
  if (tag === 'float') return readFloat(text);
  return readTimestamp(text);
}

function readInt(text: string): number | bigint | undefined {
  const [negative, digits] = signAndDigits(text);
  if (digits === '') return undefined;
  try {
    let n: bigint;
    if (digits.includes(':')) {
      n = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    } else if (/^0[0-7]+$/.test(digits)) {
      n = BigInt(`0o${digits}`);
    } else {
      n = BigInt(digits);
    }
    return integer(negative ? -n : n);
  } catch {
    return undefined;
  }
}

/** An int in its canonical form: a number where it is exact, else a bigint. */
export function integer(n: bigint): number | bigint {
  const small = Number(n);
  return Number.isSafeInteger(small) ? small : n;
}

function readFloat(text: string): number | Float | undefined {
  const [negative, digits] = signAndDigits(text);
  const lower = digits.toLowerCase();
  const sign = negative ? -1 : 1;
  if (lower === '.inf') return sign * Infinity;
  if (lower === '.nan') return Number.NaN;
  if (digits === '' || digits === '.') return undefined;
  const n = digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isNaN(n) ? undefined : float(sign * n);
}

function signAndDigits(text: string): [negative: boolean, digits: string] {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  return [negative, negative || plain.startsWith('+') ? plain.slice(1) : plain];
}

const two = (n: number): string => String(n).padStart(2, '0');

function readTimestamp(text: string): Timestamp | undefined {
  const day = DATE.exec(text);
  if (day) {
    const date = utc(Number(day[1]), Number(day[2]), Number(day[3]));
    return date && new Timestamp(text, date, true);
  }
  const found = DATE_TIME.exec(text);
  if (!found) return undefined;
  const [year, month, dayOfMonth, hour, minute, second] = found.slice(1, 7).map(Number) as number[];
  const date = utc(year!, month!, dayOfMonth!, hour, minute, second);
  if (!date) return undefined;
  const micros = (found[7] ?? '').slice(0, 6).padEnd(6, '0');
  let offset = 0;
  let zone = '';
  if (found[9]) {
    const hours = Number(found[10]);
    const minutes = Number(found[11] ?? 0);
    offset = (found[9] === '-' ? -1 : 1) * (hours * 60 + minutes);
    // Python names -00:30 by its sign too, and +00:00 for a zero offset of either sign.
    zone = `${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
  } else if (found[8]) {
    zone = '+00:00';
  }
  date.setTime(date.getTime() + Math.floor(Number(micros) / 1000) - offset * 60_000);
  const fraction = Number(micros) === 0 ? '' : `.${micros}`;
  const clock = `${two(hour!)}:${two(minute!)}:${two(second!)}${fraction}`;
  return new Timestamp(`${found[1]}-${two(month!)}-${two(dayOfMonth!)} ${clock}${zone}`, date, false);
}

function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): Date | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return real && year > 0 ? date : undefined;
}

/** Text that tells keys apart as YAML does: 1 and "1" differ, 1.0 and 1.0 are one. */
export function keyIdentity(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  if (key instanceof Float) return `f${key.value}`;
  if (typeof key === 'object' && key !== null && 'text' in key) return `t${key.text}`;
  return `${typeof key}${String(key)}`;
}
