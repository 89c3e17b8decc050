/**
 * Handlebars for `.hbs` files: strict, without HTML escaping, with the filters as helpers. What a template sees is a copy made of
 * null-prototype objects, so that nothing in it leads to JavaScript; only texts from project files are ever compiled.
 */
import { createRequire } from 'node:module';
import type Handlebars from 'handlebars';
import { didYouMean, TemplateError, UndefinedError } from '../errors.ts';
import type { Kwargs } from '../python/objects.ts';
import { contains, equals, order } from '../python/operators.ts';
import { toText } from '../python/text.ts';
import { truthy } from '../python/types.ts';
import { fail, Undefined } from '../python/undefined.ts';
import { Float, type Place, Template, type Value, VaultText } from '../values.ts';
import { rendering } from './compile/compiled.ts';
import type { Rendering, Scope, TemplateOptions } from './compile/rendering.ts';
import { FILTERS } from './library/filters/index.ts';

type Plain = unknown;

/** The rendering under way; not in Handlebars' own data, where a template could name it. */
let current: Rendering | undefined;

/** Values inside Handlebars keep their identity here, so that a helper gets the Map again and not the copy. */
const originals = new WeakMap<object, Value>();

/** A value as Handlebars may see it: texts, numbers, arrays, null-prototype objects. */
function plain(c: Rendering, value: Value | Undefined): Plain {
  if (value instanceof Undefined) return value.trip();
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? value.toString() : value;
  if (value instanceof Template || value instanceof VaultText) return plain(c, c.resolve(value));
  if (value instanceof Float) return new Shown(value);
  if (Array.isArray(value)) {
    return shown(
      value.map((item) => plain(c, item)),
      value,
    );
  }
  if (value instanceof Map) {
    const made = Object.create(null) as Record<string, Plain>;
    for (const [key, item] of value) defineLazy(made, toText(key), () => plain(c, item));
    return shown(made, value);
  }
  return new Shown(value);
}

/** Takes a copy's prototype away, and lets it show itself as the original does: no name in a template leads out of it. */
function shown(copy: object, original: Value): object {
  Object.setPrototypeOf(copy, null);
  Object.defineProperty(copy, Symbol.toPrimitive, { value: () => toText(current!.final(original)) });
  originals.set(copy, original);
  return Object.freeze(copy);
}

/** A value that is neither a JSON scalar nor a container: shown as Python shows it. */
class Shown {
  readonly #value: Value;
  constructor(value: Value) {
    this.#value = value;
    originals.set(this, value);
    Object.freeze(this);
  }
  toString(): string {
    return toText(this.#value);
  }
}

function defineLazy(object: Record<string, Plain>, key: string, get: () => Plain): void {
  let known: { value: Plain } | undefined;
  Object.defineProperty(object, key, {
    enumerable: true,
    configurable: false,
    get: () => {
      known ??= { value: get() };
      return known.value;
    },
  });
}

/** The references each helper of the current template is called with, to name one that is undefined. */
let currentArguments: ReadonlyMap<string, string[]> = new Map();

/** What an undefined argument of a helper was written as: the first reference that leads nowhere, else the first. */
function undefinedArgument(helper: string): never {
  const written = currentArguments.get(helper) ?? [];
  const name = written.find((one) => current && path(current, one) instanceof Undefined) ?? written[0] ?? helper;
  const near = current && !name.includes('.') ? nearestName(name, current.scope) : undefined;
  throw new UndefinedError(`'${name}' is undefined`, name, undefined, near);
}

/** What a helper got, as a value of ours again. */
function ownValue(given: unknown, helper: string): Value {
  if (given === undefined) undefinedArgument(helper);
  if (typeof given !== 'object' || given === null) return given as Value;
  const known = originals.get(given);
  if (known !== undefined) return known;
  if (Array.isArray(given)) return given.map((item) => ownValue(item, helper));
  return fail('an argument of a helper is no value');
}

type HelperOptions = Handlebars.HelperOptions;

interface Block {
  name: string;
  fn?: (context: unknown, options?: unknown) => string;
  inverse?: (context: unknown, options?: unknown) => string;
  hash: Record<string, unknown>;
}

/** Each filter as a helper: `{{join list ","}}`, named arguments as `{{to_nice_json x indent=2}}`. */
function filterHelper(name: string) {
  return function helper(this: unknown, ...given: unknown[]): unknown {
    const options = given.pop() as HelperOptions;
    const c = current!;
    const [value, ...args] = given.map((one) => ownValue(one, name));
    const kwargs: Kwargs = new Map(Object.entries(options.hash).map(([key, item]) => [key, ownValue(item, name)]));
    if (given.length === 0) fail(`the helper \`${name}\` needs a value`, `write {{${name} value}}`);
    const result = c.callFilter(name, value, args, kwargs);
    if (result instanceof Undefined) return result.trip();
    return plain(c, c.final(result) as Value);
  };
}

const COMPARISONS: Record<string, (a: Value, b: Value) => boolean> = {
  eq: equals,
  ne: (a, b) => !equals(a, b),
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
  in: (a, b) => contains(b, a),
};

/** A condition as a helper: `{{#if (eq a b)}}` or as a block `{{#eq a b}}…{{else}}…{{/eq}}`. */
function conditionHelper(holds: (...values: Value[]) => boolean) {
  return function helper(this: unknown, ...given: unknown[]): unknown {
    const options = given.pop() as HelperOptions;
    const block = options as unknown as Block;
    const result = holds(...given.map((one) => ownValue(one, (options as unknown as Block).name)));
    if (!block.fn) return result;
    return result ? block.fn(this) : block.inverse?.(this);
  };
}

function makeEnvironment(): typeof Handlebars {
  // Only now: most runs have no `.hbs` file, and reading the package takes a tenth of the time in which a run starts.
  const made = (createRequire(import.meta.url)('handlebars') as typeof Handlebars).create();
  made.unregisterHelper('log');
  made.unregisterHelper('helperMissing');
  for (const name of FILTERS.keys())
    if (name !== 'default' && name !== 'd') made.registerHelper(name, filterHelper(name));
  for (const [name, holds] of Object.entries(COMPARISONS)) {
    made.registerHelper(
      name,
      conditionHelper((...values) => {
        if (values.length !== 2) fail(`the helper \`${name}\` compares two values`);
        return holds(values[0]!, values[1]!);
      }),
    );
  }
  // A block over something undefined is an error, not silence.
  for (const name of ['each', 'with']) {
    const plainHelper = made.helpers[name]!;
    made.registerHelper(name, function checked(this: unknown, ...given: unknown[]) {
      if (given[0] === undefined) undefinedArgument(name);
      return plainHelper.apply(this, given as Parameters<typeof plainHelper>);
    });
  }
  made.registerHelper('defined', (name: unknown) => {
    if (typeof name !== 'string') fail('defined takes a name as a text', 'write (defined "tls.port")');
    return !(path(current!, name) instanceof Undefined);
  });
  made.registerHelper(
    'and',
    conditionHelper((...values) => values.every(truthy)),
  );
  made.registerHelper(
    'or',
    conditionHelper((...values) => values.some(truthy)),
  );
  made.registerHelper(
    'not',
    conditionHelper((value) => !truthy(value)),
  );
  // Truth is Python's: an empty dict is false, and 0.0 too.
  made.registerHelper(
    'if',
    conditionHelper((value) => truthy(value)),
  );
  made.registerHelper(
    'unless',
    conditionHelper((value) => !truthy(value)),
  );
  made.registerHelper('default', function defaulted(this: unknown, ...given: unknown[]) {
    given.pop();
    const c = current!;
    const [name, otherwise] = given;
    if (typeof name !== 'string') fail('default takes a name as a text', 'write {{default "tls.port" 2379}}');
    const value = c.deep(path(c, name));
    return value instanceof Undefined ? otherwise : plain(c, value);
  });
  return made;
}

/** Follows `a.b.c` from the scope; Undefined where it leads nowhere. */
function path(c: Rendering, name: string): Value | Undefined {
  const [first, ...rest] = name.split('.');
  const value = c.find(first!) ?? new Undefined(first!, () => missing(first!));
  return rest.reduce((at, step) => c.item(at, /^\d+$/.test(step) && Array.isArray(at) ? Number(step) : step), value);
}

const missing = (name: string): UndefinedError => new UndefinedError(`'${name}' is undefined`, name);

let environment: typeof Handlebars | undefined;

interface CompiledFile {
  run: Handlebars.TemplateDelegate;
  names: string[];
  /** References as they are written, to name a missing one whole. */
  paths: string[];
  args: ReadonlyMap<string, string[]>;
}
const compiledFiles = new Map<string, CompiledFile>();

/** Compiles a text, refusing what could reach a computed template: dynamic partials, decorators. */
function compileFile(source: string, place: Place | undefined): CompiledFile {
  const known = compiledFiles.get(source);
  if (known) return known;
  if (typeof source !== 'string') throw new TypeError('only the text of a template can be compiled');
  environment ??= makeEnvironment();
  let tree: hbs.AST.Program;
  try {
    tree = environment.parse(source);
  } catch (error) {
    throw parseError(error as Error, source, place);
  }
  const names = new Set<string>();
  const paths = new Set<string>();
  const args = new Map<string, string[]>();
  inspect(tree as unknown as Node, { names, paths, args }, place, source);
  const run = environment.compile(source, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: false,
    preventIndent: true,
  });
  if (compiledFiles.size > 500) compiledFiles.clear();
  const compiled = { run, names: [...names], paths: [...paths], args };
  compiledFiles.set(source, compiled);
  return compiled;
}

function parseError(error: Error, source: string, place: Place | undefined): TemplateError {
  const line = Number(/line (\d+)/.exec(error.message)?.[1] ?? 1);
  const offset =
    source
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0);
  const [, detail = ''] = /(Expecting.*|Invalid.*|.*)$/.exec(error.message.split('\n').at(-1)!) ?? [];
  return new TemplateError(`the Handlebars template can't be read: ${detail}`, at(place, offset));
}

const at = (place: Place | undefined, offset: number): Place | undefined =>
  place && { source: place.source, offset: place.offset + offset };

interface Node {
  type: string;
  loc?: { start: { line: number; column: number } };
  [key: string]: unknown;
}

function offsetOf(node: Node, source: string): number {
  const { line = 1, column = 0 } = node.loc?.start ?? {};
  let offset = 0;
  for (let i = 1; i < line; i++) offset = source.indexOf('\n', offset) + 1;
  return offset + column;
}

const PARTIALS = new Set(['PartialStatement', 'PartialBlockStatement', 'Decorator', 'DecoratorBlock']);

interface Seen {
  names: Set<string>;
  paths: Set<string>;
  args: Map<string, string[]>;
}

function inspect(node: Node, seen: Seen, place: Place | undefined, source: string): void {
  if (PARTIALS.has(node.type)) {
    throw new TemplateError(
      'partials and decorators are not supported',
      at(place, offsetOf(node, source)),
      'write the text out, or use a .j2 template with include',
    );
  }
  if (node.type === 'PathExpression') {
    const parts = node['parts'] as string[];
    const first = node['data'] && parts[0] === 'root' ? parts[1] : node['data'] ? undefined : parts[0];
    if (typeof first === 'string') seen.names.add(first);
    seen.paths.add(String(node['original']));
  }
  const given = (node['params'] as Node[] | undefined)?.filter((param) => param.type === 'PathExpression') ?? [];
  if (given.length) {
    const helper = String((node['path'] as Node)['original']);
    const written = given.map((param) => String(param['original']));
    seen.args.set(helper, [...(seen.args.get(helper) ?? []), ...written]);
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as Node).type === 'string')
        inspect(child as Node, seen, place, source);
    }
  }
}

/** Renders the text of a `.hbs` file. `place` is where the file's text begins. */
export function renderHandlebars(source: string, scope: Scope, options: TemplateOptions, place?: Place): string {
  const { run, names, paths, args } = compileFile(source, place);
  const c = rendering(scope, options);
  const outer = current;
  const outerArguments = currentArguments;
  const context = Object.create(null) as Record<string, Plain>;
  for (const name of names) {
    const value = c.find(name);
    if (value === undefined || typeof value === 'function' || isCallable(value)) continue;
    defineLazy(context, name, () => plain(c, value));
  }
  try {
    current = c;
    currentArguments = args;
    Object.defineProperty(context, Symbol.toPrimitive, { value: () => 'the variables' });
    return run(Object.freeze(context), {
      allowProtoPropertiesByDefault: false,
      allowProtoMethodsByDefault: false,
      allowCallsToHelperMissing: false,
    });
  } catch (error) {
    throw runError(error as Error, scope, place, source, paths);
  } finally {
    current = outer;
    currentArguments = outerArguments;
  }
}

const isCallable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'call' in value && !(value instanceof Map);

function runError(error: Error, scope: Scope, place: Place | undefined, source: string, paths: string[]): Error {
  if (error instanceof TemplateError || error instanceof UndefinedError) return error;
  const name =
    /^"(.+?)" not defined in/.exec(error.message)?.[1] ??
    /^Cannot use 'in' operator to search for '(.+?)' in/.exec(error.message)?.[1] ??
    /^Missing helper: "(.+)"$/.exec(error.message)?.[1];
  const found = (error as { lineNumber?: number; column?: number }).lineNumber;
  const offset =
    found === undefined
      ? 0
      : offsetOf(
          { type: '', loc: { start: { line: found, column: (error as { column?: number }).column ?? 0 } } },
          source,
        );
  if (name === undefined) return error.name === 'Error' ? new TemplateError(error.message, at(place, offset)) : error;
  const written = paths.filter((one) => one === name || one.endsWith(`.${name}`));
  const path = written.length === 1 ? written[0]! : name;
  const near = path === name ? nearestName(name, scope) : undefined;
  return new UndefinedError(`'${path}' is undefined`, path, at(place, offset), near);
}

const nearestName = (name: string, scope: Scope): string | undefined => didYouMean(name, scope.names());
