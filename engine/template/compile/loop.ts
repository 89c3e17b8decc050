/** The `loop` variable of a for loop. */

import { Callable, PyObject } from '../../python/objects.ts';
import { equals } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { fail, Undefined } from '../../python/undefined.ts';

export class LoopState extends PyObject {
  readonly typeName = 'loop';
  index0 = -1;
  #last: Py[] | undefined;
  constructor(
    readonly items: Py[],
    readonly depth0: number,
    readonly again: ((items: Py, depth: number) => Py) | undefined,
  ) {
    super();
  }

  attribute(name: string): unknown {
    const { index0, items } = this;
    switch (name) {
      case 'index':
        return index0 + 1;
      case 'index0':
        return index0;
      case 'revindex':
        return items.length - index0;
      case 'revindex0':
        return items.length - index0 - 1;
      case 'first':
        return index0 === 0;
      case 'last':
        return index0 === items.length - 1;
      case 'length':
        return items.length;
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return index0 > 0 ? items[index0 - 1] : none('there is no previous item');
      case 'nextitem':
        return index0 + 1 < items.length ? items[index0 + 1] : none('there is no next item');
      case 'cycle':
        return new Callable('cycle', (args) => {
          if (args.length === 0) fail('no items for cycling given');
          return args[index0 % args.length];
        });
      case 'changed':
        return new Callable('changed', (args) => this.changed(args));
      default:
        return undefined;
    }
  }

  changed(values: Py[]): boolean {
    const same = this.#last !== undefined && equals(this.#last, values);
    this.#last = values;
    return !same;
  }

  /** `loop(children)` of a recursive loop. */
  recurse(args: Py[]): Py {
    if (!this.again) fail('the loop is not recursive', 'write `{% for … recursive %}`');
    return this.again(args[0], this.depth0 + 1);
  }
}

function none(message: string): Undefined {
  return new Undefined('loop', () => {
    try {
      fail(message);
    } catch (error) {
      return error as Error;
    }
  });
}
