/** What the run knows of a host, for everybody to read. task/effects.ts alone writes it. */
import type { HostRecap } from '../events.ts';
import type { Task } from '../playbook/nodes.ts';
import type { Dict, Value } from '../values.ts';

export interface HostState {
  readonly name: string;
  /** `ansible_facts`: names without their prefix `ansible_`. */
  readonly facts: ReadonlyMap<Value, Value>;
  /** The same as variables, under the names that modules gave them: `ansible_os_family`, `packages`. */
  readonly factVars: ReadonlyMap<Value, Value>;
  /** set_fact and register. */
  readonly variables: ReadonlyMap<Value, Value>;
  readonly includedVars: ReadonlyMap<Value, Value>;
  readonly recap: Readonly<HostRecap>;
  /** The facts come from an earlier run, or were gathered in this one: `gathering: smart` asks no more. */
  readonly cached: boolean;
  /** Name of the task that the host came to last. */
  readonly reached: string;

  // Of the current play:
  /** Names that tasks notified since the last flush, and the handlers that are to run in this one. */
  readonly notifications: ReadonlySet<string>;
  readonly notified: ReadonlySet<Task>;
  /** Roles of which a task has run, and those that are over: a role whose tasks were all skipped is as good as new. */
  readonly begunRoles: ReadonlySet<string>;
  readonly completedRoles: ReadonlySet<string>;
  readonly failed: boolean;
  readonly unreachable: boolean;
  readonly ended: boolean;
  /** Neither failed, unreachable nor ended. */
  readonly active: boolean;
}

/** The state itself, for its one writer. */
export class HostRecord implements HostState {
  readonly facts: Dict = new Map();
  readonly factVars: Dict = new Map();
  readonly variables: Dict = new Map();
  readonly includedVars: Dict = new Map();
  readonly recap: HostRecap = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
  readonly notifications = new Set<string>();
  readonly notified = new Set<Task>();
  readonly begunRoles = new Set<string>();
  readonly completedRoles = new Set<string>();
  cached = false;
  reached = '';
  failed = false;
  unreachable = false;
  ended = false;

  constructor(readonly name: string) {}

  get active(): boolean {
    return !this.failed && !this.unreachable && !this.ended;
  }
}
