/** The report on the screen, in the form Ansible's users know. */
import type { HostRecap, Recap, RunEvent, TaskInfo, TaskResult } from '../events.ts';
import { shortName } from '../names.ts';
import { failureDetails, headline, shownJson } from './details.ts';
import { LiveLines } from './live.ts';
import { Progress } from './progress.ts';
import type { Output, ReportSettings } from './reporter.ts';
import { type Colour, paint, resultJson, safe, seconds } from './style.ts';
import { diffLines } from './unified_diff.ts';

/** Ansible's familiar lines; on a terminal with a progress line below them. */
export default async function defaultReporter(
  events: AsyncIterable<RunEvent>,
  out: Output,
  settings: ReportSettings,
): Promise<void> {
  const screen = new Screen(out, settings);
  try {
    for await (const event of events) screen.show(event);
  } finally {
    screen.end();
  }
}

type Result = Extract<RunEvent, { type: 'task:result' }>;
type Item = Extract<RunEvent, { type: 'task:item' }>;

class Screen {
  readonly #out: Output;
  readonly #settings: ReportSettings;
  readonly #progress: Progress;
  readonly #live: LiveLines;
  /** The task whose banner was printed last: with the free strategy results of several tasks come mixed. */
  #banner: string | undefined;
  #check = false;
  /** Task and host of loops whose items have been shown: their joint result says nothing more. */
  readonly #looped = new Set<string>();

  constructor(out: Output, settings: ReportSettings) {
    this.#out = out;
    this.#settings = settings;
    this.#progress = new Progress(out, settings.heartbeat);
    this.#live = new LiveLines((line) => this.#line(line));
  }

  show(event: RunEvent): void {
    const alone = this.#progress.underway.tasks.size === 0;
    this.#progress.underway.see(event);
    switch (event.type) {
      case 'run:start':
        this.#check = event.check;
        if (this.#settings.verbosity > 1) {
          this.#title(`PLAYBOOK: ${event.playbook}`);
          if (event.plays !== undefined) this.#line(`${event.plays} plays in ${event.playbook}`);
        }
        break;
      case 'play:start':
        this.#banner = undefined;
        this.#play(event);
        break;
      case 'play:no-hosts':
        this.#title(event.name ? `PLAY [${event.name}]` : 'PLAY');
        this.#line('skipping: no hosts matched', 'skipped');
        break;
      case 'task:start':
        // While another task is under way (strategy free) the banner waits for this task's first result.
        if (alone) {
          // The same task again: a file that is included twice.
          this.#banner = undefined;
          this.#task(event.task);
        }
        break;
      case 'task:item':
        this.#item(event);
        break;
      case 'task:result':
        this.#live.end(event.host);
        this.#result(event);
        break;
      case 'task:retry':
        this.#retry(event);
        break;
      case 'task:output':
        if (this.#settings.live) {
          this.#task(event.task);
          this.#live.add(event.host, event.stream, event.text);
        }
        break;
      case 'include':
        this.#line(
          `included: ${event.file} for ${event.hosts.join(', ')}${event.item === undefined ? '' : ` => (item=${safe(event.item)})`}`,
          'skipped',
        );
        break;
      case 'notify':
        if (this.#settings.verbosity > 1) this.#line(`NOTIFIED HANDLER ${event.handler} for ${event.host}`, 'verbose');
        break;
      case 'message':
        this.#message(event);
        break;
      case 'bug':
        this.#bug(event);
        break;
      case 'run:end':
        this.#recap(event.recap);
    }
  }

  end(): void {
    this.#live.endAll();
    this.#progress.end();
  }

  #line(text: string, colour?: Colour): void {
    this.#progress.print(`${paint(text, colour, this.#out.colors)}\n`);
  }

  #title(text: string): void {
    const width = this.#out.isTTY ? this.#out.columns - 1 : 79;
    this.#line(`\n${text} ${'*'.repeat(Math.max(3, width - text.length))}`);
  }

  #play(event: Extract<RunEvent, { type: 'play:start' }>): void {
    this.#title(event.name ? `PLAY [${event.name}]` : 'PLAY');
    if (event.serial && event.serial.of > 1)
      this.#line(`batch ${event.serial.batch} of ${event.serial.of}: ${event.hosts.join(', ')}`, 'verbose');
  }

  #task(task: TaskInfo): void {
    if (this.#banner === task.id) return;
    this.#banner = task.id;
    const role = task.role && !task.name.startsWith(`${task.role} : `) ? `${task.role} : ` : '';
    this.#title(`${task.handler ? 'RUNNING HANDLER' : 'TASK'} [${safe(role + task.name)}]`);
    if (this.#settings.verbosity > 1) this.#line(`task path: ${task.path}`, 'dim');
  }

  #item(event: Item): void {
    this.#task(event.task);
    this.#looped.add(`${event.task.id}\0${event.host}`);
    const { result } = event;
    // What an included item did is told by its own tasks.
    if (isInclude(event.task) && result.status === 'ok') return;
    this.#warnings(result);
    this.#diff(result);
    const label = `(item=${safe(event.item)})`;
    if (result.status === 'failed' || result.status === 'unreachable') {
      this.#failure(result.status === 'failed' ? 'failed' : 'fatal', `${who(event)} ${label}`, event.task, result);
      return;
    }
    const word = result.status === 'skipped' ? 'skipping' : result.status;
    this.#outcome(`${word}: ${who(event)} => ${label}`, event.task, result);
  }

  #result(event: Result): void {
    const { result, task } = event;
    const looped = this.#looped.delete(`${task.id}\0${event.host}`);
    this.#task(task);
    this.#warnings(result);
    if (!looped) this.#diff(result);
    switch (result.status) {
      case 'failed':
        // Each item that failed has told it already.
        if (!looped) this.#failure('fatal', `${who(event)}: FAILED!`, task, result);
        break;
      case 'unreachable':
        this.#failure('fatal', `${who(event)}: UNREACHABLE!`, task, result);
        break;
      case 'skipped':
        this.#outcome(`skipping: ${who(event)}`, task, result);
        break;
      default:
        if (!looped && !isInclude(task)) this.#outcome(`${result.status}: ${who(event)}`, task, result);
    }
    if (result.ignored) this.#line('...ignoring', 'skipped');
  }

  #outcome(start: string, task: TaskInfo, result: TaskResult): void {
    const json = result.censored ? undefined : shownJson(task, result, this.#settings.verbosity);
    this.#line(json === undefined ? start : `${start} => ${json}`, result.status);
  }

  #failure(word: string, subject: string, task: TaskInfo, result: TaskResult): void {
    const { verbosity } = this.#settings;
    const lines = [`${word}: ${subject} => ${headline(result)}`, ...failureDetails(result, task)];
    if (verbosity > 0 && !result.censored) lines.push(`    ${safe(resultJson(result.values, verbosity > 2 ? 4 : 0))}`);
    this.#line(lines.join('\n'), result.status);
  }

  #diff(result: TaskResult): void {
    for (const diff of result.diff ?? []) {
      const lines = diffLines(diff);
      if (lines.length === 0) continue;
      const colours: Record<string, Colour> = { '+': 'added', '-': 'removed', '@': 'hunk' };
      const { colors } = this.#out;
      this.#progress.print(lines.map((line) => `${paint(safe(line), colours[line[0] ?? ''], colors)}\n`).join(''));
    }
  }

  #warnings(result: TaskResult): void {
    const { warnings } = result.values;
    if (!Array.isArray(warnings)) return;
    for (const text of warnings) this.#warn(`[WARNING]: ${safe(String(text))}`, 'warning');
  }

  #warn(text: string, colour: Colour): void {
    this.#progress.print(`${paint(text, colour, this.#out.colors)}\n`, (t) => this.#out.error(t));
  }

  #retry(event: Extract<RunEvent, { type: 'task:retry' }>): void {
    this.#task(event.task);
    let text = `FAILED - RETRYING: [${event.host}]: ${safe(event.task.name)} (${event.left} retries left).`;
    if (this.#settings.verbosity > 2) text += ` Result was: ${safe(resultJson(event.result.values, 4))}`;
    this.#line(text, 'dim');
  }

  #message(event: Extract<RunEvent, { type: 'message' }>): void {
    const text = `${event.host ? `[${event.host}] ` : ''}${safe(event.text)}`;
    // In Ansible's form, which scripts look for; whose it is comes last.
    if (event.level === 'warning')
      this.#warn(`[WARNING]: ${safe(event.text)}${event.host ? ` [${event.host}]` : ''}`, 'warning');
    else if (event.level === 'info') this.#line(text);
    else if (this.#settings.verbosity >= (event.from ?? 4)) this.#line(text, 'verbose');
  }

  #bug(event: Extract<RunEvent, { type: 'bug' }>): void {
    const where = [event.task && `task ${event.task.name} (${event.task.path})`, event.host && `host ${event.host}`];
    this.#line(
      `a bug in Troupe, please report it with this text: ${where.filter(Boolean).join(', ')}\n${safe(event.stack)}`,
      'failed',
    );
  }

  #recap(recap: Recap): void {
    this.#live.endAll();
    this.#title('PLAY RECAP');
    const names = Object.keys(recap.hosts).sort();
    const width = Math.max(26, ...names.map((name) => name.length));
    for (const name of names) this.#progress.print(recapLine(name, recap.hosts[name]!, width, this.#out.colors));
    const stats = Object.entries(recap.hostStats ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    if (recap.stats) stats.push(['RUN', recap.stats]);
    if (stats.length > 0) this.#title('CUSTOM STATS:');
    for (const [name, values] of stats) this.#line(`\t${name}: ${safe(resultJson(values))}`);
    if (this.#check) this.#line(`\n${predicted(recap)}`);
    if (recap.interrupted) this.#line(`\n${reached(recap)}`, 'failed');
    this.#line(this.#settings.verbosity > 0 ? `\ntook ${seconds(recap.duration)}` : '');
  }
}

function isInclude(task: TaskInfo): boolean {
  return ['include_tasks', 'include_role', 'import_tasks', 'import_role', 'include'].includes(shortName(task.action));
}

function who(event: { host: string; delegatedTo?: string }): string {
  return event.delegatedTo ? `[${event.host} -> ${event.delegatedTo}]` : `[${event.host}]`;
}

/** One line of the recap: Ansible's columns, the host in the colour of what became of it. */
export function recapLine(name: string, counts: HostRecap, width: number, colors: boolean): string {
  const columns: [keyof HostRecap, Colour][] = [
    ['ok', 'ok'],
    ['changed', 'changed'],
    ['unreachable', 'unreachable'],
    ['failed', 'failed'],
    ['skipped', 'skipped'],
    ['rescued', 'ok'],
    ['ignored', 'warning'],
  ];
  const cells = columns.map(([key, colour]) => {
    const cell = `${key}=${String(counts[key]).padEnd(4)}`;
    return counts[key] > 0 ? paint(cell, colour, colors) : cell;
  });
  const state: Colour = counts.failed || counts.unreachable ? 'failed' : counts.changed ? 'changed' : 'ok';
  return `${paint(name, state, colors)}${' '.repeat(width - name.length)} : ${cells.join(' ')}\n`;
}

/** What check mode found. */
export function predicted({ hosts }: Recap): string {
  const counts = Object.values(hosts);
  const tasks = counts.reduce((sum, { changed }) => sum + changed, 0);
  const would = counts.filter(({ changed }) => changed > 0).length;
  const of = `${would} of ${counts.length} ${counts.length === 1 ? 'host' : 'hosts'} would change`;
  return `Check mode: ${of}${would === 0 ? '' : `, by ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`}. Nothing was changed.`;
}

/** How far each host came before the user stopped the run. */
export function reached(recap: Recap): string {
  const hosts = Object.entries(recap.reached ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = hosts.map(([host, task]) => `    ${host}: ${safe(task)}`);
  return ['Interrupted. The last task that each host began:', ...lines].join('\n');
}
