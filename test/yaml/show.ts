import { Float, isDict, Template, Timestamp, type Value, VaultText } from '../../engine/values.ts';

/** A value in the words of record_pyyaml.py, to compare types as well as values. */
export function show(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `i${value}`;
  if (value instanceof Float) return `f${Object.is(value.value, -0) ? '-0' : pythonExponent(value.value)}.0`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i${value}` : `f${pythonFloat(value)}`;
  if (value instanceof Timestamp) return `t${value.text}`;
  if (value instanceof Template) return ascii(value.text);
  if (value instanceof VaultText) return `vault${ascii(value.text)}`;
  if (typeof value === 'string') return ascii(value);
  if (isDict(value)) return `{${[...value].map(([k, v]) => `${show(k)}: ${show(v)}`).join(', ')}}`;
  return `[${value.map(show).join(', ')}]`;
}

const pythonExponent = (n: number): string => String(n);
const pythonFloat = (n: number): string =>
  Number.isFinite(n) ? String(n).replace(/e([-+])(\d)$/, 'e$10$2') : String(n).toLowerCase().replace('infinity', 'inf');

const ascii = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
