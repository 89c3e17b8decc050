/** Which hosts, tasks and results the filters leave, and in which order. */
import { type PageRun, STATUSES } from './page_run.ts';
import type { Look } from './url_state.ts';

/** The results of each cell of the matrix; of a task that ran twice on a host (a loop of includes, a handler) the last. */
export class Index {
  readonly #cells = new Map<number, number>();
  readonly byHost: number[][];
  readonly byTask: number[][];
  readonly itemsOf = new Map<number, number[]>();

  constructor(readonly run: PageRun) {
    this.byHost = run.hosts.map(() => []);
    this.byTask = run.tasks.map(() => []);
    run.task.forEach((task, result) => {
      const host = run.host[result]!;
      this.#cells.set(task * run.hosts.length + host, result);
      this.byHost[host]!.push(result);
      this.byTask[task]!.push(result);
    });
    run.items.forEach(([result], item) => {
      const items = this.itemsOf.get(result);
      if (items) items.push(item);
      else this.itemsOf.set(result, [item]);
    });
  }

  cell(task: number, host: number): number | undefined {
    return this.#cells.get(task * this.run.hosts.length + host);
  }

  /** How many results of each status; of one host or task, or of all. */
  counts(results: readonly number[] = this.run.status.map((_, index) => index)): number[] {
    const counts = STATUSES.map(() => 0);
    for (const result of results) counts[this.run.status[result]!]!++;
    return counts;
  }

  /** The most urgent status of some results; that of nothing is beyond all. */
  worst(results: readonly number[]): number {
    return results.reduce((worst, result) => Math.min(worst, this.run.status[result]!), STATUSES.length);
  }
}

export interface Selection {
  hosts: number[];
  tasks: number[];
  /** Whether a result is of a status that is asked for, and holds the text. */
  matches(result: number): boolean;
}

export function select(index: Index, look: Look): Selection {
  const { run } = index;
  const words = look.text.toLowerCase().split(/\s+/).filter(Boolean);
  const statuses = new Set(look.status.map((name) => STATUSES.indexOf(name as (typeof STATUSES)[number])));
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const taskText = run.tasks.map((task) => `${task.name} ${task.action} ${task.role ?? ''} ${task.path}`);
  const matches = (result: number): boolean => {
    if (statuses.size > 0 && !statuses.has(run.status[result]!)) return false;
    if (words.length === 0) return true;
    return has(`${run.hosts[run.host[result]!]} ${taskText[run.task[result]!]} ${run.details[run.detail[result]!]}`);
  };
  const taskFits = run.tasks.map(
    (task) => (look.role === '' || task.role === look.role) && (look.tag === '' || task.tags.includes(look.tag)),
  );
  const group = look.group === '' ? undefined : new Set(run.groups[look.group] ?? []);
  const narrow = words.length > 0 || statuses.size > 0;
  const fits = (results: readonly number[]) => results.some((r) => taskFits[run.task[r]!] && matches(r));
  const hosts = run.hosts
    .map((_, host) => host)
    .filter((host) => (!group || group.has(host)) && (!narrow || fits(index.byHost[host]!)));
  const tasks = run.tasks
    .map((_, task) => task)
    .filter((task) => taskFits[task] && (!narrow || index.byTask[task]!.some(matches)));
  // Hosts in trouble first; the order of the inventory among equals.
  const worst = new Map(hosts.map((host) => [host, Math.min(index.worst(index.byHost[host]!), 4)]));
  return { hosts: hosts.sort((a, b) => worst.get(a)! - worst.get(b)! || a - b), tasks, matches };
}

/** The detail of a result, parsed. */
export function detailOf(run: PageRun, detail: number): import('./page_run.ts').Detail {
  return JSON.parse(run.details[detail]!);
}

export function seconds(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')} s`;
}
