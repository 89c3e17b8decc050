/**
 * Between a run and its record. Each task that a host comes to has a place in the play, which is the same in the run that resumes this one:
 * the play, the file, what is written there, and for which time the host meets it. Lines may come and go around a task; what is written of
 * it may not.
 */
import { createHash } from 'node:crypto';
import { placeText } from '../errors.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { keyword, ownKeyword, writtenName } from '../playbook/keyword.ts';
import { type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import type { Journal } from '../record/journal.ts';
import { type Dict, toPlain } from '../values.ts';
import type { Outcome, TaskPlace, TaskRun } from './types.ts';

/** The record of a run that is written. */
export class Recording {
  /** How often each play was begun: two may look the same. */
  readonly #plays = new Map<string, number>();

  constructor(readonly journal: Journal | undefined) {}

  /** The places of the tasks of a play that begins. */
  places(play: Play): PlayPlaces {
    const name = `${play.file} ${writtenName(play)} ${JSON.stringify(toPlain(ownKeyword(play, 'hosts') ?? ''))}`;
    const count = (this.#plays.get(name) ?? 0) + 1;
    this.#plays.set(name, count);
    return new PlayPlaces(play, `${name} ${count}`);
  }

  /** The task is about to be carried out; resolves once a controller that is killed now leaves a trace of it. */
  async begin({ state, place, session }: TaskRun, definition: ModuleDefinition, args: Dict): Promise<void> {
    if (!this.journal || !place || definition.controllerOnly || session.options.check) return;
    await this.journal.begun(state.name, this.#lineOf(place), isRepeatable(definition, args));
  }

  /** An attempt is over, and another one will be made. */
  attemptOver({ state, place }: TaskRun): void {
    if (place) this.journal?.attemptOver(state.name, this.#lineOf(place));
  }

  item(run: TaskRun, index: number, outcome: Outcome): void {
    if (!this.journal || !run.place) return;
    const { place, state } = run;
    this.journal.item(state.name, this.#lineOf(place), index, outcome, needOf(run, outcome));
  }

  /** What came of the task. */
  outcome(run: TaskRun, outcome: Outcome, once: boolean): void {
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

  #lineOf({ key, time, task, play }: TaskPlace) {
    const about = () => ({ at: shownPlace(task), name: writtenName(task) || task.action, play });
    return { task: this.journal!.task(key, about), time };
  }
}

/** Whether anybody reads what the task returned, and whether it may be run again to know it. */
function needOf({ task, definition }: TaskRun, { args }: Outcome) {
  return {
    registered: keyword(task, 'register') !== undefined,
    repeatable: !definition || isRepeatable(definition, args ?? new Map()),
  };
}

function isRepeatable(definition: ModuleDefinition, args: Dict): boolean {
  const unless = definition.traits?.unrepeatable?.unless;
  return unless === undefined || unless.some((name) => args.has(name));
}

function shownPlace({ place, file }: Task): string {
  return place ? placeText(place).replace(/:\d+$/, '') : file;
}

/** The places of the tasks of one play. */
export class PlayPlaces {
  /** Of tasks that are known before the play begins: which of several that look the same each is. */
  readonly #known = new Map<Task, string>();
  /** Of others, how often each host came to one of this look. */
  readonly #met = new Map<string, Map<string, number>>();

  constructor(
    play: Play,
    private readonly name: string,
  ) {
    const alike = new Map<string, number>();
    for (const task of tasksIn(play.sections.flat())) {
      const key = this.#lookOf(task);
      const nth = (alike.get(key) ?? 0) + 1;
      alike.set(key, nth);
      this.#known.set(task, `${key} ${nth}`);
    }
  }

  #lookOf(task: Task): string {
    return `${this.name} ${task.file} ${contentOf(task)}`;
  }

  /** Where a host is that came to a task; to be asked each time it does, and once. */
  at(task: Task, host: string): TaskPlace {
    const known = this.#known.get(task);
    if (known !== undefined) return { key: known, time: 1, task, play: this.name };
    const key = this.#lookOf(task);
    let hosts = this.#met.get(key);
    if (!hosts) {
      hosts = new Map();
      this.#met.set(key, hosts);
    }
    const time = (hosts.get(host) ?? 0) + 1;
    hosts.set(host, time);
    return { key, time, task, play: this.name };
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
