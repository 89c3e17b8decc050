/** The functions and values every template can see, unless a variable has the same name. */

import { UndefinedError } from '../../errors.ts';
import { Callable, type Kwargs, PyObject, Range } from '../../python/objects.ts';
import { timestamp } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { strftime } from '../../python/strftime.ts';
import { toText } from '../../python/text.ts';
import { numeric, truthy, typeName } from '../../python/types.ts';
import { fail, OMIT, Undefined } from '../../python/undefined.ts';
import { isInt, type Value } from '../../values.ts';
import type { Rendering } from '../compile/rendering.ts';
import { firstUndefined, Namespace } from '../objects.ts';
import { lipsum } from './lipsum.ts';
import { pairsOf } from './methods.ts';

class Cycler extends PyObject {
  readonly typeName = 'cycler';
  #at = 0;
  constructor(readonly items: Py[]) {
    super();
  }
  attribute(name: string): unknown {
    if (name === 'current') return this.items[this.#at];
    if (name === 'next') {
      return new Callable('next', () => {
        const item = this.items[this.#at];
        this.#at = (this.#at + 1) % this.items.length;
        return item;
      });
    }
    if (name !== 'reset') return undefined;
    return new Callable('reset', () => {
      this.#at = 0;
      return null;
    });
  }
}

function range(args: Py[]): Range {
  const numbers = args.map((arg) => {
    if (!isInt(arg) && typeof arg !== 'boolean')
      fail(`range needs ints, not '${typeName(arg)}'`, 'convert with `| int`');
    return Number(numeric(arg));
  });
  if (numbers.length < 1 || numbers.length > 3) fail('range takes one to three ints');
  const [first = 0, second, step = 1] = numbers;
  if (step === 0) fail("range's step must not be zero");
  return second === undefined ? new Range(0, first, 1) : new Range(first, second, step);
}

function dict(args: Py[], kwargs: Kwargs): Map<Py, Py> {
  return new Map([...(args.length ? pairsOf(args[0]) : []), ...kwargs]);
}

function now(args: Py[], kwargs: Kwargs, c: Rendering): Py {
  const utc = truthy(args[0] ?? kwargs.get('utc') ?? false);
  const format = args[1] ?? kwargs.get('fmt') ?? null;
  const time = c.options.now?.() ?? new Date();
  const shifted = utc ? time : new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return format === null ? timestamp(shifted.getTime()) : strftime(toText(format), shifted, true);
}

function undef(args: Py[], kwargs: Kwargs): Undefined {
  const hint = args[0] ?? kwargs.get('hint');
  const message = hint ? toText(hint) : 'Mandatory variable has not been overridden';
  return new Undefined('undef()', () => new UndefinedError(message, 'undef()'));
}

function lookup(wantlist: boolean) {
  return (args: Py[], kwargs: Kwargs, c: Rendering): Py => {
    const bad = firstUndefined(args, kwargs);
    const [name, ...terms] = args;
    if (bad && name !== 'first_found') return bad;
    if (typeof name !== 'string') fail('lookup needs the name of a lookup, such as `file`');
    if (!c.options.lookup) fail(`lookup \`${name}\` can't be used here`);
    const options = new Map([...kwargs].map(([key, value]) => [key, c.deep(value)]));
    const list = wantlist || truthy(options.get('wantlist') ?? false);
    options.delete('wantlist');
    return c.options.lookup(name, terms.map((term) => c.deep(term)) as Value[], options, list, c.root);
  };
}

/** Names that are no variables: what a static check need not look for. */
export const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['range', new Callable('range', range)],
  ['dict', new Callable('dict', dict)],
  ['lipsum', new Callable('lipsum', (args, kwargs, c) => lipsum(args, kwargs, c.options.random ?? Math.random))],
  [
    'cycler',
    new Callable('cycler', (args) => (args.length ? new Cycler(args) : fail('at least one item has to be provided'))),
  ],
  [
    'joiner',
    new Callable('joiner', (args, kwargs) => {
      const separator = args[0] ?? kwargs.get('sep') ?? ', ';
      let used = false;
      return new Callable('joiner', () => {
        const result = used ? separator : '';
        used = true;
        return result;
      });
    }),
  ],
  [
    'namespace',
    new Callable('namespace', (args, kwargs) => new Namespace(dict(args, kwargs) as Map<string, unknown>), true),
  ],
  ['lookup', new Callable('lookup', lookup(false), true)],
  ['query', new Callable('query', lookup(true), true)],
  ['q', new Callable('q', lookup(true), true)],
  ['now', new Callable('now', now)],
  ['undef', new Callable('undef', undef)],
  ['omit', OMIT],
]);
