/** The words that the rooms of run/ share: what a task is run with, what comes of it, where a host is in a play. Types only. */
import type { AuthorError } from '../errors.ts';
import type { TaskResult } from '../events.ts';
import type { Effect, ModuleDefinition } from '../modules/define.ts';
import type { Block, Play, RoleUse, Scoped, Task } from '../playbook/nodes.ts';
import type { Dict, Place } from '../values.ts';
import type { VarScope } from '../vars/scope.ts';
import type { HostState } from './host_state.ts';
import type { Session } from './session.ts';

/** Variables that belong to a walk through an included file: its loop item. */
export interface Frame {
  readonly block: Block;
  readonly vars: Dict;
  readonly outer: Frame | undefined;
}

/** What of a play its scopes need. */
export interface PlayView {
  readonly play: Play;
  readonly name: string;
  /** All hosts of the play's pattern, and those that add_host made since. */
  readonly allHosts: string[];
  /** Hosts of the batch still in the play. */
  liveHosts(): string[];
  readonly batch: readonly string[];
  readonly promptVars: Dict;
  varsFiles(host: string): Dict[];
}

/** For whom and where a variable is asked. */
export interface Asked {
  readonly session: Session;
  readonly view: PlayView;
  readonly node: Scoped;
  readonly state: HostState;
  /** Another host's variables: those of the host that a task is delegated to. */
  hostScope(host: string): VarScope | undefined;
}

/** Everything that is the same for a task's items and attempts on a host. */
export interface TaskRun {
  /** Where it is in the play, for the record. */
  readonly place?: TaskPlace | undefined;
  /** What the run that this one resumes had done of it. */
  readonly earlier?: Earlier | undefined;
  readonly session: Session;
  readonly view: PlayView;
  readonly task: Task;
  readonly state: HostState;
  readonly frame: Frame | undefined;
  readonly name: string;
  readonly definition: ModuleDefinition | undefined;
  /** Why there is none, of a task that has a module: it is nowhere, or cannot be used here. */
  readonly unusable?: AuthorError | undefined;
  /** What the task sees on this host, without a loop's item. */
  readonly scope: VarScope;
}

/** A task's place in the play, the same in a run that resumes this one: what it looks like, and for which time the host meets it. */
export interface TaskPlace {
  readonly key: string;
  readonly time: number;
  readonly task: Task;
  /** It is part of the playbook before any of it runs, and no include brings it. */
  readonly known: boolean;
}

/** What an earlier run had done of a task that it did not bring to its end. */
export interface Earlier {
  /** An attempt had begun: what it did is not known. Taken back once it was asked for. */
  open: boolean;
  /** It had come to its end, and this is all that is known of it: whether it had changed something. */
  readonly changed?: boolean;
  /** Items of its loop that are done. */
  readonly items: ReadonlyMap<number, Outcome>;
}

/** An include that a task asks for: the walk goes on in it. */
export interface IncludeRequest {
  args: Dict;
  vars: Dict;
  item: number;
  /** The item as shown, of a loop. */
  label?: string;
  /** An earlier run had come to it. */
  replayed?: boolean;
}

/** What a task does to hosts and to the run: what its module asked for, and the facts that it found. */
export type HostEffect = (Effect | { type: 'facts'; values: Dict }) & {
  /** The host that it is for where that is not the task's own: `delegate_facts`. */
  host?: string;
};

/**
 * What came of a task on a host, and all that it does to hosts. A plain record, without references into the run: effects.ts
 * applies it, to one host or for `run_once` to every host of the batch, and could apply one that was kept from another run.
 */
export interface Outcome {
  result: TaskResult;
  /** What `register` stores. */
  registered: Dict;
  /** In the order in which they came about; of a loop those of all items. */
  effects: readonly HostEffect[];
  includes: IncludeRequest[];
  delegatedTo?: string;
  /** In a plan: what comes of it only a real run can know, and why. */
  unknown?: Unknown;
  /** Of a loop: how many items had a result. */
  items?: number;
  /** Warnings of the module that were reported already; `registered` has them too. */
  warned?: readonly string[];
  /** The arguments as the module got them; of a loop there are none. */
  args?: Dict;
  /** Names of handlers to run if something changed; of all items of a loop if one of them did. */
  notify?: string[];
}

/** What of a task is known only in a real run. */
export interface Unknown {
  why: string;
  place: Place | undefined;
  /** Names of variables that it would have set. */
  names: readonly string[];
}

/** Place in the play: indexes from the outside in. An element may be an object whose order is only known when all have come. */
export type Path = readonly (number | { order: number })[];

/** The hosts that were let through to one task together. */
export interface Group {
  readonly task: Task;
  readonly hosts: readonly string[];
  /** run_once: the outcome of the first host, for the others. */
  shared?: Promise<Outcome>;
}

/** Where a host is between blocks. */
export interface Standing {
  frame: Frame | undefined;
  /** An enclosing `rescue` will take up a failure here. */
  rescuable: boolean;
  /** An enclosing `always` will run after a failure here. */
  followed: boolean;
  /** Inside a rescue or always section: other hosts' failures do not end it. */
  sheltered: boolean;
  /** A role that has run already: its own tasks are passed by. */
  passed?: RoleUse | undefined;
}
