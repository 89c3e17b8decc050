/** Filters, tests and lookups of a project: functions of plain values, added to the tables for as long as a project is loaded. */
import { TemplateError } from '../../errors.ts';
import type { Py } from '../../python/py.ts';
import { fromPlain, toPlain, type Value } from '../../values.ts';
import { filter, test } from '../compile/definitions.ts';
import { FILTERS } from './filters/index.ts';
import { lookups } from './lookups.ts';
import { TESTS } from './tests.ts';

/** A function of plain JSON values. */
export type PlainFunction = (...args: never[]) => unknown;
export type OwnKind = 'filter' | 'test' | 'lookup';

let own: [OwnKind, string][] = [];

/** Takes out what an earlier project added. */
export function forgetOwn(): void {
  for (const [kind, name] of own) {
    if (kind === 'filter') FILTERS.delete(name);
    else if (kind === 'test') TESTS.delete(name);
    else delete lookups[name];
  }
  own = [];
}

/** Adds a function; false where there is one of that name. */
export function addOwn(kind: OwnKind, name: string, run: PlainFunction): boolean {
  const there =
    kind === 'filter' ? FILTERS.has(name) : kind === 'test' ? TESTS.has(name) : Object.hasOwn(lookups, name);
  if (there) return false;
  own.push([kind, name]);
  const spec = `${name}(*rest, **named)`;
  const called = (value: Py, rest: Py, named: Py) =>
    result(kind, name, run, [value as Value, ...((rest ?? []) as Value[])], named as Map<string, Value>);
  if (kind === 'filter')
    FILTERS.set(
      name,
      filter(spec, (_, value, rest, named) => called(value, rest, named)),
    );
  else if (kind === 'test')
    TESTS.set(
      name,
      test(spec, (_, value, rest, named) => called(value, rest, named) === true),
    );
  else
    lookups[name] = (terms, kwargs) => {
      const found = result(kind, name, run, [terms], kwargs);
      return Array.isArray(found) ? found : [found];
    };
  return true;
}

/** What comes out is data, whatever it looks like. */
function result(
  kind: OwnKind,
  name: string,
  run: PlainFunction,
  args: Value[],
  named: ReadonlyMap<string, Value> | undefined,
): Value {
  const plain = args.map((each) => toPlain(each));
  const options = named && named.size > 0 ? [toPlain(named as Map<Value, Value>)] : [];
  let found: unknown;
  try {
    found = (run as (...all: unknown[]) => unknown)(...plain, ...options);
  } catch (error) {
    throw new TemplateError(
      `the ${kind} \`${name}\` failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (found instanceof Promise)
    throw new TemplateError(`the ${kind} \`${name}\` returned a promise: it has to return its value`);
  return fromPlain(toPlain(fromPlain(found)));
}
