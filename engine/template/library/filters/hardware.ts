/** Hardware (MAC) addresses. */
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';

const MAC_STYLES: Record<string, (hex: string) => Py> = {
  bare: (hex) => hex.toUpperCase(),
  bool: () => true,
  int: (hex) => Number.parseInt(hex, 16),
  cisco: (hex) => hex.match(/.{4}/g)!.join('.'),
  eui48: (hex) => hex.toUpperCase().match(/../g)!.join('-'),
  win: (hex) => hex.toUpperCase().match(/../g)!.join('-'),
  linux: (hex) => hex.match(/../g)!.join(':'),
  pgsql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  postgresql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  psql: (hex) => `${hex.slice(0, 6)}:${hex.slice(6)}`,
  unix: (hex) =>
    hex
      .match(/../g)!
      .map((pair) => pair.replace(/^0/, ''))
      .join(':'),
};

/** A hardware address in any of the usual forms. */
export const MAC =
  /^(?:[\da-f]{12}|[\da-f]{1,2}(?:[:-][\da-f]{1,2}){5}|[\da-f]{1,4}(?:\.[\da-f]{1,4}){2}|[\da-f]{5,6}[:-][\da-f]{5,6})$/i;

/** The hwaddr filter. */
export function hwaddr(value: Py, query: string, name: string): Py {
  const text = toText(value);
  if (!MAC.test(text)) {
    if (query !== '' && query !== 'bool') fail(`${name}: '${text}' is not a hardware address`);
    return null;
  }
  const parts = text.split(/[:.-]/);
  const hex = parts
    .map((part) => part.padStart(12 / parts.length, '0'))
    .join('')
    .toLowerCase();
  if (query === '') return value;
  return (Object.hasOwn(MAC_STYLES, query) ? MAC_STYLES[query]! : fail(`${name}: unknown query '${query}'`))(hex);
}
