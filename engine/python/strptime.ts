/** Reads times as Python's strptime does, for the directives that name a local time. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LONG_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const directives: Record<string, [pattern: string, field: string]> = {
  Y: ['\\d{4}', 'year'],
  y: ['\\d{2}', 'century'],
  m: ['1[0-2]|0[1-9]|[1-9]', 'month'],
  d: ['3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]', 'day'],
  H: ['2[0-3]|[01]\\d|\\d', 'hour'],
  I: ['1[0-2]|0[1-9]|[1-9]', 'hour12'],
  p: ['am|pm', 'half'],
  M: ['[0-5]\\d|\\d', 'minute'],
  S: ['6[01]|[0-5]\\d|\\d', 'second'],
  f: ['\\d{1,6}', 'fraction'],
  b: [MONTHS.join('|'), 'monthName'],
  B: [LONG_MONTHS.join('|'), 'longMonth'],
  j: ['36[0-6]|3[0-5]\\d|[12]\\d{2}|0\\d{2}|\\d{1,2}', 'dayOfYear'],
};
const shorthand: Record<string, string> = { T: '%H:%M:%S', D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M' };

/** `YYYY-MM-DD hh:mm:ss` of a time in a format, or undefined if it does not match. */
export function parseTime(time: string, format: string): string | undefined {
  const full = format.replace(/%([TDFR])/g, (_, letter: string) => shorthand[letter]!);
  const fields: string[] = [];
  let pattern = '';
  for (const [part, letter] of full.matchAll(/%(.)|\s+|[^%\s]/g)) {
    if (letter === '%') pattern += '%';
    else if (letter !== undefined) {
      const known = directives[letter];
      if (!known) return undefined;
      fields.push(known[1]);
      pattern += `(${known[0]})`;
    } else pattern += /\s/.test(part) ? '\\s+' : part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  const match = new RegExp(`^${pattern}$`, 'i').exec(time);
  if (!match) return undefined;
  const found = new Map(fields.map((field, i) => [field, match[i + 1]!.trim()]));
  return assemble(found);
}

function assemble(found: Map<string, string>): string | undefined {
  const number = (field: string, fallback: number) => Number(found.get(field) ?? fallback);
  let year = number('year', 1900);
  if (found.has('century')) year = number('century', 0) + (number('century', 0) < 69 ? 2000 : 1900);
  let month = number('month', 1);
  if (found.has('monthName')) month = MONTHS.indexOf(found.get('monthName')!.toLowerCase()) + 1;
  if (found.has('longMonth')) month = LONG_MONTHS.indexOf(found.get('longMonth')!.toLowerCase()) + 1;
  let hour = number('hour', 0);
  if (found.has('hour12')) hour = (number('hour12', 12) % 12) + (found.get('half')?.toLowerCase() === 'pm' ? 12 : 0);
  const day = number('day', 1);
  const date = new Date(
    found.has('dayOfYear') ? Date.UTC(year, 0, number('dayOfYear', 1)) : Date.UTC(year, month - 1, day),
  );
  if (!found.has('dayOfYear') && date.getUTCMonth() !== month - 1) return undefined;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.toISOString().slice(0, 10)} ${two(hour)}:${two(number('minute', 0))}:${two(number('second', 0))}`;
}
