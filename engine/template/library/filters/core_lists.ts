/** Ansible's filters of lists and dicts. */

import { type Kwargs, Range, Tuple } from '../../../python/objects.ts';
import { dictGet, toList } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { pyRepr, toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import type { Rendering } from '../../compile/rendering.ts';
import { attributeGetter, ignoreCase, ValueSet } from './keys.ts';

const isSequence = Array.isArray;

/** Ansible's flatten: nulls dropped unless told otherwise. */
function flatten(list: Py, levels: Py, skipNulls = true): Py[] {
  const result: Py[] = [];
  for (const item of toList(list)) {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) continue;
    if (!isSequence(item)) result.push(item);
    else if (levels === null) result.push(...flatten(item, null, skipNulls));
    else if (Number(levels) >= 1) result.push(...flatten(item, Number(levels) - 1, skipNulls));
    else result.push(item);
  }
  return result;
}

const without = (a: Py[], b: Py[]): Py[] => {
  const set = setOf(b);
  return a.filter((item) => !set.has(item));
};

function setOf(items: Py[]): ValueSet {
  const set = new ValueSet();
  for (const item of items) set.add(item);
  return set;
}

/** The items of a list, each once. */
export function distinct(items: Py[]): Py[] {
  const seen = new ValueSet();
  return items.filter((item) => seen.add(item));
}

const LIST_MERGES: Record<string, (low: Py[], high: Py[]) => Py[]> = {
  replace: (_low, high) => high,
  keep: (low) => low,
  append: (low, high) => [...low, ...high],
  prepend: (low, high) => [...high, ...low],
  append_rp: (low, high) => [...without(low, high), ...high],
  prepend_rp: (low, high) => [...high, ...without(low, high)],
};

/** Ansible's merge of two dicts; the second has precedence. */
export function mergeDicts(low: Py, high: Py, recursive: boolean, listMerge: string): Py {
  if (!(low instanceof Map) || !(high instanceof Map)) {
    fail(`combine needs dicts, not '${typeName(low)}' and '${typeName(high)}'`);
  }
  if (low.size === 0 || low === high) return high;
  if (!recursive && listMerge === 'replace') return new Map([...low, ...high]);
  const merge = LIST_MERGES[listMerge]!;
  const result = new Map(low);
  for (const [key, item] of high) {
    const old = result.get(key);
    if (old instanceof Map && item instanceof Map) {
      result.set(key, recursive ? mergeDicts(old, item, recursive, listMerge) : item);
    } else if (isSequence(old) && isSequence(item)) result.set(key, merge(old, item));
    else result.set(key, item);
  }
  return result;
}

function combine(value: Py, others: Py[], kwargs: Kwargs): Py {
  for (const key of kwargs.keys()) {
    if (key !== 'recursive' && key !== 'list_merge')
      fail(`combine has no argument \`${key}\``, 'it takes `recursive` and `list_merge`');
  }
  const listMerge = toText(kwargs.get('list_merge') ?? 'replace');
  if (!Object.hasOwn(LIST_MERGES, listMerge))
    fail(`combine's list_merge is one of ${Object.keys(LIST_MERGES).join(', ')}`);
  const dicts = flatten([value, ...others], 1);
  if (dicts.length === 0) return new Map();
  const recursive = truthy(kwargs.get('recursive') ?? false);
  return dicts.reduceRight((high, low) => mergeDicts(low, high, recursive, listMerge));
}

function dict2items(value: Py, keyName: Py, valueName: Py): Py[] {
  if (!(value instanceof Map)) fail(`dict2items requires a dictionary, not '${typeName(value)}'`);
  return [...value].map(
    ([key, item]) =>
      new Map([
        [keyName, key],
        [valueName, item],
      ]),
  );
}

function items2dict(value: Py, keyName: Py, valueName: Py): Py {
  if (!isSequence(value)) fail(`items2dict requires a list, not '${typeName(value)}'`);
  return new Map(
    value.map((item) => {
      if (!(item instanceof Map)) fail(`items2dict requires a list of dictionaries; one is '${typeName(item)}'`);
      const read = (name: Py) =>
        dictGet(item, name) ??
        fail(
          `items2dict requires each dictionary in the list to contain the keys '${toText(keyName)}' and '${toText(valueName)}'; one is ${pyRepr(item)}`,
        );
      return [read(keyName), read(valueName)];
    }),
  );
}

function subelements(value: Py, path: Py, skipMissing: Py): Py[] {
  const elements =
    value instanceof Map
      ? [...value.values()]
      : isSequence(value)
        ? value
        : fail('subelements: obj must be a list of dicts or a nested dict');
  const steps = isSequence(path)
    ? path
    : typeof path === 'string'
      ? path.split('.')
      : fail(`subelements must be a list or a string, not '${typeName(path)}'`);
  const result: Py[] = [];
  for (const element of elements) {
    let items: Py = element;
    for (const step of steps) {
      if (!(items instanceof Map))
        fail(`subelements: the key '${toText(step)}' should point to a dictionary, not to '${typeName(items)}'`);
      const next = dictGet(items, step);
      if (next === undefined) {
        if (!truthy(skipMissing)) fail(`subelements: could not find '${toText(step)}' in ${pyRepr(items)}`);
        items = [];
        break;
      }
      items = next;
    }
    if (!isSequence(items))
      fail(`subelements: the key '${toText(path)}' should point to a list, not to '${typeName(items)}'`);
    for (const item of items) result.push(Tuple.make([element, item]));
  }
  return result;
}

function product(lists: Py[][]): Py[] {
  return lists
    .reduce<Py[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map(Tuple.make);
}

function permutations(items: Py[], size: number): Py[] {
  const result: Py[] = [];
  const choose = (chosen: number[]): void => {
    if (chosen.length === size) result.push(Tuple.make(chosen.map((i) => items[i])));
    else for (let i = 0; i < items.length; i++) if (!chosen.includes(i)) choose([...chosen, i]);
  };
  if (size <= items.length) choose([]);
  return result;
}

function combinations(items: Py[], size: number): Py[] {
  const result: Py[] = [];
  const choose = (start: number, chosen: Py[]): void => {
    if (chosen.length === size) result.push(Tuple.make(chosen));
    else for (let i = start; i < items.length; i++) choose(i + 1, [...chosen, items[i]]);
  };
  choose(0, []);
  return result;
}

function zip(lists: Py[][], strict: boolean): Py[] {
  const lengths = lists.map((list) => list.length);
  const shortest = Math.min(...lengths);
  if (strict && lengths.some((length) => length !== shortest)) fail('zip: the lists have different lengths');
  return Array.from({ length: shortest }, (_, i) => Tuple.make(lists.map((list) => list[i])));
}

function rekey(value: Py, key: Py, duplicates: Py): Py {
  if (duplicates !== 'error' && duplicates !== 'overwrite')
    fail(
      `duplicates parameter to rekey_on_member has unknown value '${toText(duplicates)}'`,
      'it is `error` or `overwrite`',
    );
  const items =
    value instanceof Map
      ? [...value.values()]
      : isSequence(value)
        ? value
        : fail(`rekey_on_member: Type is not a valid list, set, or dict, but '${typeName(value)}'`);
  const result = new Map();
  for (const item of items) {
    if (!(item instanceof Map)) fail(`rekey_on_member: List item is not a valid dict, but '${typeName(item)}'`);
    const own =
      dictGet(item, key) ?? fail(`rekey_on_member: the key '${toText(key)}' was not found in ${pyRepr(item)}`);
    if (result.has(own) && duplicates === 'error')
      fail(`rekey_on_member: the key '${toText(own)}' is not unique, cannot correctly turn into dict`);
    result.set(own, item);
  }
  return result;
}

function extract(c: Rendering, key: Py, container: Py, more: Py): Py {
  const keys = more === null || more === undefined ? [key] : isSequence(more) ? [key, ...more] : [key, more];
  return keys.reduce((value, one) => c.item(value, one), container);
}

/** Python's hash-free set operations, in the order of first appearance. */
const lists = (a: Py, b: Py): [Py[], Py[]] => [toList(a), toList(b)];

export const CORE_LISTS: FilterDefinition[] = [
  filter('combine(*others, **kwargs)', (_c, value, others, kwargs) => combine(value, others, kwargs)),
  filter('dict2items(key_name="key", value_name="value")', (_c, value, key, item) => dict2items(value, key, item)),
  filter('items2dict(key_name="key", value_name="value")', (_c, value, key, item) => items2dict(value, key, item)),
  filter('difference(b)', (_c, a, b) => distinct(without(...lists(a, b)))),
  filter('intersect(b)', (_c, a, b) => {
    const [x, y] = lists(a, b);
    const set = setOf(y);
    return distinct(x.filter((item) => set.has(item)));
  }),
  filter('union(b)', (_c, a, b) => distinct(lists(a, b).flat())),
  filter('symmetric_difference(b)', (_c, a, b) => {
    const [x, y] = lists(a, b);
    return distinct([...without(x, y), ...without(y, x)]);
  }),
  filter('extract(container, morekeys=null)', (c, value, container, more) => extract(c, value, container, more), {
    lazy: true,
  }),
  filter('flatten(levels=null, skip_nulls=true)', (_c, value, levels, skip) => flatten(value, levels, truthy(skip))),
  filter('subelements(subelements, skip_missing=false)', (_c, value, path, skip) => subelements(value, path, skip)),
  filter('product(*lists, repeat=1)', (_c, value, others, repeat) => {
    const all = [value, ...others].map(toList);
    return product(Array.from({ length: Number(repeat) }, () => all).flat());
  }),
  filter('permutations(r=null)', (_c, value, size) =>
    permutations(toList(value), size === null ? toList(value).length : Number(size)),
  ),
  filter('combinations(r)', (_c, value, size) => combinations(toList(value), Number(size))),
  filter('zip(*lists, strict=false)', (_c, value, others, strict) =>
    zip([value, ...others].map(toList), truthy(strict)),
  ),
  filter('zip_longest(*lists, fillvalue=null)', (_c, value, others, fill) => {
    const all = [value, ...others].map(toList);
    const length = Math.max(...all.map((list) => list.length));
    return Array.from({ length }, (_, i) => Tuple.make(all.map((list) => (i < list.length ? list[i] : fill))));
  }),
  filter('rekey_on_member(key, duplicates="error")', (_c, value, key, duplicates) => rekey(value, key, duplicates)),
  filter('unique(case_sensitive=null, attribute=null)', (c, value, caseSensitive, attribute) => {
    const get = attributeGetter(c, attribute);
    const key = caseSensitive === true ? get : (item: Py) => ignoreCase(get(item));
    const seen = new ValueSet();
    // Jinja2's own `unique` takes what can be a key of a dict; Ansible's, for all else, knows neither argument.
    const strict = caseSensitive === false || attribute !== null;
    return toList(value).filter((item) => {
      const by = key(item);
      if (strict && (Array.isArray(by) || by instanceof Map) && !(by instanceof Tuple))
        fail(
          `unique: '${typeName(by)}' is no key, and we cannot fall back to Ansible's version as it does not support case_sensitive and attribute`,
        );
      return seen.add(by);
    });
  }),
  filter('shuffle(seed=null)', (c, value, seed) => {
    if (!isSequence(value) && typeof value !== 'string' && !(value instanceof Map)) return value;
    const items = [...toList(value)];
    const random = generator(c, seed);
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }),
  filter('random(start=null, step=null, seed=null)', (c, end, start, step, seed) => {
    const random = generator(c, seed);
    if (isSequence(end) || typeof end === 'string' || end instanceof Range) {
      if (truthy(start ?? 0) || truthy(step ?? 0))
        fail('start and step can only be used with an integer, and random got a list');
      const items = toList(end);
      return items.length ? items[Math.floor(random() * items.length)] : fail('random: the list is empty');
    }
    if (typeof end !== 'number' || !Number.isInteger(end))
      fail(`random can only be used on sequences and integers, not '${typeName(end)}'`);
    const from = Number(start ?? 0);
    const by = Number(step ?? 1) || 1;
    const count = Math.ceil((end - from) / by);
    return count > 0 ? from + by * Math.floor(random() * count) : fail('random: the range is empty');
  }),
];

/** Random numbers: the run's source, or for a seed always the same ones (not Python's own sequence). */
export function generator(c: Rendering, seed: Py): () => number {
  if (seed === null || seed === undefined) return c.options.random ?? Math.random;
  let state = 0x811c9dc5;
  for (const character of toText(seed)) state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
