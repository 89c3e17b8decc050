/** Lookups over values: items, list, dict, nested, together, subelements, vars and the like. */
import { UndefinedError } from '../../../errors.ts';
import { pyRepr, toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail, Undefined } from '../../../python/undefined.ts';
import { type Dict, Template, type Value, VaultText } from '../../../values.ts';
import type { Lookup, LookupEnv } from '../lookups.ts';
import { compileRegex } from '../regex.ts';
import { config } from './config.ts';

/** The terms with lists among them opened by one level. */
const opened = (terms: readonly Value[]): Value[] =>
  terms.flatMap((term) => (Array.isArray(term) ? [...term] : [term]));

const isSkipped = (dict: Dict): boolean => dict.has('skipped') && dict.get('skipped') !== false;

/** A value of the scope with everything inside rendered; undefined values throw. */
function rendered(env: LookupEnv, value: Value | Undefined): Value {
  if (value instanceof Undefined) return value.trip();
  if (value instanceof Template || value instanceof VaultText) return rendered(env, env.scope.resolve!(value));
  if (Array.isArray(value)) return value.map((item) => rendered(env, item));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, rendered(env, item)]));
  return value;
}

const vars: Lookup = (terms, kwargs, env) =>
  terms.map((term) => {
    if (typeof term !== 'string') fail(`the lookup vars needs names, not '${typeName(term)}'`);
    const value = env.scope.get(term);
    if (value === undefined) {
      const otherwise = kwargs.get('default');
      if (otherwise !== undefined && otherwise !== null) return otherwise;
      throw new UndefinedError(
        `no variable named '${term}' was found`,
        term,
        undefined,
        'give `default=` if it may be missing',
      );
    }
    return rendered(env, value);
  });

const varnames: Lookup = (terms, _kwargs, env) => {
  const names = [...env.scope.names()];
  return terms.flatMap((term) => {
    if (typeof term !== 'string')
      fail(`Invalid setting identifier: varnames needs patterns, and ${pyRepr(term)} is '${typeName(term)}'`);
    // Python's words for a pattern that begins with a count.
    if (/^[*+?{]/.test(term)) fail(`Unable to use '${term}' as a search parameter: nothing to repeat at position 0`);
    return names.filter((name) => compileRegex(term, {}, name).test(name));
  });
};

const dict: Lookup = (terms) =>
  terms.flatMap((term) => {
    if (!(term instanceof Map)) fail(`the lookup dict needs dicts, not '${typeName(term)}'`);
    return [...term].map(
      ([key, value]) =>
        new Map<Value, Value>([
          ['key', key],
          ['value', value],
        ]),
    );
  });

const nested: Lookup = (terms) => {
  if (terms.length === 0) fail('the lookup nested needs at least one list');
  const lists = terms.map((term) => (Array.isArray(term) ? term : [term]));
  return lists.reduce<Value[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, ...opened([item])])),
    [[]],
  );
};

const together: Lookup = (terms) => {
  if (terms.length === 0) fail('with_together requires at least one element in each list');
  const lists = terms.map((term) =>
    Array.isArray(term) ? term : fail(`the lookup together needs lists, not '${typeName(term)}'`),
  );
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) => opened(lists.map((list) => list[i] ?? null)));
};

const subelements: Lookup = (terms) => {
  const [source, path, flags] = terms;
  const isOption = flags === undefined || flags instanceof Map;
  if (
    terms.length < 2 ||
    terms.length > 3 ||
    !isOption ||
    typeof path !== 'string' ||
    !(Array.isArray(source) || source instanceof Map)
  ) {
    fail(
      'the lookup subelements expects a list of two or three items: first a dict or a list, second a string, the path of a key; ' +
        'the optional third item must be a dict with flags',
    );
  }
  const skipMissing = flags instanceof Map && truthy(flags.get('skip_missing') ?? false);
  if (source instanceof Map && isSkipped(source)) return [];
  const elements = source instanceof Map ? [...source.values()] : source;
  return elements.flatMap((element) => {
    if (!(element instanceof Map)) fail(`the lookup subelements expects a dictionary, got ${pyRepr(element)}`);
    return isSkipped(element) ? [] : parts(element, path.split('.'), skipMissing);
  });
};

function parts(element: Dict, steps: string[], skipMissing: boolean): Value[] {
  let at: Dict = element;
  for (const [i, step] of steps.entries()) {
    const next = at.get(step);
    if (next === undefined) {
      if (skipMissing) return [];
      fail(`subelements: could not find '${step}' key in iterated item ${pyRepr(at)}`);
    }
    if (i < steps.length - 1) {
      if (next instanceof Map) {
        at = next;
        continue;
      }
      if (skipMissing) return [];
      fail(`subelements: the key '${step}' should point to a dictionary, not to '${typeName(next)}'`);
    }
    if (!Array.isArray(next)) fail(`subelements: the key '${step}' should point to a list, not to '${typeName(next)}'`);
    const rest = without(element, steps);
    return next.map((item) => [rest, item]);
  }
  return [];
}

/** The element without the list at the path: Ansible takes it out. */
function without(element: Dict, [step, ...more]: string[]): Dict {
  const copy = new Map(element);
  const inner = copy.get(step!);
  if (more.length === 0) copy.delete(step!);
  else if (inner instanceof Map) copy.set(step!, without(inner, more));
  return copy;
}

export const DATA_LOOKUPS: Record<string, Lookup> = {
  items: (terms) => opened(terms),
  flattened: (terms) => flattened(terms),
  list: (terms) => terms,
  dict,
  indexed_items: (terms) => opened(terms).map((item, i) => [i, item]),
  nested,
  cartesian: nested,
  together,
  subelements,
  random_choice: (terms, _kwargs, env) =>
    terms.length ? [terms[Math.floor((env.options.random ?? Math.random)() * terms.length)]!] : [],
  vars,
  varnames,
  config,
  inventory_hostnames: (terms, _kwargs, env) => terms.flatMap((term) => env.inventoryHostnames(toText(term))),
};

const flattened = (terms: readonly Value[]): Value[] =>
  terms.flatMap((term) => (Array.isArray(term) ? flattened(term) : term === null || term === 'None' ? [] : [term]));
