/** A play: its hosts in batches, each host walking behind the gate; handlers after each section. */
import { actionName } from '../../playbook/actions.ts';
import { keyword, ownKeyword, tagsOf, writtenName } from '../../playbook/keyword.ts';
import type { Block, Node, Play, Task } from '../../playbook/nodes.ts';
import { tagsMatch } from '../../playbook/tags.ts';
import { fnmatch } from '../../python/fnmatch.ts';
import { type Dict, Template, toPlain } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import type { PlayPlaces } from '../recording.ts';
import type { Session } from '../session.ts';
import { clearErrors, countInclude, endHost, startPlay } from '../task/effects.ts';
import type { Frame, Group, IncludeRequest, Path, PlayView } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { shownName } from '../view/names.ts';
import { scopeFor } from '../view/scopes.ts';
import { sourceOf } from '../view/source.ts';
import { CallOrder } from './call_order.ts';
import { FreeGate, type Gate, LinearGate } from './gate.ts';
import { flushHandlers } from './handlers.ts';
import type { Included } from './include.ts';
import type { PlaySettings } from './settings.ts';
import { HostEnded, HostFailed, Interrupted } from './signals.ts';
import { start } from './standing.ts';
import { Walk } from './walk.ts';

/** One play over one batch of hosts. */
export class PlayRun {
  readonly gate: Gate;
  readonly includes = new Map<string, Promise<Included>>();
  /** The whole play ends, not only this batch. */
  playEnded = false;
  /** How often clear_host_errors was run. */
  clearings = 0;
  /** A failure that was fatal to all was not rescued: the run ends with this play. */
  get stopped(): boolean {
    return (
      this.#fatal && this.#came.some((name) => this.session.host(name).failed || this.session.host(name).unreachable)
    );
  }

  /** Notes a failure, fatal to all or not, and the host it was the end of: one that a rescue or always section waits for goes on. */
  noteFailure(failure: HostFailed, host: string, { goesOn, fatal }: { goesOn: boolean; fatal: boolean }): void {
    if (fatal) this.#fatalFailure ??= failure;
    if (!goesOn && failure.result.status === 'failed') this.#failed.add(host);
  }

  #rank: Map<string, number>;
  #paths = new Map<Task, Path>();
  #calls = new Map<Block, CallOrder>();
  #orders = new Map<string, { order: number }>();
  #doomed = new Map<string, HostFailed>();
  #sheltered = new Set<string>();
  /** A failure since the gate opened last that is fatal to all, rescued or not; and those that ended a host. */
  #fatalFailure: HostFailed | undefined;
  #lost: HostFailed[] = [];
  /** Hosts that the play began with, and those that count for max_fail_percentage. */
  #came: string[] = [];
  #failed = new Set<string>();
  #fatal = false;
  #ending = false;
  #pendingIncludes = new Map<
    string,
    { task: Task; file: string; hosts: string[]; item: string | undefined; replayed: boolean }
  >();
  #selected = new Map<Task, boolean>();
  /** A task's names, one for each time that an include brought it. */
  #names = new Map<Task, { path: Path; name: string }[]>();
  /** Where each host is: the task it last came to, and the variables of the includes around it. */
  #at = new Map<string, { path: Path; frame: Frame | undefined }>();

  constructor(
    readonly session: Session,
    readonly play: Play,
    readonly view: PlayView,
    readonly settings: PlaySettings,
    readonly gatherTask: Task | undefined,
    private readonly starting: { reached: boolean },
    /** Where its tasks are, if a record is kept. */
    readonly places?: PlayPlaces,
  ) {
    this.#rank = new Map(view.batch.map((host, i) => [host, i]));
    const watch = {
      opening: (task: Task, hosts: string[]) => this.#opening(task, hosts),
      rank: (host: string) => this.#rank.get(host) ?? 0,
      settle: (waiting: readonly string[]) => this.#settle(waiting),
    };
    const free = settings.strategy === 'free' || settings.strategy === 'host_pinned';
    this.gate = free ? new FreeGate(watch) : new LinearGate(watch);
  }

  /** Walks all hosts of the batch; resolves when each is done, failed or ended. */
  async walkAll(): Promise<void> {
    const states = this.view.batch.map((name) => this.session.host(name));
    for (const state of states) {
      startPlay(state);
      if (!state.active) continue;
      this.#came.push(state.name);
      this.gate.enter(state.name);
    }
    const pinned =
      this.settings.strategy === 'host_pinned'
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
      this.session.options.gathering === 'smart' && state.cached && ownKeyword(this.play, 'gather_facts') === undefined
    );
  }

  /** A section and its handlers; with force_handlers they run after a failure too, together with the other hosts'. */
  async #section(walk: Walk, section: readonly Node[], i: number): Promise<void> {
    let failure: unknown;
    try {
      await walk.nodes(section, [1, i, 0], start);
    } catch (error) {
      const forced = error instanceof HostFailed && this.settings.forceHandlers;
      if (!forced || error.result.status === 'unreachable') throw error;
      failure = error;
    }
    // A failure that is fatal to all ends no handlers that run in spite of it.
    await flushHandlers(walk, [1, i, 1], failure ? { ...start, sheltered: true } : start);
    if (failure) throw failure;
  }

  /** A host's walk ended early: by failure, by end_host, or by interruption (which goes on upwards). */
  #ended(state: HostState, error: unknown): void {
    if (error instanceof HostEnded) {
      endHost(state, 'ended');
      return;
    }
    if (!(error instanceof HostFailed)) throw error;
    endHost(state, error.result.status === 'unreachable' ? 'unreachable' : 'failed');
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
    const lost = this.#lost.splice(0);
    const fatal = this.#fatalFailure ?? (this.#tooManyFailed() ? lost.at(-1) : undefined);
    this.#fatalFailure = undefined;
    if (fatal) {
      this.#fatal = true;
      for (const host of waiting) if (!this.#sheltered.has(host)) this.#doomed.set(host, fatal);
    }
    if (this.#ending || this.session.signal.aborted) return [...waiting];
    return waiting.filter((host) => this.#doomed.has(host));
  }

  #tooManyFailed(): boolean {
    const { maxFailPercentage } = this.settings;
    return maxFailPercentage !== undefined && (this.#failed.size / this.view.batch.length) * 100 > maxFailPercentage;
  }

  #opening(task: Task, hosts: string[]): void {
    this.#announceIncludes();
    if (actionName(task.action) === 'meta') return;
    const name = this.nameOf(task, this.session.host(hosts[0]!));
    const source = sourceOf(task);
    this.session.emit({
      type: 'task:start',
      task: this.session.info(task, name),
      hosts,
      ...(source !== undefined && { source }),
      ...(this.#isRepeated(task, hosts) && { replayed: true }),
    });
  }

  /** Whether all of these hosts have done the task in the run that this one resumes. */
  #isRepeated(task: Task, hosts: readonly string[]): boolean {
    const { places } = this;
    const { recording } = this.session;
    if (!places || !recording?.resumes) return false;
    return hosts.every((host) => recording.isDone(places.next(task, host), host, this.view.batch));
  }

  /** The task's name as shown, rendered for the first host that came to it. */
  nameOf(task: Task, state: HostState): string {
    const own = ownKeyword(task, 'name');
    if (!(own instanceof Template)) return writtenName(task) || this.#standardName(task);
    const { path, frame } = this.#at.get(state.name) ?? { path: [], frame: undefined };
    const names = this.#names.get(task) ?? [];
    const known = names.find(
      (each) => each.path.length === path.length && each.path.every((step, i) => step === path[i]),
    );
    if (known) return known.name;
    let name = own.text;
    try {
      const rendered = keyword(task, 'name', rendering(scopeFor(this.session, this.view, task, state, frame)));
      name = rendered || this.#standardName(task);
    } catch {
      // A name is only shown: one that can't be rendered is shown as it was written, as Ansible does.
    }
    this.#names.set(task, [...names, { path, name }]);
    return name;
  }

  /** How a task without a name is called. */
  #standardName(task: Task): string {
    if (actionName(task.action) !== 'include_role') return task.action;
    const args = this.session.loader.tasks.args(task);
    const role = args.get('name') ?? args.get('role');
    return role === undefined ? task.action : `${task.action} : ${String(toPlain(role))}`;
  }

  /** Variables that are known before any host is, strongest first: names and tags of what an include brings may say them. */
  get knownVars(): readonly Dict[] {
    const vars = keyword(this.play, 'vars');
    return vars ? [...this.view.varsFiles('localhost'), vars] : this.view.varsFiles('localhost');
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

  /** The calls of a function that is the body of a block. */
  callOrder(block: Block): CallOrder {
    const order = this.#calls.get(block) ?? new CallOrder();
    this.#calls.set(block, order);
    return order;
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
    const replayed = include.replayed === true;
    if (!pending) this.#pendingIncludes.set(key, { task, file, hosts: [host], item: label, replayed });
    else {
      if (!pending.hosts.includes(host)) pending.hosts.push(host);
      pending.replayed &&= replayed;
    }
    this.session.seen.add(host);
    countInclude(this.session.host(host));
  }

  #announceIncludes(): void {
    for (const { task, file, hosts, item, replayed } of this.#pendingIncludes.values()) {
      hosts.sort((a, b) => (this.#rank.get(a) ?? 0) - (this.#rank.get(b) ?? 0));
      this.session.emit({
        type: 'include',
        task: this.session.info(task, this.#names.get(task)?.at(-1)?.name ?? task.action),
        file,
        hosts,
        ...(item === undefined ? {} : { item }),
        ...(replayed && { replayed }),
      });
    }
    this.#pendingIncludes.clear();
  }

  /** end_play, end_batch: every host ends at its next task. */
  endAll(play: boolean): void {
    this.#ending = true;
    if (play) this.playEnded = true;
  }

  /**
   * clear_host_errors: failed and lost hosts are taken back from the next play on. A host that a failure only leads through
   * `always` goes on behind it.
   */
  clearErrors(): void {
    this.clearings++;
    for (const name of this.view.batch) clearErrors(this.session.host(name));
    this.session.recording?.cleared(this.view.batch);
  }
}

function matchesName(wanted: string, task: Task): boolean {
  const name = writtenName(task);
  const pattern = fnmatch(wanted);
  return [name, shownName(task, name)].some((text) => pattern.test(text));
}
