/**
 * One rendering: the scope, what the template set and changed so far, and the passage of raw values into it. A value from the
 * scope may hold Template objects anywhere; they are rendered when they are reached, each by the scope itself.
 */

import { UndefinedError } from '../../errors.ts';
import { Callable, type Kwargs, PyObject, Range, Tuple } from '../../python/objects.ts';
import { toList } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { toText } from '../../python/text.ts';
import { truthy, typeName } from '../../python/types.ts';
import { fail, OMIT, Undefined } from '../../python/undefined.ts';
import { Template, type Value, VaultText } from '../../values.ts';
import type { SyntaxOptions } from '../grammar/syntax.ts';
import { methodOf } from '../library/methods.ts';
import { captured, LazyDict } from '../objects.ts';
import { attributeOf, itemOf } from './attributes.ts';
import type { FilterDefinition, Table, TestDefinition } from './definitions.ts';
import { bind } from './definitions.ts';

/** The names a template can see. */
export interface Scope {
  /** The raw value (it may contain Template objects), or undefined where the name is not defined. */
  get(name: string): Value | Undefined | undefined;
  has?(name: string): boolean;
  /** All names, for "did you mean" and the `varnames` lookup. */
  names(): Iterable<string>;
  /** Renders a Template with this scope, decrypts a VaultText, and returns any other value as it is. */
  resolve?(value: Value): Value;
}

export interface TemplateOptions extends Partial<SyntaxOptions> {
  lookup?(name: string, args: Value[], kwargs: Map<string, Value>, wantlist: boolean, scope: Scope): Value;
  /** The path of a template that `include`, `import` or `extends` names. */
  searchFile?(name: string): string | undefined;
  readFile?(path: string): string;
  filters?: Table<FilterDefinition>;
  tests?: Table<TestDefinition>;
  now?(): Date;
  random?(): number;
  /** Told of every secret a filter makes or opens (passwords, vault texts), for redaction. */
  secret?(text: string): void;
  warn?(text: string): void;
  parseYaml?(text: string, all: boolean): Value;
  dumpYaml?(value: Value, options: Map<string, Value>): string;
  vault?(text: string, secret: string, options: Map<string, Value>): string;
  unvault?(text: string, secret: string, options: Map<string, Value>): string;
  /** An environment variable of the controller, for `expandvars` and `expanduser`. */
  environment?(name: string): string | undefined;
  /** Folder that relative paths of `fileglob`, `is file` and the like start from. */
  folder?: string;
}

/** One level of local variables; `v` holds them by slot. */
export interface Frame {
  c: Rendering;
  up: Frame | undefined;
  v: Py[];
}

export type BlockBody = (c: Rendering, out: Py[], index: number) => void;

/** Containers known to hold nothing that needs rendering. */
const clean = new WeakSet<object>();

export class Rendering {
  /** Copies of containers that the template changed: what comes from the scope is never changed itself. */
  changed: { clones: Map<object, object> | undefined } = { clones: undefined };
  /** Names of an including template, when this renders an include or an import with context. */
  overlay: Map<string, unknown> | undefined;
  /** What the template set at its top level, for blocks and importers. */
  exports: Map<string, unknown> | undefined;
  blocks: Map<string, BlockBody[]> | undefined;
  /** The template that this one extends. */
  parent: Py;
  /** How much was written before it said so. */
  parentMark = 0;
  /** The scope of the whole rendering, by which lookups find files, also from a template that was imported without context. */
  root: Scope;
  constructor(
    readonly scope: Scope,
    readonly options: TemplateOptions,
    readonly globals: ReadonlyMap<string, unknown>,
    readonly filters: (name: string) => FilterDefinition | undefined,
    readonly tests: (name: string) => TestDefinition | undefined,
  ) {
    this.root = scope;
  }

  /** A rendering of another template on behalf of this one. */
  child(scope: Scope): Rendering {
    const made = new Rendering(scope, this.options, this.globals, this.filters, this.tests);
    made.changed = this.changed;
    made.root = this.root;
    return made;
  }

  /** This rendering with further names, for a scoped block. */
  withOverlay(overlay: Map<string, unknown>): Rendering {
    const made = this.child(this.scope);
    made.overlay = overlay;
    made.exports = this.exports;
    made.blocks = this.blocks;
    return made;
  }

  /** Writes a named block, from the template that is furthest down the chain of `extends`. */
  renderBlock(name: string, overlay: Map<string, unknown> | undefined, out: Py[]): void {
    const body = this.blocks?.get(name)?.[0] ?? fail(`no block \`${name}\``);
    body(overlay ? this.withOverlay(overlay) : this, out, 0);
  }

  /** What `super()` calls inside a block. */
  superBlock(name: string, index: number): Callable | Undefined {
    const body = this.blocks?.get(name)?.[index + 1];
    if (!body) {
      return new Undefined('super', () => new UndefinedError(`there is no parent block called '${name}'`, 'super'));
    }
    const again = (attribute: string) => (attribute === 'super' ? this.superBlock(name, index + 1) : undefined);
    return new Callable('super', () => this.blockText(body, index + 1), false, again);
  }

  blockText(body: BlockBody, index: number): Py {
    return this.collected((out) => body(this, out, index));
  }

  /** What a body writes, joined. */
  collected(write: (out: Py[]) => unknown): Py {
    const out: Py[] = [];
    write(out);
    return this.joined(out);
  }

  /** What `self` is inside a block. */
  selfBlocks(): PyObject {
    return new SelfBlocks(this);
  }

  /** A name's value; JS undefined where no one defines it. */
  find(name: string): Py {
    if (this.exports !== undefined) {
      const own = this.exports.get(name);
      if (own !== undefined) return this.access(own);
    }
    if (this.overlay !== undefined) {
      const given = this.overlay.get(name);
      if (given !== undefined) return this.access(given);
    }
    const value = this.scope.get(name);
    if (value === undefined) return this.globals.get(name);
    return typeof value === 'object' && value !== null ? this.access(value) : value;
  }

  /** A value as it is met: a Template rendered, a changed container's copy instead of the original. */
  access(value: Py): Py {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Template || value instanceof VaultText) return this.resolve(value);
    return this.changed.clones?.get(value) ?? value;
  }

  resolve(value: Template | VaultText): Py {
    const { scope } = this;
    if (!scope.resolve) fail('this scope renders no nested templates');
    try {
      return scope.resolve(value);
    } catch (error) {
      return captured(error);
    }
  }

  /** The copy of a container that the template may change. */
  mutable(container: Py): Py {
    this.changed.clones ??= new Map();
    const { clones } = this.changed;
    const known = clones.get(container);
    if (known) return known;
    const copy = container instanceof Map ? new Map(container) : [...container];
    clones.set(container, copy);
    clones.set(copy, copy);
    return copy;
  }

  /** A value with everything inside rendered; a part that fails becomes an Undefined that trips where it is used. */
  deep(value: Py): Py {
    if (typeof value !== 'object' || value === null || value instanceof Undefined) return value;
    if (value instanceof Template || value instanceof VaultText) return this.resolve(value);
    const held = this.changed.clones?.get(value) ?? value;
    if (held instanceof LazyDict || (this.changed.clones === undefined && clean.has(held))) return held;
    if (Array.isArray(held)) return this.deepList(held);
    return held instanceof Map ? this.deepDict(held) : held;
  }

  deepList(list: Py[]): Py[] {
    let copy: Py[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (typeof item !== 'object' || item === null) continue;
      const made = this.deep(item);
      if (made === item) continue;
      copy ??= list instanceof Tuple ? Tuple.make(list) : [...list];
      copy[i] = made;
    }
    const result = copy ?? list;
    if (this.changed.clones === undefined) clean.add(result);
    return result;
  }

  deepDict(dict: Map<Py, Py>): Map<Py, Py> {
    let copy: Map<Py, Py> | undefined;
    for (const [key, item] of dict) {
      const name = key instanceof Template ? key.text : key;
      const made = typeof item === 'object' && item !== null ? this.deep(item) : item;
      if (made === item && name === key) {
        copy?.set(key, item);
        continue;
      }
      copy ??= before(dict, key);
      copy.set(name, made);
    }
    const result = copy ?? dict;
    if (this.changed.clones === undefined) clean.add(result);
    return result;
  }

  /** A template's result: all rendered, tuples as lists, omitted entries dropped, undefined parts thrown. */
  final(value: Py): Py {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Undefined) value.trip();
    if (Array.isArray(value) || value instanceof Map || value instanceof Template || value instanceof VaultText) {
      return settled(this.deep(value));
    }
    if (value instanceof Range) return [...value];
    return shown(value);
  }

  /**
   * Output of a template body as Ansible joins it: nothing is none, one part is itself, several become text; a part that can't
   * be shown makes the whole a value that trips where it is used.
   */
  joined(out: Py[]): Py {
    if (out.length === 1) return out[0];
    let parts = 0;
    let only: Py = null;
    for (const part of out) {
      if (part === null) continue;
      parts++;
      only = part;
    }
    if (parts < 2) return only;
    let text = '';
    for (const part of out) {
      if (typeof part === 'string') text += part;
      else if (part !== null && part !== OMIT) {
        try {
          text += partText(this, part);
        } catch (error) {
          return captured(error);
        }
      }
    }
    return text;
  }

  truthy(value: Py): boolean {
    return truthy(value);
  }

  /** The items of an iterable, each rendered. */
  list(value: Py): Py[] {
    const items = toList(value);
    return items.map((item) => this.access(item));
  }

  attribute(object: Py, name: string): Py {
    return attributeOf(this, object, name, undefined);
  }

  item(object: Py, key: Py): Py {
    return itemOf(this, object, key, undefined);
  }

  /** Reads a field's path in str.format. */
  readonly formatField = (object: Py, key: string, isItem: boolean): Py => {
    if (!isItem) {
      if (key.startsWith('_')) fail(`access to \`${key}\` is not allowed in a format text`);
      const value =
        object instanceof Map
          ? fail(`write \`[${key}]\` for a key of a dict in a format text`)
          : this.attribute(object, key);
      return value;
    }
    return this.item(object, /^\d+$/.test(key) ? Number(key) : key);
  };

  /** Calls a method of a value, for filters that are one. */
  callMethodOf(value: Py, name: string, args: Py[]): Py {
    const found = methodOf(value, name) ?? fail(`'${typeName(value)}' has no method \`${name}\``);
    return found.method(value, args, new Map(), this);
  }

  /** Calls a filter by its name, as `map` does. */
  callFilter(name: string, value: Py, args: Py[], kwargs: Kwargs): Py {
    const filter = this.filters(name) ?? fail(`unknown filter \`${name}\``);
    if (!filter.takesUndefined && value instanceof Undefined) return value;
    return filter.run(this, filter.lazy ? value : this.deep(value), ...bind(filter, 'filter', args, kwargs));
  }

  /** Calls a test by its name, as `select` does. */
  callTest(name: string, value: Py, args: Py[], kwargs: Kwargs): boolean {
    const test = this.tests(name) ?? fail(`unknown test \`${name}\``);
    if (!test.takesUndefined && value instanceof Undefined && !value.lenient) value.trip();
    return test.run(this, test.lazy ? value : this.deep(value), ...bind(test, 'test', args, kwargs));
  }
}

class SelfBlocks extends PyObject {
  readonly typeName = 'self';
  constructor(readonly c: Rendering) {
    super();
  }
  attribute(name: string): unknown {
    const body = this.c.blocks?.get(name)?.[0];
    return body && new Callable(name, () => this.c.blockText(body, 0));
  }
}

function before(dict: Map<Py, Py>, end: Py): Map<Py, Py> {
  const copy = new Map();
  for (const [key, item] of dict) {
    if (key === end) break;
    copy.set(key, item);
  }
  return copy;
}

function partText(c: Rendering, part: Py): string {
  if (part instanceof Range || (part instanceof Undefined && part.lenient)) return toText(part);
  return toText(c.final(part));
}

/** A rendered container without tuples, omitted entries and undefined parts; itself where there are none. */
function settled(value: Py): Py {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Undefined) value.trip();
  if (Array.isArray(value)) {
    let copy: Py[] | undefined = value instanceof Tuple || value.includes(OMIT) ? [] : undefined;
    for (let i = 0; i < value.length; i++) {
      if (value[i] === OMIT) continue;
      const made = settled(value[i]);
      if (copy === undefined && made !== value[i]) copy = value.slice(0, i);
      copy?.push(made);
    }
    return copy ?? value;
  }
  if (value instanceof Map) {
    const lazy = value instanceof LazyDict;
    let copy: Map<Py, Py> | undefined = lazy ? new Map() : undefined;
    for (const [key, item] of value) {
      const made = item === OMIT ? OMIT : settled(item);
      if (copy === undefined && (made !== item || made === OMIT)) copy = before(value, key);
      if (made !== OMIT) copy?.set(key, made);
    }
    return copy ?? value;
  }
  if (value instanceof Range) return [...value];
  return shown(value);
}

/** What is no plain value, as the text it shows; a function is a mistake. */
function shown(value: Py): Py {
  if (value instanceof Callable) fail(`\`${value.name}\` is a function`, `call it: \`${value.name}()\``);
  return value instanceof PyObject || value instanceof Uint8Array ? toText(value) : value;
}
