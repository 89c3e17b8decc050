/** Templates and expressions, parsed, checked and compiled once. */

import { didYouMean, TemplateError } from '../../errors.ts';
import { PyObject } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';
import { toText } from '../../python/text.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import type { Place } from '../../values.ts';
import { ExpressionParser } from '../grammar/expressions.ts';
import { tokenize, tokenizeExpression } from '../grammar/lexer.ts';
import { pathsIn } from '../grammar/paths.ts';
import { namesInExpression, targetsIn, walkStatements } from '../grammar/references.ts';
import { TemplateParser } from '../grammar/statements.ts';
import { DEFAULT_SYNTAX, type Expression, type Statement, type SyntaxOptions } from '../grammar/syntax.ts';
import { FILTERS } from '../library/filters/index.ts';
import { GLOBALS } from '../library/globals.ts';
import { TESTS } from '../library/tests.ts';
import { BodyCompiler } from './bodies.ts';
import { ExpressionCompiler } from './compiler.ts';
import { named } from './definitions.ts';
import type { Linker } from './linking.ts';
import { LocalNames, topFrame } from './local_names.ts';
import type { Evaluator } from './operations.ts';
import { type BlockBody, type Frame, Rendering, type Scope, type TemplateOptions } from './rendering.ts';

export interface ParseOptions extends TemplateOptions {
  /** Strings of `{{ }}` keep their backslashes: so for templates in YAML, not for template files and conditions. */
  rawBackslashes?: boolean;
}

/** A template ready to be rendered. */
export class CompiledTemplate {
  constructor(
    readonly source: string,
    readonly place: Place | undefined,
    readonly statements: Statement[],
    readonly run: (f: Frame, out: Py[]) => number,
    readonly names: LocalNames,
    readonly blocks: ReadonlyMap<string, BlockBody>,
    /** The whole template is one `{{ expression }}`. */
    readonly single: Evaluator | undefined,
    readonly syntax: SyntaxOptions,
  ) {}
}

/** An expression ready to be evaluated. */
export class CompiledExpression {
  constructor(
    readonly source: string,
    readonly place: Place | undefined,
    readonly node: Expression,
    readonly run: Evaluator,
    /** The condition is a whole `{{ template }}`, which Ansible renders first. */
    readonly template: CompiledTemplate | undefined,
  ) {}
}

const SYNTAX_KEYS = Object.keys(DEFAULT_SYNTAX) as (keyof SyntaxOptions)[];

/** The delimiters and whitespace rules that options ask for. */
export function syntaxOf(options: TemplateOptions): SyntaxOptions {
  let syntax = DEFAULT_SYNTAX;
  for (const key of SYNTAX_KEYS) {
    const value = options[key];
    if (value !== undefined && value !== syntax[key]) syntax = { ...syntax, [key]: value };
  }
  return syntax;
}

const HEADER = '#jinja2:';

/** Reads a `#jinja2: key: value, …` first line. */
function header(
  source: string,
  syntax: SyntaxOptions,
  place: Place | undefined,
): { skip: number; syntax: SyntaxOptions } {
  if (!source.startsWith(HEADER)) return { skip: 0, syntax };
  const end = source.indexOf('\n');
  const bad = (message: string, help?: string): never => {
    throw new TemplateError(message, place, help);
  };
  if (end < 0) bad('the `#jinja2:` line needs a line after it');
  const changed: Record<string, unknown> = { ...syntax };
  for (const pair of source.slice(HEADER.length, end).split(',')) {
    const match = /^\s*([^:\s]+)\s*:(.*)$/.exec(pair) ?? bad('the `#jinja2:` line is a list of `name: value`');
    const [, key, text] = match as RegExpExecArray;
    if (!SYNTAX_KEYS.includes(key as keyof SyntaxOptions)) {
      bad(`unknown setting \`${key}\` in the \`#jinja2:\` line`, didYouMean(key!, SYNTAX_KEYS));
    }
    changed[key!] = setting(text!.trim()) ?? bad(`the setting \`${key}\` has no valid value`);
  }
  return { skip: end + 1, syntax: changed as unknown as SyntaxOptions };
}

function setting(text: string): boolean | string | undefined {
  if (text === 'True' || text === 'False') return text === 'True';
  const match = /^(["'])(.*)\1$/.exec(text);
  return match?.[2]?.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}

const tablesOf = (options: TemplateOptions) => ({ filters: [options.filters, FILTERS], tests: [options.tests, TESTS] });

/** Parses, checks and compiles a template; throws a TemplateError at the exact place. */
export function parseTemplate(source: string, place?: Place, options: ParseOptions = {}): CompiledTemplate {
  const { skip, syntax } = header(source, syntaxOf(options), place);
  const text = skip ? source.slice(skip) : source;
  const where = skip && place ? { source: place.source, offset: place.offset + skip } : place;
  const lexing = { rawBackslashes: options.rawBackslashes ?? true };
  const statements = new TemplateParser(tokenize(text, syntax, where, lexing), where).template();
  const compiler = new BodyCompiler(where, tablesOf(options), LINKER);
  const names = new LocalNames(undefined, targetsIn(statements));
  const [first] = statements;
  const single =
    statements.length === 1 && first?.kind === 'output' ? compiler.expression(first.value, names) : undefined;
  const run = compiler.body(statements, names, true);
  return new CompiledTemplate(text, where, statements, run, names, compiler.blocks, single, syntax);
}

/** Parses, checks and compiles a bare expression (when, until, assert, loop conditions). */
export function parseExpression(source: string, place?: Place, options: ParseOptions = {}): CompiledExpression {
  const syntax = syntaxOf(options);
  const whole = source.trim();
  if (whole.startsWith(syntax.variable_start_string) && whole.endsWith(syntax.variable_end_string)) {
    const template = parseTemplate(whole, place, { ...options, rawBackslashes: true });
    if (template.single)
      return new CompiledExpression(source, place, { kind: 'constant', value: null, at: 0 }, () => null, template);
  }
  const node = parsed(source, syntax, place, options);
  const run = new ExpressionCompiler(place, tablesOf(options), true).expression(node, new LocalNames(undefined, []));
  return new CompiledExpression(source, place, node, run, undefined);
}

/** The references to variables in an expression, as they are written. */
export function pathsOf({ node, template }: CompiledExpression): string[] {
  if (!template) return pathsIn(node);
  return template.statements.flatMap((one) => (one.kind === 'output' ? pathsIn(one.value) : []));
}

function parsed(source: string, syntax: SyntaxOptions, place: Place | undefined, options: ParseOptions): Expression {
  try {
    const lexing = { rawBackslashes: options.rawBackslashes ?? false };
    const parser = new ExpressionParser(tokenizeExpression(source, syntax, place, lexing), place);
    if (source.trim() === '') parser.fail('the expression is empty', 0);
    const node = parser.expression();
    if (parser.current.kind === 'eof') return node;
    const help = parser.isOp('=')
      ? 'comparison is written `==`'
      : /\bdefined\s+\w/.test(source)
        ? 'the test stands behind the name: `x is defined`, `x is not defined`'
        : undefined;
    return parser.fail(`unexpected ${tokenText(parser.current.value)}`, parser.current.at, help);
  } catch (error) {
    throw error instanceof TemplateError ? (bracesIn(source, place) ?? error) : error;
  }
}

const tokenText = (value: unknown): string => `\`${String(value)}\``;

/** `{{ x }} == 1`: what is wrong with it are the braces, whatever the parser stumbled over. */
function bracesIn(source: string, place: Place | undefined): TemplateError | undefined {
  const code = source.replace(/'[^']*'|"[^"]*"/g, (text) => ' '.repeat(text.length));
  const at = code.indexOf('{{');
  if (at < 0) return undefined;
  return new TemplateError(
    'no `{{ }}` inside an expression',
    place && { source: place.source, offset: place.offset + at },
    `names are read without braces here: ${source.replace(/\{\{\s*|\s*\}\}/g, '').trim()}`,
  );
}

/** The names a template or expression reads from its scope, with the place of the first use of each. */
export function referencedPlaces(compiled: CompiledTemplate | CompiledExpression): Map<string, number> {
  const found = new Map<string, number>();
  const seen = (name: string, at: number) => {
    if (!found.has(name) && !GLOBALS.has(name)) found.set(name, at);
  };
  if (compiled instanceof CompiledTemplate) walkStatements(compiled.statements, new Set(), seen);
  else if (compiled.template) return referencedPlaces(compiled.template);
  else namesInExpression(compiled.node, seen);
  return found;
}

/** The names that each of a template's outputs outside of all statements reads, with the place of the first use of each. */
export function outputsOf(compiled: CompiledTemplate): Map<string, number>[] {
  return compiled.statements.flatMap((statement) => {
    if (statement.kind !== 'output') return [];
    const names = new Map<string, number>();
    namesInExpression(statement.value, (name, at) => {
      if (!names.has(name) && !GLOBALS.has(name)) names.set(name, at);
    });
    return [names];
  });
}

/** A rendering of a template on behalf of nobody. */
export function rendering(scope: Scope, options: TemplateOptions): Rendering {
  const { filters, tests } = options;
  return new Rendering(
    scope,
    options,
    GLOBALS,
    (name) => named([filters, FILTERS], name),
    (name) => named([tests, TESTS], name),
  );
}

/** Runs a template and those it extends, writing to `out`. */
export function runTemplate(template: CompiledTemplate, c: Rendering, out: Py[]): void {
  if (template.blocks.size || hasExtends(template)) {
    c.exports ??= new Map();
    c.blocks ??= new Map();
    addBlocks(c.blocks, template);
  }
  let current = template;
  for (;;) {
    c.parent = undefined;
    current.run(topFrame(c, current.names.slots.size), out);
    const parent: CompiledTemplate | undefined = c.parent;
    if (!parent) return;
    out.length = c.parentMark;
    addBlocks(c.blocks!, parent);
    current = parent;
  }
}

const hasExtends = (template: CompiledTemplate): boolean => /extends/.test(template.source);

function addBlocks(blocks: Map<string, BlockBody[]>, template: CompiledTemplate): void {
  for (const [name, body] of template.blocks) {
    const known = blocks.get(name);
    if (known) known.push(body);
    else blocks.set(name, [body]);
  }
}

/** An imported template: its macros and top-level variables. */
class Module extends PyObject {
  readonly typeName = 'module';
  constructor(
    readonly file: string,
    readonly exports: Map<string, unknown>,
    readonly body: string,
  ) {
    super();
  }
  attribute(name: string): unknown {
    return name.startsWith('_') ? undefined : this.exports.get(name);
  }
  exported(name: string): unknown {
    return this.attribute(name) ?? new Undefined(name, () => notExported(this, name));
  }
  override text(): string {
    return this.body;
  }
}

function notExported(module: Module, name: string): Error {
  const near = didYouMean(name, module.exports.keys());
  return new TemplateError(`the template \`${module.file}\` does not export \`${name}\``, undefined, near);
}

const NOTHING: Scope = { get: () => undefined, names: () => [], resolve: (value) => value };
const files = new Map<string, CompiledTemplate>();

/** Finds and compiles a template file by name, or the first that exists of several. */
function load(c: Rendering, name: Py): CompiledTemplate | undefined {
  if (name instanceof Undefined) name.trip();
  const { searchFile, readFile } = c.options;
  if (!searchFile || !readFile) fail("other templates can't be used here");
  for (const one of Array.isArray(name) ? name : [name]) {
    const path = searchFile(toText(one));
    if (path === undefined) continue;
    const text = readFile(path);
    const key = `${path}\0${text}`;
    let compiled = c.options.filters || c.options.tests ? undefined : files.get(key);
    if (!compiled) {
      compiled = parseTemplate(text, undefined, { ...c.options, rawBackslashes: false });
      if (files.size > 500) files.clear();
      files.set(key, compiled);
    }
    return compiled;
  }
  return undefined;
}

function loaded(c: Rendering, name: Py): CompiledTemplate {
  return (
    load(c, name) ??
    fail(`the template \`${Array.isArray(name) ? name.map(toText).join('`, `') : toText(name)}\` was not found`)
  );
}

const LINKER: Linker = {
  include(c, name, ignoreMissing, locals, out) {
    if (ignoreMissing && !c.options.searchFile) return;
    const template = ignoreMissing ? load(c, name) : loaded(c, name);
    if (!template) return;
    const inner = c.child(locals ? c.scope : NOTHING);
    inner.overlay = locals;
    runTemplate(template, inner, out);
  },
  module(c, name, locals) {
    const template = loaded(c, name);
    const inner = c.child(locals ? c.scope : NOTHING);
    inner.overlay = locals;
    inner.exports = new Map();
    const out: Py[] = [];
    runTemplate(template, inner, out);
    return new Module(toText(name), inner.exports, toText(c.final(c.joined(out)) ?? ''));
  },
  parent: loaded,
};
