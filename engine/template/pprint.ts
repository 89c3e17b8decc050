/** Python's pprint.pformat: one line where it fits in 80 columns, else an entry per line; dicts sorted by key. */

import { Tuple } from './objects.ts';
import { order } from './operators.ts';
import type { Py } from './py.ts';
import { pyRepr } from './text.ts';

const WIDTH = 80;

function sortedEntries(dict: Map<Py, Py>): [Py, Py][] {
  const entries = [...dict];
  try {
    return entries.sort(([a], [b]) => order(a, b));
  } catch {
    return entries;
  }
}

function flat(value: Py): string {
  if (value instanceof Map) {
    return `{${sortedEntries(value)
      .map(([key, item]) => `${flat(key)}: ${flat(item)}`)
      .join(', ')}}`;
  }
  if (!Array.isArray(value)) return pyRepr(value);
  const inner = value.map(flat).join(', ');
  if (!(value instanceof Tuple)) return `[${inner}]`;
  return value.length === 1 ? `(${inner},)` : `(${inner})`;
}

function write(value: Py, indent: number, after: number): string {
  const line = flat(value);
  if (line.length <= WIDTH - indent - after) return line;
  const pad = ' '.repeat(indent + 1);
  if (value instanceof Map && value.size) {
    const entries = sortedEntries(value);
    const parts = entries.map(([key, item], i) => {
      const name = `${flat(key)}: `;
      return name + write(item, indent + 1 + name.length, i === entries.length - 1 ? after + 1 : 1);
    });
    return `{${parts.join(`,\n${pad}`)}}`;
  }
  if (Array.isArray(value) && value.length) {
    const parts = value.map((item, i) => write(item, indent + 1, i === value.length - 1 ? after + 1 : 1));
    const inner = parts.join(`,\n${pad}`);
    if (value instanceof Tuple) return value.length === 1 ? `(${inner},)` : `(${inner})`;
    return `[${inner}]`;
  }
  return typeof value === 'string' ? writeText(value, indent, after) : line;
}

/** A long text as several quoted pieces, broken at spaces. */
function writeText(text: string, indent: number, after: number): string {
  const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [''];
  const pieces: string[] = [];
  const outer = indent === 0 ? 1 : 0;
  const room = WIDTH - indent - outer;
  lines.forEach((line, i) => {
    const last = i === lines.length - 1;
    if (pyRepr(line).length <= room - (last ? after + outer : 0)) {
      pieces.push(pyRepr(line));
      return;
    }
    let current = '';
    const words = line.match(/\S*\s*/g)!.filter((word) => word !== '');
    words.forEach((word, j) => {
      const limit = room - (last && j === words.length - 1 ? after + outer : 0);
      if (current && pyRepr(current + word).length > limit) {
        pieces.push(pyRepr(current));
        current = word;
      } else current += word;
    });
    if (current) pieces.push(pyRepr(current));
  });
  if (pieces.length === 1) return pieces[0]!;
  const joined = pieces.join(`\n${' '.repeat(indent + outer)}`);
  return outer ? `(${joined})` : joined;
}

/** The value as pprint shows it. */
export function pprint(value: Py): string {
  return write(value, 0, 0);
}
