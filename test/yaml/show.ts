import { Float, isDict, Template, Timestamp, type Value, VaultText } from '../../engine/values.ts';

/** A value in the words of record_pyyaml.py, to compare types as well as values. */
export function show(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `i${value}`;
  if (value instanceof Float) return `f${pythonFloat(value.value)}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i${value}` : `f${pythonFloat(value)}`;
  if (value instanceof Timestamp) return `t${value.text}`;
  if (value instanceof Template) return ascii(value.text);
  if (value instanceof VaultText) return `vault${ascii(value.text)}`;
  if (typeof value === 'string') return ascii(value);
  if (isDict(value)) return `{${[...value].map(([k, v]) => `${show(k)}: ${show(v)}`).join(', ')}}`;
  return `[${value.map(show).join(', ')}]`;
}

/** A float as Python's repr writes it. */
function pythonFloat(n: number): string {
  if (!Number.isFinite(n)) return String(n).toLowerCase().replace('infinity', 'inf');
  const [digits, exponent] = n.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (n !== 0 && (power < -4 || power >= 16))
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const text = Object.is(n, -0) ? '-0' : String(n);
  return text.includes('.') ? text : `${text}.0`;
}

const ascii = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
