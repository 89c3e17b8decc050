/** What templates have, by name, and how each is called. */
import type { Parameter } from '../compile/definitions.ts';
import { FILTERS } from './filters/index.ts';
import { lookups } from './lookups.ts';
import { TESTS } from './tests.ts';

/** Filters, tests or lookups: names with their arguments, as in Python; lookups have none that are known here. */
export function templateNames(kind: 'filter' | 'test' | 'lookup'): Map<string, string> {
  const names =
    kind === 'lookup'
      ? Object.keys(lookups).map((name): [string, string] => [name, name])
      : [...(kind === 'filter' ? FILTERS : TESTS)]
          .filter(([name]) => /^\w+$/.test(name))
          .map(([name, { params }]): [string, string] => [name, called(name, params)]);
  return new Map(names.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function called(name: string, params: readonly Parameter[]): string {
  return params.length > 0 ? `${name}(${params.map(parameterText).join(', ')})` : name;
}

function parameterText({ kind, name, required, value }: Parameter): string {
  if (kind !== 'plain') return `${kind === 'star' ? '*' : '**'}${name}`;
  if (required) return name;
  return value === undefined ? `[${name}]` : `${name}=${JSON.stringify(value)}`;
}
