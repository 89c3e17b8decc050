/** What a playbook in TypeScript calls: play, playbook, block, role, task, imports. */
import { callSite } from './call_site.ts';
import type { ImperativePlay } from './host.ts';
import {
  type BlockNode,
  make,
  type PlayNode,
  type RoleEntry,
  type TaskNode,
  type TaskOrBlock,
  type Written,
} from './nodes.ts';
import { type Reference, reference } from './templates.ts';
import type {
  BlockKeywords,
  Data,
  ImportKeywords,
  Later,
  PlayKeywords,
  RoleKeywords,
  TaskKeywords,
  Vars,
} from './types.ts';

/** Tasks that a play has beside its own. */
export interface PlaySections {
  readonly handlers?: readonly TaskOrBlock[];
  readonly pre_tasks?: readonly TaskOrBlock[];
  readonly post_tasks?: readonly TaskOrBlock[];
}

type Hosts = string | Later | readonly (string | Later)[];
type Tasks = readonly TaskOrBlock[] | ImperativePlay;

/** A playbook: its plays in order. `export default playbook(...)`. */
export function playbook(...plays: readonly (PlayNode | readonly PlayNode[])[]): readonly PlayNode[] {
  return plays.flat();
}

/** A play: tasks for the hosts of a pattern, as a list, or as an async function of one host. */
export function play(hosts: Hosts, tasks: Tasks, sections?: PlaySections): PlayNode;
export function play(hosts: Hosts, keywords: PlayKeywords, tasks?: Tasks, sections?: PlaySections): PlayNode;
export function play(hosts: Hosts, ...rest: readonly unknown[]): PlayNode {
  const [first] = rest;
  const bare = Array.isArray(first) || typeof first === 'function';
  const [keywords, tasks, sections] = bare ? [{}, ...rest] : rest;
  return make({
    kind: 'play',
    site: callSite(play),
    hosts,
    keywords: (keywords ?? {}) as Written,
    tasks,
    sections: (sections ?? {}) as Written,
    bare,
  });
}

/** Tasks that share keywords; `rescue` runs when one of them failed, `always` in any case. */
export function block(nodes: readonly TaskOrBlock[], keywords: BlockKeywords = {}): BlockNode {
  return make({ kind: 'block', site: callSite(block), nodes, keywords: keywords as Written });
}

/** A role of a play, with parameters: `roles: [role('nginx', { port: 80 })]`. */
export function role(name: string | Later, params: Vars = {}, keywords: RoleKeywords = {}): RoleEntry {
  return make({ kind: 'role', site: callSite(role), name, params, keywords: keywords as Written });
}

/** The plays of another file, in YAML or in TypeScript. */
export function import_playbook(file: string, keywords: ImportKeywords = {}): PlayNode {
  return make({ kind: 'import', site: callSite(import_playbook), file, keywords: keywords as Written });
}

/** Tasks of a role or of a file that is included: `export default tasks(...)`. */
export function tasks(...nodes: readonly (TaskOrBlock | readonly TaskOrBlock[])[]): readonly TaskOrBlock[] {
  return nodes.flat();
}

/** A task of any module, by its name: one of the project's own, or of a package. */
export function task(
  module: string,
  args: Data = {},
  keywords: TaskKeywords = {},
): TaskNode<{ [key: string]: unknown }> {
  return taskOf(module, args, keywords as Written, task);
}

/** The function of a module, whose types its schema gives. */
export function moduleFunction(name: string): (args?: unknown, keywords?: Written) => TaskNode<unknown> {
  const makes = (args: unknown = {}, keywords: Written = {}) => taskOf(name, args, keywords, makes);
  return makes;
}

/** Variables with their types: `vars` of a play, and references to each of them. */
export function vars<const T extends Vars>(values: T): Variables<T> {
  const given = { ...values };
  return new Proxy(given, {
    get: (target, key) =>
      typeof key === 'string' && Object.hasOwn(target, key) ? reference(key) : Reflect.get(target, key),
    getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(target, key),
  }) as unknown as Variables<T>;
}

export type Variables<T> = { readonly [Name in keyof T]: Reference<Widened<T[Name]>> };
type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

let unnamed = 0;

function taskOf<Result>(
  module: string,
  args: unknown,
  keywords: Written,
  called: (...args: never[]) => unknown,
): TaskNode<Result> {
  const own: { [key: string]: unknown } = { ...keywords };
  const made = make({ kind: 'task', site: callSite(called), module, args, keywords: own });
  return Object.defineProperty(made, 'result', {
    get: () => {
      own['register'] ??= `_result_${++unnamed}`;
      return reference(String(own['register']));
    },
  }) as unknown as TaskNode<Result>;
}
