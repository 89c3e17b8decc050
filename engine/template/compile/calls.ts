/** How calls are made, and how what fails in them is worded. */
import { TemplateError } from '../../errors.ts';
import { Callable, type Kwargs } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';
import { toText } from '../../python/text.ts';
import { typeName } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import type { Place } from '../../values.ts';
import type { Expression } from '../grammar/syntax.ts';
import { captured, firstUndefined } from '../objects.ts';
import { LoopState } from './loop.ts';
import type { Frame } from './rendering.ts';

/** An error of an operation, with the place where it happened in the template. */
export function placed(error: unknown, place: Place | undefined): unknown {
  if (error instanceof TemplateError && !error.place && place)
    return new TemplateError(error.message, place, error.help);
  return error;
}

/** A call or filter whose failure is a value, which trips where it is used. */
export function attempt(place: Place | undefined, run: () => Py): Py {
  try {
    return run();
  } catch (error) {
    return captured(placed(error, place));
  }
}

/** Calls whatever a name or attribute led to. */
export function callValue(f: Frame, target: Py, args: Py[], kwargs: Kwargs, what: string): Py {
  if (target instanceof Undefined) return target;
  if (target instanceof LoopState) return target.recurse(args);
  if (!(target instanceof Callable)) fail(`\`${what}\` is a '${typeName(target)}' and can't be called`);
  if (!target.takesUndefined) {
    const bad = firstUndefined(args, kwargs);
    if (bad) return bad;
  }
  return f.c.access(target.call(args, kwargs, f.c));
}

/** The key a dict has already for 1 and true, 0 and false, which are one key to Python. */
export function sameKey(dict: Map<Py, Py>, key: boolean | number): Py {
  if (dict.has(key)) return key;
  const other = key === 1 ? true : key === 0 ? false : typeof key === 'boolean' ? Number(key) : key;
  return dict.has(other) ? other : key;
}

/** A constant as it may stand in an error. */
export const quoted = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : toText(value));

/** An expression as it may be named in an error. */
export function pathOf(node: Expression): string {
  switch (node.kind) {
    case 'name':
      return node.name;
    case 'attribute':
      return `${pathOf(node.object)}.${node.name}`;
    case 'item':
      return `${pathOf(node.object)}[${pathOf(node.key)}]`;
    case 'constant':
      return quoted(node.value);
    case 'call':
      return `${pathOf(node.callee)}(…)`;
    case 'filter':
      return `(… | ${node.name})`;
    default:
      return '(…)';
  }
}
