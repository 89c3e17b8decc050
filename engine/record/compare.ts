/** What differs between two runs: tasks that only one of them has, results, and how long they took. */
import type { RunEvent, TaskInfo, TaskResult } from '../events.ts';
import type { Json } from '../values.ts';

export interface Difference {
  task: Pick<TaskInfo, 'name' | 'path' | 'role'>;
  /** Hosts on which only the first run, or only the second, came to the task. */
  onlyA: string[];
  onlyB: string[];
  results: { host: string; a: string; b: string; values: ValueChange[] }[];
  /** Seconds of the slowest host, where they differ by more than a second and by a half. */
  duration?: { a: number; b: number };
}

interface ValueChange {
  name: string;
  a: string | undefined;
  b: string | undefined;
}

interface Seen {
  task: TaskInfo;
  results: Map<string, TaskResult>;
}

/** Keys of results that are another in each run. */
const PASSING = new Set([
  'start',
  'end',
  'delta',
  'ansible_job_id',
  'results_file',
  'invocation',
  'elapsed',
  'attempts',
]);

/** Compares two streams of events. Tasks are the same by their names and modules, whatever their lines. */
export function compareRuns(a: Iterable<RunEvent>, b: Iterable<RunEvent>): Difference[] {
  const before = resultsIn(a);
  const after = resultsIn(b);
  const found: Difference[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const difference = differenceOf(before.get(key), after.get(key));
    if (difference) found.push(difference);
  }
  return found;
}

function resultsIn(events: Iterable<RunEvent>): Map<string, Seen> {
  const tasks = new Map<string, Seen>();
  const times = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'task:result') continue;
    const { task, host, result } = event;
    const look = `${task.role ?? ''} ${task.name} ${task.action}`;
    const time = (times.get(`${look} ${host}`) ?? 0) + 1;
    times.set(`${look} ${host}`, time);
    const key = `${look} ${time}`;
    const seen = tasks.get(key) ?? { task, results: new Map<string, TaskResult>() };
    seen.results.set(host, result);
    tasks.set(key, seen);
  }
  return tasks;
}

function differenceOf(a: Seen | undefined, b: Seen | undefined): Difference | undefined {
  const { name, path, role } = (b ?? a)!.task;
  const inA = a?.results ?? new Map<string, TaskResult>();
  const inB = b?.results ?? new Map<string, TaskResult>();
  const difference: Difference = {
    task: role === undefined ? { name, path } : { name, path, role },
    onlyA: [...inA.keys()].filter((host) => !inB.has(host)).sort(),
    onlyB: [...inB.keys()].filter((host) => !inA.has(host)).sort(),
    results: [],
  };
  for (const [host, was] of inA) {
    const is = inB.get(host);
    if (!is) continue;
    const values = changesOf(was, is);
    if (shown(was) !== shown(is) || values.length > 0)
      difference.results.push({ host, a: shown(was), b: shown(is), values });
  }
  const slowest = (results: Map<string, TaskResult>) => Math.max(0, ...[...results.values()].map((r) => r.duration));
  const took = { a: slowest(inA), b: slowest(inB) };
  const apart = Math.abs(took.a - took.b);
  if (a && b && apart > 1 && apart > Math.max(took.a, took.b) / 3) difference.duration = took;
  const { onlyA, onlyB, results, duration } = difference;
  return onlyA.length + onlyB.length + results.length > 0 || duration ? difference : undefined;
}

function shown({ status, ignored, rescued }: TaskResult): string {
  return ignored ? `${status} (ignored)` : rescued ? `${status} (rescued)` : status;
}

function changesOf(a: TaskResult, b: TaskResult): ValueChange[] {
  const names = new Set([...Object.keys(a.values), ...Object.keys(b.values)]);
  const changes: ValueChange[] = [];
  for (const name of names) {
    // Lines are beside the text that they are of; how it went has been said.
    if (PASSING.has(name) || name.endsWith('_lines') || name === 'changed' || name === 'failed') continue;
    const was = text(a.values[name]);
    const is = text(b.values[name]);
    if (was !== is) changes.push({ name, a: was, b: is });
  }
  return changes;
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : value === undefined ? undefined : JSON.stringify(withoutPassing(value));

function withoutPassing(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutPassing);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (PASSING.has(name) ? [] : [[name, withoutPassing(item)]])),
  );
}
