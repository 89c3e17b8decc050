/** What the run knows of a host. Written only by run/ when it applies a result; everybody else reads. */

import type { HostRecap, TaskResult } from '../events.ts';
import type { Task } from '../playbook/nodes.ts';
import type { Dict } from '../values.ts';
import { isRestricted } from '../vars/restricted.ts';

export class HostState {
  /** `ansible_facts`: names without their prefix `ansible_`. */
  readonly facts: Dict = new Map();
  /** The same as variables, under the names that modules gave them: `ansible_os_family`, `packages`. */
  readonly factVars: Dict = new Map();
  /** set_fact and register. */
  readonly variables: Dict = new Map();
  readonly includedVars: Dict = new Map();
  readonly recap: HostRecap = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
  /** The facts come from an earlier run, or were gathered in this one: `gathering: smart` asks no more. */
  cached = false;
  /** Name of the task that the host came to last. */
  reached = '';

  // Of the current play:
  /** Names that tasks notified since the last flush, and the handlers that are to run in this one. */
  readonly notifications = new Set<string>();
  readonly notified = new Set<Task>();
  readonly completedRoles = new Set<string>();
  failed = false;
  unreachable = false;
  ended = false;
  lastResult: TaskResult | undefined;

  constructor(readonly name: string) {}

  /** Forgets what belongs to one play. */
  startPlay(): void {
    this.notifications.clear();
    this.notified.clear();
    this.completedRoles.clear();
    this.ended = false;
  }

  /**
   * Facts are in `ansible_facts` without their prefix, and variables under the name that the module gave. Names that say how to
   * connect, or what the run is, never become variables: the host chose them. Returns those names.
   */
  addFacts(facts: Dict): string[] {
    const refused: string[] = [];
    for (const [key, value] of facts) {
      const name = String(key);
      const short = name.startsWith('ansible_') && name !== 'ansible_local' ? name.slice('ansible_'.length) : name;
      this.facts.set(short, value);
      if (isRestricted(name)) refused.push(name);
      else this.factVars.set(name, value);
    }
    return refused;
  }

  forgetFacts(): void {
    this.facts.clear();
    this.factVars.clear();
  }

  get active(): boolean {
    return !this.failed && !this.unreachable && !this.ended;
  }
}
