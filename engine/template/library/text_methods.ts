/** The methods of Python's str that a template can call. */

import { formatText } from '../../python/format.ts';
import { type Kwargs, Tuple } from '../../python/objects.ts';
import { toList } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { typeName } from '../../python/types.ts';
import { fail } from '../../python/undefined.ts';

export type Method = (self: Py, args: Py[], kwargs: Kwargs, env: Py) => unknown;

/** A text as an array of characters, or the text itself where each character is one unit. */
const units = (text: string): string | string[] => (/[\ud800-\udbff]/.test(text) ? [...text] : text);
const size = (text: string): number => units(text).length;

function clamp(index: Py, length: number, otherwise: number): number {
  if (index === undefined || index === null) return otherwise;
  const n = Number(index);
  return n < 0 ? Math.max(0, n + length) : Math.min(n, length);
}

function part(text: string, start: Py, end: Py): { text: string; from: number } {
  const all = units(text);
  const from = clamp(start, all.length, 0);
  const to = clamp(end, all.length, all.length);
  const cut = all.slice(from, Math.max(from, to));
  return { text: typeof cut === 'string' ? cut : cut.join(''), from };
}

const SPACE = '\\s\\x1c-\\x1f\\x85';
const LEADING = new RegExp(`^[${SPACE}]+`);
const TRAILING = new RegExp(`[${SPACE}]+$`);

function strip(text: string, characters: Py, left: boolean, right: boolean): string {
  if (characters === undefined || characters === null) {
    let result = left ? text.replace(LEADING, '') : text;
    if (right) result = result.replace(TRAILING, '');
    return result;
  }
  if (typeof characters !== 'string') fail(`strip needs a text, not '${typeName(characters)}'`);
  const set = new Set(characters);
  const all = [...text];
  let from = 0;
  let to = all.length;
  while (left && from < to && set.has(all[from]!)) from++;
  while (right && to > from && set.has(all[to - 1]!)) to--;
  return all.slice(from, to).join('');
}

function split(text: string, separator: Py, limit: Py, fromRight: boolean): string[] {
  const max = limit === undefined || limit === null || Number(limit) < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  if (separator === '') fail('empty separator');
  if (separator !== undefined && separator !== null && typeof separator !== 'string') {
    fail(`a separator must be a text, not '${typeName(separator)}'`);
  }
  if (separator === undefined || separator === null) return splitSpace(text, max, fromRight);
  const parts = text.split(separator);
  if (parts.length - 1 <= max) return parts;
  if (fromRight) return [parts.slice(0, parts.length - max).join(separator), ...parts.slice(parts.length - max)];
  return [...parts.slice(0, max), parts.slice(max).join(separator)];
}

function splitSpace(text: string, max: number, fromRight: boolean): string[] {
  const words = [...text.matchAll(new RegExp(`[^${SPACE}]+`, 'g'))];
  if (words.length - 1 < max || words.length === 0) return words.map((m) => m[0]);
  if (fromRight) {
    const kept = words.slice(words.length - max);
    const before = kept.length ? text.slice(0, kept[0]!.index) : text;
    return [before.replace(TRAILING, ''), ...kept.map((m) => m[0])].filter((w, i) => i > 0 || w !== '');
  }
  const rest = words[max]!;
  return [...words.slice(0, max).map((m) => m[0]), text.slice(rest.index)];
}

const fold = (text: string): string => text.toLowerCase().replaceAll('ß', 'ss');
const isCased = (c: string): boolean => c.toLowerCase() !== c.toUpperCase();

/** A character as the capital that begins a word: ß gives Ss. */
function upperFirst(character: string): string {
  const [first = '', ...rest] = [...character.toUpperCase()];
  return first + rest.join('').toLowerCase();
}

/** Python's str.title. */
function titleCase(text: string): string {
  let result = '';
  let inWord = false;
  for (const c of text) {
    result += inWord ? c.toLowerCase() : upperFirst(c);
    inWord = isCased(c);
  }
  return result;
}

/** Python's str.capitalize. */
function capitalized(text: string): string {
  const [first = '', ...rest] = [...text];
  return upperFirst(first) + rest.join('').toLowerCase();
}

const every =
  (re: RegExp): Method =>
  (self) =>
    self !== '' && [...self].every((c) => re.test(c));

function find(self: string, args: Py[], last: boolean, required: boolean): number {
  const [needle, start, end] = args;
  if (typeof needle !== 'string') fail(`the text to find must be a text, not '${typeName(needle)}'`);
  const { text, from } = part(self, start, end);
  const index = last ? text.lastIndexOf(needle) : text.indexOf(needle);
  if (index >= 0) return from + size(text.slice(0, index));
  if (required) fail('substring not found');
  return -1;
}

function startsOrEnds(self: string, args: Py[], check: (text: string, affix: string) => boolean): boolean {
  const { text } = part(self, args[1], args[2]);
  const affixes = args[0] instanceof Tuple ? args[0] : [args[0]];
  return affixes.some((affix: Py) => {
    if (typeof affix !== 'string') fail(`needs a text or a tuple of texts, not '${typeName(affix)}'`);
    return check(text, affix);
  });
}

function justify(self: string, args: Py[], place: (missing: number, fill: string) => string): string {
  const missing = Number(args[0]) - size(self);
  return missing <= 0 ? self : place(missing, args[1] ?? ' ');
}

function partition(self: string, separator: string, index: number): Tuple | undefined {
  return index < 0 ? undefined : Tuple.make([self.slice(0, index), separator, self.slice(index + separator.length)]);
}

function replace(self: string, args: Py[]): string {
  const [old, by, count] = args;
  if (typeof old !== 'string' || typeof by !== 'string') fail('replace needs two texts');
  if (count === undefined || Number(count) < 0) return self.replaceAll(old, () => by);
  let left = Number(count);
  let result = '';
  let at = 0;
  while (left-- > 0) {
    const index = self.indexOf(old, at);
    if (index < 0) break;
    result += self.slice(at, index) + by;
    at = index + old.length;
    if (old === '') result += self[at++] ?? '';
  }
  return result + self.slice(at);
}

function splitLines(text: string, keep: boolean): string[] {
  const lines = [
    ...text.matchAll(/([^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*)(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g),
  ];
  return lines.filter((m) => m[0] !== '').map((m) => (keep ? m[0] : m[1]!));
}

function argument(args: Py[], kwargs: Kwargs, index: number, name: string): Py {
  return args[index] ?? kwargs.get(name);
}

/** str.join. */
function joinTexts(separator: string, items: Py): string {
  return toList(items)
    .map((item, i) => {
      if (typeof item !== 'string') {
        fail(`item ${i} of the list to join is '${typeName(item)}', not a text`, 'use the filter `| join`');
      }
      return item;
    })
    .join(separator);
}

export const TEXT_METHODS: Record<string, Method> = {
  capitalize: (self) => capitalized(self),
  casefold: (self) => fold(self),
  center: (self, args) =>
    justify(self, args, (missing, fill) => {
      const left = (missing >> 1) + (missing & Number(args[0]) & 1);
      return fill.repeat(left) + self + fill.repeat(missing - left);
    }),
  count: (self, args) => {
    const { text } = part(self, args[1], args[2]);
    return args[0] === '' ? size(text) + 1 : text.split(args[0]).length - 1;
  },
  encode: (self) => Buffer.from(self, 'utf8'),
  endswith: (self, args) => startsOrEnds(self, args, (text, affix) => text.endsWith(affix)),
  expandtabs: (self, args, kwargs) => {
    const width = Number(argument(args, kwargs, 0, 'tabsize') ?? 8);
    let column = 0;
    return self.replace(/[^\t\n\r]+|[\t\n\r]/g, (run: string) => {
      if (run === '\n' || run === '\r') column = 0;
      else if (run !== '\t') column += size(run);
      else {
        const gap = width > 0 ? width - (column % width) : 0;
        column += gap;
        return ' '.repeat(gap);
      }
      return run;
    });
  },
  find: (self, args) => find(self, args, false, false),
  format: (self, args, kwargs, env) => formatText(self, args, kwargs, env.formatField),
  format_map: (self, args, _kwargs, env) => formatText(self, [], args[0], env.formatField),
  index: (self, args) => find(self, args, false, true),
  isalnum: every(/[\p{L}\p{N}]/u),
  isalpha: every(/\p{L}/u),
  isascii: (self) => /^[\0-\x7f]*$/.test(self),
  isdecimal: every(/\p{Nd}/u),
  isdigit: every(/[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]/u),
  isidentifier: (self) => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(self),
  islower: (self) => [...self].some(isCased) && self === self.toLowerCase(),
  isnumeric: every(/\p{N}/u),
  isprintable: (self) => !/[\p{C}\p{Zl}\p{Zp}]|[^\S ]/u.test(self),
  isspace: every(new RegExp(`[${SPACE}]`)),
  istitle: (self) => [...self].some(isCased) && self === titleCase(self),
  isupper: (self) => [...self].some(isCased) && self === self.toUpperCase(),
  join: (self, args) => joinTexts(self, args[0]),
  ljust: (self, args) => justify(self, args, (missing, fill) => self + fill.repeat(missing)),
  lower: (self) => self.toLowerCase(),
  lstrip: (self, args) => strip(self, args[0], true, false),
  partition: (self, args) => partition(self, args[0], self.indexOf(args[0])) ?? Tuple.make([self, '', '']),
  removeprefix: (self, args) => (self.startsWith(args[0]) ? self.slice(args[0].length) : self),
  removesuffix: (self, args) =>
    args[0] !== '' && self.endsWith(args[0]) ? self.slice(0, self.length - args[0].length) : self,
  replace: (self, args, kwargs) => replace(self, [args[0], args[1], argument(args, kwargs, 2, 'count')]),
  rfind: (self, args) => find(self, args, true, false),
  rindex: (self, args) => find(self, args, true, true),
  rjust: (self, args) => justify(self, args, (missing, fill) => fill.repeat(missing) + self),
  rpartition: (self, args) => partition(self, args[0], self.lastIndexOf(args[0])) ?? Tuple.make(['', '', self]),
  rsplit: (self, args, kwargs) =>
    split(self, argument(args, kwargs, 0, 'sep'), argument(args, kwargs, 1, 'maxsplit'), true),
  rstrip: (self, args) => strip(self, args[0], false, true),
  split: (self, args, kwargs) =>
    split(self, argument(args, kwargs, 0, 'sep'), argument(args, kwargs, 1, 'maxsplit'), false),
  splitlines: (self, args, kwargs) => splitLines(self, Boolean(argument(args, kwargs, 0, 'keepends'))),
  startswith: (self, args) => startsOrEnds(self, args, (text, affix) => text.startsWith(affix)),
  strip: (self, args) => strip(self, args[0], true, true),
  swapcase: (self) =>
    [...self].map((c: string) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join(''),
  title: (self) => titleCase(self),
  translate: (self, args) =>
    [...self]
      .map((c: string) => {
        const to = args[0]?.get?.(c.codePointAt(0));
        return to === undefined ? c : to === null ? '' : typeof to === 'string' ? to : String.fromCodePoint(to);
      })
      .join(''),
  upper: (self) => self.toUpperCase(),
  zfill: (self, args) => {
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    const digits = self.slice(sign.length);
    return sign + '0'.repeat(Math.max(0, Number(args[0]) - size(self))) + digits;
  },
};

/** bytes.decode and what else a template may do with bytes. */
export const BYTES_METHODS: Record<string, Method> = {
  decode: (self) => Buffer.from(self).toString('utf8'),
  hex: (self) => Buffer.from(self).toString('hex'),
};
