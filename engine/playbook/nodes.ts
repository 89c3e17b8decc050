/** The playbook after loading: a tree. keyword.ts looks keywords up through `parent`; nothing is copied down. */
import type { Finding } from '../errors.ts';
import type { Dict, Place, Template, Value } from '../values.ts';
import type { Body } from './bodies.ts';

/** Anything that carries keywords. */
export interface Scoped {
  readonly kind: 'play' | 'block' | 'task';
  /** Its own keywords, as written. */
  readonly own: Dict;
  readonly parent: Scoped | undefined;
  readonly place: Place | undefined;
  /** The use of a role that this belongs to. */
  readonly role: RoleUse | undefined;
}

export interface Role {
  /** As it is shown: as written, or with the collection that it is of. */
  readonly name: string;
  readonly collection: string;
  /** The name without the collection. */
  readonly shortName: string;
  readonly path: string;
  readonly defaults: Dict;
  readonly vars: Dict;
  readonly allowDuplicates: boolean;
  /** Argument specs by entry point (meta/argument_specs.yml). */
  readonly argumentSpecs: Dict | undefined;
}

/** A role where it is used: with parameters, perhaps as a dependency of another. */
export interface RoleUse {
  readonly role: Role;
  readonly params: Dict;
  /** `vars` of the entry in `roles:`; the role's own, not visible to the rest of the play. */
  readonly vars: Dict;
  /** The use that depends on or includes this one, and so on outwards. */
  readonly parent: RoleUse | undefined;
  /** vars and defaults visible to the rest of the play. */
  readonly public: boolean;
  /** Used by include_role or import_role, not by `roles:` or a dependency. */
  readonly included: boolean;
  /** Same role with same parameters: runs once for each host unless duplicates are allowed. */
  readonly key: string;
  /** Which of its files of tasks is used. */
  readonly tasksFrom: string;
  /** Roles that this one depends on, and those that they depend on: the last one, whose variables are the strongest, first. */
  readonly dependencies: RoleUse[];
}

export interface Play extends Scoped {
  readonly kind: 'play';
  readonly file: string;
  readonly directory: string;
  readonly name: string;
  /** pre_tasks, roles and tasks, post_tasks: handlers are flushed after each. */
  readonly sections: readonly (readonly Node[])[];
  /** Those of the play, and those that its roles add. */
  readonly handlers: Node[];
  readonly roles: readonly RoleUse[];
}

export interface Block extends Scoped {
  readonly kind: 'block';
  /** What made it: a written block, a static import, a role. */
  readonly from: 'block' | 'import_tasks' | 'include' | 'role';
  readonly block: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
  /** Of a play that is a function: what runs in the place of `block`. */
  readonly body?: Body | undefined;
  /** First block of a role's use: the place where "has run already" is decided. */
  readonly roleStart: boolean;
}

export interface Task extends Scoped {
  readonly kind: 'task';
  readonly id: string;
  readonly file: string;
  /** The module's name as written, or a word of the language: include_tasks, include_role, meta. */
  readonly action: string;
  /** As written: a dict, or a text (`command: ls -l`, `copy: src=a dest=b`). */
  readonly args: Value;
  readonly actionPlace: Place | undefined;
  readonly loop: { kind: string; value: Value; place: Place | undefined } | undefined;
  readonly handler: boolean;
  readonly listen: readonly Value[];
  /** Folder that relative file names of include_tasks start from. */
  readonly directory: string;
  /** `action: "{{ name }} ..."`: the module is chosen by a template, for each host. */
  readonly chosen?: Template;
  /** Why it cannot be run: there is no such module here. It fails with this when it is reached. */
  readonly missing?: Finding;
  /** What an include with a plain name will bring, read before the run to be checked. */
  readonly ahead?: Ahead;
}

/** Tasks of a file that the run will include, and what is wrong with the file. */
export interface Ahead {
  readonly nodes: readonly Node[];
  readonly findings: readonly Finding[];
}

export type Node = Block | Task;

/** A keyword that may be one value or a list, as a list. */
export function asList(value: Value | undefined): Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Every task below some nodes, in document order. */
export function* tasksIn(nodes: readonly Node[]): Generator<Task> {
  for (const node of nodes) {
    if (node.kind === 'task') yield node;
    else {
      yield* tasksIn(node.block);
      yield* tasksIn(node.rescue);
      yield* tasksIn(node.always);
    }
  }
}
