/** Python's objects that a template can meet besides the values of values.ts: tuples, ranges, callables, namespaces, durations. */

import type { Value } from '../values.ts';
import type { Py } from './py.ts';
import { Undefined } from './undefined.ts';

/** A tuple: a list that shows itself with parentheses; a list in a template's result. */
export class Tuple extends Array<Py> {
  static make(items: Iterable<unknown>): Tuple {
    const made = new Tuple();
    for (const item of items) made.push(item);
    return made;
  }
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A pair that also has the attributes `grouper` and `list`. */
export class Group extends Tuple {
  constructor(grouper: Py, list: Py) {
    super();
    if (list !== undefined) this.push(grouper, list);
  }
}

/** `grouper` and `list` of what groupby yields. */
export function groupAttribute(value: Py, name: string): Py {
  if (!(value instanceof Group)) return undefined;
  return name === 'grouper' ? value[0] : name === 'list' ? value[1] : undefined;
}

/** Python's range. */
export class Range {
  readonly length: number;
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }
  at(index: number): number {
    return this.start + index * this.step;
  }
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
  text(): string {
    return this.step === 1 ? `range(${this.start}, ${this.stop})` : `range(${this.start}, ${this.stop}, ${this.step})`;
  }
}

export type Kwargs = Map<string, Py>;

/** A function that a template can call: a global, a macro, a bound method. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: Py[], kwargs: Kwargs, env: Py) => unknown,
    /** Whether undefined arguments are passed in rather than returned at once. */
    readonly takesUndefined = false,
    readonly attribute: (name: string) => unknown = () => undefined,
  ) {}
}

/** An object of the template language with named attributes and nothing else. */
export abstract class PyObject {
  abstract readonly typeName: string;
  /** An attribute's value; JS undefined where there is none. */
  abstract attribute(name: string): unknown;
  text(): string {
    return `<${this.typeName}>`;
  }
}

/** What `namespace()` makes: an object whose attributes `{% set ns.x = … %}` can change. */
export class Namespace extends PyObject {
  readonly typeName = 'namespace';
  constructor(readonly fields: Map<string, unknown>) {
    super();
  }
  attribute(name: string): unknown {
    return this.fields.get(name);
  }
}

/** A duration, the difference of two times. */
export class TimeDelta extends PyObject {
  readonly typeName = 'timedelta';
  constructor(readonly milliseconds: number) {
    super();
  }
  get days(): number {
    return Math.floor(this.milliseconds / 86_400_000);
  }
  get seconds(): number {
    return Math.floor((this.milliseconds - this.days * 86_400_000) / 1000);
  }
  get microseconds(): number {
    return Math.round(this.milliseconds - this.days * 86_400_000 - this.seconds * 1000) * 1000;
  }
  attribute(name: string): unknown {
    if (name === 'days') return this.days;
    if (name === 'seconds') return this.seconds;
    if (name === 'microseconds') return this.microseconds;
    return undefined;
  }
  override text(): string {
    const two = (n: number) => String(n).padStart(2, '0');
    const { days, seconds, microseconds } = this;
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const fraction = microseconds ? `.${String(microseconds).padStart(6, '0')}` : '';
    const day = days ? `${days} day${Math.abs(days) === 1 ? '' : 's'}, ` : '';
    return day + clock + fraction;
  }
}

/**
 * A dict whose values are computed when they are asked for (hostvars): never copied or rendered whole until it is a
 * template's result. Subclasses override get, has, keys, entries and size.
 */
export abstract class LazyDict extends Map<Value, Value> {
  readonly lazy = true;
}

/** The first undefined among arguments. */
export function firstUndefined(args: readonly unknown[], kwargs?: Kwargs): Undefined | undefined {
  for (const arg of args) if (arg instanceof Undefined) return arg;
  if (kwargs) for (const arg of kwargs.values()) if (arg instanceof Undefined) return arg;
  return undefined;
}
