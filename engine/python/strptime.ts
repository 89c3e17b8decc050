/** Python's datetime.strptime, in the C locale. */
import { DAYS, MONTHS } from './strftime.ts';

/** A text that is no time in its format, or a format that is none; the message is Python's. */
export class TimeError extends Error {
  override name = 'TimeError';
}

const names = (list: readonly string[], length?: number): string =>
  `(${list.map((n) => n.slice(0, length)).join('|')})`;
const READERS: Record<string, string> = {
  Y: '(\\d{4})',
  m: '(1[0-2]|0[1-9]|[1-9])',
  d: '(3[01]|[12]\\d|0[1-9]|[1-9]| [1-9])',
  H: '(2[0-3]|[01]\\d|\\d)',
  I: '(1[0-2]|0[1-9]|[1-9])',
  M: '([0-5]\\d|\\d)',
  S: '(6[01]|[0-5]\\d|\\d)',
  f: '(\\d{1,6})',
  y: '(\\d\\d)',
  j: '(36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])',
  p: '(am|pm)',
  z: '([+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d)?|Z)',
  Z: '(utc|gmt)',
  a: names(DAYS, 3),
  A: names(DAYS),
  b: names(MONTHS, 3),
  B: names(MONTHS),
  w: '([0-6])',
  '%': '(%)',
};
const SHORTHANDS: Record<string, string> = {
  T: '%H:%M:%S',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/** What each directive of a format found in a text. */
function fieldsOf(text: string, format: string): Partial<Record<string, string>> {
  const full = format.replace(/%([TDFRcxX])/g, (_, letter: string) => SHORTHANDS[letter]!);
  const letters: string[] = [];
  const pattern = full
    .replace(/[.^$*+?()[\]{}|\\/]/g, '\\$&')
    .replace(/\s+/g, '\\s+')
    .replace(/%([a-zA-Z%])/g, (_, letter: string) => {
      const reader = READERS[letter];
      if (!reader) throw new TimeError(`'${letter}' is a bad directive in the format \`${format}\``);
      letters.push(letter);
      return reader;
    });
  const match = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (!match) throw new TimeError(`the time \`${text}\` does not match the format \`${format}\``);
  return Object.fromEntries(letters.map((letter, i) => [letter, match[i + 1]!]));
}

const placeOf = (list: readonly string[], name: string, length?: number): number =>
  list.findIndex((n) => n.slice(0, length).toLowerCase() === name.toLowerCase());

/** Milliseconds of the time read as UTC, whatever zone it names. Throws TimeError. */
export function strptime(text: string, format: string): number {
  const at = fieldsOf(text, format);
  const short = Number(at['y'] ?? 0);
  const year = at['Y'] ? Number(at['Y']) : at['y'] ? short + (short < 69 ? 2000 : 1900) : 1900;
  let month = at['m'] ? Number(at['m']) - 1 : 0;
  if (at['b']) month = placeOf(MONTHS, at['b'], 3);
  if (at['B']) month = placeOf(MONTHS, at['B']);
  let hour = Number(at['H'] ?? 0);
  if (at['I']) hour = (Number(at['I']) % 12) + (at['p']?.toLowerCase() === 'pm' ? 12 : 0);
  const byYear = at['j'] !== undefined && !at['d'];
  const day = Number(byYear ? at['j'] : (at['d'] ?? 1));
  const ms = Math.floor(Number((at['f'] ?? '0').padEnd(6, '0')) / 1000);
  const clock = [hour, Number(at['M'] ?? 0), Number(at['S'] ?? 0), ms] as const;
  const time = Date.UTC(year, byYear ? 0 : month, day, ...clock);
  if (!byYear && new Date(Date.UTC(year, month, day)).getUTCMonth() !== month)
    throw new TimeError('day is out of range for month');
  return time;
}
