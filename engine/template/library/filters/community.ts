/** The filters of community.general and ansible.utils that are used most. */
import { crc32 } from 'node:zlib';
import { csvRows } from '../../../python/csv.ts';
import { iniText } from '../../../python/ini.ts';
import type { Kwargs } from '../../../python/objects.ts';
import { binary, contains, dictGet, toList } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { BoundedRegExp } from '../../../python/regex/bounded.ts';
import { pyRepr, toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import { compareLoose } from '../../../python/versions.ts';
import { float, fromPlain } from '../../../values.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import { readIni } from '../ini.ts';
import { pairsOf } from '../methods.ts';
import { compileRegex } from '../regex.ts';
import { distinct, generator, mergeDicts } from './core_lists.ts';
import { textOf } from './jinja_text.ts';
import { jsonQuery } from './json_query.ts';
import { sortedBy } from './keys.ts';

const list = (value: Py, name: string): Py[] =>
  Array.isArray(value) ? value : fail(`${name} needs lists, not '${typeName(value)}'`);

/** Lists given one by one, or with `flatten` as lists of lists. */
function allLists(value: Py, others: Py[], kwargs: Kwargs, name: string): Py[][] {
  for (const key of kwargs.keys()) if (key !== 'flatten') fail(`${name} has no argument \`${key}\``);
  const given = [value, ...others];
  if (!truthy(kwargs.get('flatten') ?? false)) return given.map((one) => list(one, name));
  return given.flatMap((one) => (list(one, name).length && one.every(Array.isArray) ? one : one.length ? [one] : []));
}

function setFilter(name: string, combine: (a: Py[], b: Py[]) => Py[]): FilterDefinition {
  return filter(`${name}(*lists, **kwargs)`, (_c, value, others, kwargs) => {
    const lists = allLists(value, others, kwargs, name);
    return lists.length < 2 ? (lists[0] ?? []) : distinct(lists.reduce(combine));
  });
}

const without = (a: Py[], b: Py[]): Py[] => a.filter((item) => !contains(b, item));

function mergeBy(value: Py, others: Py[], kwargs: Kwargs): Py[] {
  const index = others.at(-1);
  if (typeof index !== 'string') fail('lists_mergeby needs at least one list and, at the end, the name of the key');
  const lists = allLists(value, others.slice(0, -1), new Map([['flatten', true]]), 'lists_mergeby');
  if (lists.length < 2) return lists[0] ?? [];
  const recursive = truthy(kwargs.get('recursive') ?? false);
  const how = toText(kwargs.get('list_merge') ?? 'replace');
  const merged = new Map<Py, Py>();
  for (const item of lists.flat()) {
    if (!(item instanceof Map)) fail(`lists_mergeby needs lists of dicts; one item is '${typeName(item)}'`);
    const key = item.get(index);
    if (key !== undefined) merged.set(key, mergeDicts(merged.get(key) ?? new Map(), item, recursive, how));
  }
  return sortedBy([...merged.values()], (item) => item.get(index));
}

function randomMac(prefix: string, random: () => number): string {
  const parts = prefix.toLowerCase().split(':');
  if (parts.length > 5) fail(`random_mac: '${prefix}' has more than five parts`);
  for (const part of parts) if (!/^[a-f0-9]{2}/.test(part)) fail(`random_mac: '${part}' is no byte in hex`);
  const digits = () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0');
  return [...parts, ...Array.from({ length: 6 - parts.length }, digits)].join(':');
}

const FACTORS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_592_000_000,
  y: 31_536_000_000,
};
const NAMES: Record<string, string> = {
  millisecond: 'ms',
  msec: 'ms',
  second: 's',
  sec: 's',
  minute: 'm',
  min: 'm',
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'mo',
  year: 'y',
};

function timeUnit(value: Py, unit: string, kwargs: Kwargs): Py {
  const text = toText(value);
  if (text === '0') return 0;
  const factors = { ...FACTORS };
  const [year, month] = [kwargs.get('year'), kwargs.get('month')];
  if (year !== undefined) factors['y'] = Number(year) * 86_400_000;
  if (month !== undefined) factors['mo'] = Number(month) * 86_400_000;
  const factor = (name: string): number => {
    const short = NAMES[name.replace(/s+$/, '')] ?? name;
    return Object.hasOwn(factors, short)
      ? factors[short]!
      : fail(`'${name}' is no unit of time`, `units are ${Object.keys(NAMES).join(', ')}`);
  };
  let total = 0;
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const match = /^(-?\d+)(\w+)/.exec(word) ?? fail(`'${text}' is no duration`, 'write it as in `1h 30m`');
    total += Number(match[1]) * factor(match[2]!);
  }
  return float(Number((total / factor(unit)).toFixed(12)));
}

function keyTest(target: Py, how: Py): (key: string) => boolean {
  const names = (Array.isArray(target) ? target : [target]).map(toText);
  if (how === 'equal') return (key) => names.includes(key);
  if (how === 'starts_with') return (key) => names.some((name) => key.startsWith(name));
  if (how === 'ends_with') return (key) => names.some((name) => key.endsWith(name));
  if (how === 'regex') return (key) => new BoundedRegExp(compileRegex(names[0]!), 'uy').test(key);
  fail(`matching_parameter is equal, starts_with, ends_with or regex, not '${toText(how)}'`);
}

const keys = (name: string, keep: boolean) =>
  filter(`${name}(target, matching_parameter="equal")`, (_c, value, target, how) => {
    const test = keyTest(target, how);
    const one = (dict: Py): Py => {
      if (!(dict instanceof Map)) fail(`${name} needs a list of dicts, not '${typeName(dict)}'`);
      return new Map([...dict].filter(([key]) => test(toText(key)) === keep));
    };
    return toList(value).map(one);
  });

function fromCsv(text: string, dialect: string, fieldnames: Py, delimiter: Py): Py[] {
  const mark = delimiter === null ? (dialect === 'excel-tab' ? '\t' : ',') : toText(delimiter);
  const rows = csvRows(text, mark);
  const names = fieldnames === null ? (rows.shift() ?? []) : toList(fieldnames).map(toText);
  return rows.map((row) => new Map(names.map((name, i) => [name, row[i] ?? null])));
}

function toIni(value: Map<Py, Py>): string {
  const sections = [...value].map(([name, section]): [string, Map<string, string>] => {
    if (!(section instanceof Map)) fail(`the section '${toText(name)}' must be a dict`);
    return [toText(name), new Map([...section].map(([key, item]) => [toText(key).toLowerCase(), toText(item)]))];
  });
  return iniText(new Map(sections)).replace(/\n$/, '');
}

/** Reads `a.b[0]['c']` of a value. */
function getPath(value: Py, path: string): Py {
  let at = value;
  for (const match of path.matchAll(/\[(?:'([^']*)'|"([^"]*)"|(-?\d+))\]|([^.[\]]+)/g)) {
    const key = match[1] ?? match[2] ?? match[4];
    at = key === undefined ? at?.[Number(match[3])] : at instanceof Map ? dictGet(at, key) : at?.[Number(key)];
    if (at === undefined) fail(`get_path: '${path}' leads nowhere`);
  }
  return at;
}

export const COMMUNITY: FilterDefinition[] = [
  filter('json_query(expr)', (_c, value, query) => jsonQuery(value, textOf(query, 'json_query'))),
  filter('dict_kv(key)', (_c, value, key) => new Map([[key, value]])),
  filter('dict', (_c, value) => new Map(pairsOf(value))),
  filter('lists_mergeby(*lists, **kwargs)', (_c, value, others, kwargs) => mergeBy(value, others, kwargs)),
  setFilter('lists_union', (a, b) => [...a, ...b]),
  setFilter('lists_intersect', (a, b) => a.filter((item) => contains(b, item))),
  setFilter('lists_difference', without),
  setFilter('lists_symmetric_difference', (a, b) => [...without(a, b), ...without(b, a)]),
  filter('random_mac(seed=null)', (c, value, seed) => randomMac(textOf(value, 'random_mac'), generator(c, seed))),
  filter(
    'from_csv(dialect="excel", fieldnames=null, delimiter=null, skipinitialspace=null, strict=null)',
    (_c, value, dialect, names, delimiter) => fromCsv(textOf(value, 'from_csv'), toText(dialect), names, delimiter),
  ),
  filter('from_ini', (_c, value) => fromPlain(readIni(textOf(value, 'from_ini')))),
  filter('to_ini', (_c, value) =>
    value instanceof Map && value.size ? toIni(value) : fail('to_ini needs a dict of sections'),
  ),
  filter('groupby_as_dict(attribute)', (_c, value, attribute) => {
    const result = new Map<Py, Py>();
    list(value, 'groupby_as_dict').forEach((item, i) => {
      const key = item instanceof Map ? dictGet(item, attribute) : fail(`groupby_as_dict: item ${i} is no dict`);
      if (key === undefined) fail(`groupby_as_dict: item ${i} has no key '${toText(attribute)}'`);
      if (result.has(key)) fail(`groupby_as_dict: several items have the value ${pyRepr(key)}`);
      result.set(key, item);
    });
    return result;
  }),
  filter('counter', (_c, value) => {
    const counts = new Map<Py, number>();
    for (const item of toList(value)) counts.set(item, (counts.get(item) ?? 0) + 1);
    return counts;
  }),
  filter('crc32', (_c, value) => crc32(textOf(value, 'crc32')).toString(16)),
  filter('version_sort(reverse=false)', (_c, value, reverse) => {
    const sorted = [...toList(value)].sort((a, b) => compareLoose(toText(a), toText(b)));
    return truthy(reverse) ? sorted.reverse() : sorted;
  }),
  filter('to_time_unit(unit="ms", **kwargs)', (_c, value, unit, kwargs) => timeUnit(value, toText(unit), kwargs)),
  ...Object.entries({
    milliseconds: 'ms',
    seconds: 's',
    minutes: 'm',
    hours: 'h',
    days: 'd',
    weeks: 'w',
    months: 'mo',
    years: 'y',
  }).map(([name, unit]) => filter(`to_${name}(**kwargs)`, (_c, value, kwargs) => timeUnit(value, unit, kwargs))),
  filter('accumulate', (_c, value) => {
    let total: Py;
    return toList(value).map((item, i) => {
      total = i === 0 ? item : binary('+', total, item);
      return total;
    });
  }),
  filter('unicode_normalize(form="NFC")', (_c, value, form) =>
    textOf(value, 'unicode_normalize').normalize(toText(form)),
  ),
  keys('keep_keys', true),
  keys('remove_keys', false),
  filter('index_of(test, value=null, key=null)', (c, value, test, other, key) => {
    const found: number[] = [];
    toList(value).forEach((item, i) => {
      const read = key === null ? item : c.item(item, key);
      if (c.callTest(toText(test), read, other === null ? [] : [other], new Map())) found.push(i);
    });
    return found.length === 1 ? found[0] : found;
  }),
  filter('get_path(path)', (_c, value, path) => getPath(value, toText(path))),
];
