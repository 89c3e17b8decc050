/** What a module was called with, as it is in each result that a loop registers (`item.invocation.module_args.path`). */
import type { ModuleDefinition } from '../../modules/define.ts';
import type { Dict, Value } from '../../values.ts';

const HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER';

/** The arguments with their defaults, by name and by the alias they were given with; null where there is none. */
export function invocationOf(definition: ModuleDefinition, args: Record<string, unknown>, written: Dict): Dict {
  const given = new Set([...written.keys()].map(String));
  const all: Dict = new Map();
  for (const [name, spec] of Object.entries(definition.args)) {
    // What never reaches the host as an argument, and may be large.
    const value = (definition.traits?.notRepeated?.includes(name) ? null : (args[name] ?? null)) as Value;
    const shown = spec.secret && value !== null ? HIDDEN : value;
    for (const each of [name, ...(spec.aliases ?? []).filter((alias) => given.has(alias))]) all.set(each, shown);
  }
  if (definition.freeForm !== undefined) all.set('_raw_params', all.get(definition.freeForm) ?? null);
  return new Map([['module_args', all]]);
}

const failures = new WeakMap<object, Dict>();

/** Throws a module's failure again, and remembers what the module was called with. */
export function failedAs(error: unknown, called: Dict): never {
  if (typeof error === 'object' && error !== null) failures.set(error, called);
  throw error;
}

/** What the module was called with whose failure this is. */
export function calledWith(error: unknown): Dict | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}
