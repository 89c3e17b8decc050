/** A play: its hosts in batches, each host walking behind the gate; handlers after each section. */

import { existsSync } from 'node:fs';
import { mistake } from '../../errors.ts';
import { actionName } from '../../playbook/actions.ts';
import { effective, type Node, type Play, type Task, tagsOf } from '../../playbook/nodes.ts';
import { tagsMatch } from '../../playbook/tags.ts';
import { fnmatch } from '../../python/fnmatch.ts';
import { type Dict, isDict, isList, placeOfValue, shownPath, Template, toPlain, type Value } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import type { Session } from '../session.ts';
import { asBoolean } from '../task/conditions.ts';
import type { IncludeRequest } from '../task/outcome.ts';
import { searchPaths } from '../view/files.ts';
import { type Frame, type PlayView, scopeFor, shownName } from '../view/scopes.ts';
import { FreeGate, type Gate, type Group, LinearGate, type Path } from './gate.ts';
import { flushHandlers } from './handlers.ts';
import type { Included } from './include.ts';
import { HostEnded, HostFailed, Interrupted } from './signals.ts';
import { start, Walk } from './walk.ts';

/** One play over one batch of hosts. */
export class PlayRun {
  readonly gate: Gate;
  readonly includes = new Map<string, Promise<Included>>();
  readonly forceHandlers: boolean;
  /** The whole play ends, not only this batch. */
  playEnded = false;
  /** A failure that was fatal to all was not rescued: the run ends with this play. */
  get stopped(): boolean {
    return (
      this.#fatal && this.#came.some((name) => this.session.host(name).failed || this.session.host(name).unreachable)
    );
  }

  /** Notes a failure, and the host it was the end of: one that a rescue or always section waits for goes on. */
  noteFailure(failure: HostFailed, host: string, goesOn: boolean): void {
    this.#failures.push(failure);
    if (!goesOn && failure.result.status === 'failed') this.#failed.add(host);
  }

  #rank: Map<string, number>;
  #paths = new Map<Task, Path>();
  #orders = new Map<string, { order: number }>();
  #doomed = new Map<string, HostFailed>();
  #sheltered = new Set<string>();
  /** Failures since the gate opened last, rescued ones too; and those that ended a host. */
  #failures: HostFailed[] = [];
  #lost: HostFailed[] = [];
  /** Hosts that the play began with, and those that count for max_fail_percentage. */
  #came: string[] = [];
  #failed = new Set<string>();
  #fatal = false;
  #ending = false;
  #pendingIncludes = new Map<string, { task: Task; file: string; hosts: string[]; item: string | undefined }>();
  #selected = new Map<Task, boolean>();
  /** A task's names, one for each time that an include brought it. */
  #names = new Map<Task, { path: Path; name: string }[]>();
  /** Where each host is: the task it last came to, and the variables of the includes around it. */
  #at = new Map<string, { path: Path; frame: Frame | undefined }>();

  constructor(
    readonly session: Session,
    readonly play: Play,
    readonly view: PlayView,
    readonly strategy: string,
    readonly gatherTask: Task | undefined,
    private readonly starting: { reached: boolean },
  ) {
    this.#rank = new Map(view.batch.map((host, i) => [host, i]));
    const watch = {
      opening: (task: Task, hosts: string[]) => this.#opening(task, hosts),
      rank: (host: string) => this.#rank.get(host) ?? 0,
      settle: (waiting: readonly string[]) => this.#settle(waiting),
    };
    this.gate = strategy === 'free' || strategy === 'host_pinned' ? new FreeGate(watch) : new LinearGate(watch);
    this.forceHandlers = asBoolean(play.own.get('force_handlers')) || (session.options.forceHandlers ?? false);
  }

  /** Walks all hosts of the batch; resolves when each is done, failed or ended. */
  async walkAll(): Promise<void> {
    const states = this.view.batch.map((name) => this.session.host(name));
    for (const state of states) {
      state.startPlay();
      if (!state.active) continue;
      this.#came.push(state.name);
      this.gate.enter(state.name);
    }
    const pinned =
      this.strategy === 'host_pinned'
        ? this.session.throttle({ id: 'pinned' } as Task, this.session.options.forks ?? 50)
        : undefined;
    const walks = states
      .filter((s) => s.active)
      .map((state) => (pinned ? pinned(() => this.#walk(state)) : this.#walk(state)));
    const ends = await Promise.allSettled(walks);
    this.#announceIncludes();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    // A failure of the last task has nobody waiting behind it, and ends the run all the same.
    this.#settle([]);
  }

  async #walk(state: HostState): Promise<void> {
    const walk = new Walk(this, state);
    try {
      if (this.gatherTask && !this.#knowsFacts(state)) await walk.task(this.gatherTask, [0], start);
      for (const [i, section] of this.play.sections.entries()) {
        await this.#section(walk, section, i);
      }
    } catch (error) {
      this.#ended(state, error);
    } finally {
      this.gate.leave(state.name);
    }
  }

  /** `gathering: smart` gathers where no facts are known, unless the play asks for them outright. */
  #knowsFacts(state: HostState): boolean {
    return (
      this.session.options.gathering === 'smart' && state.cached && this.play.own.get('gather_facts') === undefined
    );
  }

  /** A section and its handlers; with force_handlers they run after a failure too, together with the other hosts'. */
  async #section(walk: Walk, section: readonly Node[], i: number): Promise<void> {
    let failure: unknown;
    try {
      await walk.nodes(section, [1, i, 0], start);
    } catch (error) {
      if (!(error instanceof HostFailed) || !this.forceHandlers || error.result.status === 'unreachable') throw error;
      failure = error;
    }
    await flushHandlers(walk, [1, i, 1]);
    if (failure) throw failure;
  }

  /** A host's walk ended early: by failure, by end_host, or by interruption (which goes on upwards). */
  #ended(state: HostState, error: unknown): void {
    if (error instanceof HostEnded) {
      state.ended = true;
      return;
    }
    if (!(error instanceof HostFailed)) throw error;
    if (error.result.status === 'unreachable') state.unreachable = true;
    else state.failed = true;
    this.#lost.push(error);
  }

  /** Waits at the gate; throws if the host is turned away there. */
  async arrive(host: string, path: Path, task: Task, sheltered: boolean, frame: Frame | undefined): Promise<Group> {
    this.#at.set(host, { path, frame });
    this.#paths.set(task, path);
    if (sheltered) this.#sheltered.add(host);
    else this.#sheltered.delete(host);
    const group = await this.gate.arrive(host, path, task);
    const doom = this.#doomed.get(host);
    if (doom) {
      this.#doomed.delete(host);
      throw doom;
    }
    if (this.#ending) throw new HostEnded('host');
    if (this.session.signal.aborted) throw new Interrupted();
    return group;
  }

  /** Before hosts are let through: failures of the last task may end the play for others. Returns who is turned away. */
  #settle(waiting: readonly string[]): string[] {
    const failures = this.#failures.splice(0);
    const lost = this.#lost.splice(0);
    const isFatal = ({ task }: HostFailed) =>
      asBoolean(effective(task, 'any_errors_fatal')?.value ?? this.session.options.anyErrorsFatal ?? false) ||
      asBoolean(effective(task, 'run_once')?.value);
    const fatal = failures.find(isFatal) ?? (this.#tooManyFailed() ? lost.at(-1) : undefined);
    if (fatal) {
      this.#fatal = true;
      for (const host of waiting) if (!this.#sheltered.has(host)) this.#doomed.set(host, fatal);
    }
    if (this.#ending || this.session.signal.aborted) return [...waiting];
    return waiting.filter((host) => this.#doomed.has(host));
  }

  #tooManyFailed(): boolean {
    const limit = this.play.own.get('max_fail_percentage');
    if (limit === undefined || limit === null) return false;
    return (this.#failed.size / this.view.batch.length) * 100 > Number.parseFloat(String(toPlain(limit)));
  }

  #opening(task: Task, hosts: string[]): void {
    this.#announceIncludes();
    if (task.action.endsWith('meta')) return;
    const name = this.nameOf(task, this.session.host(hosts[0]!));
    this.session.emit({ type: 'task:start', task: this.session.info(task, name), hosts });
  }

  /** The task's name as shown, rendered for the first host that came to it. */
  nameOf(task: Task, state: HostState): string {
    const own = task.own.get('name');
    if (!(own instanceof Template))
      return own === undefined || own === null || own === '' ? standardName(task) : String(toPlain(own));
    const { path, frame } = this.#at.get(state.name) ?? { path: [], frame: undefined };
    const names = this.#names.get(task) ?? [];
    const known = names.find(
      (each) => each.path.length === path.length && each.path.every((step, i) => step === path[i]),
    );
    if (known) return known.name;
    let name = own.text;
    try {
      name = String(toPlain(scopeFor(this.session, this.view, task, state, frame).resolve(own)));
    } catch {
      // A name is only shown: one that can't be rendered is shown as it was written, as Ansible does.
    }
    this.#names.set(task, [...names, { path, name }]);
    return name;
  }

  /** Whether tags and --start-at-task let a task run. */
  selects(task: Task): boolean {
    const { tags = [], skipTags = [], startAtTask } = this.session.options;
    let chosen = this.#selected.get(task);
    if (chosen === undefined) {
      chosen = tagsMatch(tagsOf(task), tags, skipTags);
      if (chosen && startAtTask !== undefined && !this.starting.reached && task !== this.gatherTask) {
        chosen = matchesName(startAtTask, task);
        this.starting.reached = chosen;
      }
      this.#selected.set(task, chosen);
    }
    return chosen;
  }

  /** Where an included file stands among those that the same include brought for other hosts: by the first host that has it. */
  includeOrder(task: Task, path: Path, include: IncludeRequest, host: string): { order: number } {
    const key = `${task.id}:${path.length}:${include.item}:${JSON.stringify(toPlain(include.args))}`;
    let order = this.#orders.get(key);
    const rank = this.#rank.get(host) ?? 0;
    if (!order) {
      order = { order: rank };
      this.#orders.set(key, order);
    } else if (rank < order.order) order.order = rank;
    return order;
  }

  pathOf(task: Task): Path | undefined {
    return this.#paths.get(task);
  }

  /** Notes that a host goes on in an included file; shown once for all hosts. */
  included(task: Task, file: string, host: string, include: IncludeRequest): void {
    const { item, label } = include;
    const key = `${task.id}\0${item}\0${label}\0${file}`;
    const pending = this.#pendingIncludes.get(key);
    if (!pending) this.#pendingIncludes.set(key, { task, file, hosts: [host], item: label });
    else if (!pending.hosts.includes(host)) pending.hosts.push(host);
    this.session.seen.add(host);
    this.session.host(host).recap.ok++;
  }

  #announceIncludes(): void {
    for (const { task, file, hosts, item } of this.#pendingIncludes.values()) {
      hosts.sort((a, b) => (this.#rank.get(a) ?? 0) - (this.#rank.get(b) ?? 0));
      this.session.emit({
        type: 'include',
        task: this.session.info(task, this.#names.get(task)?.at(-1)?.name ?? task.action),
        file,
        hosts,
        ...(item === undefined ? {} : { item }),
      });
    }
    this.#pendingIncludes.clear();
  }

  /** end_play, end_batch: every host ends at its next task. */
  endAll(play: boolean): void {
    this.#ending = true;
    if (play) this.playEnded = true;
  }

  /** clear_host_errors: failed and lost hosts are taken back from the next play on. */
  clearErrors(): void {
    for (const name of this.view.batch) {
      const state = this.session.host(name);
      state.failed = false;
      state.unreachable = false;
    }
  }
}

function matchesName(wanted: string, task: Task): boolean {
  const own = task.own.get('name');
  const name = own instanceof Template ? own.text : String(own ?? '');
  const pattern = fnmatch(wanted);
  return [name, shownName(task, name)].some((text) => pattern.test(text));
}

/** What a task without a name is called. */
function standardName(task: Task): string {
  if (actionName(task.action) !== 'include_role' || !isDict(task.args)) return task.action;
  const role = task.args.get('name') ?? task.args.get('role');
  return role === undefined ? task.action : `${task.action} : ${String(toPlain(role))}`;
}

/** Sizes of the batches of `serial`: numbers, percentages, or a list of which the last one repeats. */
export function batches(hosts: readonly string[], serial: Value | undefined): string[][] {
  const sizes = serial === undefined || serial === null ? [] : isList(serial) ? serial : [serial];
  if (hosts.length === 0 || sizes.length === 0) return [[...hosts]];
  const result: string[][] = [];
  for (let at = 0, i = 0; at < hosts.length; i++) {
    const size = batchSize(sizes[Math.min(i, sizes.length - 1)]!, hosts.length);
    result.push(hosts.slice(at, at + size));
    at += size;
  }
  return result;
}

function batchSize(size: Value, count: number): number {
  const text = String(toPlain(size));
  const number = text.endsWith('%') ? Math.max(1, Math.floor((Number(text.slice(0, -1)) / 100) * count)) : Number(text);
  if (!Number.isInteger(number)) throw mistake(`\`serial\` is ${text}, not a number or a percentage`);
  return number <= 0 ? count : number;
}

/** The dicts of a play's vars_files for one host; names may hold variables of the host. */
export function varsFilesOf(session: Session, view: PlayView, state: HostState): Dict[] {
  const list = view.play.own.get('vars_files');
  if (list === undefined || list === null) return [];
  const entries = isList(list) ? list : [list];
  const found: Dict[] = [];
  const scope = scopeFor(session, { ...view, varsFiles: () => found }, view.play, state);
  for (const [i, entry] of entries.entries()) {
    const place = isList(list) ? placeOfValue(list, i) : undefined;
    const names = (isList(entry) ? entry : [entry]).map((name) => String(scope.resolve(name)));
    const path = names
      .flatMap((name) => searchPaths(name, 'vars', view.play, view))
      .find((candidate) => existsSync(candidate));
    if (path === undefined)
      throw mistake(
        `there is no file of variables ${names.join(' or ')}`,
        place,
        'looked beside the playbook and in vars/',
      );
    const content = session.loader.env.readYaml(path);
    if (isDict(content)) found.unshift(content);
    else if (content !== null)
      throw mistake(`${shownPath(path, session.options.cwd)} must be a mapping of variables`, place);
  }
  return found;
}
