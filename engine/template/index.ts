/**
 * Jinja2 as ansible-core 2.19 evaluates it: native values, a closed grammar, and only project files as templates.
 * What a template yields is data and never rendered again.
 */

import { TemplateError } from '../errors.ts';
import type { Py } from '../python/py.ts';
import { toText } from '../python/text.ts';
import { typeName } from '../python/types.ts';
import { OMIT } from '../python/undefined.ts';
import type { Place, Template, Value } from '../values.ts';
import {
  CompiledExpression,
  CompiledTemplate,
  outputsOf,
  type ParseOptions,
  parseExpression,
  parseTemplate,
  pathsOf,
  referencedPlaces,
  rendering,
  runTemplate,
  syntaxOf,
} from './compile/compiled.ts';
import { topFrame } from './compile/local_names.ts';
import type { Scope, TemplateOptions } from './compile/rendering.ts';

export { toText } from '../python/text.ts';
export { truthy } from '../python/types.ts';
export { OMIT, Undefined } from '../python/undefined.ts';
export { filter, test } from './compile/definitions.ts';
export type { Scope, TemplateOptions } from './compile/rendering.ts';
export { GLOBALS } from './library/globals.ts';
export { LazyDict } from './objects.ts';
export {
  CompiledExpression,
  CompiledTemplate,
  outputsOf,
  type ParseOptions,
  parseExpression,
  parseTemplate,
  pathsOf,
  referencedPlaces,
};

/** Templates being rendered, outermost first, to find one that needs itself. */
const active: { template: Template; scope: Scope }[] = [];
const DEEP = 40;

/** Renders a template to a native value: `{{ x }}` alone gives x itself, anything more a text. OMIT may be the result. */
export function render(template: Template | CompiledTemplate, scope: Scope, options: TemplateOptions): Value {
  if (template instanceof CompiledTemplate) return renderCompiled(template, scope, options);
  template.compiled ??= parseTemplate(template.text, template.place, options);
  const compiled = template.compiled as CompiledTemplate;
  if (active.length > DEEP) checkLoop(template, scope);
  active.push({ template, scope });
  try {
    return renderCompiled(compiled, scope, options);
  } finally {
    active.pop();
  }
}

function checkLoop(template: Template, scope: Scope): void {
  const first = active.findIndex((a) => a.template === template && a.scope === scope);
  if (first < 0 && active.length < 200) return;
  const chain = active.slice(Math.max(0, first)).map((a) => a.template.text);
  throw new TemplateError(
    `recursive loop in templates: ${[...new Set(chain)].slice(0, 4).join(' → ')}`,
    template.place,
    'a variable needs its own value to be rendered',
  );
}

/** What a stack that overflows is called: a macro that calls itself without end, or absurdly deep data. */
function tooDeep(error: unknown, place: Place | undefined): unknown {
  if (!(error instanceof RangeError) || !/call stack/.test(error.message)) return error;
  return new TemplateError('the template goes too deep', place, 'does a macro call itself without end?');
}

function renderCompiled(compiled: CompiledTemplate, scope: Scope, options: TemplateOptions): Py {
  try {
    return renderDirectly(compiled, scope, options);
  } catch (error) {
    throw tooDeep(error, compiled.place);
  }
}

function renderDirectly(compiled: CompiledTemplate, scope: Scope, options: TemplateOptions): Py {
  const c = rendering(scope, options);
  if (compiled.single) {
    const value = c.final(compiled.single(topFrame(c, compiled.names.slots.size)));
    return typeof value === 'string' ? withNewlines(value, compiled) : value;
  }
  if (compiled.source === '') return '';
  const out: Py[] = [];
  runTemplate(compiled, c, out);
  const value = c.final(c.joined(out));
  return typeof value === 'string' ? withNewlines(value, compiled) : value;
}

/** Ansible gives a text result as many newlines at its end as the template has. */
function withNewlines(text: string, compiled: CompiledTemplate): string {
  if (!compiled.source.endsWith('\n')) return text;
  const missing = newlines(compiled.source) - newlines(text);
  return missing > 0 ? text + '\n'.repeat(missing) : text;
}

function newlines(text: string): number {
  let at = text.length;
  while (at > 0 && text[at - 1] === '\n') at--;
  return text.length - at;
}

/** Renders the text of a template file; the result is always a text. `place` is where the file's text begins. */
export function renderText(source: string, scope: Scope, options: ParseOptions, place?: Place): string {
  const value: Py = renderValue(source, scope, options, place);
  return value === null || value === OMIT ? '' : toText(value);
}

/** Renders the text of a template file to a native value, as the `template` lookup does. */
export function renderValue(source: string, scope: Scope, options: ParseOptions, place?: Place): Value {
  return renderCompiled(compiledText(source, place, options), scope, options);
}

/** Texts of files that were compiled, by their settings and place: each host renders the same ones. */
const texts = new Map<string, CompiledTemplate>();

function compiledText(source: string, place: Place | undefined, options: ParseOptions): CompiledTemplate {
  const settings = { rawBackslashes: false, ...options };
  if (options.filters || options.tests) return parseTemplate(source, place, settings);
  const key = JSON.stringify([syntaxOf(settings), settings.rawBackslashes, place?.source.file, place?.offset, source]);
  let compiled = texts.get(key);
  if (!compiled) {
    if (texts.size > 500) texts.clear();
    compiled = parseTemplate(source, place, settings);
    texts.set(key, compiled);
  }
  return compiled;
}

const expressions = new Map<string, CompiledExpression>();

function compiledExpression(expression: string, options: TemplateOptions): CompiledExpression {
  if (options.filters || options.tests) return parseExpression(expression, undefined, options);
  let compiled = expressions.get(expression);
  if (!compiled) {
    if (expressions.size > 5000) expressions.clear();
    compiled = parseExpression(expression, undefined, options);
    expressions.set(expression, compiled);
  }
  return compiled;
}

/** Evaluates an expression: a condition, or what stands between `{{` and `}}`. */
export function evaluate(expression: string | CompiledExpression, scope: Scope, options: TemplateOptions): Value {
  const compiled = typeof expression === 'string' ? compiledExpression(expression, options) : expression;
  if (compiled.template) return renderCompiled(compiled.template, scope, options);
  try {
    const c = rendering(scope, options);
    return c.final(compiled.run(topFrame(c, 0)));
  } catch (error) {
    throw tooDeep(error, compiled.place);
  }
}

/**
 * Evaluates a condition (when, until, failed_when, changed_when, assert): its result must be a boolean, as since ansible-core
 * 2.19; anything else is an error that says what it was.
 */
export function evaluateCondition(
  condition: string | CompiledExpression,
  scope: Scope,
  options: TemplateOptions,
): boolean {
  const compiled = typeof condition === 'string' ? compiledExpression(condition, options) : condition;
  const value = evaluate(compiled, scope, options);
  if (typeof value === 'boolean') return value;
  const help =
    typeof value === 'string'
      ? 'compare it, or convert it with `| bool`'
      : Array.isArray(value) || value instanceof Map
        ? 'to ask whether it holds anything, write `… | length > 0`'
        : 'write a comparison, such as `x is defined`, `x != 0` or `x | bool`';
  throw new TemplateError(
    `a condition must be true or false, but \`${compiled.source.trim()}\` is a '${typeName(value)}'`,
    compiled.place,
    help,
  );
}
