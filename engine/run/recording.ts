/**
 * Between a run and its record. Each task that a host comes to has a place in the play, which is the same in the run that resumes this one:
 * the play, the file, what is written there, and for which time the host meets it. Lines may come and go around a task; what is written of
 * it may not.
 */
import { createHash } from 'node:crypto';
import { AuthorError, type Finding, placeText } from '../errors.ts';
import type { Recap } from '../events.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { keyword, ownKeyword, writtenName } from '../playbook/keyword.ts';
import { type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import type { RunFile } from '../record/folder.ts';
import type { Journal } from '../record/journal.ts';
import type { Replay } from '../record/replay.ts';
import { type Dict, toPlain } from '../values.ts';
import type { Planner } from './plan.ts';
import type { Found } from './task/repeated.ts';
import type { Outcome, TaskPlace, TaskRun } from './types.ts';

/** The record that a run writes, and the one of the run that it resumes. */
export class Recording {
  /** How often each play was begun: two may look the same. */
  readonly #plays = new Map<string, number>();
  /** Tasks of which it was said that they are new. */
  readonly #named = new Set<string>();

  constructor(
    readonly journal: Journal | undefined,
    private readonly replay?: Replay,
    private readonly anyway = false,
    /** Keys of the tasks that are known before the run. */
    private readonly isThere: (key: string) => boolean = () => false,
    /** In check mode: what is planned. */
    readonly planner?: Planner,
  ) {}

  get resumes(): boolean {
    return this.replay !== undefined;
  }

  /** Answers to vars_prompt that are known. */
  get answers(): ReadonlyMap<string, string> | undefined {
    return this.replay?.answers;
  }

  /** The places of the tasks of a play that begins. */
  places(play: Play): PlayPlaces {
    return new PlayPlaces(play, this.#plays);
  }

  /** Whether nothing of a task is to be run on a host. */
  isDone({ key, time }: TaskPlace, host: string, batch: readonly string[]): boolean {
    return this.replay?.isDone(key, time, host, batch) ?? false;
  }

  /** What the resumed run had done of a task; undefined for one that it did not come to. */
  find(run: TaskRun, once: boolean): Found | undefined {
    const { place, state } = run;
    if (!this.replay || !place) return undefined;
    const found = this.replay.find(place.key, place.time, state.name, once ? run.view.batch : undefined);
    if (!found) {
      this.#compare(run, place);
      return undefined;
    }
    const { outcome, lost, open, items, of } = found;
    if (outcome) return of === undefined ? { outcome } : { outcome, items: [...items.values()] };
    const changed = lost && !open ? { changed: lost.changed === true } : {};
    return { earlier: { open, items, ...changed } };
  }

  /** A task that the host had not come to, where it had come further: it has changed since, or is new. */
  #compare({ session, task, state, name }: TaskRun, { task: written }: TaskPlace): void {
    const at = shownPlace(written);
    const before = this.replay!.changed(state.name, at, nameOf(written), this.isThere);
    if (before && !this.anyway) throw new AuthorError(changedTask(before, this.replay!.id, task));
    if (!before || this.#named.has(at)) return;
    this.#named.add(at);
    session.warn(`\`${name}\` (${at}) has changed since it was done, and is run again`);
  }

  /** What came of a task that the resumed run carried in the background. */
  job(id: string): Outcome | undefined {
    return this.replay?.job(id);
  }

  /** The task is about to be carried out; resolves once a controller that is killed now leaves a trace of it. */
  async begin({ state, place, session }: TaskRun, definition: ModuleDefinition, args: Dict): Promise<void> {
    if (!this.journal || !place || definition.controllerOnly || session.options.check) return;
    await this.journal.begun(state.name, this.#lineOf(place), isRepeatable(definition, args));
  }

  /** What a host comes to now is not to be repeated by a run that resumes this one: its way through the play has ended. */
  cut(host: string): void {
    this.journal?.cut(host);
  }

  /** Failures of these hosts so far do not count. */
  cleared(hosts: readonly string[]): void {
    this.journal?.cleared(hosts);
  }

  jobOver(id: string, outcome: Outcome): void {
    this.journal?.jobOver(id, outcome);
  }

  end(recap: Recap | undefined, files: RunFile['files']): void {
    this.journal?.end(recap, files);
    this.replay?.end();
  }

  /** An attempt is over, and another one will be made. */
  attemptOver({ state, place }: TaskRun): void {
    if (place) this.journal?.attemptOver(state.name, this.#lineOf(place));
  }

  item(run: TaskRun, index: number, outcome: Outcome): void {
    this.planner?.item(run, index, outcome);
    if (!this.journal || !run.place) return;
    const { place, state } = run;
    this.journal.item(state.name, this.#lineOf(place), index, outcome, needOf(run, outcome));
  }

  /** What came of the task. */
  outcome(run: TaskRun, outcome: Outcome, once: boolean): void {
    this.planner?.outcome(run, outcome);
    if (!this.journal || !run.place) return;
    const { place, state, session } = run;
    const results = outcome.items;
    const job = outcome.registered.get('ansible_job_id');
    this.journal.outcome(state.name, this.#lineOf(place), outcome, {
      ...needOf(run, outcome),
      once,
      ...(results !== undefined && { items: results }),
      ...(typeof job === 'string' && session.jobs.carries(job) && { job }),
    });
  }

  #lineOf({ key, time, task, known }: TaskPlace) {
    const about = () => ({ at: shownPlace(task), name: nameOf(task), known });
    return { task: this.journal!.task(key, about), time };
  }
}

/** Whether anybody reads what the task returned, and whether it may be run again to know it. */
function needOf({ task, definition }: TaskRun, { args }: Outcome) {
  return {
    registered: () => keyword(task, 'register') !== undefined,
    repeatable: () => !definition || isRepeatable(definition, args ?? new Map()),
  };
}

function isRepeatable(definition: ModuleDefinition, args: Dict): boolean {
  const unless = definition.traits?.unrepeatable?.unless;
  return unless === undefined || unless.some((name) => args.has(name));
}

/** A task that was done and is not there any more as it was: the place is that of what is there now. */
export function changedTask(before: { name: string; at: string }, id: string, now?: Task): Finding {
  return {
    message: `\`${before.name}\` (${before.at}) was done by the run ${id}, and has changed or gone since`,
    place: now?.place,
    help: 'put it back, or resume with --resume-anyway: what has changed is run again, and what has gone stays as it was done',
  };
}

const nameOf = (task: Task): string => writtenName(task) || task.action;

function shownPlace({ place, file }: Task): string {
  return place ? placeText(place).replace(/:\d+$/, '') : file;
}

/** The places of the tasks of one play. */
export class PlayPlaces {
  readonly #name: string;
  /** Of tasks that are known before the play begins: which of several that look the same each is. */
  readonly #known = new Map<Task, string>();
  /** Of others, how often each host came to one of this look. */
  readonly #met = new Map<string, Map<string, number>>();

  /** `plays` counts plays that look the same. */
  constructor(play: Play, plays: Map<string, number>) {
    const look = `${play.file} ${writtenName(play)} ${JSON.stringify(toPlain(ownKeyword(play, 'hosts') ?? ''))}`;
    const nth = (plays.get(look) ?? 0) + 1;
    plays.set(look, nth);
    this.#name = `${look} ${nth}`;
    const alike = new Map<string, number>();
    for (const task of tasksIn(play.sections.flat())) {
      const key = this.#lookOf(task);
      const which = (alike.get(key) ?? 0) + 1;
      alike.set(key, which);
      this.#known.set(task, `${key} ${which}`);
    }
  }

  #lookOf(task: Task): string {
    return `${this.#name} ${task.file} ${contentOf(task)}`;
  }

  /** The tasks that are known before the play begins, by their keys. */
  get known(): ReadonlyMap<Task, string> {
    return this.#known;
  }

  /** Where a host is that came to a task; to be asked each time it does, and once. */
  at(task: Task, host: string): TaskPlace {
    const place = this.next(task, host);
    if (place.known) return place;
    const hosts = this.#met.get(place.key) ?? new Map<string, number>();
    this.#met.set(place.key, hosts.set(host, place.time));
    return place;
  }

  /** Where it will be when it comes there next. */
  next(task: Task, host: string): TaskPlace {
    const known = this.#known.get(task);
    if (known !== undefined) return { key: known, time: 1, task, known: true };
    const key = this.#lookOf(task);
    return { key, time: (this.#met.get(key)?.get(host) ?? 0) + 1, task, known: false };
  }
}

const looks = new WeakMap<Scoped, string>();

/** What does not belong to what a task does: what is inside, names that are only shown, variables. */
const ASIDE = new Set([
  ...['name', 'hosts', 'vars', 'vars_files', 'vars_prompt', 'roles', 'tasks', 'pre_tasks', 'post_tasks', 'handlers'],
  ...['block', 'rescue', 'always', 'gather_facts', 'serial', 'strategy', 'order'],
]);

/** A digest of what is written of a task, and of the keywords that hold for it. */
function contentOf(task: Task): string {
  let look = looks.get(task);
  if (look === undefined) {
    const { action, args, loop, listen, own, parent } = task;
    const written = [action, toPlain(args), loop ? [loop.kind, toPlain(loop.value)] : null, toPlain([...listen])];
    look = digest([written, toPlain(own), parent ? around(parent) : null]);
    looks.set(task, look);
  }
  return look;
}

function around(node: Scoped): string {
  let look = looks.get(node);
  if (look === undefined) {
    const kept: Dict = new Map([...node.own].filter(([name]) => !ASIDE.has(String(name))));
    look = digest([toPlain(kept), node.parent ? around(node.parent) : null]);
    looks.set(node, look);
  }
  return look;
}

const digest = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
