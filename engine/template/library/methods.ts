/** The methods of lists, dicts, numbers and times that a template can call; nothing else can be reached on a value. */

import { TimeDelta, Tuple } from '../../python/objects.ts';
import { dictGet, equals, order, timestamp, toList } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { strftime } from '../../python/strftime.ts';
import { pyRepr } from '../../python/text.ts';
import { numeric, truthy, typeName } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import { Float, float, Timestamp } from '../../values.ts';
import { BYTES_METHODS, type Method, TEXT_METHODS } from './text_methods.ts';

function position(list: Py[], index: Py): number {
  const n = Number(numeric(index) ?? fail(`a list's index is a number, not '${typeName(index)}'`));
  return n < 0 ? n + list.length : n;
}

/** The key under which a dict holds what equals the given key. */
function ownKey(dict: Map<Py, Py>, key: Py): Py {
  if (key instanceof Undefined) key.trip();
  if (dict.has(key)) return key;
  if (typeof key !== 'string') for (const other of dict.keys()) if (equals(other, key)) return other;
  return key;
}

/** Pairs of a dict-like argument. */
export function pairsOf(value: Py): [Py, Py][] {
  if (value instanceof Map) return [...value];
  return toList(value).map((pair) => {
    const items = toList(pair);
    if (items.length !== 2) fail(`a dict is made of pairs; one has ${items.length} items`);
    return [items[0], items[1]];
  });
}

const LIST_METHODS: Record<string, Method> = {
  count: (self, [item]) => self.filter((other: Py) => equals(other, item)).length,
  index: (self, [item, start = 0, stop = self.length]) => {
    const from = Math.max(0, position(self, start));
    const to = position(self, stop);
    const found = self.findIndex((other: Py, i: number) => i >= from && i < to && equals(other, item));
    if (found < 0) fail(`${pyRepr(item)} is not in the list`);
    return found;
  },
};

const LIST_CHANGES: Record<string, Method> = {
  append: (self, [item]) => {
    self.push(item);
    return null;
  },
  clear: (self) => {
    self.length = 0;
    return null;
  },
  extend: (self, [items]) => {
    self.push(...toList(items));
    return null;
  },
  insert: (self, [index, item]) => {
    self.splice(Math.max(0, position(self, index)), 0, item);
    return null;
  },
  pop: (self, [index = -1]) => {
    const at = position(self, index);
    if (at < 0 || at >= self.length) fail(self.length ? 'pop index out of range' : 'pop from empty list');
    return self.splice(at, 1)[0];
  },
  remove: (self, [item]) => {
    const at = self.findIndex((other: Py) => equals(other, item));
    if (at < 0) fail(`${pyRepr(item)} is not in the list`);
    self.splice(at, 1);
    return null;
  },
  reverse: (self) => {
    self.reverse();
    return null;
  },
  sort: (self, _args, kwargs) => {
    self.sort((a: Py, b: Py) => order(a, b));
    if (truthy(kwargs.get('reverse') ?? false)) self.reverse();
    return null;
  },
};

const DICT_METHODS: Record<string, Method> = {
  copy: (self) => new Map(self),
  get: (self, [key, otherwise = null], kwargs) => {
    if (key instanceof Undefined) key.trip();
    const found = dictGet(self, key);
    return found === undefined ? (kwargs.get('default') ?? otherwise) : found;
  },
  items: (self) => [...self].map((pair) => Tuple.make(pair)),
  keys: (self) => [...self.keys()],
  values: (self) => [...self.values()],
};

const DICT_CHANGES: Record<string, Method> = {
  clear: (self) => {
    self.clear();
    return null;
  },
  pop: (self, [key, ...otherwise]) => {
    const own = ownKey(self, key);
    if (!self.has(own)) return otherwise.length ? otherwise[0] : fail(`the dict has no key ${pyRepr(key)}`);
    const found = self.get(own);
    self.delete(own);
    return found;
  },
  popitem: (self) => {
    const last = [...self].at(-1);
    if (!last) fail('popitem(): dictionary is empty');
    self.delete(last[0]);
    return Tuple.make(last);
  },
  setdefault: (self, [key, otherwise = null]) => {
    const own = ownKey(self, key);
    if (!self.has(own)) self.set(own, otherwise);
    return self.get(own);
  },
  update: (self, args, kwargs) => {
    for (const [key, value] of [...(args.length ? pairsOf(args[0]) : []), ...kwargs])
      self.set(ownKey(self, key), value);
    return null;
  },
};

const NUMBER_METHODS: Record<string, Method> = {
  bit_length: (self) =>
    typeof self === 'number' || typeof self === 'bigint' ? bits(BigInt(self)) : fail('needs an int'),
  conjugate: (self) => self,
  is_integer: (self) => Number.isInteger(Number(numeric(self))),
  as_integer_ratio: (self) => Tuple.make([self, 1]),
  __and__: (self, [other]) => Number(BigInt(self) & BigInt(other)),
  __or__: (self, [other]) => Number(BigInt(self) | BigInt(other)),
  __xor__: (self, [other]) => Number(BigInt(self) ^ BigInt(other)),
  __lshift__: (self, [other]) => shifted(BigInt(self) << BigInt(other)),
  __rshift__: (self, [other]) => shifted(BigInt(self) >> BigInt(other)),
};

const shifted = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
const bits = (n: bigint): number => (n === 0n ? 0 : (n < 0n ? -n : n).toString(2).length);

const TIME_METHODS: Record<string, Method> = {
  strftime: (self: Timestamp, [format]) => strftime(format, self.date, true),
  isoformat: (self: Timestamp, [separator = 'T']) => self.text.replace(' ', separator),
  timestamp: (self: Timestamp) => float(localTime(self.date) / 1000),
  date: (self: Timestamp) => timestamp(self.date.getTime(), true),
  weekday: (self: Timestamp) => (self.date.getUTCDay() + 6) % 7,
  isoweekday: (self: Timestamp) => ((self.date.getUTCDay() + 6) % 7) + 1,
  replace: (self: Timestamp, _args, kwargs) => {
    const d = self.date;
    const get = (name: string, now: number) => Number(kwargs.get(name) ?? now);
    const day = Date.UTC(
      get('year', d.getUTCFullYear()),
      get('month', d.getUTCMonth() + 1) - 1,
      get('day', d.getUTCDate()),
    );
    const clock =
      get('hour', d.getUTCHours()) * 3_600_000 +
      get('minute', d.getUTCMinutes()) * 60_000 +
      get('second', d.getUTCSeconds()) * 1000;
    return timestamp(day + clock + Math.floor(get('microsecond', d.getUTCMilliseconds() * 1000) / 1000), self.dateOnly);
  },
};

/** The instant of a zoneless time read as local time. */
function localTime(d: Date): number {
  return new Date(
    d.getUTCFullYear(),
    d.getUTCMonth(),
    d.getUTCDate(),
    d.getUTCHours(),
    d.getUTCMinutes(),
    d.getUTCSeconds(),
    d.getUTCMilliseconds(),
  ).getTime();
}

const DELTA_METHODS: Record<string, Method> = {
  total_seconds: (self: TimeDelta) => float(self.milliseconds / 1000),
};

/** Plain attributes of a time. */
export function timeAttribute(time: Timestamp, name: string): number | undefined {
  const d = time.date;
  switch (name) {
    case 'year':
      return d.getUTCFullYear();
    case 'month':
      return d.getUTCMonth() + 1;
    case 'day':
      return d.getUTCDate();
    case 'hour':
      return time.dateOnly ? undefined : d.getUTCHours();
    case 'minute':
      return time.dateOnly ? undefined : d.getUTCMinutes();
    case 'second':
      return time.dateOnly ? undefined : d.getUTCSeconds();
    case 'microsecond':
      return time.dateOnly ? undefined : d.getUTCMilliseconds() * 1000;
    default:
      return undefined;
  }
}

const own = (table: Record<string, Method>, name: string): Method | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** A method of a value, and whether it changes the value; JS undefined where there is none. */
export function methodOf(value: Py, name: string): { method: Method; changes: boolean } | undefined {
  let method: Method | undefined;
  let change: Method | undefined;
  if (typeof value === 'string') method = own(TEXT_METHODS, name);
  else if (Array.isArray(value)) {
    method = name === 'copy' && !(value instanceof Tuple) ? (self) => [...self] : own(LIST_METHODS, name);
    if (!(value instanceof Tuple)) change = own(LIST_CHANGES, name);
  } else if (value instanceof Map) {
    method = own(DICT_METHODS, name);
    change = own(DICT_CHANGES, name);
  } else if (value instanceof Timestamp) method = own(TIME_METHODS, name);
  else if (value instanceof TimeDelta) method = own(DELTA_METHODS, name);
  else if (value instanceof Uint8Array) method = own(BYTES_METHODS, name);
  else if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Float)
    method = own(NUMBER_METHODS, name);
  if (method) return { method, changes: false };
  return change && { method: change, changes: true };
}
