/** What list filters share: reading an attribute path of each item, folding case, sorting stably. */

import { equals, order } from '../../../python/operators.ts';
import type { Py } from '../../../python/py.ts';
import { Undefined } from '../../../python/undefined.ts';
import { isInt } from '../../../values.ts';
import type { Rendering } from '../../compile/rendering.ts';

export const ignoreCase = (value: Py): Py => (typeof value === 'string' ? value.toLowerCase() : value);

const partsOf = (attribute: Py): Py[] => {
  if (attribute === null || attribute === undefined) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
};

/** Reads `a.b.0` of an item; a default stands in for what is missing on the way. */
export function attributeGetter(c: Rendering, attribute: Py, otherwise?: Py): (item: Py) => Py {
  const parts = partsOf(attribute);
  const path = String(attribute);
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = c.item(value, part);
      if (value instanceof Undefined) value = otherwise ?? value.extended(path);
    }
    return value;
  };
}

/** A stable sort by Python's order of keys. */
export function sortedBy<T>(items: T[], key: (item: T) => Py, reverse = false): T[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  keyed.sort(reverse ? (a, b) => order(b.key, a.key) : (a, b) => order(a.key, b.key));
  return keyed.map((k) => k.item);
}

/** A set of values by Python's equality. */
export class ValueSet {
  readonly #plain = new Set<Py>();
  readonly #others: Py[] = [];
  has(value: Py): boolean {
    if (value instanceof Undefined) value.trip();
    if (typeof value !== 'object' || value === null) {
      if (this.#plain.has(value)) return true;
      if (typeof value !== 'boolean' && !isInt(value)) return false;
      return (
        this.#plain.has(
          value === true ? 1 : value === false ? 0 : value === 1 ? true : value === 0 ? false : undefined,
        ) || this.#others.some((other) => equals(other, value))
      );
    }
    return this.#others.some((other) => equals(other, value)) || [...this.#plain].some((other) => equals(other, value));
  }
  /** Adds a value; false where it was there already. */
  add(value: Py): boolean {
    if (this.has(value)) return false;
    if (typeof value !== 'object' || value === null) this.#plain.add(value);
    else this.#others.push(value);
    return true;
  }
}
