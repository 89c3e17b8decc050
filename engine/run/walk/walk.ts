/** One host's way through a play: block, rescue and always are try, catch, finally, as the language has them. */
import { TemplateError, UndefinedError, UnknownError } from '../../errors.ts';
import type { TaskResult } from '../../events.ts';
import { actionName } from '../../playbook/actions.ts';
import { keyword, type Read, tagsOf, written, writtenName } from '../../playbook/keyword.ts';
import { type Block, type Node, type Task, tasksIn } from '../../playbook/nodes.ts';
import { type Dict, fromPlain, isDict, setPlaces, type Template, toPlain, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { HostState } from '../host_state.ts';
import type { Session } from '../session.ts';
import {
  applyOutcome,
  beginRescue,
  beginRole,
  completeRole,
  count,
  endHost,
  hostsOfOutcome,
  notifyHandlers,
  notifyName,
  reach,
} from '../task/effects.ts';
import { type Found, repeated } from '../task/repeated.ts';
import { runTask } from '../task/task.ts';
import type { Frame, Group, IncludeRequest, Outcome, Path, Standing, TaskPlace, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { scopeFor } from '../view/scopes.ts';
import { handlersNamed, requireHandlers } from './handlers.ts';
import { includedBlock } from './include.ts';
import { runMeta } from './meta.ts';
import type { PlayRun } from './play.ts';
import { HostEnded, HostFailed, Interrupted } from './signals.ts';

/** A task that a function called: as it is for this host, and what came of it. */
interface Called {
  readonly task: Task;
  outcome?: Outcome | undefined;
}

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
      if (block.body) await (await import('./body.ts')).runBody(this, block, path, standing);
      else await this.#sections(block, path, standing);
    } catch (error) {
      if (!(error instanceof HostEnded && error.scope === 'role' && block.roleStart)) throw error;
    }
    if (block.roleStart) completeRole(this.state, block.role!.key);
  }

  #hasRun(block: Block): boolean {
    return this.state.completedRoles.has(block.role!.key) && !block.role!.role.allowDuplicates;
  }

  async #sections(block: Block, path: Path, standing: Standing): Promise<void> {
    const { rescue, always } = block;
    const { run, state } = this;
    if (rescue.length === 0 && always.length === 0) return this.nodes(block.block, [...path, 0], standing);
    const { clearings } = run;
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
    if (failure !== undefined && run.clearings === clearings) throw failure;
  }

  /** Whether a host's failure of the block's last task may fail the others too. */
  #mayDoom(block: Block): boolean {
    if (this.run.session.options.anyErrorsFatal || this.run.settings.maxFailPercentage !== undefined) return true;
    const names = ['any_errors_fatal', 'run_once'] as const;
    return [...tasksIn(block.block)].some((task) => names.some((name) => written(task, name).length > 0));
  }

  /** Runs `rescue`; returns what failed in it, if anything. */
  async #rescue(block: Block, path: Path, standing: Standing, failure: HostFailed): Promise<unknown> {
    beginRescue(this.state, taskVariables(failure.task), fromPlain(failure.result.values));
    try {
      const followed = block.always.length > 0 || standing.followed;
      await this.nodes(block.rescue, [...path, 1], { ...standing, followed, sheltered: true });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** Carries a task out; `called` is the host's own form of it, where a function called it, and takes what came of it. */
  async task(task: Task, path: Path, standing: Standing, called?: Called): Promise<void> {
    const { run, state } = this;
    if (standing.passed && task.role === standing.passed) return;
    if (!task.handler && !run.selects(task)) return;
    if (run.session.signal.aborted) throw new Interrupted();
    const group = await this.#arrive(path, task, standing);
    reach(state, run.nameOf(task, state));
    if (actionName(task.action) === 'meta') return this.#meta(task, path, standing, group);
    const place = run.places?.at(called?.task ?? task, state.name);
    const { recording, stepping } = run.session;
    // All hosts of the group wait as long here: the first one is to go on first.
    const isDone = place && recording?.isDone(place, state.name, run.view.batch);
    if (!(await (isDone ? true : stepping.allows(group, state.reached)))) return;
    const taskRun = await this.#taskRun(called?.task ?? task, standing, place);
    const once = run.gate.lockstep && (taskRun.definition?.once === true || this.#early(taskRun, 'run_once') === true);
    const outcome = await this.#outcome(taskRun, standing, group, once);
    if (called) called.outcome = outcome ?? (await group.shared!);
    if (!outcome) return;
    const { status } = outcome.result;
    if (task.role && status !== 'skipped' && status !== 'unreachable') beginRole(state, task.role.key);
    this.#notify(taskRun.task, outcome);
    if (fails(outcome.result)) throw this.failure(taskRun, outcome.result, standing, once);
    if (outcome.includes.length > 0) await this.#goOn(taskRun, path, outcome.includes, standing);
  }

  /** In a plan, whether a meta task is to be carried out may be known only in a real run: the plan goes on without it. */
  async #meta(task: Task, path: Path, standing: Standing, group: Group): Promise<void> {
    try {
      await runMeta(this, task, path, standing, group);
    } catch (error) {
      if (!(error instanceof UnknownError)) throw error;
      this.run.session.warnOnce(`\`meta\` ${error.message}; the plan goes on without it`);
    }
  }

  /** Waits at the gate; what a host does after another one's failure ended its way is not to be repeated by a resumed run. */
  async #arrive(path: Path, task: Task, standing: Standing): Promise<Group> {
    const { run, state } = this;
    try {
      return await run.arrive(state.name, path, task, standing.sheltered, standing.frame);
    } catch (error) {
      if (error instanceof HostFailed && !standing.rescuable) run.session.recording?.cut(state.name);
      throw error;
    }
  }

  /** Notes a failure that ends this host's walk, unless a rescue takes it up, and perhaps everybody's. */
  failure(taskRun: TaskRun, result: TaskResult, standing: Standing, once = false): HostFailed {
    if (result.status === 'unreachable') endHost(this.state, 'unreachable');
    if (!standing.rescuable) this.run.session.recording?.cut(this.state.name);
    const failure = new HostFailed(taskRun.task, result);
    const fatal =
      once || (this.#early(taskRun, 'any_errors_fatal') ?? this.run.session.options.anyErrorsFatal ?? false);
    this.run.noteFailure(failure, this.state.name, { goesOn: standing.rescuable || standing.followed, fatal });
    return failure;
  }

  /** Walks what an include brings: all of it is read and shown before the first task of it runs. */
  async #goOn(taskRun: TaskRun, path: Path, includes: readonly IncludeRequest[], standing: Standing): Promise<void> {
    const { run, state } = this;
    const { task } = taskRun;
    const found: { include: IncludeRequest; order: { order: number }; block: Block }[] = [];
    for (const include of includes) {
      const order = run.includeOrder(task, path, include, state.name);
      const brought = await includedBlock(run, taskRun, include);
      if ('result' in brought) {
        count(state, brought.result, false);
        run.session.emit({
          type: 'task:result',
          task: run.session.info(task, taskRun.name),
          host: state.name,
          result: brought.result,
        });
        throw this.failure(taskRun, brought.result, standing);
      }
      run.included(task, brought.file, state.name, include);
      found.push({ include, order, block: brought.node });
    }
    for (const { include, order, block } of found) {
      const frame: Frame = { block, vars: include.vars, outer: standing.frame };
      await this.nodes([block], [...path, include.item, order], { ...standing, frame });
    }
  }

  async #taskRun(task: Task, standing: Standing, place: TaskPlace | undefined): Promise<TaskRun> {
    const { run, state } = this;
    const { session, view } = run;
    const scope = scopeFor(session, view, task, state, standing.frame);
    const chosen = task.chosen ? chosenAction(task, task.chosen, scope, session) : task;
    return {
      session,
      view,
      task: chosen,
      state,
      frame: standing.frame,
      name: run.nameOf(task, state),
      place,
      ...(await session.moduleFor(chosen)),
      scope,
    };
  }

  /** Runs the task and applies what it did, or for `run_once` waits until the group's first host has; undefined if that did it all. */
  async #outcome(taskRun: TaskRun, standing: Standing, group: Group, once: boolean): Promise<Outcome | undefined> {
    const { run, state } = this;
    if (!once || group.hosts[0] === state.name) {
      const hosts = hostsOfOutcome(run.session, run.view, state, once);
      const found = run.session.recording?.find(taskRun, once);
      const work = found?.outcome
        ? Promise.resolve(this.#repeat(taskRun, found, standing))
        : this.#limited({ ...taskRun, earlier: found?.earlier }, standing);
      const outcome = work.then((done) => {
        rememberSkipped(taskRun.task, done);
        run.session.recording?.outcome(taskRun, done, once);
        applyOutcome(run.session, hosts, done, keyword(taskRun.task, 'register'));
        return done;
      });
      if (once) group.shared = outcome;
      return outcome;
    }
    // The first host was let through first and has set `shared` by now.
    const { result } = (await group.shared)!;
    if (fails(result)) throw this.failure(taskRun, result, standing, true);
    return undefined;
  }

  /** What came of the task in the run that this one resumes; it is reported and applied as if it had happened now. */
  #repeat(taskRun: TaskRun, found: Found, standing: Standing): Outcome {
    const outcome = repeated(taskRun, found);
    this.#report(taskRun, outcome, standing);
    return outcome;
  }

  /** Within `forks` and `throttle`; reports the result. The debugger may have it run again. */
  async #limited(taskRun: TaskRun, standing: Standing): Promise<Outcome> {
    const { session } = this.run;
    const throttle = this.#early(taskRun, 'throttle') ?? 0;
    for (let attempt = taskRun; ; ) {
      const work = () => session.forks(() => runTask(attempt));
      const outcome = await (throttle > 0 ? session.throttle(taskRun.task, throttle)(work) : work());
      requireHandlers(this.run, this.state, attempt.task, outcome);
      const takeBack = this.#report(attempt, outcome, standing);
      if (!session.debugging.stops(attempt, outcome, this.run.settings.strategy)) return outcome;
      const again = await session.debugging.stop(attempt, outcome);
      if (!again) return outcome;
      takeBack();
      attempt = again;
    }
  }

  /** A keyword that is asked for outside of the task; where it can't be read the task itself has failed because of it. */
  #early<Name extends 'run_once' | 'throttle' | 'any_errors_fatal'>({ task, scope }: TaskRun, name: Name) {
    try {
      return keyword<'run_once' | 'throttle' | 'any_errors_fatal'>(task, name, rendering(scope)) as Read<Name>;
    } catch {
      return undefined;
    }
  }

  /** Counts and shows a result; returns how to take it out of the count again. */
  #report(taskRun: TaskRun, outcome: Outcome, standing: Standing): () => void {
    const { result } = outcome;
    const { session } = this.run;
    session.seen.add(this.state.name);
    if (fails(result) && standing.rescuable) result.rescued = true;
    // An include that goes on is counted and shown by what it includes.
    if (outcome.includes.length > 0 && result.status === 'ok') return () => {};
    const changed = outcome.registered.get('changed') === true;
    count(this.state, result, changed);
    const info = session.info(taskRun.task, taskRun.name);
    const event = { type: 'task:result' as const, task: info, host: this.state.name, result };
    session.emit(outcome.delegatedTo === undefined ? event : { ...event, delegatedTo: outcome.delegatedTo });
    return () => count(this.state, result, changed, -1);
  }

  #notify(task: Task, outcome: Outcome): void {
    if (outcome.result.status === 'failed' || outcome.registered.get('changed') !== true) return;
    for (const name of outcome.notify ?? []) {
      const handlers = handlersNamed(this.run, this.state, name);
      if (task.handler) notifyHandlers(this.state, handlers);
      else notifyName(this.state, name);
      this.run.session.emit({
        type: 'notify',
        host: this.state.name,
        handler: name,
        task: this.run.session.info(task, this.state.reached),
      });
    }
  }
}

/** A task whose module a template chooses, with the module that it comes to on this host; one that is not there is missing. */
function chosenAction(task: Task, template: Template, scope: VarScope, session: Session): Task {
  let action: string;
  try {
    action = String(scope.resolve(template));
  } catch (error) {
    if (!(error instanceof UndefinedError || error instanceof TemplateError)) throw error;
    return {
      ...task,
      missing: { message: error.message, place: task.actionPlace, ...(error.help && { help: error.help }) },
    };
  }
  if (session.hasModule(action)) return { ...task, action };
  const help = actionName(action) ? 'write it as the key of the task' : '`run doc --list` lists the modules';
  return { ...task, missing: { message: `there is no module \`${action}\``, place: task.actionPlace, help } };
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
  return new Map<Value, Value>([
    ['name', writtenName(task)],
    ['action', task.action],
    ['args', isDict(task.args) ? fromPlain(toPlain(task.args)) : new Map()],
    ['tags', tagsOf(task)],
  ]);
}

/** Whoever misses something in the result of a skipped task is told which task that was. */
function rememberSkipped({ place }: Task, { result, registered }: Outcome): void {
  if (result.status === 'skipped' && place) setPlaces(registered, { self: place, values: new Map() });
}
