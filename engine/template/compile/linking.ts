/** Blocks, includes and imports: what a template has of other templates, as closures. */

import { TemplateError } from '../../errors.ts';
import type { Py } from '../../python/py.ts';
import type { Place } from '../../values.ts';
import { targetsIn } from '../grammar/references.ts';
import type { Statement, Target } from '../grammar/syntax.ts';
import { ExpressionCompiler } from './compiler.ts';
import { LocalNames } from './local_names.ts';
import type { Tables } from './operations.ts';
import type { BlockBody, Frame, Rendering } from './rendering.ts';

/** Runs a statement; 1 asks the loop to break, 2 to continue. */
export type Runner = (f: Frame, out: Py[]) => number;
export type Assign = (f: Frame, value: Py) => void;

/** What a template asks of other templates; the engine's index supplies it. */
export interface Linker {
  include(c: Rendering, name: Py, ignoreMissing: boolean, locals: Map<string, Py> | undefined, out: Py[]): void;
  module(c: Rendering, name: Py, locals: Map<string, Py> | undefined): Py;
  parent(c: Rendering, name: Py): Py;
}

/** Compiles what reaches beyond the template itself; statements and assignments are BodyCompiler's. */
export abstract class LinkingCompiler extends ExpressionCompiler {
  readonly blocks = new Map<string, BlockBody>();
  /** Whether the statements so far at the template's top named a parent: its own text is then left out. */
  protected extending = false;
  constructor(
    place: Place | undefined,
    tables: Tables,
    readonly linker: Linker,
  ) {
    super(place, tables);
  }

  abstract body(statements: Statement[], names: LocalNames, top?: boolean): Runner;
  abstract assign(target: Target, names: LocalNames, top: boolean): Assign;

  /** A body with names of its own. */
  inner(statements: Statement[], names: LocalNames, own: Iterable<string> = []): { names: LocalNames; run: Runner } {
    const inner = new LocalNames(names, [...own, ...targetsIn(statements)]);
    return { names: inner, run: this.body(statements, inner) };
  }

  block(node: Statement & { kind: 'block' }, names: LocalNames, top: boolean): Runner {
    const { name } = node;
    if (this.blocks.has(name)) this.fail(`the block \`${name}\` is defined twice`, node.at);
    const own = new LocalNames(undefined, ['super', 'self', ...targetsIn(node.body)]);
    this.blocks.set(name, () => {});
    const run = this.body(node.body, own);
    this.blocks.set(name, (c, out, index) => {
      if (node.required) throw new TemplateError(`the required block \`${name}\` is not filled`, this.at(node.at));
      const frame: Frame = { c, up: undefined, v: new Array(own.slots.size) };
      frame.v[0] = c.superBlock(name, index);
      frame.v[1] = c.selfBlocks();
      run(frame, out);
    });
    const visible = node.scoped ? this.visible(names) : undefined;
    const skip = top && this.extending;
    return (f, out) => {
      if (skip || (top && f.c.parent)) return 0;
      f.c.renderBlock(name, visible?.(f), out);
      return 0;
    };
  }

  /** The local variables at a place of the template, for templates it includes. */
  visible(names: LocalNames): (f: Frame) => Map<string, Py> {
    const known = new Set<string>();
    for (let n: LocalNames | undefined = names; n; n = n.up) for (const name of n.slots.keys()) known.add(name);
    const places = [...known].map((name) => [name, names.places(name)] as const);
    return (f) => {
      const found = new Map<string, Py>(f.c.overlay ?? []);
      for (const [name, value] of f.c.exports ?? []) found.set(name, value);
      for (const [name, where] of places) {
        for (const { depth, slot } of where) {
          let frame = f;
          for (let i = depth; i > 0; i--) frame = frame.up!;
          if (frame.v[slot] === undefined) continue;
          found.set(name, frame.v[slot]);
          break;
        }
      }
      return found;
    };
  }

  include(node: Statement & { kind: 'include' }, names: LocalNames): Runner {
    const template = this.expression(node.template, names);
    const visible = this.visible(names);
    const run = this.placedRunner(node.at, (f, out) => {
      this.linker.include(f.c, template(f), node.ignoreMissing, node.withContext ? visible(f) : undefined, out);
      return 0;
    });
    return run;
  }

  placedRunner(at: number, run: Runner): Runner {
    const place = this.at(at);
    return (f, out) => {
      try {
        return run(f, out);
      } catch (error) {
        if (error instanceof TemplateError && !error.place) throw new TemplateError(error.message, place, error.help);
        throw error;
      }
    };
  }

  import(node: Statement & { kind: 'import' | 'from' }, names: LocalNames, top: boolean): Runner {
    const template = this.expression(node.template, names);
    const visible = this.visible(names);
    const targets = (node.kind === 'import' ? [['', node.as] as const] : node.names).map(
      ([from, to]) => [from, this.assign({ kind: 'name', name: to, at: node.at }, names, top)] as const,
    );
    return this.placedRunner(node.at, (f) => {
      const module = this.linker.module(f.c, template(f), node.withContext ? visible(f) : undefined);
      for (const [from, assign] of targets) assign(f, from === '' ? module : module.exported(from));
      return 0;
    });
  }
}

/** A frame below another. */
export function below(up: Frame, names: LocalNames): Frame {
  return { c: up.c, up, v: new Array(names.slots.size) };
}

/** The names a target assigns. */
export function targetNames(target: Target): string[] {
  if (target.kind === 'tuple') return target.items.flatMap(targetNames);
  return target.kind === 'name' ? [target.name] : [];
}
