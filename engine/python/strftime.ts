/** Python's strftime, in the C locale. */

/** The names of days, Sunday first. */
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (n: number): string => String(n).padStart(2, '0');

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  weekday: number;
  yearDay: number;
  offset: number | undefined;
  zone: string;
  epoch: number;
}

/** The fields of an instant, in UTC or in the zone of the controller; `naive` times have no zone. */
function partsOf(date: Date, utc: boolean, naive: boolean): Parts {
  const get = (name: 'FullYear' | 'Month' | 'Date' | 'Hours' | 'Minutes' | 'Seconds' | 'Day'): number =>
    utc ? date[`getUTC${name}`]() : date[`get${name}`]();
  const year = get('FullYear');
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const dayStart = Date.UTC(year, get('Month'), get('Date'));
  return {
    year,
    month: get('Month') + 1,
    day: get('Date'),
    hour: get('Hours'),
    minute: get('Minutes'),
    second: get('Seconds'),
    ms: date.getUTCMilliseconds(),
    weekday: get('Day'),
    yearDay: Math.round((dayStart - Date.UTC(year, 0, 1)) / 86_400_000) + 1,
    offset: naive ? undefined : offset,
    zone: naive ? '' : utc ? 'UTC' : zoneName(date),
    epoch: Math.floor(date.getTime() / 1000),
  };
}

function zoneName(date: Date): string {
  const part = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return part.find((p) => p.type === 'timeZoneName')?.value ?? '';
}

/** The ISO year and week of a date. */
function isoWeek(p: Parts): [number, number] {
  const weekday = (p.weekday + 6) % 7;
  const thursday = new Date(Date.UTC(p.year, p.month - 1, p.day - weekday + 3));
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 4);
  const firstMonday = first - ((new Date(first).getUTCDay() + 6) % 7) * 86_400_000;
  return [year, Math.floor((thursday.getTime() - firstMonday) / 604_800_000) + 1];
}

const zoneOffset = (minutes: number | undefined): string => {
  if (minutes === undefined) return '';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
};

const DIRECTIVES: Record<string, (p: Parts) => string> = {
  a: (p) => DAYS[p.weekday]!.slice(0, 3),
  A: (p) => DAYS[p.weekday]!,
  b: (p) => MONTHS[p.month - 1]!.slice(0, 3),
  B: (p) => MONTHS[p.month - 1]!,
  c: (p) => expand('%a %b %e %H:%M:%S %Y', p),
  C: (p) => two(Math.floor(p.year / 100)),
  d: (p) => two(p.day),
  D: (p) => expand('%m/%d/%y', p),
  e: (p) => String(p.day).padStart(2),
  f: (p) => `${String(p.ms).padStart(3, '0')}000`,
  F: (p) => expand('%Y-%m-%d', p),
  g: (p) => two(isoWeek(p)[0] % 100),
  G: (p) => String(isoWeek(p)[0]),
  h: (p) => MONTHS[p.month - 1]!.slice(0, 3),
  H: (p) => two(p.hour),
  I: (p) => two(p.hour % 12 || 12),
  j: (p) => String(p.yearDay).padStart(3, '0'),
  k: (p) => String(p.hour).padStart(2),
  l: (p) => String(p.hour % 12 || 12).padStart(2),
  m: (p) => two(p.month),
  M: (p) => two(p.minute),
  n: () => '\n',
  p: (p) => (p.hour < 12 ? 'AM' : 'PM'),
  P: (p) => (p.hour < 12 ? 'am' : 'pm'),
  r: (p) => expand('%I:%M:%S %p', p),
  R: (p) => expand('%H:%M', p),
  s: (p) => String(p.epoch),
  S: (p) => two(p.second),
  t: () => '\t',
  T: (p) => expand('%H:%M:%S', p),
  u: (p) => String(p.weekday || 7),
  U: (p) => two(Math.floor((p.yearDay + 6 - p.weekday) / 7)),
  V: (p) => two(isoWeek(p)[1]),
  w: (p) => String(p.weekday),
  W: (p) => two(Math.floor((p.yearDay + 6 - ((p.weekday + 6) % 7)) / 7)),
  x: (p) => expand('%m/%d/%y', p),
  X: (p) => expand('%H:%M:%S', p),
  y: (p) => two(p.year % 100),
  Y: (p) => String(p.year),
  z: (p) => zoneOffset(p.offset),
  Z: (p) => p.zone,
  '%': () => '%',
};

function expand(format: string, p: Parts): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, dash: string, letter: string) => {
    const text = DIRECTIVES[letter]?.(p);
    if (text === undefined) return whole;
    return dash ? text.replace(/^[0 ]+(?=.)/, '') : text;
  });
}

/** A time as text; `naive` times (what a Timestamp holds) have no zone. */
export function strftime(format: string, date: Date, naive = false, utc = true): string {
  return expand(format, partsOf(date, utc || naive, naive));
}
