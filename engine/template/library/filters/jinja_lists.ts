/** Jinja2's filters of lists and dicts. */

import { UndefinedError } from '../../../errors.ts';
import { type Kwargs, Tuple } from '../../../python/objects.ts';
import { binary, equals, lengthOf, order, toList } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail, Undefined } from '../../../python/undefined.ts';
import { isInt } from '../../../values.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import type { Rendering } from '../../compile/rendering.ts';
import { Group } from '../../objects.ts';
import { attributeGetter, ignoreCase, sortedBy, ValueSet } from './keys.ts';

const LAZY = { lazy: true };

function empty(what: string): Undefined {
  return new Undefined(what, () => new UndefinedError(`no ${what} item, the sequence was empty`, what));
}

function keyOf(c: Rendering, attribute: Py, caseSensitive: Py): (item: Py) => Py {
  const get = attributeGetter(c, attribute);
  return truthy(caseSensitive) ? get : (item) => ignoreCase(get(item));
}

/** A sort key of several attributes, separated by commas. */
function keysOf(c: Rendering, attribute: Py, caseSensitive: Py): (item: Py) => Py {
  const names = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const gets = names.map((name) => keyOf(c, name, caseSensitive));
  return gets.length === 1 ? gets[0]! : (item) => gets.map((get) => get(item));
}

function extreme(sign: number) {
  return (c: Rendering, value: Py, caseSensitive: Py, attribute: Py): Py => {
    const items = toList(value);
    if (items.length === 0) return empty('aggregated');
    const key = keyOf(c, attribute, caseSensitive);
    let best = items[0];
    let bestKey = key(best);
    for (const item of items.slice(1)) {
      const itemKey = key(item);
      if (order(itemKey, bestKey) * sign < 0) {
        best = item;
        bestKey = itemKey;
      }
    }
    if (bestKey instanceof Undefined) bestKey.trip();
    return best;
  };
}

/** select, reject and their attribute forms. */
function selecting(keep: boolean, byAttribute: boolean) {
  return (c: Rendering, value: Py, args: Py[], kwargs: Kwargs): Py => {
    if (value === null || !truthy(value)) return [];
    const rest = [...args];
    const get = byAttribute
      ? attributeGetter(c, rest.shift() ?? fail('the name of the attribute is missing'))
      : undefined;
    const name = rest.shift();
    const test = name === undefined ? truthy : (item: Py) => c.callTest(toText(name), item, rest, kwargs);
    return c.list(value).filter((item) => test(c.deep(get ? get(item) : item)) === keep);
  };
}

function map(c: Rendering, value: Py, args: Py[], kwargs: Kwargs): Py {
  if (value === null || !truthy(value)) return [];
  if (args.length === 0 && kwargs.has('attribute')) {
    const named = [...kwargs.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (named) fail(`map has no argument \`${named}\` beside \`attribute\``);
    return c.list(value).map(attributeGetter(c, kwargs.get('attribute'), kwargs.get('default') ?? undefined));
  }
  const [name, ...rest] = args;
  if (typeof name !== 'string') fail('map needs the name of a filter, or `attribute=`');
  return c.list(value).map((item) => c.callFilter(name, item, rest, kwargs));
}

function groupby(c: Rendering, value: Py, attribute: Py, otherwise: Py, caseSensitive: Py): Py {
  const get = attributeGetter(c, attribute, otherwise ?? undefined);
  const key = truthy(caseSensitive) ? get : (item: Py) => ignoreCase(get(item));
  const groups: { key: Py; items: Py[] }[] = [];
  for (const item of sortedBy(toList(value), key)) {
    const itemKey = key(item);
    const last = groups.at(-1);
    if (last && equals(last.key, itemKey)) last.items.push(item);
    else groups.push({ key: itemKey, items: [item] });
  }
  return groups.map((group) => new Group(get(group.items[0]), group.items));
}

function batch(value: Py, size: Py, fill: Py): Py[] {
  const count = Number(size);
  const rows: Py[][] = [];
  let row: Py[] = [];
  for (const item of toList(value)) {
    if (row.length === count) {
      rows.push(row);
      row = [];
    }
    row.push(item);
  }
  if (row.length) rows.push(row);
  if (fill !== null) while (row.length && row.length < count) row.push(fill);
  return rows;
}

function slice(value: Py, slices: Py, fill: Py): Py[] {
  const items = toList(value);
  const count = Number(slices);
  if (count < 1) fail('slice needs at least one slice');
  const size = Math.floor(items.length / count);
  const extra = items.length % count;
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    const start = offset + i * size;
    if (i < extra) offset++;
    const part = items.slice(start, offset + (i + 1) * size);
    if (fill !== null && i >= extra) part.push(fill);
    return part;
  });
}

function itemsOf(value: Py): Py {
  if (!(value instanceof Map)) fail(`items needs a dict, not '${typeName(value)}'`);
  return [...value].map((pair) => Tuple.make(pair));
}

export const JINJA_LISTS: FilterDefinition[] = [
  filter('batch(linecount, fill_with=null)', (_c, value, size, fill) => batch(value, size, fill)),
  filter(
    'default(default_value="", boolean=false)',
    (_c, value, otherwise, boolean) => {
      if (value instanceof Undefined) return value.failed ? value : otherwise;
      return boolean && !truthy(value) ? otherwise : value;
    },
    { lazy: true, takesUndefined: true },
  ),
  filter('dictsort(case_sensitive=false, by="key", reverse=false)', (_c, value, caseSensitive, by, reverse) => {
    if (!(value instanceof Map)) fail(`dictsort needs a dict, not '${typeName(value)}'`);
    if (by !== 'key' && by !== 'value') fail('dictsort\'s `by` is "key" or "value"');
    const at = by === 'key' ? 0 : 1;
    const fold = caseSensitive ? (v: Py) => v : ignoreCase;
    return sortedBy([...value], (pair) => fold(pair[at]), truthy(reverse)).map((pair) => Tuple.make(pair));
  }),
  filter(
    'first',
    (c, value) => {
      const items = toList(value);
      return items.length ? c.access(items[0]) : empty('first');
    },
    LAZY,
  ),
  filter(
    'last',
    (c, value) => {
      const items = toList(value);
      return items.length ? c.access(items.at(-1)) : empty('last');
    },
    LAZY,
  ),
  filter('groupby(attribute, default=null, case_sensitive=false)', groupby),
  filter('items', (_c, value) => itemsOf(value), LAZY),
  filter('join(d="", attribute=null)', (c, value, separator, attribute) => {
    const items = toList(value);
    const get = attribute === null ? undefined : attributeGetter(c, attribute);
    return items.map((item) => toText(get ? get(item) : item)).join(toText(separator));
  }),
  filter('length', (_c, value) => lengthOf(value), LAZY),
  filter('list', (c, value) => [...c.list(value)], LAZY),
  filter('map(*args, **kwargs)', map, LAZY),
  filter('max(case_sensitive=false, attribute=null)', extreme(-1)),
  filter('min(case_sensitive=false, attribute=null)', extreme(1)),
  filter('reject(*args, **kwargs)', selecting(false, false), LAZY),
  filter('rejectattr(*args, **kwargs)', selecting(false, true), LAZY),
  filter('select(*args, **kwargs)', selecting(true, false), LAZY),
  filter('selectattr(*args, **kwargs)', selecting(true, true), LAZY),
  filter('reverse', (_c, value) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...toList(value)].reverse(),
  ),
  filter('slice(slices, fill_with=null)', (_c, value, slices, fill) => slice(value, slices, fill)),
  filter('sort(reverse=false, case_sensitive=false, attribute=null)', (c, value, reverse, caseSensitive, attribute) =>
    sortedBy(toList(value), keysOf(c, attribute, caseSensitive), truthy(reverse)),
  ),
  filter('sum(attribute=null, start=0)', (c, value, attribute, start) => {
    const get = attributeGetter(c, attribute);
    return toList(value).reduce((total, item) => {
      const one = get(item);
      if (typeof one === 'string' && isInt(total))
        fail(`sum can't add the text ${JSON.stringify(one)}`, 'convert with `map("int")`');
      return binary('+', total, one);
    }, start);
  }),
  filter('unique(case_sensitive=false, attribute=null)', (c, value, caseSensitive, attribute) => {
    const get = keyOf(c, attribute, caseSensitive);
    const seen = new ValueSet();
    return toList(value).filter((item) => seen.add(get(item)));
  }),
  filter('attr(name)', (c, value, name) => c.attribute(value instanceof Map ? new Map() : value, toText(name)), LAZY),
];

export const JINJA_LIST_ALIASES = { d: 'default', count: 'length' };
