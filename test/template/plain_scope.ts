/** A scope over a plain Map, for tests of templates. */
import { render, type Scope, type TemplateOptions } from '../../engine/template/index.ts';
import { Template, type Value } from '../../engine/values.ts';

/** A scope that renders the templates in a Map with itself. */
export function scopeOf(variables: ReadonlyMap<string, Value>, options: TemplateOptions = {}): Scope {
  const scope: Scope = {
    get: (name) => variables.get(name),
    has: (name) => variables.has(name),
    names: () => variables.keys(),
    resolve: (value) => (value instanceof Template ? render(value, scope, options) : value),
  };
  return scope;
}
