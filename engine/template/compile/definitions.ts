/** How a filter or a test is declared: its signature as text and a function; calls are bound to it as Python binds them. */

import { didYouMean } from '../../errors.ts';
import type { Kwargs } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';
import { fail } from '../../python/undefined.ts';
import type { Rendering } from './rendering.ts';

export interface Parameter {
  name: string;
  kind: 'plain' | 'star' | 'doubleStar';
  required: boolean;
  value: Py;
}

interface Definition {
  name: string;
  params: Parameter[];
  /** It resolves what it reads by itself; others get values with everything inside rendered. */
  lazy: boolean;
  /** It accepts an undefined value; for others the undefined value is the result. */
  takesUndefined: boolean;
}
export interface FilterDefinition extends Definition {
  run(c: Rendering, value: Py, ...args: Py[]): Py;
}
export interface TestDefinition extends Definition {
  run(c: Rendering, value: Py, ...args: Py[]): boolean;
}
export type Table<D> = Map<string, D>;

interface Traits {
  lazy?: boolean;
  takesUndefined?: boolean;
}

/**
 * Declares a filter: `'default(value="", boolean=false)'`. A parameter is required, or has a JSON default, or is absent (JS
 * undefined) where it ends with `?`; `*rest` and `**named` take the remainder.
 */
export function filter(spec: string, run: FilterDefinition['run'], traits: Traits = {}): FilterDefinition {
  return { ...declared(spec), run, lazy: traits.lazy ?? false, takesUndefined: traits.takesUndefined ?? false };
}

/** Declares a test, in the same way. */
export function test(spec: string, run: TestDefinition['run'], traits: Traits = {}): TestDefinition {
  return { ...declared(spec), run, lazy: traits.lazy ?? false, takesUndefined: traits.takesUndefined ?? false };
}

function declared(spec: string): { name: string; params: Parameter[] } {
  const open = spec.indexOf('(');
  if (open < 0) return { name: spec, params: [] };
  const inner = spec.slice(open + 1, -1).trim();
  return {
    name: spec.slice(0, open),
    params: inner === '' ? [] : inner.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)!.map(parameter),
  };
}

function parameter(text: string): Parameter {
  const part = text.trim();
  if (part.startsWith('**')) return { name: part.slice(2), kind: 'doubleStar', required: false, value: undefined };
  if (part.startsWith('*')) return { name: part.slice(1), kind: 'star', required: false, value: undefined };
  const at = part.indexOf('=');
  if (at > 0) {
    return { name: part.slice(0, at), kind: 'plain', required: false, value: JSON.parse(part.slice(at + 1)) };
  }
  const optional = part.endsWith('?');
  return { name: optional ? part.slice(0, -1) : part, kind: 'plain', required: !optional, value: undefined };
}

/** A table from declarations; `aliases` are further names of the same. */
export function table<D extends Definition>(declarations: D[], aliases: Record<string, string> = {}): Table<D> {
  const made: Table<D> = new Map(declarations.map((d) => [d.name, d]));
  for (const [alias, name] of Object.entries(aliases)) {
    const definition = made.get(name);
    if (!definition) throw new Error(`alias ${alias} of unknown ${name}`);
    made.set(alias, definition);
  }
  return made;
}

/** The filter's or test's arguments in the order of its parameters; throws where they do not fit. */
export function bind(definition: Definition, kind: 'filter' | 'test', args: Py[], kwargs: Kwargs): Py[] {
  const { params, name } = definition;
  const bound: Py[] = [];
  let used = 0;
  const taken = new Set<string>();
  for (const param of params) {
    if (param.kind === 'star') {
      bound.push(args.slice(used));
      used = Math.max(used, args.length);
    } else if (param.kind === 'doubleStar') {
      bound.push(new Map([...kwargs].filter(([key]) => !taken.has(key))));
      for (const key of kwargs.keys()) taken.add(key);
    } else if (used < args.length && !bound.some((_, i) => params[i]?.kind === 'star')) {
      if (kwargs.has(param.name)) fail(`the ${kind} \`${name}\` got its argument \`${param.name}\` twice`);
      bound.push(args[used++]);
    } else if (kwargs.has(param.name)) {
      bound.push(kwargs.get(param.name));
      taken.add(param.name);
    } else if (param.required) fail(`the ${kind} \`${name}\` needs its argument \`${param.name}\``);
    else bound.push(param.value);
  }
  if (used < args.length) fail(`the ${kind} \`${name}\` takes ${counted(used)}, ${args.length} are given`);
  for (const key of kwargs.keys()) {
    if (!taken.has(key)) {
      fail(
        `the ${kind} \`${name}\` has no argument \`${key}\``,
        didYouMean(
          key,
          params.map((p) => p.name),
        ),
      );
    }
  }
  return bound;
}

const counted = (n: number): string => (n === 0 ? 'no arguments' : n === 1 ? 'one argument' : `at most ${n} arguments`);

const COLLECTIONS = /^(?:ansible\.(?:builtin|legacy|utils|netcommon|posix)|community\.(?:general|crypto))\.(?=[^.]+$)/;

/** A name without the collection it comes from, where that is one whose plugins are here. */
export const shortName = (name: string): string => (name.includes('.') ? name.replace(COLLECTIONS, '') : name);

/** A definition by the name a template uses, with or without its collection. */
export function named<D>(tables: (Table<D> | undefined)[], name: string): D | undefined {
  const short = shortName(name);
  for (const one of tables) {
    const found = one?.get(name) ?? one?.get(short);
    if (found) return found;
  }
  return undefined;
}
