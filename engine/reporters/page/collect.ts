/** From the events of a run to the page's data: in the reporter, and in the page itself while a run goes on. */
import type { RunEvent, TaskInfo, TaskResult } from '../../events.ts';
import { type Detail, type PageRun, type Shown, STATUSES } from './page_run.ts';

/** Longer text is cut: a page is to be looked at, the record has all. */
const LONGEST = 64 * 1024;

export class Collector {
  readonly run: PageRun = {
    ...{ playbook: '', check: false, began: 0, hosts: [], groups: {}, plays: [], tasks: [], warnings: [] },
    ...{ task: [], host: [], status: [], end: [], took: [], detail: [], items: [], details: [] },
  };
  readonly #hosts = new Map<string, number>();
  readonly #tasks = new Map<string, number>();
  readonly #details = new Map<string, number>();
  /** Items that came before their task's result. */
  #open = new Map<string, { label: string; status: number; detail: number }[]>();

  see(event: RunEvent): void {
    const { run } = this;
    switch (event.type) {
      case 'run:start':
        run.playbook = event.playbook;
        run.check = event.check;
        run.began = event.time;
        for (const [name, hosts] of Object.entries(event.groups ?? {}))
          run.groups[name] = hosts.map((host) => this.#host(host));
        break;
      case 'play:start':
        run.plays.push({ name: event.name, hosts: event.hosts.length, start: event.time - run.began });
        for (const host of event.hosts) this.#host(host);
        break;
      case 'play:no-hosts':
        run.plays.push({ name: `${event.name} (no hosts matched)`, hosts: 0, start: event.time - run.began });
        break;
      case 'task:start':
        this.#task(event.task, event.time, event.source);
        break;
      case 'task:item': {
        const key = `${event.task.id} ${event.host}`;
        const items = this.#open.get(key) ?? [];
        const { status, detail } = this.#kept(event.result, event.delegatedTo);
        items.push({ label: event.item, status, detail });
        this.#open.set(key, items);
        break;
      }
      case 'task:result':
        this.#result(event);
        break;
      case 'message':
        if (event.level === 'warning') run.warnings.push(event.host ? `${event.host}: ${event.text}` : event.text);
        break;
      case 'bug':
        run.warnings.push(`a bug in Troupe: ${event.stack}`);
        break;
      case 'run:end':
        Object.assign(run, { duration: event.recap.duration, exitCode: event.recap.exitCode });
        run.interrupted = event.recap.interrupted;
        if (event.recap.stats) run.stats = event.recap.stats;
    }
  }

  #result(event: Extract<RunEvent, { type: 'task:result' }>): void {
    const { run } = this;
    const { status, detail } = this.#kept(event.result, event.delegatedTo);
    const index = run.task.push(this.#task(event.task, event.time)) - 1;
    run.host.push(this.#host(event.host));
    run.status.push(status);
    run.end.push(event.time - run.began);
    run.took.push(Math.round(event.result.duration * 1000));
    run.detail.push(detail);
    const key = `${event.task.id} ${event.host}`;
    for (const item of this.#open.get(key) ?? []) run.items.push([index, item.label, item.status, item.detail]);
    this.#open.delete(key);
  }

  #host(name: string): number {
    let index = this.#hosts.get(name);
    if (index === undefined) {
      index = this.run.hosts.push(name) - 1;
      this.#hosts.set(name, index);
    }
    return index;
  }

  #task(task: TaskInfo, time: number, source?: string): number {
    let index = this.#tasks.get(task.id);
    if (index === undefined) {
      const { id, name, action, role, path, tags, handler } = task;
      const made = {
        id,
        name,
        action,
        path,
        tags,
        play: Math.max(0, this.run.plays.length - 1),
        start: time - this.run.began,
      };
      index =
        this.run.tasks.push({
          ...made,
          ...(role !== undefined && { role }),
          ...(handler && { handler }),
          ...(source !== undefined && { source }),
        }) - 1;
      this.#tasks.set(task.id, index);
    }
    return index;
  }

  #kept(result: TaskResult, delegatedTo: string | undefined): { status: number; detail: number } {
    const detail: Detail = { values: result.values };
    if (result.msg !== undefined) detail.msg = result.msg;
    if (result.explanation !== undefined) detail.explanation = result.explanation;
    if (result.diff) detail.diff = result.diff;
    if (delegatedTo !== undefined) detail.delegatedTo = delegatedTo;
    if (result.censored) detail.censored = true;
    const text = JSON.stringify(detail, (_key, value: unknown) => (typeof value === 'string' ? cut(value) : value));
    let index = this.#details.get(text);
    if (index === undefined) {
      index = this.run.details.push(text) - 1;
      this.#details.set(text, index);
    }
    return { status: STATUSES.indexOf(shownStatus(result)), detail: index };
  }
}

function shownStatus(result: TaskResult): Shown {
  if (result.status === 'failed' || result.status === 'unreachable') {
    if (result.rescued) return 'rescued';
    return result.ignored ? 'ignored' : result.status;
  }
  return result.status;
}

function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  const half = LONGEST / 2;
  return `${text.slice(0, half)}\n… ${text.length - LONGEST} characters are left out here …\n${text.slice(-half)}`;
}
