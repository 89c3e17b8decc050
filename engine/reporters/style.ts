/** Colours, and JSON as Ansible shows it. */
import type { Json } from '../values.ts';
import { visible } from './printable.ts';

const CODES = {
  ok: '0;32',
  changed: '0;33',
  skipped: '0;36',
  failed: '0;31',
  unreachable: '1;31',
  verbose: '0;34',
  warning: '1;35',
  dim: '1;30',
  added: '0;32',
  removed: '0;31',
  hunk: '0;36',
} as const;

export type Colour = keyof typeof CODES;

/** Paints a text line by line, so that a pager or a cut line never leaves the colour on. */
export function paint(text: string, colour: Colour | undefined, colors: boolean): string {
  if (!colors || !colour) return text;
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `\x1b[${CODES[colour]}m${line}\x1b[0m`))
    .join('\n');
}

/**
 * Makes text from a host safe to show: control characters would move the cursor or set the terminal's title, so all but
 * tab and newline become visible marks; colours (SGR) stay where the screen has colours.
 */
export function safe(text: string, colors = false): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (match) => (match.length === 1 ? visible(match) : colors ? match : ''));
}

const UNSAFE = /\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** JSON with sorted keys and a blank after `,` and `:`, as Ansible prints results; `indent` 4 puts each entry on its line. */
export function resultJson(value: Json, indent = 0): string {
  return write(value, indent, '');
}

function write(value: Json, indent: number, margin: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const list = Array.isArray(value);
  const inner = margin + ' '.repeat(indent);
  const entries = list
    ? value.map((item) => write(item, indent, inner))
    : Object.keys(value)
        .sort()
        .map((key) => `${JSON.stringify(key)}: ${write(value[key]!, indent, inner)}`);
  const [open, close] = list ? '[]' : '{}';
  if (entries.length === 0) return open! + close!;
  if (indent === 0) return open + entries.join(', ') + close;
  return `${open}\n${entries.map((entry) => inner + entry).join(',\n')}\n${margin}${close}`;
}

/** A number of seconds for people: `0.4s`, `12s`, `3m05s`, `1h02m`. */
export function seconds(n: number): string {
  if (n < 10) return `${n.toFixed(1)}s`;
  const whole = Math.round(n);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}
