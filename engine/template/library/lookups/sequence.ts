/** The sequence lookup: numbers as texts, `start=1 end=5 stride=2 format=%02d` or `1-5/2:%02d`. */

import { formatPercent } from '../../../python/format.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';
import type { Value } from '../../../values.ts';
import type { Lookup } from '../lookups.ts';
import { keyValues } from './key_values.ts';

const NUMBER = '(0?x?[0-9a-f]+)';
const SHORT = new RegExp(`^(?:${NUMBER}-)?${NUMBER}(?:/${NUMBER})?(?::(.+))?$`, 'i');
const FIELDS = ['start', 'end', 'stride', 'count', 'format'];

function integer(value: Value): number {
  const text = toText(value).trim();
  const match =
    /^(-?)(?:0[xX]([\da-fA-F]+)|0[oO]?([0-7]+)|(\d+))$/.exec(text) ??
    fail(`Invalid type for sequence: \`${text}\` is no number`);
  const [, sign, hex, octal, plain] = match;
  const n = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : Number(plain);
  return sign ? -n : n;
}

function one(options: Map<string, Value>): string[] {
  for (const key of options.keys()) {
    if (!FIELDS.includes(key)) fail(`sequence has no argument \`${key}\``, `its arguments are ${FIELDS.join(', ')}`);
  }
  const number = (name: string) => (options.has(name) ? integer(options.get(name)!) : undefined);
  const start = number('start') ?? 1;
  const stride = number('stride') ?? 1;
  const count = number('count');
  let end = number('end');
  const format = toText(options.get('format') ?? '%d');
  if (count === undefined && end === undefined) fail('must specify count or end in with_sequence');
  if (count !== undefined && end !== undefined) fail("can't specify both count and end in with_sequence");
  if (count === 0) return [];
  if (count !== undefined) end = start + count * stride - 1;
  if (stride > 0 && end! < start) fail('to count backwards make stride negative');
  if (stride < 0 && end! > start) fail("to count forward don't make stride negative");
  if (stride === 0) return [];
  if (format.split('%').length !== 2) fail(`sequence: bad format \`${format}\``, 'it holds one `%d` or the like');
  const numbers: string[] = [];
  for (let i = start; stride > 0 ? i <= end! : i >= end!; i += stride) numbers.push(formatPercent(format, i));
  return numbers;
}

/** `query('sequence', …)` and `with_sequence`. */
export const sequence: Lookup = (terms, kwargs) =>
  (terms.length === 0 && kwargs.size ? [''] : terms).flatMap((term) => {
    const text = toText(term);
    const short = SHORT.exec(text);
    const given = new Map(kwargs);
    if (short) {
      const [, start, end, stride, format] = short;
      for (const [name, value] of Object.entries({ start, end, stride, format }))
        if (value !== undefined) given.set(name, value);
      return one(given);
    }
    const { named, rest } = keyValues(text);
    if (rest) fail(`sequence: can't read \`${rest}\``, 'write it as `start=1 end=5`');
    return one(new Map([...given, ...named]));
  });
