/**
 * Reading attributes, items and slices: the keys of a dict, the indexes of a list or text, and the listed methods of a few types.
 * Nothing here reads a property of a JavaScript object by a name from a template.
 */

import { didYouMean, placeText, UndefinedError } from '../../errors.ts';
import { Callable, PyObject, Range, Tuple } from '../../python/objects.ts';
import { dictGet } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { pyRepr } from '../../python/text.ts';
import { numeric, typeName } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import { isInt, type Place, placeOf, Timestamp } from '../../values.ts';
import { methodOf, timeAttribute } from '../library/methods.ts';
import { groupAttribute } from '../objects.ts';
import type { Rendering } from './rendering.ts';

/** What a reference looks like in the source, for the error when it leads nowhere. */
export interface Reference {
  /** The object as written, such as `tls` in `tls.cert_dir`. */
  object: string;
  path: string;
  place: Place | undefined;
}

/** A slice object between square brackets. */
export class Slice {
  constructor(
    readonly start: Py,
    readonly stop: Py,
    readonly step: Py,
  ) {}
}

/** Methods of dicts in Python 2, and what stands for them. */
const FORMER_METHODS = new Map([
  ['iteritems', 'items()'],
  ['iterkeys', 'keys()'],
  ['itervalues', 'values()'],
  ['viewitems', 'items()'],
  ['viewkeys', 'keys()'],
  ['viewvalues', 'values()'],
  ['has_key', 'key in dict'],
]);

function missing(object: Py, key: Py, reference: Reference | undefined): Undefined {
  const what = typeof key === 'string' ? key : pyRepr(key);
  const path = reference?.path ?? what;
  return new Undefined(path, () => {
    const base = reference ? `\`${reference.object}\`` : `the ${typeName(object)}`;
    let help: string;
    if (object instanceof Map && object.get('skipped') === true) help = ofSkipped(base, what, placeOf(object));
    else if (object instanceof Map) {
      help = `${base} has no key \`${what}\``;
      const near = didYouMean(
        what,
        [...object.keys()].filter((k) => typeof k === 'string'),
      );
      const now = FORMER_METHODS.get(what);
      if (now) help = `dicts have no method \`${what}\` since Python 3: use \`${now}\``;
      else if (near) help += `; ${near}`;
    } else if (Array.isArray(object) && isInt(key)) help = `${base} has ${object.length} items, counted from 0`;
    else if (object === null) help = `${base} is none`;
    else help = `${base} is a '${typeName(object)}' and has no \`${what}\``;
    return new UndefinedError(`'${path}' is undefined`, path, reference?.place, help);
  });
}

/** The result of a task that did not run has only the reason. */
function ofSkipped(base: string, what: string, place: Place | undefined): string {
  const where = place ? ` at ${placeText(place).replace(/:\d+$/, '')}` : '';
  return `${base} is the result of a task that was skipped${where}, so it has no \`${what}\`; add \`when: ... is not skipped\`, or \`| default(...)\``;
}

/** `object.name`: a method, or a dict's key. */
export function attributeOf(c: Rendering, object: Py, name: string, reference: Reference | undefined): Py {
  if (object instanceof Undefined) return object.extended(reference?.path ?? name);
  if (object instanceof PyObject) {
    const own = object.attribute(name);
    if (own !== undefined) return c.access(own);
  }
  const found = methodOf(object, name);
  if (found) return bound(c, object, name, found);
  if (object instanceof Map) {
    const value = object.get(name);
    if (value !== undefined) return c.access(value);
  } else if (object instanceof Timestamp) {
    const value = timeAttribute(object, name);
    if (value !== undefined) return value;
  } else if (object instanceof Tuple) {
    const value = groupAttribute(object, name);
    if (value !== undefined) return c.access(value);
  } else if (numeric(object) !== undefined && (name === 'real' || name === 'numerator')) {
    return object;
  } else if (object instanceof Callable) {
    const value = name === 'name' ? object.name : object.attribute(name);
    if (value !== undefined) return c.access(value);
  } else if (object instanceof Range && (name === 'start' || name === 'stop' || name === 'step')) return object[name];
  return missing(object, name, reference);
}

type Found = NonNullable<ReturnType<typeof methodOf>>;

function bound(c: Rendering, object: Py, name: string, found: Found): Callable {
  return new Callable(name, (args, kwargs) => callMethod(c, object, found, args, kwargs));
}

/** Calls a method of a value; one that changes its value works on the rendering's own copy. */
export function callMethod(c: Rendering, object: Py, found: Found, args: Py[], kwargs: Map<string, Py>): Py {
  const self = found.changes ? c.mutable(object) : Array.isArray(object) ? c.deep(object) : object;
  return c.access(
    found.method(
      self,
      args.map((arg) => c.deep(arg)),
      kwargs,
      c,
    ),
  );
}

/** `object[key]`. */
export function itemOf(c: Rendering, object: Py, key: Py, reference: Reference | undefined): Py {
  if (object instanceof Undefined) return object.extended(reference?.path ?? '');
  if (key instanceof Undefined) key.trip();
  if (object instanceof Map) {
    const value = dictGet(object, key);
    if (value !== undefined) return c.access(value);
  } else if (key instanceof Slice) {
    return sliceOf(object, key);
  } else if (isInt(key) || typeof key === 'boolean') {
    const value = indexed(object, Number(key));
    if (value !== undefined) return c.access(value);
  }
  if (typeof key === 'string' && !key.startsWith('__')) {
    const found =
      object instanceof PyObject || object instanceof Timestamp || object instanceof Tuple || methodOf(object, key);
    if (found) return attributeOf(c, object, key, reference);
  }
  return missing(object, key, reference);
}

function indexed(object: Py, index: number): Py {
  if (Array.isArray(object)) return object[index < 0 ? index + object.length : index];
  if (typeof object === 'string') {
    const all = /[\ud800-\udbff]/.test(object) ? [...object] : object;
    return all[index < 0 ? index + all.length : index];
  }
  if (object instanceof Range) {
    const at = index < 0 ? index + object.length : index;
    return at >= 0 && at < object.length ? object.at(at) : undefined;
  }
  if (object instanceof Uint8Array) return object[index < 0 ? index + object.length : index];
  return undefined;
}

function sliceOf(object: Py, slice: Slice): Py {
  let all: Py[] | string;
  if (typeof object === 'string') all = /[\ud800-\udbff]/.test(object) ? [...object] : object;
  else if (Array.isArray(object)) all = object;
  else if (object instanceof Range) all = [...object];
  else return fail(`'${typeName(object)}' can't be sliced`);
  const taken = indexes(slice, all.length).map((i) => all[i]);
  if (typeof object === 'string') return taken.join('');
  return object instanceof Tuple ? Tuple.make(taken) : taken;
}

function bounds(value: Py, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Undefined) value.trip();
  if (!isInt(value) && typeof value !== 'boolean') fail(`a slice's ${name} must be an int, not '${typeName(value)}'`);
  return Number(numeric(value));
}

/** The indexes a slice takes from a sequence of a length, by Python's rules. */
function indexes(slice: Slice, length: number): number[] {
  const step = bounds(slice.step, 'step') ?? 1;
  if (step === 0) fail('slice step cannot be zero');
  const down = step < 0;
  const clamped = (n: number) => {
    const at = n < 0 ? n + length : n;
    return down ? Math.max(-1, Math.min(at, length - 1)) : Math.max(0, Math.min(at, length));
  };
  const start = bounds(slice.start, 'start');
  const stop = bounds(slice.stop, 'stop');
  const from = start === undefined ? (down ? length - 1 : 0) : clamped(start);
  const to = stop === undefined ? (down ? -1 : length) : clamped(stop);
  const found: number[] = [];
  for (let i = from; down ? i > to : i < to; i += step) found.push(i);
  return found;
}
