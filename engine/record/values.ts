/**
 * Values as JSON that gives the same values back: the order and the types of a dict's keys, 1.0 beside 1, templates beside text. What JSON
 * has no form for is an object with one key that begins with `$`; a dict that could be taken for one, or whose order JSON would not keep,
 * is written as pairs.
 */
import { Tuple } from '../python/objects.ts';
import { type Dict, Float, type Json, Template, Timestamp, type Value, VaultText } from '../values.ts';

/** There is no form for this value: what holds it is left out of the record. */
export class NotKept extends Error {}

/** Keys that an object of JavaScript would sort first, or take for something else, and our own marks. */
const MOVED = /^(?:\d+|__proto__|\$.*)$/;

export function encode(value: Value | undefined): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $n: String(value) };
  if (typeof value === 'bigint') return { $i: String(value) };
  if (value instanceof Map) return encodeDict(value);
  if (Array.isArray(value)) {
    const list = value.map(encode);
    return (value as unknown) instanceof Tuple ? { $u: list } : list;
  }
  if (value instanceof Float) return { $f: Object.is(value.value, -0) ? '-0' : value.value };
  if (value instanceof Timestamp) return { $d: [value.text, value.date.getTime(), value.dateOnly] };
  if (value instanceof Template) return { $t: value.text };
  if (value instanceof VaultText) return { $v: value.text };
  throw new NotKept(`a value of the type ${(value as object).constructor?.name ?? typeof value}`);
}

function encodeDict(dict: ReadonlyMap<Value, Value>): Json {
  const plain: { [key: string]: Json } = {};
  for (const [key, item] of dict) {
    if (typeof key !== 'string' || MOVED.test(key))
      return { $m: [...dict].map(([name, value]) => [encode(name), encode(value)]) };
    plain[key] = encode(item);
  }
  return plain;
}

export function decode(json: Json | undefined): Value {
  if (typeof json !== 'object' || json === null) return json ?? null;
  if (Array.isArray(json)) return json.map(decode);
  const names = Object.keys(json);
  const mark = names.length === 1 && names[0]!.startsWith('$') ? names[0] : undefined;
  if (mark !== undefined) return marked(mark, json[mark]!);
  return new Map(names.map((name) => [name, decode(json[name])]));
}

export const decodeDict = (json: Json | undefined): Dict => {
  const value = decode(json);
  return value instanceof Map ? value : new Map();
};

function marked(mark: string, held: Json): Value {
  switch (mark) {
    case '$n':
      return Number(held);
    case '$i':
      return BigInt(String(held));
    case '$f':
      return new Float(Number(held));
    case '$t':
      return new Template(String(held), undefined);
    case '$v':
      return new VaultText(String(held), undefined);
    case '$u':
      return Tuple.make((held as Json[]).map(decode)) as unknown as Value;
    case '$d': {
      const [text, time, dateOnly] = held as [string, number, boolean];
      return new Timestamp(text, new Date(time), dateOnly);
    }
    case '$m':
      return new Map((held as [Json, Json][]).map(([name, value]) => [decode(name), decode(value)]));
    default:
      throw new Error(`the record holds the mark ${mark}, which this version does not know`);
  }
}
