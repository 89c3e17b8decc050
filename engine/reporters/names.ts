/** Events whose names are safe to print: those of hosts, plays, tasks, roles, handlers and files may come from data. */
import type { HostRecap, RunEvent, TaskInfo } from '../events.ts';
import { oneLine } from './printable.ts';

/** The same events with every name on one line and without control characters. */
export async function* plainNames(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
  for await (const event of events) yield plainEvent(event);
}

const NAMES = new Set(['name', 'host', 'delegatedTo', 'handler', 'file', 'playbook', 'pattern']);

function plainEvent(event: RunEvent): RunEvent {
  const made: Record<string, unknown> = { ...event };
  for (const [key, value] of Object.entries(event)) {
    if (NAMES.has(key) && typeof value === 'string') made[key] = oneLine(value);
    else if (key === 'hosts' && Array.isArray(value)) made[key] = value.map((name) => oneLine(String(name)));
    else if (key === 'task') made[key] = plainTask(value as TaskInfo);
  }
  if (event.type === 'run:end') made['recap'] = { ...event.recap, hosts: plainKeys(event.recap.hosts) };
  return made as unknown as RunEvent;
}

function plainTask(task: TaskInfo): TaskInfo {
  const made = { ...task, name: oneLine(task.name), path: oneLine(task.path), action: oneLine(task.action) };
  if (task.role !== undefined) made.role = oneLine(task.role);
  return made;
}

const plainKeys = (hosts: { [host: string]: HostRecap }): { [host: string]: HostRecap } =>
  Object.fromEntries(Object.entries(hosts).map(([name, recap]) => [oneLine(name), recap]));
