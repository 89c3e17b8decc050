/** What pprint shows inside ansible-core: its containers on one line, and long texts in quoted pieces of a line each. */
import type { Py } from './py.ts';
import { pyRepr } from './text.ts';

const WIDTH = 80;

/** The value as pprint shows it. */
export function pprint(value: Py): string {
  return typeof value === 'string' && pyRepr(value).length > WIDTH ? pieces(value) : pyRepr(value);
}

/** A long text as several quoted pieces, broken at spaces. */
function pieces(text: string): string {
  const room = WIDTH - 1;
  const found: string[] = [];
  const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [''];
  lines.forEach((line, i) => {
    const last = i === lines.length - 1;
    if (pyRepr(line).length <= room - (last ? 1 : 0)) {
      found.push(pyRepr(line));
      return;
    }
    let current = '';
    const words = line.match(/\S*\s*/g)!.filter((word) => word !== '');
    words.forEach((word, j) => {
      const limit = room - (last && j === words.length - 1 ? 1 : 0);
      if (current && pyRepr(current + word).length > limit) {
        found.push(pyRepr(current));
        current = word;
      } else current += word;
    });
    if (current) found.push(pyRepr(current));
  });
  return found.length === 1 ? found[0]! : `(${found.join('\n ')})`;
}
