/** What one run holds: options, inventory, variables, connections, secrets, hosts. One per runPlaybook; no ambient state. */
import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Calls } from '../author/called.ts';
import { AuthorError, placeText, reasonOf, systemFailure } from '../errors.ts';
import type { RunEvent, TaskInfo } from '../events.ts';
import type { Inventory } from '../inventory/index.ts';
import type { ModuleDefinition, Traits } from '../modules/define.ts';
import { findModule, loadModule } from '../modules/find.ts';
import { actionName } from '../playbook/actions.ts';
import { tagsOf } from '../playbook/keyword.ts';
import type { Loader } from '../playbook/load.ts';
import type { Task } from '../playbook/nodes.ts';
import type { Pool } from '../remote/pool.ts';
import type { Dict } from '../values.ts';
import { FactCache } from '../vars/fact_cache.ts';
import type { Variables } from '../vars/variables.ts';
import type { Broadcast } from './broadcast.ts';
import { Door } from './door.ts';
import { FORKS, type Limit } from './forks.ts';
import type { HostState } from './host_state.ts';
import type { Named } from './named.ts';
import type { RunOptions } from './options.ts';
import type { Programs } from './programs.ts';
import type { Recording } from './recording.ts';
import type { Redactor } from './redact.ts';
import { Jobs } from './task/async.ts';
import { Debugging } from './task/debugger.ts';
import { newHost, recallFacts } from './task/effects.ts';
import { Stepping } from './task/step.ts';

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'time'> : never) : never;

export class Session {
  readonly hosts = new Map<string, HostState>();
  /** Names of hosts that took part, in order, for the recap. */
  readonly seen = new Set<string>();
  /** Warnings that were given already. */
  readonly #said = new Set<string>();
  readonly definitions = new Map<string, Promise<ModuleDefinition>>();
  readonly forks: Limit;
  /** What set_stats set: for the run, and by host. */
  readonly stats: Dict = new Map();
  readonly hostStats = new Map<string, Dict>();
  readonly jobs = new Jobs();
  readonly factCache: FactCache | undefined;
  readonly stepping: Stepping;
  readonly debugging: Debugging;
  readonly startTime = Date.now();
  /** What makes tasks of the calls of imperative plays, once one runs. */
  calls: Calls | undefined;
  readonly door: Door;
  /** The record of the run, once it has begun; none where it keeps none. */
  recording: Recording | undefined;
  /** Paths of files and directories of the controller that tasks used. */
  readonly used = new Set<string>();
  /** SHA-256 of the project's files that were read, by path. */
  readonly files = new Map<string, string>();
  /** Of the modules that are loaded. */
  readonly #traits = new Map<string, Traits>();
  #throttles = new Map<string, Limit>();

  constructor(
    readonly options: RunOptions & { cwd: string },
    readonly extraVars: Dict,
    readonly inventory: Inventory,
    readonly variables: Variables,
    readonly pool: Pool,
    readonly loader: Loader,
    readonly redactor: Redactor,
    readonly events: Broadcast<RunEvent>,
    readonly signal: AbortSignal,
    /** Ends the run as an interruption does: the signal aborts. */
    readonly quit: () => void,
    /** Reads the inventory's sources again. */
    readonly readInventory: () => Promise<Inventory>,
    /** What the files that were read so far name of facts that are costly. */
    readonly named: Named,
    /** Files that are programs. */
    readonly programs: Programs,
  ) {
    // Every host that works listens to it; Node would take more than ten for a leak.
    setMaxListeners(0, signal);
    this.door = new Door(redactor, events);
    this.forks = pLimit(options.forks ?? FORKS);
    const { factCache } = options;
    this.factCache = factCache && new FactCache(resolve(options.cwd, factCache.folder), factCache);
    this.debugging = new Debugging(options.debug, options.taskDebugger === true);
    this.stepping = new Stepping(options.step ? options.ask : undefined, signal);
  }

  host(name: string): HostState {
    let state = this.hosts.get(name);
    if (!state) {
      state = newHost(name);
      this.#recall(state);
      this.hosts.set(name, state);
    }
    return state;
  }

  /** What set_stats keeps for one host. */
  statsOf(host: string): Dict {
    const stats = this.hostStats.get(host) ?? new Map();
    this.hostStats.set(host, stats);
    return stats;
  }

  /** Facts that an earlier run kept. */
  #recall(state: HostState): void {
    if (this.options.flushCache) this.factCache?.forget(state.name);
    const known = this.factCache?.read(state.name);
    if (!known) return;
    recallFacts(this, state, known);
  }

  /** Keeps the facts of every host that has some for the next run. */
  keepFacts(): void {
    if (!this.factCache) return;
    try {
      for (const state of this.hosts.values())
        if (state.factVars.size > 0) this.factCache.write(state.name, state.factVars);
        else this.factCache.forget(state.name);
    } catch (error) {
      this.warn(`facts are not kept for the next run: ${systemFailure(error) ?? reasonOf(error)}`);
    }
  }

  /** All that is reported goes through the door: hidden and masked there. */
  emit(event: EventBody): void {
    this.door.emit({ ...event, time: Date.now() } as RunEvent);
  }

  /** A text that came to be a secret while the run goes on. */
  addSecret(text: string): void {
    this.redactor.add(text);
    this.recording?.journal?.secret(text);
  }

  warn(text: string, host?: string): void {
    this.emit(
      host === undefined
        ? { type: 'message', level: 'warning', text }
        : { type: 'message', level: 'warning', text, host },
    );
  }

  /** `--limit`; a file that it names is relative to where the caller stands. */
  get limit(): string | undefined {
    const { limit, cwd } = this.options;
    return cwd === undefined ? limit : limit?.replace(/(^|,)@(?=[^/])/g, `$1@${cwd}/`);
  }

  /** A warning that each play or host of a run may come to. */
  warnOnce(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.warn(text);
  }

  /** Warnings that the inventory has come to since it was last asked, such as patterns that match nothing. */
  warnOfInventory(): void {
    for (const { message, help } of this.inventory.warnings.splice(0))
      this.warnOnce(help ? `${message}; ${help}` : message);
  }

  /** The module of a task, or why it cannot be used; neither of a word of the language. */
  async moduleFor(task: Task): Promise<{ definition: ModuleDefinition | undefined; unusable?: AuthorError }> {
    if (task.missing) return { definition: undefined, unusable: new AuthorError(task.missing) };
    if (actionName(task.action) !== undefined) return { definition: undefined };
    try {
      return { definition: await this.definition(task.action) };
    } catch (error) {
      if (error instanceof AuthorError) return { definition: undefined, unusable: error };
      throw error;
    }
  }

  /** A module's definition; one that cannot be used, as it needs Python, is an AuthorError. */
  definition(name: string): Promise<ModuleDefinition> {
    let found = this.definitions.get(name);
    if (!found) {
      const file = findModule(name, [...this.loader.libraries]);
      if (!file) throw new Error(`module ${name} vanished`);
      found = loadModule(file).then((definition) => {
        if (definition.traits) this.#traits.set(name, definition.traits);
        return definition;
      });
      this.definitions.set(name, found);
    }
    return found;
  }

  /** Whether there is a module of this name. */
  hasModule(name: string): boolean {
    return findModule(name, [...this.loader.libraries]) !== undefined;
  }

  throttle(task: Task, count: number): Limit {
    const key = `${task.id}:${count}`;
    let limit = this.#throttles.get(key);
    if (!limit) {
      limit = pLimit(count);
      this.#throttles.set(key, limit);
    }
    return limit;
  }

  /** How a task appears in the stream. */
  info(task: Task, name: string): TaskInfo {
    const info: TaskInfo = {
      id: task.id,
      name,
      action: task.action,
      path: task.place ? placeText(task.place).replace(/:\d+$/, '') : task.file,
      tags: tagsOf(task),
    };
    // As Ansible shows it: without the role that the include stands in.
    const bare = actionName(task.action) === 'include_role';
    if (task.role && !bare) info.role = task.role.role.name;
    if (task.handler) info.handler = true;
    const shows = this.#traits.get(task.action)?.shows;
    if (shows) info.shows = shows;
    return info;
  }

  path(name: string): string {
    return resolve(this.options.cwd, name);
  }
}
