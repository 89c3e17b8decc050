/** One host's way through a play: block, rescue and always are try, catch, finally, as the language has them. */
import type { TaskResult } from '../../events.ts';
import { actionName } from '../../playbook/actions.ts';
import { type Block, effective, type Node, type RoleUse, type Task, tagsOf, tasksIn } from '../../playbook/nodes.ts';
import { type Dict, fromPlain, isDict, toPlain, type Value } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import { asBoolean } from '../task/conditions.ts';
import { type IncludeRequest, keywordValue, type Outcome, type TaskRun } from '../task/outcome.ts';
import { runTask } from '../task/task.ts';
import { type Frame, scopeFor } from '../view/scopes.ts';
import type { Group, Path } from './gate.ts';
import { handlersNamed } from './handlers.ts';
import { includedBlock } from './include.ts';
import { runMeta } from './meta.ts';
import type { PlayRun } from './play.ts';
import { HostEnded, HostFailed, Interrupted } from './signals.ts';

/** Where a host stands between blocks. */
export interface Standing {
  frame: Frame | undefined;
  /** An enclosing `rescue` will take up a failure here. */
  rescuable: boolean;
  /** An enclosing `always` will run after a failure here. */
  followed: boolean;
  /** Inside a rescue or always section: other hosts' failures do not end it. */
  sheltered: boolean;
  tagged: boolean;
  /** A role that has run already: its own tasks are passed by. */
  passed?: RoleUse | undefined;
}

export const start: Standing = { frame: undefined, rescuable: false, followed: false, sheltered: false, tagged: true };

export class Walk {
  constructor(
    readonly run: PlayRun,
    readonly state: HostState,
  ) {}

  /** Walks nodes in order; throws HostFailed or HostEnded. */
  async nodes(nodes: readonly Node[], path: Path, standing: Standing): Promise<void> {
    for (const [i, node] of nodes.entries()) {
      if (node.kind === 'task') await this.task(node, [...path, i], standing);
      else await this.block(node, [...path, i], standing);
    }
  }

  async block(block: Block, path: Path, standing: Standing): Promise<void> {
    if (block.roleStart && this.#hasRun(block)) {
      // Only the role's own tasks have been run: a role that it takes in runs again where that one may.
      await this.nodes(block.block, [...path, 0], { ...standing, passed: block.role });
      return;
    }
    try {
      await this.#sections(block, path, standing);
    } catch (error) {
      if (!(error instanceof HostEnded && error.scope === 'role' && block.roleStart)) throw error;
    }
    if (block.roleStart) this.state.completedRoles.add(block.role!.key);
  }

  #hasRun(block: Block): boolean {
    return this.state.completedRoles.has(block.role!.key) && !block.role!.role.allowDuplicates;
  }

  async #sections(block: Block, path: Path, standing: Standing): Promise<void> {
    const { rescue, always } = block;
    const { run, state } = this;
    if (rescue.length === 0 && always.length === 0) return this.nodes(block.block, [...path, 0], standing);
    let failure: unknown;
    try {
      const rescuable = rescue.length > 0 || standing.rescuable;
      const followed = always.length > 0 || standing.followed;
      await this.nodes(block.block, [...path, 0], { ...standing, rescuable, followed });
      // Another host's failure of the last task may be everybody's: it is to be known while all are still in the block.
      if (run.gate.lockstep && this.#mayDoom(block))
        await run.arrive(state.name, [...path, 0, END], endOf(block), standing.sheltered, standing.frame);
    } catch (error) {
      failure = error;
    }
    if (failure instanceof HostFailed && rescue.length > 0)
      failure = await this.#rescue(block, path, standing, failure);
    // Only a failure, or none, comes by `always`: a host that was ended or lost goes at once.
    const lost = failure instanceof HostFailed && failure.result.status === 'unreachable';
    if (failure !== undefined && (!(failure instanceof HostFailed) || lost)) throw failure;
    await this.nodes(always, [...path, 2], { ...standing, sheltered: true });
    if (failure !== undefined) throw failure;
  }

  /** Whether a host's failure of the block's last task may fail the others too. */
  #mayDoom(block: Block): boolean {
    if (this.run.session.options.anyErrorsFatal || this.run.play.own.has('max_fail_percentage')) return true;
    const tasks = [...tasksIn(block.block)];
    return tasks.some((task) => effective(task, 'any_errors_fatal') || effective(task, 'run_once'));
  }

  /** Runs `rescue`; returns what failed in it, if anything. */
  async #rescue(block: Block, path: Path, standing: Standing, failure: HostFailed): Promise<unknown> {
    this.state.variables.set('ansible_failed_task', taskVariables(failure.task));
    this.state.variables.set('ansible_failed_result', fromPlain(failure.result.values));
    this.state.unreachable = false;
    try {
      const followed = block.always.length > 0 || standing.followed;
      await this.nodes(block.rescue, [...path, 1], { ...standing, followed, sheltered: true });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async task(task: Task, path: Path, standing: Standing): Promise<void> {
    const { run, state } = this;
    if (standing.passed && task.role === standing.passed) return;
    if (!task.handler && !run.selects(task)) return;
    if (run.session.signal.aborted) throw new Interrupted();
    const group = await run.arrive(state.name, path, task, standing.sheltered, standing.frame);
    state.reached = run.nameOf(task, state);
    if (actionName(task.action) === 'meta') return runMeta(this, task, path, standing, group);
    if (!(await run.session.stepping.allows(group, state.reached))) return;
    const outcome = await this.#outcome(task, standing, group);
    if (!outcome) return;
    this.#apply(task, outcome);
    if (fails(outcome.result)) {
      if (outcome.result.status === 'unreachable') state.unreachable = true;
      const failure = new HostFailed(task, outcome.result);
      run.noteFailure(failure, state.name, standing.rescuable || standing.followed);
      throw failure;
    }
    if (outcome.includes.length > 0) await this.#goOn(task, path, outcome.includes, standing);
  }

  /** Walks what an include brings: all of it is read and shown before the first task of it runs. */
  async #goOn(task: Task, path: Path, includes: readonly IncludeRequest[], standing: Standing): Promise<void> {
    const { run, state } = this;
    const found: { include: IncludeRequest; order: { order: number }; block: Block }[] = [];
    for (const include of includes) {
      const order = run.includeOrder(task, path, include, state.name);
      const { node, file } = await includedBlock(this, task, include, standing.frame);
      run.included(task, file, state.name, include);
      found.push({ include, order, block: node });
    }
    for (const { include, order, block } of found) {
      const frame: Frame = { block, vars: include.vars, outer: standing.frame };
      await this.nodes([block], [...path, include.item, order], { ...standing, frame });
    }
  }

  /** Runs the task, or for `run_once` takes the outcome of the group's first host. */
  async #outcome(task: Task, standing: Standing, group: Group): Promise<Outcome | undefined> {
    const { run, state } = this;
    const definition = actionName(task.action) || task.missing ? undefined : await run.session.definition(task.action);
    const taskRun: TaskRun = {
      session: run.session,
      view: run.view,
      task,
      state,
      frame: standing.frame,
      name: run.nameOf(task, state),
      definition,
      scope: scopeFor(run.session, run.view, task, state, standing.frame),
    };
    const once = run.gate.lockstep && (definition?.once === true || this.#flag(taskRun, 'run_once'));
    if (!once || group.hosts.length === 1) return this.#limited(task, taskRun, standing);
    if (group.hosts[0] === state.name) {
      const outcome = this.#limited(task, taskRun, standing);
      group.shared = outcome;
      return outcome;
    }
    // The first host was let through first and has set `shared` by now.
    const outcome = (await group.shared) as Outcome;
    if (outcome.result.status !== 'skipped' || task.own.has('register')) this.#register(task, outcome);
    if (fails(outcome.result)) throw new HostFailed(task, outcome.result);
    const facts = outcome.registered.get('ansible_facts');
    if (isDict(facts))
      for (const [name, value] of facts)
        state[task.action.endsWith('set_fact') ? 'variables' : 'facts'].set(name, value);
    return undefined;
  }

  /** Within `forks` and `throttle`; reports the result. The debugger may have it run again. */
  async #limited(task: Task, taskRun: TaskRun, standing: Standing): Promise<Outcome> {
    const { session } = this.run;
    const throttle = this.#count(taskRun, 'throttle');
    for (let attempt = taskRun; ; ) {
      const work = () => session.forks(() => runTask(attempt));
      const outcome = await (throttle > 0 ? session.throttle(task, throttle)(work) : work());
      const before = { ...this.state.recap };
      this.#report(attempt, outcome, standing);
      if (!session.debugging.stops(attempt, outcome, this.run.strategy)) return outcome;
      const again = await session.debugging.stop(attempt, outcome);
      if (!again) return outcome;
      Object.assign(this.state.recap, before);
      attempt = again;
    }
  }

  /** A keyword that decides before the task runs; where it can't be rendered the task itself will say so. */
  #flag(taskRun: TaskRun, keyword: string): boolean {
    return this.#rendered(taskRun, keyword, asBoolean) ?? false;
  }

  #count(taskRun: TaskRun, keyword: string): number {
    return this.#rendered(taskRun, keyword, Number) ?? 0;
  }

  #rendered<T>(taskRun: TaskRun, keyword: string, read: (value: Value) => T): T | undefined {
    if (effective(taskRun.task, keyword) === undefined) return undefined;
    try {
      const value = keywordValue(taskRun.task, keyword, taskRun.scope);
      return value === undefined ? undefined : read(value);
    } catch {
      return undefined;
    }
  }

  #report(taskRun: TaskRun, outcome: Outcome, standing: Standing): void {
    const { result } = outcome;
    const { recap } = this.state;
    this.run.session.seen.add(this.state.name);
    if (fails(result) && standing.rescuable) result.rescued = true;
    // An include that goes on is counted and shown by what it includes.
    if (outcome.includes.length > 0 && result.status === 'ok') return;
    if (result.ignored) {
      recap.ok++;
      recap.ignored++;
      if (outcome.registered.get('changed') === true) recap.changed++;
    } else if (result.status === 'unreachable') recap.unreachable++;
    else if (result.status === 'failed') {
      if (result.rescued) recap.rescued++;
      else recap.failed++;
    } else if (result.status === 'skipped') recap.skipped++;
    else {
      recap.ok++;
      if (result.status === 'changed') recap.changed++;
    }
    const info = this.run.session.info(taskRun.task, taskRun.name);
    const event = { type: 'task:result' as const, task: info, host: this.state.name, result };
    this.run.session.emit(outcome.delegatedTo === undefined ? event : { ...event, delegatedTo: outcome.delegatedTo });
  }

  /** Registers and notifies. */
  #apply(task: Task, outcome: Outcome): void {
    this.#register(task, outcome);
    this.state.lastResult = outcome.result;
    if (outcome.result.status === 'failed' || outcome.registered.get('changed') !== true) return;
    for (const name of outcome.notify ?? []) {
      const handlers = handlersNamed(this, name);
      if (handlers.length === 0) {
        const msg = `the handler \`${name}\` was not found`;
        throw new HostFailed(task, { status: 'failed', values: { failed: true, msg }, msg, duration: 0 });
      }
      // Outside of a flush only the name is kept: of handlers that roles bring until then, the last one runs.
      if (task.handler) for (const handler of handlers) this.state.notified.add(handler);
      else this.state.notifications.add(name);
      this.run.session.emit({
        type: 'notify',
        host: this.state.name,
        handler: name,
        task: this.run.session.info(task, this.state.reached),
      });
    }
  }

  #register(task: Task, outcome: Outcome): void {
    const name = task.own.get('register');
    if (typeof name === 'string' && name !== '') this.state.variables.set(name, outcome.registered);
  }
}

/** Behind all tasks of a block. */
const END = Number.MAX_SAFE_INTEGER;
const ends = new WeakMap<Block, Task>();

/** What hosts wait at behind the last task of a block. */
function endOf(block: Block): Task {
  let task = ends.get(block);
  if (!task) {
    task = {
      kind: 'task',
      id: 'end',
      file: '',
      own: new Map(),
      parent: block,
      place: block.place,
      role: block.role,
      action: 'meta',
      args: 'noop',
      actionPlace: block.place,
      loop: undefined,
      handler: false,
      listen: [],
      directory: '',
    };
    ends.set(block, task);
  }
  return task;
}

/** A failure that ends the host's walk here. */
function fails(result: TaskResult): boolean {
  return (result.status === 'failed' || result.status === 'unreachable') && !result.ignored;
}

/** `ansible_failed_task`: what a rescue may want to know of it. */
function taskVariables(task: Task): Dict {
  const name = task.own.get('name');
  return new Map<Value, Value>([
    ['name', name === undefined || name === null ? '' : String(toPlain(name))],
    ['action', task.action],
    ['args', isDict(task.args) ? fromPlain(toPlain(task.args)) : new Map()],
    ['tags', tagsOf(task)],
  ]);
}
