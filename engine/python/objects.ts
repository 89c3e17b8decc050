/** Python's objects besides the values of values.ts: tuples, ranges, callables, durations. */

import type { Py } from './py.ts';

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
