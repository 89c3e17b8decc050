/**
 * The gate in front of each task: all that a strategy is. Hosts walk the play by themselves and ask here before each task.
 * `LinearGate` lets the earliest waiting task through, for every host that waits at it, once nobody is still walking;
 * `FreeGate` is always open.
 */
import type { Task } from '../../playbook/nodes.ts';
import type { Group, Path } from '../types.ts';

export interface Gate {
  readonly lockstep: boolean;
  enter(host: string): void;
  leave(host: string): void;
  /** Resolves when the host may run the task. */
  arrive(host: string, path: Path, task: Task): Promise<Group>;
}

interface GateWatch {
  /** All hosts' last results are known now; returns the waiting hosts that are turned away (they come through to be told). */
  settle(waiting: readonly string[]): string[];
  /** A group is let through to a task. */
  opening(task: Task, hosts: string[]): void;
  /** The order of hosts in a group: theirs in the play. */
  rank(host: string): number;
}

interface Waiting {
  host: string;
  path: Path;
  task: Task;
  open: (group: Group) => void;
}

export class LinearGate implements Gate {
  readonly lockstep = true;
  #walking = 0;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(private readonly watch: GateWatch) {}

  enter(): void {
    this.#walking++;
  }

  leave(): void {
    this.#walking--;
    this.#schedule();
  }

  arrive(host: string, path: Path, task: Task): Promise<Group> {
    return new Promise((open) => {
      this.#waiting.push({ host, path, task, open });
      this.#walking--;
      this.#schedule();
    });
  }

  /** Looks once the current turn of the event loop's micro-tasks is over: a host that was let go may arrive again at once. */
  #schedule(): void {
    if (this.#scheduled || this.#walking > 0 || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#walking === 0) this.#open();
    });
  }

  #open(): void {
    if (this.#waiting.length === 0) return;
    const away = new Set(this.watch.settle(this.#waiting.map((w) => w.host)));
    if (away.size > 0) {
      const turned = this.#waiting.filter((w) => away.has(w.host));
      this.#waiting = this.#waiting.filter((w) => !away.has(w.host));
      this.#walking += turned.length;
      for (const { task, host, open } of turned) open({ task, hosts: [host] });
      return;
    }
    let first = this.#waiting[0]!;
    for (const candidate of this.#waiting) {
      const order = comparePaths(candidate.path, first.path);
      if (order < 0 || (order === 0 && this.watch.rank(candidate.host) < this.watch.rank(first.host)))
        first = candidate;
    }
    const through: Waiting[] = [];
    const stay: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const same = waiting.task === first.task && comparePaths(waiting.path, first.path) === 0;
      (same ? through : stay).push(waiting);
    }
    through.sort((a, b) => this.watch.rank(a.host) - this.watch.rank(b.host));
    this.#waiting = stay;
    this.#walking += through.length;
    const hosts = through.map((w) => w.host);
    this.watch.opening(first.task, hosts);
    const group: Group = { task: first.task, hosts };
    for (const { open } of through) open(group);
  }
}

export class FreeGate implements Gate {
  readonly lockstep = false;
  /** Where each task was met: an include in a loop brings the same ones again. */
  #seen = new Map<Task, Path[]>();
  constructor(private readonly watch: GateWatch) {}
  enter(): void {}
  leave(): void {}
  arrive(host: string, path: Path, task: Task): Promise<Group> {
    const places = this.#seen.get(task) ?? [];
    if (!places.some((place) => comparePaths(place, path) === 0)) {
      this.#seen.set(task, [...places, path]);
      this.watch.opening(task, [host]);
    }
    return Promise.resolve({ task, hosts: [host] });
  }
}

const rank = (element: Path[number]): number => (typeof element === 'number' ? element : element.order);

/** Document order; a task comes before what it includes. */
export function comparePaths(a: Path, b: Path): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a[i]!) - rank(b[i]!);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
