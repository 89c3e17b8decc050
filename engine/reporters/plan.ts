/** A run in check mode as a plan: by host, what would change and how, what may change and why, and what failed. */
import type { RunEvent, TaskInfo, TaskResult } from '../events.ts';
import { headline } from './details.ts';
import type { Output } from './reporter.ts';
import { type Colour, paint, safe } from './style.ts';
import { diffLines } from './unified_diff.ts';

export interface Change {
  kind: 'change' | 'may' | 'fails';
  task: string;
  role?: string;
  action: string;
  /** `file:line`. */
  path: string;
  item?: string;
  /** Why it may change, or why it fails. */
  why?: string;
  /** Lines of unified diffs. */
  diff: string[];
}

/** What is planned, from the events of a run. */
export class PlanOfRun {
  /** In the order of the play; hosts of which nothing would change have an empty list. */
  readonly hosts = new Map<string, Change[]>();
  readonly #items = new Map<string, Change[]>();

  see(event: RunEvent): void {
    if (event.type === 'play:start') for (const host of event.hosts) this.#of(host);
    if (event.type !== 'task:item' && event.type !== 'task:result') return;
    const { task, host, result } = event;
    const key = `${task.id} ${host}`;
    if (event.type === 'task:item') {
      const change = changeOf(task, result, event.item);
      if (change) this.#items.set(key, [...(this.#items.get(key) ?? []), change]);
      return;
    }
    const items = this.#items.get(key);
    this.#items.delete(key);
    const own = changeOf(task, result);
    const found = items && own ? items : own ? [own] : [];
    this.#of(host).push(...found);
  }

  #of(host: string): Change[] {
    const list = this.hosts.get(host) ?? [];
    this.hosts.set(host, list);
    return list;
  }

  count(kind: Change['kind']): number {
    return [...this.hosts.values()].flat().filter((change) => change.kind === kind).length;
  }

  /** Something would change, or may. */
  get changes(): boolean {
    return this.count('change') + this.count('may') > 0;
  }

  /** `Plan: 3 changes on 2 of 4 hosts; one task may change something.` */
  get summary(): string {
    const changes = this.count('change');
    const may = this.count('may');
    const fails = this.count('fails');
    const touched = [...this.hosts.values()].filter((list) => list.some(({ kind }) => kind !== 'fails')).length;
    if (changes + may + fails === 0) return `Plan: nothing would change on ${counted(this.hosts.size, 'host')}.`;
    const parts = [`${counted(changes, 'change')} on ${touched} of ${counted(this.hosts.size, 'host')}`];
    if (may > 0) parts.push(`${counted(may, 'task')} may change something`);
    if (fails > 0) parts.push(`${counted(fails, 'task')} failed`);
    return `Plan: ${parts.join('; ')}.`;
  }
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function changeOf(task: TaskInfo, result: TaskResult, item?: string): Change | undefined {
  const kind = kindOf(result);
  if (!kind) return undefined;
  const change: Change = { kind, task: task.name, action: task.action, path: task.path, diff: [] };
  if (task.role !== undefined) change.role = task.role;
  if (item !== undefined) change.item = item;
  if (kind === 'may') change.why = result.mayChange!;
  if (kind === 'fails') change.why = headline(result);
  if (kind === 'change') {
    change.diff = (result.diff ?? []).flatMap(diffLines);
    if (change.diff.at(-1) === '') change.diff.pop();
  }
  return change;
}

function kindOf(result: TaskResult): Change['kind'] | undefined {
  if (result.mayChange !== undefined) return 'may';
  if ((result.status === 'failed' || result.status === 'unreachable') && !result.ignored && !result.rescued)
    return 'fails';
  return result.status === 'changed' ? 'change' : undefined;
}

const MARKS = { change: '~', may: '?', fails: '!' } as const;
const COLOURS: Record<Change['kind'], Colour> = { change: 'changed', may: 'skipped', fails: 'failed' };

const titleOf = ({ role, task, item }: Change): string =>
  `${role === undefined ? '' : `${role} : `}${task}${item === undefined ? '' : ` (${item})`}`;

/** As text for a screen. */
export function planText(plan: PlanOfRun, colors: boolean): string {
  const lines: string[] = [];
  for (const [host, changes] of plan.hosts) {
    if (changes.length === 0) continue;
    lines.push(safe(host));
    for (const change of changes) {
      const why = change.why === undefined ? '' : `: ${change.why}`;
      const title = `  ${MARKS[change.kind]} ${titleOf(change)}  [${change.action}, ${change.path}]${why}`;
      lines.push(paint(safe(title), COLOURS[change.kind], colors));
      lines.push(...change.diff.map((line) => (line === '' ? '' : `      ${paintedDiff(safe(line), colors)}`)));
    }
    lines.push('');
  }
  return `${lines.join('\n')}${lines.length > 0 ? '\n' : ''}${plan.summary}\n`;
}

function paintedDiff(line: string, colors: boolean): string {
  const colour = line.startsWith('+')
    ? 'added'
    : line.startsWith('-')
      ? 'removed'
      : line.startsWith('@')
        ? 'hunk'
        : undefined;
  return paint(line, colour, colors);
}

/** As Markdown for a pull request. */
export function planMarkdown(plan: PlanOfRun): string {
  const lines = [`**${plan.summary}**`, ''];
  for (const [host, changes] of plan.hosts) {
    if (changes.length === 0) continue;
    lines.push(`### ${escaped(host)}`, '');
    for (const change of changes) {
      const mark = { change: 'changes', may: '**may change**', fails: '**fails**' }[change.kind];
      const why = change.why === undefined ? '' : `: ${escaped(change.why)}`;
      lines.push(`- ${escaped(titleOf(change))} (\`${change.action}\`, \`${change.path}\`) ${mark}${why}`);
      if (change.diff.length > 0) lines.push('', ...fenced(change.diff), '');
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A fence that no line of the diff can end. */
function fenced(diff: readonly string[]): string[] {
  const longest = Math.max(2, ...diff.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`  ${fence}diff`, ...diff.map((line) => `  ${safe(line)}`), `  ${fence}`];
}

const escaped = (text: string): string =>
  safe(text)
    .replace(/[\\`*_{}[\]<>#|!]/g, '\\$&')
    .replaceAll('\n', ' ');

/** As JSON for programs. */
export function planJson(plan: PlanOfRun): string {
  const hosts = Object.fromEntries(plan.hosts);
  const counts = { changes: plan.count('change'), mayChange: plan.count('may'), failed: plan.count('fails') };
  return `${JSON.stringify({ summary: plan.summary, ...counts, hosts }, undefined, 1)}\n`;
}

export default async function planReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  const plan = new PlanOfRun();
  for await (const event of events) {
    plan.see(event);
    if (event.type === 'message' && event.level === 'warning')
      out.error(`${paint(`[WARNING]: ${safe(event.text)}`, 'warning', out.colors)}\n`);
    if (event.type === 'bug') out.error(`${safe(event.stack)}\n`);
  }
  out.write(planText(plan, out.colors));
}
