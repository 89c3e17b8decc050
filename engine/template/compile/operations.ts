/** Operators, comparisons and inline ifs to closures. */

import { type Finding, TemplateError, UndefinedError } from '../../errors.ts';
import { binary, compare, unary } from '../../python/operators.ts';
import type { Py } from '../../python/py.ts';
import { toText } from '../../python/text.ts';
import { truthy } from '../../python/types.ts';
import { fail, Undefined } from '../../python/undefined.ts';
import type { Place } from '../../values.ts';
import { placeIn } from '../grammar/lexer.ts';
import type { Expression } from '../grammar/syntax.ts';
import { placed } from './calls.ts';
import type { FilterDefinition, Table, TestDefinition } from './definitions.ts';
import type { LocalNames } from './local_names.ts';
import type { Frame } from './rendering.ts';

export type Evaluator = (f: Frame) => Py;

export interface Tables {
  filters: (Table<FilterDefinition> | undefined)[];
  tests: (Table<TestDefinition> | undefined)[];
}

/** Compiles what works on the values of other expressions. */
export abstract class OperationCompiler {
  constructor(
    readonly place: Place | undefined,
    readonly tables: Tables,
    /** Ansible renders templates inside the constants of a bare condition. */
    readonly embedded = false,
  ) {}

  at(offset: number): Place | undefined {
    return placeIn(this.place, offset);
  }

  fail(message: string, at: number, help?: string, about?: Pick<Finding, 'code' | 'subject'>): never {
    throw new TemplateError(message, this.at(at), help, about);
  }

  /** Any expression; what an operation is made of may be one. */
  abstract expression(node: Expression, names: LocalNames): Evaluator;

  operation(node: Expression, names: LocalNames): Evaluator {
    switch (node.kind) {
      case 'unary': {
        const operand = this.expression(node.operand, names);
        const { operator } = node;
        if (operator === 'not') return (f) => !truthy(operand(f));
        return this.guarded(node.at, (f) => unary(operator, operand(f)));
      }
      case 'binary': {
        const left = this.expression(node.left, names);
        const right = this.expression(node.right, names);
        const { operator } = node;
        return this.guarded(node.at, (f) => {
          const a = left(f);
          const b = right(f);
          if (operator === '%' && typeof a === 'string') return binary('%', a, f.c.deep(b));
          return binary(operator, a, b);
        });
      }
      case 'logic': {
        const left = this.expression(node.left, names);
        const right = this.expression(node.right, names);
        if (node.operator === 'and') {
          return (f) => {
            const value = left(f);
            return truthy(value) ? right(f) : value;
          };
        }
        return (f) => {
          const value = left(f);
          return truthy(value) ? value : right(f);
        };
      }
      case 'compare':
        return this.compare(node, names);
      case 'concat': {
        const parts = this.all(node.parts, names);
        return (f) => {
          let text = '';
          for (const part of parts) text += toText(f.c.deep(part(f)));
          return text;
        };
      }
      case 'choice':
        return this.choice(node, names);
      default:
        return fail(`no such expression: ${node.kind}`);
    }
  }

  all(nodes: Expression[], names: LocalNames): Evaluator[] {
    return nodes.map((node) => this.expression(node, names));
  }

  guarded(at: number, run: Evaluator): Evaluator {
    const place = this.at(at);
    return (f) => {
      try {
        return run(f);
      } catch (error) {
        throw placed(error, place);
      }
    };
  }

  compare(node: Expression & { kind: 'compare' }, names: LocalNames): Evaluator {
    const first = this.expression(node.first, names);
    const rest = node.rest.map(([operator, operand]) => [operator, this.expression(operand, names)] as const);
    return this.guarded(node.at, (f) => {
      let left = f.c.deep(first(f));
      for (const [operator, operand] of rest) {
        const right = f.c.deep(operand(f));
        if (!compare(operator, left, right)) return false;
        left = right;
      }
      return true;
    });
  }

  choice(node: Expression & { kind: 'choice' }, names: LocalNames): Evaluator {
    const test = this.expression(node.test, names);
    const then = this.expression(node.then, names);
    const otherwise = node.otherwise && this.expression(node.otherwise, names);
    const place = this.at(node.at);
    const none = () =>
      new Undefined(
        '',
        () =>
          new UndefinedError(
            'the inline if was false and has no else',
            '',
            place,
            'add `else` with the value to use',
            true,
          ),
        false,
        true,
      );
    return (f) => (truthy(test(f)) ? then(f) : otherwise ? otherwise(f) : none());
  }
}
