/** Ansible's filters of texts: regular expressions, encodings, hashes, JSON, YAML, times. */

import { createHash } from 'node:crypto';
import { roundHalfEven } from '../../../python/format.ts';
import { dumpJson, dumpOptions, loadJson } from '../../../python/json.ts';
import type { Kwargs } from '../../../python/objects.ts';
import { Tuple } from '../../../python/objects.ts';
import { timestamp } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { strftime } from '../../../python/strftime.ts';
import { strptime, TimeError } from '../../../python/strptime.ts';
import { toText } from '../../../python/text.ts';
import { numeric, truthy, typeName } from '../../../python/types.ts';
import { fail, Undefined } from '../../../python/undefined.ts';
import { bytesOfText, float, textOfBytes } from '../../../values.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import type { Rendering } from '../../compile/rendering.ts';
import { compileRegex, escapePython, type RegexFlags, substitute } from '../regex.ts';
import { pythonInt, textOf } from './jinja_text.ts';

const flags = (ignorecase: Py, multiline: Py): RegexFlags => ({
  ignoreCase: truthy(ignorecase ?? false),
  multiline: truthy(multiline ?? false),
});

/** Text given to a shell as one word. */
const shellQuote = (text: string): string =>
  text === ''
    ? "''"
    : /^[\w@%+=:,./-]+$/.test(text) && /^[\0-\x7f]*$/.test(text)
      ? text
      : `'${text.replaceAll("'", `'"'"'`)}'`;

function regexSearch(value: Py, pattern: Py, args: Py[], kwargs: Kwargs): Py {
  const groups = args.map((arg) => {
    const name = /^\\g<(\S+)>/.exec(toText(arg))?.[1];
    const number = /^\\(\d+)/.exec(toText(arg))?.[1];
    return (
      name ??
      (number === undefined
        ? fail(
            `regex_search: unknown argument ${toText(arg)}`,
            String.raw`groups are asked for as '\\1' or '\\g<name>'`,
          )
        : Number(number))
    );
  });
  const text = toText(value);
  const match = compileRegex(toText(pattern), flags(kwargs.get('ignorecase'), kwargs.get('multiline')), text).exec(
    text,
  );
  if (!match) return null;
  if (groups.length === 0) return match[0];
  return groups.map((group) => {
    if (typeof group === 'number' || /^\d+$/.test(group)) {
      if (Number(group) >= match.length) fail(`regex_search: no such group ${group}`);
      return match[Number(group)] ?? null;
    }
    if (!match.groups || !Object.hasOwn(match.groups, group)) fail(`regex_search: no such group '${group}'`);
    return match.groups[group] ?? null;
  });
}

function regexFindall(value: Py, pattern: Py, multiline: Py, ignorecase: Py): Py[] {
  const text = toText(value);
  return [...text.matchAll(compileRegex(toText(pattern), flags(ignorecase, multiline), text))].map((match) => {
    if (match.length === 1) return match[0];
    const groups = match.slice(1).map((group) => group ?? '');
    return groups.length === 1 ? groups[0] : Tuple.make(groups);
  });
}

/** Ansible's bool filter. */
export function toBool(value: Py): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : toText(value);
  if (typeof value === 'string' || typeof value === 'number') {
    return /^(yes|on|true|1)$/.test(text);
  }
  return typeof value === 'object' && value !== null && text === '1.0';
}

const bytesOf = (value: Py): Buffer => (value instanceof Uint8Array ? Buffer.from(value) : bytesOfText(toText(value)));

/** The hex digest of a text. */
function digest(algorithm: string, value: Py): string {
  try {
    return createHash(algorithm).update(bytesOf(value)).digest('hex');
  } catch {
    fail(`unsupported hash type ${algorithm}`);
  }
}

/** Base64 as Python reads it: other characters are passed over, the padding must be there, and ends it. */
function fromBase64(text: string): Buffer {
  let digits = '';
  let padding = 0;
  for (const char of text) {
    if (char === '=') {
      padding++;
      if (digits.length % 4 >= 2 && (digits.length % 4) + padding >= 4) return Buffer.from(digits, 'base64');
    } else if (/[A-Za-z0-9+/]/.test(char)) {
      padding = 0;
      digits += char;
    }
  }
  const rest = digits.length % 4;
  if (rest !== 0)
    fail(rest === 1 ? 'b64decode: the text is cut off' : 'b64decode: the padding (`=` at the end) is missing');
  return Buffer.from(digits, 'base64');
}

const ENCODINGS: Record<string, BufferEncoding> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  ascii: 'ascii',
  'latin-1': 'latin1',
  latin1: 'latin1',
  'iso-8859-1': 'latin1',
  'utf-16-le': 'utf16le',
  'utf-16le': 'utf16le',
};

function encodingOf(name: Py): BufferEncoding {
  return ENCODINGS[toText(name).toLowerCase()] ?? fail(`unknown encoding ${toText(name)}`);
}

const UUID_ANSIBLE = '361E6D51-FAEC-444A-9079-341386DA8E2E';

function uuid5(name: string, namespace: string): string {
  const hex = namespace.replace(/[{}-]|urn:|uuid:/g, '');
  if (!/^[\da-f]{32}$/i.test(hex)) fail(`Invalid value '${namespace}' for 'namespace' of to_uuid`);
  const hash = createHash('sha1').update(Buffer.from(hex, 'hex')).update(name, 'utf8').digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const STYLES: Record<string, Record<string, string>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};

function comment(text: string, style: Py, kwargs: Kwargs): string {
  const chosen =
    STYLES[toText(style)] ??
    fail(`comment: invalid style '${toText(style)}'`, `styles are ${Object.keys(STYLES).join(', ')}`);
  const mark = toText(kwargs.get('decoration') ?? chosen['decoration']);
  const get = (name: string, otherwise: string): string => toText(kwargs.get(name) ?? chosen[name] ?? otherwise);
  const newline = get('newline', '\n');
  const beginning = get('beginning', '');
  const prefix = get('prefix', mark.trimEnd());
  const decoration = get('decoration', '');
  const end = get('end', '');
  const before =
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(Number(get('prefix_count', '1')));
  const body = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  );
  const after = (newline + get('postfix', mark.trimEnd())).repeat(Number(get('postfix_count', '1')));
  return (beginning ? beginning + newline : '') + before + body + after + (end ? newline + end : '');
}

const SIZES: [string, number][] = [
  ['Y', 2 ** 80],
  ['Z', 2 ** 70],
  ['E', 2 ** 60],
  ['P', 2 ** 50],
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
  ['B', 1],
];

function humanReadable(size: Py, isbits: Py, unit: Py): string {
  const bytes = Number(
    numeric(size) ?? fail(`human_readable() failed on bad input: it needs a number, not '${typeName(size)}'`),
  );
  const base = truthy(isbits) ? 'bits' : 'Bytes';
  const wanted = unit === null || unit === undefined ? undefined : toText(unit).toUpperCase();
  const found = SIZES.find(([name, limit]) => (wanted === undefined ? bytes >= limit : wanted === name));
  const [name, limit] = found ?? SIZES.at(-1)!;
  return `${roundHalfEven(bytes / limit, 2)} ${limit === 1 ? base : name + base[0]}`;
}

const UNIT_NAMES: Record<string, string> = {
  B: '',
  K: 'kilo',
  M: 'mega',
  G: 'giga',
  T: 'tera',
  P: 'peta',
  E: 'exa',
  Z: 'zeta',
  Y: 'yotta',
};

function humanToBytes(value: Py, defaultUnit: Py, isbits: Py): number | bigint {
  const match = /^(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*$/.exec(toText(value));
  if (!match) fail(`human_to_bytes can't interpret '${toText(value)}'`);
  const unit = match[2] ?? (defaultUnit === null ? undefined : toText(defaultUnit));
  const whole = (n: number) => pythonInt(float(Number(roundHalfEven(n, 0))))!;
  if (unit === undefined) return whole(Number(match[1]));
  const letter = unit[0]!.toUpperCase();
  const limit = SIZES.find(([name]) => name === letter)?.[1] ?? fail(`human_to_bytes: '${unit}' is no unit`);
  const [word, mark] = truthy(isbits) ? ['bit', 'b'] : ['byte', 'B'];
  const short = letter === 'B' ? mark : letter + mark;
  if (unit.length > 1 && unit.toLowerCase() !== UNIT_NAMES[letter] + word && unit !== short) {
    fail(`human_to_bytes can't interpret '${toText(value)}'`, `the unit is written ${short} or ${letter}`);
  }
  return whole(Number(match[1]) * limit);
}

function parseYaml(c: Rendering, value: Py, all: boolean): Py {
  if (value === null) return all ? [] : null;
  if (typeof value !== 'string') return value;
  return (c.options.parseYaml ?? fail("YAML can't be read here"))(value, all);
}

function dumpYaml(c: Rendering, value: Py, named: Kwargs, nice: boolean): Py {
  const options = new Map(named);
  if (nice) {
    if (!options.has('indent')) options.set('indent', 4);
    options.set('default_flow_style', false);
  } else if (!options.has('default_flow_style')) options.set('default_flow_style', null);
  return (c.options.dumpYaml ?? fail("YAML can't be written here"))(value, options);
}

export const CORE_TEXT: FilterDefinition[] = [
  filter('bool', (_c, value) => toBool(value)),
  filter('b64encode(encoding="utf-8", urlsafe=false)', (_c, value, encoding, urlsafe) => {
    const named = encodingOf(encoding);
    const bytes = named === 'utf8' || value instanceof Uint8Array ? bytesOf(value) : Buffer.from(toText(value), named);
    const text = bytes.toString('base64');
    return truthy(urlsafe) ? text.replaceAll('+', '-').replaceAll('/', '_') : text;
  }),
  filter('b64decode(encoding="utf-8", urlsafe=false)', (_c, value, encoding, urlsafe) => {
    const named = encodingOf(encoding);
    const bytes = fromBase64(truthy(urlsafe) ? toText(value).replaceAll('-', '+').replaceAll('_', '/') : toText(value));
    return named === 'utf8' ? textOfBytes(bytes) : bytes.toString(named);
  }),
  filter('checksum', (_c, value) => digest('sha1', value)),
  filter('sha1', (_c, value) => digest('sha1', value)),
  filter('md5', (_c, value) => digest('md5', value)),
  filter('hash(hashtype="sha1")', (_c, value, type) => digest(toText(type), value)),
  filter('comment(style="plain", **kwargs)', (_c, value, style, kwargs) =>
    comment(typeof value === 'string' ? value : fail(`comment needs a text, not '${typeName(value)}'`), style, kwargs),
  ),
  filter('quote', (_c, value) => shellQuote(value === null ? '' : toText(value))),
  filter(
    'regex_replace(pattern="", replacement="", ignorecase=false, multiline=false, count=0, mandatory_count=0)',
    (_c, value, pattern, replacement, ignorecase, multiline, count, wanted) => {
      const { text, made } = substitute(
        toText(value),
        toText(pattern),
        toText(replacement),
        flags(ignorecase, multiline),
        Number(count),
      );
      if (Number(wanted) && Number(wanted) !== made)
        fail(
          `regex_replace: '${toText(pattern)}' should match ${wanted} times, but matches ${made} times in '${toText(value)}'`,
        );
      return text;
    },
  ),
  filter('regex_search(regex, *groups, **kwargs)', (_c, value, pattern, groups, kwargs) =>
    regexSearch(value, pattern, groups, kwargs),
  ),
  filter('regex_findall(regex, multiline=false, ignorecase=false)', (_c, value, pattern, multiline, ignorecase) =>
    regexFindall(value, pattern, multiline, ignorecase),
  ),
  filter('regex_escape(re_type="python")', (_c, value, type) => {
    if (type === 'python') return escapePython(toText(value));
    if (type === 'posix_basic') return toText(value).replace(/[\].[^$*\\]/g, '\\$&');
    fail(`regex_escape: the type '${toText(type)}' is not supported`, 'types are python and posix_basic');
  }),
  filter('from_json(profile=null)', (_c, value) =>
    loadJson(typeof value === 'string' ? value : fail(`from_json needs a text, not '${typeName(value)}'`)),
  ),
  filter('to_json(profile=null, **kwargs)', (_c, value, _profile, kwargs) => dumpJson(value, dumpOptions(kwargs))),
  filter('to_nice_json(indent=4, sort_keys=true, **kwargs)', (_c, value, indent, sort, kwargs) =>
    dumpJson(value, { ...dumpOptions(kwargs), indent, sortKeys: truthy(sort), separators: [',', ': '] }),
  ),
  filter('from_yaml', (c, value) => parseYaml(c, value, false)),
  filter('from_yaml_all', (c, value) => parseYaml(c, value, true)),
  filter('to_yaml(**kwargs)', (c, value, kwargs) => dumpYaml(c, value, kwargs, false)),
  filter('to_nice_yaml(**kwargs)', (c, value, kwargs) => dumpYaml(c, value, kwargs, true)),
  filter('to_uuid(namespace=null)', (_c, value, namespace) =>
    uuid5(toText(value), namespace === null ? UUID_ANSIBLE : toText(namespace)),
  ),
  filter(
    'mandatory(msg=null)',
    (_c, value, message) => {
      if (!(value instanceof Undefined) || value.failed) return value;
      fail(message === null ? `Mandatory variable '${value.path}' not defined.` : toText(message));
    },
    { lazy: true, takesUndefined: true },
  ),
  filter(
    'ternary(true_val, false_val, none_val=null)',
    (_c, value, yes, no, none) => {
      if (value instanceof Undefined) value.trip();
      if (value === null && none !== null) return none;
      return truthy(value) ? yes : no;
    },
    { lazy: true, takesUndefined: true },
  ),
  filter(
    'type_debug',
    (_c, value) =>
      value instanceof Undefined ? (value.failed ? 'CapturedExceptionMarker' : 'UndefinedMarker') : typeName(value),
    {
      lazy: true,
      takesUndefined: true,
    },
  ),
  filter('split(sep=null, maxsplit=-1)', (c, value, separator, limit) =>
    c.callMethodOf(textOf(value, 'split'), 'split', [separator, limit]),
  ),
  filter('strftime(second=null, utc=false)', (c, format, second, utc) => {
    const time = second === null ? (c.options.now?.() ?? new Date()) : new Date(Number(toText(second)) * 1000);
    if (Number.isNaN(time.getTime())) fail(`Invalid value for epoch value (${toText(second)})`);
    return strftime(textOf(format, 'strftime'), time, false, truthy(utc));
  }),
  filter('to_datetime(format="%Y-%m-%d %H:%M:%S")', (_c, value, format) => {
    try {
      return timestamp(strptime(toText(value), toText(format)));
    } catch (error) {
      if (error instanceof TimeError) fail(error.message);
      throw error;
    }
  }),
  filter('human_readable(isbits=false, unit=null)', (_c, value, isbits, unit) => humanReadable(value, isbits, unit)),
  filter('human_to_bytes(default_unit=null, isbits=false)', (_c, value, unit, isbits) =>
    humanToBytes(value, unit, isbits),
  ),
];
