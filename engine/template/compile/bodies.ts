/** Statements to closures: each writes its output to a list and says whether a loop is to break or continue. */

import { TemplateError } from '../../errors.ts';
import { toList } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { truthy } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import { referencesIn, targetsIn } from '../grammar/references.ts';
import type { Expression, Signature, Statement, Target } from '../grammar/syntax.ts';
import { Namespace } from '../objects.ts';
import { type Assign, below, LinkingCompiler, type Runner, targetNames } from './linking.ts';
import { LocalNames } from './local_names.ts';
import { LoopState } from './loop.ts';
import { macroOf } from './macros.ts';
import type { Evaluator } from './operations.ts';
import type { Frame } from './rendering.ts';

/** Compiles statements and the bodies made of them. */
export class BodyCompiler extends LinkingCompiler {
  /** A list of statements, run in order. */
  body(statements: Statement[], names: LocalNames, top = false): Runner {
    const runners = statements.map((statement) => this.statement(statement, names, top));
    if (runners.length === 1) return runners[0]!;
    return (f, out) => {
      for (const run of runners) {
        const signal = run(f, out);
        if (signal !== 0) return signal;
      }
      return 0;
    };
  }

  statement(node: Statement, names: LocalNames, top: boolean): Runner {
    switch (node.kind) {
      case 'text': {
        const { text } = node;
        if (top && this.extending) return () => 0;
        return (_f, out) => {
          out.push(text);
          return 0;
        };
      }
      case 'output': {
        if (top && this.extending) return () => 0;
        const value = this.expression(node.value, names);
        return (f, out) => {
          out.push(value(f));
          return 0;
        };
      }
      case 'do': {
        const value = this.expression(node.value, names);
        return (f) => {
          const result = value(f);
          if (result instanceof Undefined) result.trip();
          return 0;
        };
      }
      case 'set': {
        const value = this.expression(node.value, names);
        const assign = this.assign(node.target, names, top);
        return (f) => {
          assign(f, value(f));
          return 0;
        };
      }
      case 'if':
        return this.if(node, names, top);
      case 'for':
        return this.for(node, names);
      case 'break':
        return () => 1;
      case 'continue':
        return () => 2;
      default:
        return this.larger(node, names, top);
    }
  }

  larger(node: Statement, names: LocalNames, top: boolean): Runner {
    switch (node.kind) {
      case 'setBlock':
        return this.setBlock(node, names, top);
      case 'filterBlock': {
        const { names: inner, run } = this.inner(node.body, names);
        const filtered = this.filterChain(node.filter, inner, run);
        return (f, out) => {
          out.push(filtered(f));
          return 0;
        };
      }
      case 'with':
        return this.with(node, names);
      case 'scope': {
        const { names: inner, run } = this.inner(node.body, names);
        return (f, out) => run(below(f, inner), out);
      }
      case 'macro':
        return this.macro(node, names, top);
      case 'callBlock':
        return this.callBlock(node, names);
      case 'block':
        return this.block(node, names, top);
      case 'extends': {
        const parent = this.expression(node.template, names);
        if (top) this.extending = true;
        return (f, out) => {
          if (f.c.parent) fail('extended multiple times');
          f.c.parentMark = out.length;
          f.c.parent = this.linker.parent(f.c, parent(f));
          return 0;
        };
      }
      case 'include':
        return this.include(node, names);
      case 'import':
      case 'from':
        return this.import(node, names, top);
      default:
        return fail(`no such statement: ${node.kind}`);
    }
  }

  assign(target: Target, names: LocalNames, top: boolean): Assign {
    if (target.kind === 'name') {
      const slot = names.add(target.name);
      const { name } = target;
      if (!top) {
        return (f, value) => {
          f.v[slot] = value;
        };
      }
      return (f, value) => {
        f.v[slot] = value;
        f.c.exports?.set(name, value);
      };
    }
    if (target.kind === 'field') {
      const namespace = this.name(target.name, target.at, names);
      return (f, value) => {
        const object = namespace(f);
        if (object instanceof Undefined) object.trip();
        if (!(object instanceof Namespace)) {
          throw new TemplateError(
            'cannot assign attribute on non-namespace object',
            this.at(target.at),
            'only a `namespace()` has attributes that `set` can change',
          );
        }
        object.fields.set(target.field, value);
      };
    }
    const parts = target.items.map((item) => this.assign(item, names, top));
    return (f, value) => {
      const items = toList(value);
      if (items.length !== parts.length) {
        const problem = items.length > parts.length ? 'too many' : 'not enough';
        throw new TemplateError(
          `${problem} values to unpack (expected ${parts.length}, got ${items.length})`,
          this.at(target.at),
        );
      }
      parts.forEach((assign, i) => {
        assign(f, f.c.access(items[i]));
      });
    };
  }

  if(node: Statement & { kind: 'if' }, names: LocalNames, top: boolean): Runner {
    const branches = node.branches.map(
      ([test, body]) => [this.expression(test, names), this.body(body, names, top)] as const,
    );
    const otherwise = this.body(node.otherwise, names, top);
    return (f, out) => {
      for (const [test, run] of branches) if (truthy(test(f))) return run(f, out);
      return otherwise(f, out);
    };
  }

  for(node: Statement & { kind: 'for' }, names: LocalNames): Runner {
    const list = this.expression(node.list, names);
    const inner = new LocalNames(names, ['loop', ...targetNames(node.target), ...targetsIn(node.body)]);
    const assign = this.assign(node.target, inner, false);
    const test = node.test && this.expression(node.test, inner);
    const run = this.body(node.body, inner);
    const outer = new LocalNames(names, targetsIn(node.otherwise));
    const otherwise = this.body(node.otherwise, outer);
    const place = this.at(node.list.at);
    const needsLoop = node.recursive || referencesIn(node.body).has('loop');
    const iterate = (f: Frame, source: Py, depth: number, out: Py[]): void => {
      let items: Py[];
      try {
        items = f.c.list(source);
      } catch (error) {
        if (error instanceof TemplateError && !error.place) throw new TemplateError(error.message, place, error.help);
        throw error;
      }
      if (test) {
        items = items.filter((item) => {
          const frame = below(f, inner);
          assign(frame, item);
          return truthy(test(frame));
        });
      }
      if (items.length === 0) {
        otherwise(below(f, outer), out);
        return;
      }
      const again = (more: Py, deeper: number) => {
        if (more instanceof Undefined) more.trip();
        return f.c.collected((parts) => iterate(f, more, deeper, parts));
      };
      const loop = needsLoop ? new LoopState(items, depth, node.recursive ? again : undefined) : undefined;
      for (const item of items) {
        const frame = below(f, inner);
        if (loop) {
          loop.index0++;
          frame.v[0] = loop;
        }
        assign(frame, item);
        if (run(frame, out) === 1) break;
      }
    };
    return (f, out) => {
      iterate(f, list(f), 0, out);
      return 0;
    };
  }

  setBlock(node: Statement & { kind: 'setBlock' }, names: LocalNames, top: boolean): Runner {
    const { names: inner, run } = this.inner(node.body, names);
    const value = node.filter
      ? this.filterChain(node.filter, inner, run)
      : (f: Frame) => f.c.collected((out) => run(below(f, inner), out));
    const assign = this.assign(node.target, names, top);
    return (f) => {
      assign(f, value(f));
      return 0;
    };
  }

  /** Filters without an input of their own, applied to what a body writes. */
  filterChain(node: Expression, names: LocalNames, run: Runner): Evaluator {
    if (node.kind !== 'filter') fail('expected a filter');
    const input = node.value
      ? this.filterChain(node.value, names, run)
      : (f: Frame) => f.c.collected((out) => run(f, out));
    const apply = this.filter(node, names, input);
    return node.value ? apply : (f) => apply(below(f, names));
  }

  with(node: Statement & { kind: 'with' }, names: LocalNames): Runner {
    const values = node.values.map((value) => this.expression(value, names));
    const { names: inner, run } = this.inner(node.body, names, node.targets.flatMap(targetNames));
    const assigns = node.targets.map((target) => this.assign(target, inner, false));
    return (f, out) => {
      const frame = below(f, inner);
      assigns.forEach((assign, i) => {
        assign(frame, values[i]!(f));
      });
      return run(frame, out);
    };
  }

  signature(node: Signature & { body: Statement[] }, names: LocalNames, name: string) {
    const used = referencesIn(node.body);
    const { names: inner, run } = this.inner(node.body, names, [...node.params, 'caller', 'varargs', 'kwargs']);
    const defaults = node.defaults.map((value) => this.expression(value, inner));
    return macroOf({ name, params: node.params, defaults, used, names: inner, run });
  }

  macro(node: Statement & { kind: 'macro' }, names: LocalNames, top: boolean): Runner {
    const make = this.signature(node, names, node.name);
    const assign = this.assign({ kind: 'name', name: node.name, at: node.at }, names, top);
    return (f) => {
      assign(f, make(f));
      return 0;
    };
  }

  callBlock(node: Statement & { kind: 'callBlock' }, names: LocalNames): Runner {
    if (node.call.kind !== 'call') fail('expected a call');
    const make = this.signature(node, names, 'caller');
    const inner = new LocalNames(names, [' caller']);
    const caller: Expression = { kind: 'name', name: ' caller', at: node.at };
    const value = this.expression({ ...node.call, kwargs: [...node.call.kwargs, ['caller', caller]] }, inner);
    return (f, out) => {
      const frame = below(f, inner);
      frame.v[0] = make(f);
      out.push(value(frame));
      return 0;
    };
  }
}
