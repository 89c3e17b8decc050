/** A scope as a dict, for `vars` and for the entries of `hostvars`. */
import { AuthorError, TemplateError, UndefinedError } from '../errors.ts';
import { LazyDict, Undefined } from '../template/index.ts';
import { type Dict, isDict, isList, Template, type Value, VaultText } from '../values.ts';
import type { VarScope } from './scope.ts';

const UNLISTED: ReadonlySet<string> = new Set(['vars', 'hostvars', 'omit', 'ansible_delegated_vars']);

/** A scope as a dict whose values are rendered when they are asked for: `vars`, and each entry of `hostvars`. */
export class VarsDict extends LazyDict {
  readonly #scope: VarScope;
  constructor(scope: VarScope) {
    super();
    this.#scope = scope;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const raw = this.#scope.raw(key);
    if (typeof raw !== 'object' || raw === null || this.#scope.isData(key)) return raw;
    return lenient(this.#scope, raw);
  }

  override has(key: Value): boolean {
    return typeof key === 'string' && this.#scope.has(key);
  }

  override get size(): number {
    return this.#names().length;
  }

  // `vars` and `hostvars` are not part of themselves, so that a whole dump ends; names that have a value elsewhere only,
  // such as `role_name`, are not listed.
  #names(): string[] {
    return [...this.#scope.names()].filter((name) => !UNLISTED.has(name) && this.#scope.raw(name) !== undefined);
  }

  override keys(): MapIterator<Value> {
    return this.#names().values();
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#names()) yield [name, this.get(name)!];
  }

  override *values(): MapIterator<Value> {
    for (const name of this.#names()) yield this.get(name)!;
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }

  override forEach(callback: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }
}

/** Variables that need each other: no `default` stands in for that. */
export class LoopError extends TemplateError {}

/** An author's error as a value that throws it when it is used, so that `default` and `is defined` can look at it. */
export function captured(name: string, error: unknown): Undefined {
  if (error instanceof LoopError) throw error;
  if (error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError) {
    const choice = error instanceof UndefinedError && error.choice;
    return new Undefined(name, error, choice, choice);
  }
  throw error;
}

/** A rendered value in which parts that fail carry their error, which they throw when they are used. */
function lenient(scope: VarScope, value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Template || value instanceof VaultText) {
    try {
      return scope.resolve(value);
    } catch (error) {
      if (!(error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError))
        throw error;
      return new Undefined('', error) as unknown as Value;
    }
  }
  if (isList(value))
    return keepSame(
      value,
      value.map((item) => lenient(scope, item)),
    );
  if (!isDict(value) || value instanceof LazyDict) return value;
  let same = true;
  const made: Dict = new Map();
  for (const [key, item] of value) {
    const rendered = lenient(scope, item);
    same &&= rendered === item;
    made.set(key, rendered);
  }
  return same ? value : made;
}

function keepSame(list: Value[], made: Value[]): Value[] {
  return made.every((item, index) => item === list[index]) ? list : made;
}
