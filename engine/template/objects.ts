/** Objects of the template language that Python does not have. */
import { AuthorError, TemplateError, UndefinedError } from '../errors.ts';
import { type Kwargs, PyObject, Tuple } from '../python/objects.ts';
import type { Py } from '../python/py.ts';
import { Undefined } from '../python/undefined.ts';
import type { Value } from '../values.ts';

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

/** Whether an error belongs to the author's template or values, so that `default` may stand in for it. */
function isAuthorProblem(error: unknown): error is Error {
  return error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError;
}

/** An error as a value that throws it again when it is used. */
export function captured(error: unknown, path = ''): Undefined {
  if (!isAuthorProblem(error)) throw error;
  // Of a variable: `default` and `is defined` know nothing of it, but texts, conditions and loops do.
  if (error instanceof UndefinedError && error.choice) return new Undefined(path, error, true, true);
  return new Undefined(path, error, !(error instanceof UndefinedError));
}
