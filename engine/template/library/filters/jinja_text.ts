/** Jinja2's filters of texts and numbers. */

import { asNumber, formatPercent, roundHalfEven } from '../../../python/format.ts';
import { dumpJson } from '../../../python/json.ts';
import { Tuple } from '../../../python/objects.ts';
import { binary, lengthOf, toList } from '../../../python/operators.ts';
import { pprint } from '../../../python/pprint.ts';
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { numeric, truthy, typeName } from '../../../python/types.ts';
import { fail, Undefined } from '../../../python/undefined.ts';
import { Float, float, isInt } from '../../../values.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import { escapeHtml } from '../html.ts';
import { pairsOf } from '../methods.ts';
import { TEXT_METHODS } from '../text_methods.ts';
import { urlize } from './urlize.ts';
import { wrapText } from './wrap.ts';

const NONE = new Map<string, Py>();
const method = (name: string, value: Py, ...args: Py[]): Py =>
  TEXT_METHODS[name]!(toText(value), args, NONE, undefined);

/** A value that must be a text. */
export function textOf(value: Py, name: string): string {
  return typeof value === 'string'
    ? value
    : fail(`${name} needs a text, not '${typeName(value)}'`, 'convert it with `| string`');
}

const title = (text: string): string =>
  text
    .split(/([-\s({[<]+)/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('');

function indent(text: string, width: Py, first: Py, blank: Py): string {
  const step = typeof width === 'string' ? width : ' '.repeat(Number(width));
  const lines: string[] = TEXT_METHODS['splitlines']!(`${text}\n`, [], NONE, undefined) as string[];
  const indented = lines.map((line, i) => (i > 0 && (blank || line) ? step + line : line)).join('\n');
  return first ? step + indented : indented;
}

function truncate(text: string, length: Py, killwords: Py, end: string, leeway: Py): string {
  const size = Number(length);
  if (size < lengthOf(end)) fail(`truncate's length must be at least ${lengthOf(end)}, the length of its end`);
  const all = [...text];
  if (all.length <= size + Number(leeway ?? 5)) return text;
  const cut = all.slice(0, size - lengthOf(end)).join('');
  if (killwords) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + end;
}

const UNITS = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

function filesize(value: Py, binary: Py): string {
  const bytes = asNumber(value);
  if (bytes === undefined || Number.isNaN(bytes)) fail(`filesizeformat needs a number, not '${toText(value)}'`);
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  let unit = base;
  for (let i = 0; i < UNITS.length; i++) {
    unit = base ** (i + 2);
    if (bytes < unit || i === UNITS.length - 1) {
      const prefix = binary ? `${UNITS[i]!.toUpperCase()}iB` : `${UNITS[i]}B`;
      return `${roundHalfEven((base * bytes) / unit, 1)} ${prefix}`;
    }
  }
  return '';
}

/** Python's int(): of a text in a base, or of a number. */
export function pythonInt(value: Py, base = 10): number | bigint | undefined {
  if (typeof value === 'string') {
    const match = /^\s*([+-]?)(0[xX]|0[oO]|0[bB])?([\da-zA-Z]+(?:_[\da-zA-Z]+)*)\s*$/.exec(value);
    if (!match) return undefined;
    const [, sign, prefix = '', body = ''] = match;
    const implied = { '0x': 16, '0o': 8, '0b': 2 }[prefix.toLowerCase()];
    let digits = body;
    let radix = base;
    if (implied !== undefined && (base === implied || base === 0)) radix = implied;
    else if (implied !== undefined) digits = prefix + body;
    else if (base === 0) radix = 10;
    digits = digits.replaceAll('_', '').toLowerCase();
    if ([...digits].some((d) => Number.parseInt(d, 36) >= radix || Number.isNaN(Number.parseInt(d, 36))))
      return undefined;
    let n = 0n;
    for (const d of digits) n = n * BigInt(radix) + BigInt(Number.parseInt(d, 36));
    return normal(sign === '-' ? -n : n);
  }
  const n = numeric(value);
  if (n === undefined || typeof n === 'bigint') return n;
  return Number.isFinite(n) ? normal(BigInt(Math.trunc(n))) : undefined;
}

const normal = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);

/** Python's float() of a value; undefined where it would raise. */
function pythonFloat(value: Py): number | undefined {
  if (typeof value !== 'string') {
    const n = numeric(value);
    return n === undefined ? undefined : Number(n);
  }
  const text = value.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special)
    return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(text)) return undefined;
  return Number(text.replaceAll('_', ''));
}

function int(value: Py, otherwise: Py, base: Py): Py {
  const whole = pythonInt(value, Number(base));
  if (whole !== undefined) return whole;
  const n = pythonFloat(value);
  return n === undefined || !Number.isFinite(n) ? otherwise : normal(BigInt(Math.trunc(n)));
}

function round(value: Py, precision: Py, how: Py): Py {
  const n = numeric(value);
  if (n === undefined) fail(`round needs a number, not '${typeName(value)}'`, 'convert with `| float`');
  const digits = Number(precision);
  if (how === 'common') {
    if (isInt(value) || typeof value === 'boolean') {
      if (digits >= 0) return n;
      const unit = 10 ** -digits;
      const low = Math.floor(Number(n) / unit) * unit;
      const rest = Number(n) - low;
      const up = rest > unit / 2 || (rest === unit / 2 && (low / unit) % 2 !== 0);
      return up ? low + unit : low;
    }
    return float(
      digits >= 0 ? Number(roundHalfEven(Number(n), digits)) : Math.round(Number(n) * 10 ** digits) / 10 ** digits,
    );
  }
  if (how !== 'ceil' && how !== 'floor') fail("round's method is common, ceil or floor");
  const scale = 10 ** digits;
  if (isInt(value) && digits >= 0) return binary('/', binary('*', value, scale), scale);
  return float((how === 'ceil' ? Math.ceil : Math.floor)(Number(n) * scale) / scale);
}

const quoteUrl = (text: string, safe: RegExp): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const c = String.fromCharCode(byte);
      return /[A-Za-z0-9_.~-]/.test(c) || safe.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

function urlencode(value: Py): string {
  if (typeof value === 'string' || !(value instanceof Map || Array.isArray(value)))
    return quoteUrl(toText(value), /\//);
  const part = (text: Py) => quoteUrl(toText(text), /(?!)/).replaceAll('%20', '+');
  return pairsOf(value)
    .map(([key, item]) => `${part(key)}=${part(item)}`)
    .join('&');
}

function xmlattr(value: Py, autospace: Py): string {
  if (!(value instanceof Map)) fail(`xmlattr needs a dict, not '${typeName(value)}'`);
  const parts: string[] = [];
  for (const [key, item] of value) {
    if (item === null || item instanceof Undefined) continue;
    if (/[\s/>=]/.test(textOf(key, 'xmlattr')))
      fail(`the attribute name ${JSON.stringify(key)} has a character that is not allowed`);
    parts.push(`${escapeHtml(toText(key))}="${escapeHtml(toText(item))}"`);
  }
  return (autospace && parts.length ? ' ' : '') + parts.join(' ');
}

const striptags = (text: string): string =>
  text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>/g, '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')
    .replace(/&(amp|lt|gt|quot|#39|#34|nbsp);/g, (_, name: string) => ENTITIES[name]!);
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#34': '"',
  nbsp: '\xa0',
};

const htmlJson = (value: Py, indentation: Py): string =>
  dumpJson(value, { sortKeys: true, indent: indentation }).replace(
    /[<>&']/g,
    (c) => `\\u00${c.charCodeAt(0).toString(16)}`,
  );

export const JINJA_TEXT: FilterDefinition[] = [
  filter('abs', (_c, value) => {
    const n = numeric(value);
    if (n === undefined) fail(`abs needs a number, not '${typeName(value)}'`);
    if (typeof n === 'bigint') return n < 0n ? -n : n;
    return isInt(value) || typeof value === 'boolean' ? Math.abs(n) : float(Math.abs(n));
  }),
  filter('capitalize', (_c, value) => method('capitalize', value)),
  filter('center(width=80)', (_c, value, width) => method('center', value, width)),
  filter('escape', (_c, value) => escapeHtml(toText(value))),
  filter('forceescape', (_c, value) => escapeHtml(toText(value))),
  filter('filesizeformat(binary=false)', (_c, value, binary) => filesize(value, binary)),
  filter('float(default=0.0)', (_c, value, otherwise) => {
    const n = pythonFloat(value);
    return n === undefined ? (otherwise === 0 ? new Float(0) : otherwise) : float(n);
  }),
  filter('format(*args, **kwargs)', (_c, value, args, kwargs) => {
    if (args.length && kwargs.size) fail('format takes positional or named values, not both');
    return formatPercent(toText(value), kwargs.size ? kwargs : Tuple.make(args));
  }),
  filter('indent(width=4, first=false, blank=false)', (_c, value, width, first, blank) => {
    if (typeof value !== 'string') fail(`indent needs a text, not '${typeName(value)}'`);
    return indent(value, width, truthy(first), truthy(blank));
  }),
  filter('int(default=0, base=10)', (_c, value, otherwise, base) => int(value, otherwise, base)),
  filter('lower', (_c, value) => toText(value).toLowerCase()),
  filter('pprint', (_c, value) => pprint(value)),
  filter('replace(old, new, count=null)', (_c, value, old, by, count) =>
    method('replace', value, toText(old), toText(by), count ?? undefined),
  ),
  filter('round(precision=0, method="common")', (_c, value, precision, how) => round(value, precision, how)),
  filter('safe', (_c, value) => toText(value)),
  filter('string', (_c, value) => toText(value)),
  filter('striptags', (_c, value) => striptags(toText(value))),
  filter('title', (_c, value) => title(toText(value))),
  filter('tojson(indent=null)', (_c, value, indentation) => htmlJson(value, indentation)),
  filter('trim(chars=null)', (_c, value, chars) => method('strip', value, chars)),
  filter('truncate(length=255, killwords=false, end="...", leeway=null)', (_c, value, length, killwords, end, leeway) =>
    truncate(textOf(value, 'truncate'), length, truthy(killwords), toText(end), leeway),
  ),
  filter('upper', (_c, value) => toText(value).toUpperCase()),
  filter('urlencode', (_c, value) => urlencode(value)),
  filter(
    'urlize(trim_url_limit=null, nofollow=false, target=null, rel=null, extra_schemes=null)',
    (_c, value, limit, nofollow, target, rel, schemes) =>
      urlize(toText(value), {
        limit: limit === null ? undefined : Number(limit),
        nofollow: truthy(nofollow),
        target: target ?? undefined,
        rel: rel ?? '',
        schemes: schemes === null ? [] : toList(schemes).map(toText),
      }),
  ),
  filter('wordcount', (_c, value) => toText(value).match(/[\p{L}\p{N}_\p{Mn}]+/gu)?.length ?? 0),
  filter(
    'wordwrap(width=79, break_long_words=true, wrapstring=null, break_on_hyphens=true)',
    (_c, value, width, breakLong, wrapstring, breakHyphens) =>
      wrapText(textOf(value, 'wordwrap'), Number(width), truthy(breakLong), truthy(breakHyphens), wrapstring ?? '\n'),
  ),
  filter('xmlattr(autospace=true)', (_c, value, autospace) => xmlattr(value, truthy(autospace))),
];

export const JINJA_TEXT_ALIASES = { e: 'escape' };
