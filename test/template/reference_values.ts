/** Values of the recorded cases: JSON with tags, as record.py writes them. */
import { type Float, float, fromProject, isFloat, isInt, type Value } from '../../engine/values.ts';

export type Tagged = null | boolean | number | string | Tagged[] | { [tag: string]: Tagged };

/** A tagged value as ours. */
export function decode(tagged: Tagged): Value {
  if (Array.isArray(tagged)) return tagged.map(decode);
  if (typeof tagged !== 'object' || tagged === null) return tagged;
  if ('f' in tagged) return floatOf(String(tagged['f']));
  if ('i' in tagged) return BigInt(String(tagged['i']));
  if ('t' in tagged) return fromProject(String(tagged['t']), undefined);
  return new Map((tagged['d'] as [Tagged, Tagged][]).map(([key, item]) => [decode(key), decode(item)]));
}

function floatOf(text: string): number | Float {
  if (text === 'nan') return Number.NaN;
  return float(text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text));
}

/** A value of ours as one text, in which equal values are equal texts. */
export function canonical(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isInt(value)) return `int ${value}`;
  if (isFloat(value)) return `float ${Object.is(Number(value), -0) ? '-0' : Number(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${canonical(k)}: ${canonical(v)}`).join(', ')}}`;
  return String((value as { text?: string }).text ?? value);
}

/** The recorded result in the same form. */
export function canonicalTagged(tagged: Tagged): string {
  if (typeof tagged === 'object' && tagged !== null && !Array.isArray(tagged)) {
    if ('e' in tagged) return 'failure';
    if ('s' in tagged) return String(tagged['s']);
  }
  return canonical(decode(tagged));
}
