/**
 * Expressions to closures. Names that the template itself assigns are slots of a frame, found when it is compiled; all others
 * are asked of the scope. A template is compiled once and rendered many times.
 */

import { didYouMean, UndefinedError } from '../../errors.ts';
import { type Kwargs, Tuple } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';
import { toText } from '../../python/text.ts';
import { typeName } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import { Template } from '../../values.ts';
import type { CallArguments, Expression } from '../grammar/syntax.ts';
import { lookups } from '../library/lookups.ts';
import { methodOf } from '../library/methods.ts';
import { captured, firstUndefined } from '../objects.ts';
import { attributeOf, callMethod, itemOf, type Reference, Slice } from './attributes.ts';
import { attempt, callValue, pathOf, placed, quoted, sameKey } from './calls.ts';
import { bind, type FilterDefinition, named, shortName, type Table, type TestDefinition } from './definitions.ts';
import type { LocalNames } from './local_names.ts';
import { type Evaluator, OperationCompiler } from './operations.ts';
import type { Frame } from './rendering.ts';

const NO_KWARGS: Kwargs = new Map();
const EMBEDDED = /\{\{|\{%|\{#/;

export class ExpressionCompiler extends OperationCompiler {
  expression(node: Expression, names: LocalNames): Evaluator {
    switch (node.kind) {
      case 'constant':
        return this.constant(node.value, node.at);
      case 'name':
        return this.name(node.name, node.at, names);
      case 'list': {
        const items = this.all(node.items, names);
        return (f) => items.map((item) => item(f));
      }
      case 'tuple': {
        const items = this.all(node.items, names);
        return (f) => Tuple.make(items.map((item) => item(f)));
      }
      case 'dict':
        return this.dict(node.pairs, names);
      case 'attribute':
        return this.attribute(node, names);
      case 'item':
        return this.item(node, names);
      case 'slice': {
        const [start, stop, step] = [node.start, node.stop, node.step].map(
          (part) => part && this.expression(part, names),
        );
        return (f) => new Slice(start?.(f), stop?.(f), step?.(f));
      }
      case 'call':
        return this.call(node, names);
      case 'filter':
        return this.filter(node, names);
      case 'test':
        return this.test(node, names);
      default:
        return this.operation(node, names);
    }
  }

  constant(value: unknown, at: number): Evaluator {
    if (this.embedded && typeof value === 'string' && EMBEDDED.test(value)) {
      const template = new Template(value, this.at(at));
      return (f) => f.c.resolve(template);
    }
    return () => value;
  }

  name(name: string, at: number, names: LocalNames): Evaluator {
    const places = names.places(name);
    const undefinedName = (f: Frame) =>
      name === 'self' && f.c.blocks ? f.c.selfBlocks() : this.undefinedName(name, at, f);
    if (places.length === 0) {
      return (f) => {
        const value = f.c.find(name);
        return value === undefined ? undefinedName(f) : value;
      };
    }
    return (f) => {
      for (const { depth, slot } of places) {
        let frame = f;
        for (let i = depth; i > 0; i--) frame = frame.up!;
        const value = frame.v[slot];
        if (value !== undefined) return typeof value === 'object' && value !== null ? f.c.access(value) : value;
      }
      const value = f.c.find(name);
      return value === undefined ? undefinedName(f) : value;
    };
  }

  undefinedName(name: string, at: number, f: Frame): Undefined {
    return new Undefined(name, () => {
      const near = didYouMean(name, [...f.c.scope.names(), ...f.c.globals.keys()]);
      return new UndefinedError(`'${name}' is undefined`, name, this.at(at), near);
    });
  }

  dict(pairs: [Expression, Expression][], names: LocalNames): Evaluator {
    const made = pairs.map(([key, value]) => [this.expression(key, names), this.expression(value, names)] as const);
    return (f) => {
      const dict = new Map();
      for (const [key, value] of made) {
        const k = key(f);
        if (k instanceof Undefined) k.trip();
        if (Array.isArray(k) && !(k instanceof Tuple)) fail("a list can't be a dict's key");
        if (k instanceof Map) fail("a dict can't be a dict's key");
        dict.set(typeof k === 'boolean' || typeof k === 'number' ? sameKey(dict, k) : k, value(f));
      }
      return dict;
    };
  }

  reference(object: Expression, step: string, at: number): Reference {
    const base = pathOf(object);
    return { object: base, path: base + step, place: this.at(at) };
  }

  attribute(node: Expression & { kind: 'attribute' }, names: LocalNames): Evaluator {
    const object = this.expression(node.object, names);
    const { name } = node;
    const reference = this.reference(node.object, `.${name}`, node.at);
    const isMethod = methodOf(new Map(), name) !== undefined;
    return (f) => {
      const value = object(f);
      if (value instanceof Map && !isMethod) {
        const found = value.get(name);
        if (found !== undefined) return typeof found === 'object' && found !== null ? f.c.access(found) : found;
      }
      return attributeOf(f.c, value, name, reference);
    };
  }

  item(node: Expression & { kind: 'item' }, names: LocalNames): Evaluator {
    const object = this.expression(node.object, names);
    const key = this.expression(node.key, names);
    const step = node.key.kind === 'constant' ? `[${toText(quoted(node.key.value))}]` : `[${pathOf(node.key)}]`;
    const reference = this.reference(node.object, step, node.at);
    return this.guarded(node.at, (f) => itemOf(f.c, object(f), key(f), reference));
  }

  /** Evaluators for the arguments of a call. */
  args(node: CallArguments, names: LocalNames): { args: (f: Frame) => Py[]; kwargs: (f: Frame) => Kwargs } {
    const plain = this.all(node.args, names);
    const named = node.kwargs.map(([name, value]) => [name, this.expression(value, names)] as const);
    const star = node.star && this.expression(node.star, names);
    const doubleStar = node.doubleStar && this.expression(node.doubleStar, names);
    return {
      args: star
        ? (f) => [...plain.map((arg) => arg(f)), ...f.c.list(star(f))]
        : plain.length === 1
          ? (f) => [plain[0]!(f)]
          : (f) => plain.map((arg) => arg(f)),
      kwargs: (f) => {
        if (named.length === 0 && !doubleStar) return NO_KWARGS;
        const made: Kwargs = new Map();
        for (const [name, value] of named) made.set(name, value(f));
        if (doubleStar) {
          const more = doubleStar(f);
          if (!(more instanceof Map)) fail(`\`**\` needs a dict, not '${typeName(more)}'`);
          for (const [key, value] of more) made.set(toText(key), f.c.access(value));
        }
        return made;
      },
    };
  }

  call(node: Expression & { kind: 'call' }, names: LocalNames): Evaluator {
    const isLookup = node.callee.kind === 'name' && /^(lookup|query|q)$/.test(node.callee.name);
    if (isLookup) this.checkLookup(node);
    const compiler: ExpressionCompiler = isLookup ? new ExpressionCompiler(this.place, this.tables, true) : this;
    const { args, kwargs } = compiler.args(node, names);
    const what = pathOf(node.callee);
    const place = this.at(node.at);
    if (node.callee.kind !== 'attribute') {
      const callee = this.expression(node.callee, names);
      return (f) => {
        const target = callee(f);
        const given = args(f);
        const namedArgs = kwargs(f);
        return attempt(place, () => callValue(f, target, given, namedArgs, what));
      };
    }
    const object = this.expression(node.callee.object, names);
    const { name } = node.callee;
    const reference = this.reference(node.callee.object, `.${name}`, node.callee.at);
    return (f) => {
      const self = object(f);
      const given = args(f);
      const namedArgs = kwargs(f);
      return attempt(place, () => {
        const found = methodOf(self, name);
        if (!found) return callValue(f, attributeOf(f.c, self, name, reference), given, namedArgs, what);
        return firstUndefined(given, namedArgs) ?? callMethod(f.c, self, found, given, namedArgs);
      });
    };
  }

  /** A lookup named in the source is known before anything runs. */
  checkLookup({ args: [name] }: CallArguments): void {
    if (name?.kind !== 'constant' || typeof name.value !== 'string') return;
    const short = shortName(name.value);
    if (short.includes('.') || EMBEDDED.test(short) || Object.hasOwn(lookups, short)) return;
    this.fail(`unknown lookup \`${name.value}\``, name.at, didYouMean(short, Object.keys(lookups)), {
      code: 'unknown-lookup',
      subject: name.value,
    });
  }

  filter(node: Expression & { kind: 'filter' }, names: LocalNames, input?: Evaluator): Evaluator {
    const definition = this.defined('filter', node.name, node.at) as FilterDefinition;
    const value = input ?? this.expression(node.value!, names);
    return this.invocation('filter', definition, node, value, names);
  }

  test(node: Expression & { kind: 'test' }, names: LocalNames): Evaluator {
    const definition = this.defined('test', node.name, node.at) as TestDefinition;
    return this.invocation('test', definition, node, this.expression(node.value, names), names);
  }

  /** Of a test that is written as a filter, and the reverse, how it is written. */
  #otherKind(kind: 'filter' | 'test', name: string): string | undefined {
    const others = kind === 'filter' ? this.tables.tests : this.tables.filters;
    if (!named(others as Table<FilterDefinition>[], name)) return undefined;
    return kind === 'filter'
      ? `\`${name}\` is a test: write \`value is ${name}\`, with its arguments in parentheses`
      : `\`${name}\` is a filter: write \`value | ${name}\``;
  }

  defined(kind: 'filter' | 'test', name: string, at: number): FilterDefinition | TestDefinition {
    const tables = kind === 'filter' ? this.tables.filters : this.tables.tests;
    const found = named(tables as Table<FilterDefinition>[], name);
    if (found) return found;
    const known = tables.flatMap((one) => [...(one?.keys() ?? [])]);
    const help = this.#otherKind(kind, name) ?? didYouMean(name, known);
    this.fail(`unknown ${kind} \`${name}\``, at, help, { code: `unknown-${kind}`, subject: name });
  }

  invocation(
    kind: 'filter' | 'test',
    definition: FilterDefinition | TestDefinition,
    node: Expression & CallArguments,
    value: Evaluator,
    names: LocalNames,
  ): Evaluator {
    const { args, kwargs } = this.args(node, names);
    if (!node.star && !node.doubleStar) this.checkArguments(kind, definition, node);
    const simple =
      node.args.length === 0 && node.kwargs.length === 0 && definition.params.every((p) => p.kind === 'plain');
    const defaults = simple && !node.star && !node.doubleStar ? definition.params.map((p) => p.value) : undefined;
    const { lazy, takesUndefined, run } = definition;
    const place = this.at(node.at);
    if (defaults !== undefined) {
      return (f) => {
        const input = value(f);
        if (input instanceof Undefined && !takesUndefined) return input;
        try {
          return run(f.c, lazy ? input : f.c.deep(input), ...defaults);
        } catch (error) {
          return captured(placed(error, place));
        }
      };
    }
    return (f) => {
      const input = value(f);
      let given = args(f);
      let namedArgs = kwargs(f);
      if (!takesUndefined) {
        const bad = input instanceof Undefined ? input : firstUndefined(given, namedArgs);
        if (bad) return bad;
      }
      return attempt(place, () => {
        if (!lazy) {
          given = given.map((arg) => f.c.deep(arg));
          if (namedArgs.size) namedArgs = new Map([...namedArgs].map(([key, arg]) => [key, f.c.deep(arg)]));
        }
        return run(f.c, lazy ? input : f.c.deep(input), ...bind(definition, kind, given, namedArgs));
      });
    };
  }

  /** Finds, before anything runs, arguments that do not fit the signature. */
  checkArguments(
    kind: 'filter' | 'test',
    definition: FilterDefinition | TestDefinition,
    node: Expression & CallArguments,
  ): void {
    const kwargs: Kwargs = new Map(node.kwargs.map(([name]) => [name, null]));
    try {
      bind(definition, kind, node.args, kwargs);
    } catch (error) {
      throw placed(error, this.at(node.at));
    }
  }
}
