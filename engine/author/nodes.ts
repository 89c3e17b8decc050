/**
 * Plays, blocks and tasks of a playbook in TypeScript, as its calls make them: plain records, which plays.ts turns into what
 * a YAML file would have held. They know nothing of the run.
 */
import type { CallSite } from './call_site.ts';
import type { Reference } from './templates.ts';

const KIND = Symbol.for('troupe.node');

interface Made<Kind extends string> {
  readonly [KIND]: { readonly kind: Kind };
}

/** An object of the user's, not yet looked at. */
export type Written = { readonly [key: string]: unknown };

export interface TaskParts {
  readonly kind: 'task';
  readonly site: CallSite;
  readonly module: string;
  readonly args: unknown;
  readonly keywords: Written;
}

export interface BlockParts {
  readonly kind: 'block';
  readonly site: CallSite;
  readonly nodes: unknown;
  readonly keywords: Written;
}

export interface RoleParts {
  readonly kind: 'role';
  readonly site: CallSite;
  readonly name: unknown;
  readonly params: Written;
  readonly keywords: Written;
}

export interface PlayParts {
  readonly kind: 'play';
  readonly site: CallSite;
  readonly hosts: unknown;
  readonly tasks: unknown;
  readonly keywords: Written;
  readonly sections: Written;
  /** Whether the call has an argument of keywords: for the places of the others. */
  readonly bare: boolean;
}

export interface ImportParts {
  readonly kind: 'import';
  readonly site: CallSite;
  readonly file: unknown;
  readonly keywords: Written;
}

/** A task. `result` refers to what it registers, in expressions and templates of later tasks. */
export interface TaskNode<Result> extends Made<'task'> {
  readonly result: Reference<Result>;
}
export type AnyTask = Made<'task'>;
export type BlockNode = Made<'block'>;
export type RoleEntry = Made<'role'>;
export type PlayNode = Made<'play'> | Made<'import'>;

/** What a list of tasks holds. */
export type TaskOrBlock = AnyTask | BlockNode;

/** Everything that a call can make. */
type Parts = TaskParts | BlockParts | RoleParts | PlayParts | ImportParts;

/** A record of what a call said. */
export function make<P extends Parts>(parts: P): Made<P['kind']> {
  return { [KIND]: parts };
}

/** What a call said, if one made this. */
export function partsOf(value: unknown): Parts | undefined {
  return typeof value === 'object' && value !== null ? (value as { [KIND]?: Parts })[KIND] : undefined;
}
