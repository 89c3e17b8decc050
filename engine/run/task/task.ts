/** One task on one host: loop, condition, attempts, module. */
import { AuthorError, ModuleFailure } from '../../errors.ts';
import type { TaskResult } from '../../events.ts';
import type { ModuleDefinition, ModuleEnv } from '../../modules/define.ts';
import { convertArgs, secretTexts } from '../../modules/parts/arguments.ts';
import { actionName } from '../../playbook/actions.ts';
import { collected } from '../../playbook/nodes.ts';
import { OMIT, toText } from '../../template/index.ts';
import { type Dict, placeOfValue, toPlain, type Value, without } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import { notifiedNames } from '../walk/handlers.ts';
import { Interrupted } from '../walk/signals.ts';
import { moduleArgs } from './arguments.ts';
import { newId, startedOutcome, waitedOutcome } from './async.ts';
import { asBoolean, conditionsHold } from './conditions.ts';
import { applyEffects } from './effects.ts';
import { calledWith, failedAs, invocationOf } from './invocation.ts';
import { type LoopPlan, loopItems } from './loop.ts';
import { bindEnds, bindRemote, moduleEnv, noRemote } from './module_env.ts';
import {
  censored,
  failureOutcome,
  finished,
  joined,
  keywordValue,
  type Outcome,
  skippedOutcome,
  type TaskRun,
  verdictOf,
  withRegistered,
} from './outcome.ts';

/** Runs a task on a host, loop and all; never throws but Interrupted and bugs. */
export async function runTask(run: TaskRun): Promise<Outcome> {
  const started = performance.now();
  const { scope } = run;
  run.session.door.hide(run.task.id, run.state.name, false);
  let outcome: Outcome;
  try {
    const plan = loopItems(run, scope);
    outcome = plan ? await runLoop(run, plan) : await runOnce(run, scope);
  } catch (error) {
    outcome = failureOutcome(run, error, scope);
  }
  outcome.result.duration = (performance.now() - started) / 1000;
  return outcome;
}

async function runLoop(run: TaskRun, plan: LoopPlan): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const [index, vars] of plan.vars.entries()) {
    if (run.session.signal.aborted) throw new Interrupted();
    if (index > 0 && plan.pause > 0) await sleep(plan.pause, run.session.signal);
    // An item sees the result of the one before under the registered name.
    const before = outcomes.at(-1)?.registered;
    const register = run.task.own.get('register');
    const seen = before && typeof register === 'string' ? new Map([...vars, [register, before] as const]) : vars;
    const scope = run.scope.with(seen);
    let outcome: Outcome;
    let label: Value = plan.items[index]!;
    try {
      outcome = await runOnce(run, scope);
      label = plan.label === undefined ? plan.items[index]! : scope.resolve(plan.label);
    } catch (error) {
      outcome = failureOutcome(run, error);
    }
    for (const include of outcome.includes) {
      include.item = index;
      if (!outcome.result.censored) include.label = toText(label);
      include.vars = new Map([...vars, ...include.vars]);
    }
    for (const [key, value] of vars) {
      outcome.registered.set(key, value);
      if (!outcome.result.censored) outcome.result.values[String(key)] = toPlain(value);
    }
    outcomes.push(outcome);
    emitItem(run, outcome, label);
    if (outcome.result.status === 'unreachable') break;
    if (plan.breakWhen !== undefined && breaks(run, plan, vars, outcome)) break;
  }
  return joined(run, outcomes);
}

/** `break_when` sees the item's result under the registered name. */
function breaks(run: TaskRun, plan: LoopPlan, vars: Dict, outcome: Outcome): boolean {
  const register = run.task.own.get('register');
  const seen = typeof register === 'string' ? new Map([...vars, [register, outcome.registered]]) : vars;
  const scope = run.scope.with(seen);
  return conditionsHold(plan.breakWhen!, scope, run.task.place).holds;
}

function emitItem(run: TaskRun, outcome: Outcome, label: Value): void {
  const info = run.session.info(run.task, run.name);
  const item = outcome.result.censored ? '(censored due to no_log)' : toText(label);
  const event = { type: 'task:item' as const, task: info, host: run.state.name, item, result: outcome.result };
  run.session.emit(outcome.delegatedTo === undefined ? event : { ...event, delegatedTo: outcome.delegatedTo });
}

/** One item, or the task where there is no loop: its condition, then attempts until `until` holds. */
async function runOnce(run: TaskRun, scope: VarScope): Promise<Outcome> {
  try {
    for (const { value, owner } of collected(run.task, 'when')) {
      const place = placeOfValue(owner.own, 'when');
      const verdict = conditionsHold(value, scope, place);
      if (!verdict.holds) return skippedOutcome(verdict.failed ?? null);
    }
    const action = actionName(run.task.action);
    if (action === 'include_tasks' || action === 'include_role') return includeOutcome(run, scope);
    return await attempts(run, scope);
  } catch (error) {
    const outcome = failureOutcome(run, error, scope);
    const called = calledWith(error);
    if (called) outcome.registered.set('invocation', called);
    return outcome;
  }
}

function includeOutcome(run: TaskRun, scope: VarScope): Outcome {
  const rendered = scope.resolve(run.session.loader.tasks.args(run.task)) as Dict;
  const args: Dict = new Map([...rendered].filter(([, value]) => value !== OMIT));
  const registered: Dict = new Map<Value, Value>([
    ['changed', false],
    ['include', args.get('file') ?? args.get('name') ?? args.get('role') ?? null],
    ['include_args', without(args, 'file')],
  ]);
  const result: TaskResult = { status: 'ok', values: toPlain(registered) as TaskResult['values'], duration: 0 };
  return { result, registered, includes: [{ args, vars: new Map(), item: 0 }] };
}

async function attempts(run: TaskRun, scope: VarScope): Promise<Outcome> {
  const until = run.task.own.get('until');
  const written = run.task.own.get('retries');
  const repeated = until !== undefined || (written !== undefined && written !== null);
  const retries = repeated ? Math.max(0, Number(keywordValue(run.task, 'retries', scope) ?? 3)) : 0;
  const delay = Number(keywordValue(run.task, 'delay', scope) ?? 5);
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(run, scope);
    if (!repeated) return outcome;
    outcome.registered.set('attempts', attempt);
    outcome.result.values['attempts'] = attempt;
    if (outcome.result.status === 'unreachable' || outcome.result.status === 'skipped') return outcome;
    const done =
      until === undefined
        ? outcome.result.status !== 'failed'
        : conditionsHold(until, withRegistered(run, scope, outcome), placeOfValue(run.task.own, 'until')).holds;
    if (done) return outcome;
    if (attempt > retries) {
      for (const target of [outcome.result.values, outcome.registered])
        if (target instanceof Map) target.set('attempts', retries).set('failed', true);
        else target['attempts'] = retries;
      return verdictOf(run, scope, {
        ...outcome,
        result: { ...outcome.result, status: 'failed', values: { ...outcome.result.values, failed: true } },
      });
    }
    run.session.emit({
      type: 'task:retry',
      task: run.session.info(run.task, run.name),
      host: run.state.name,
      attempt,
      left: retries - attempt + 1,
      result: outcome.result,
    });
    await sleep(delay, run.session.signal);
  }
}

/** How one attempt runs: keywords of the task, rendered for this host and item. */
interface Attempt {
  check: boolean;
  diff: boolean;
  delegatedTo: string | undefined;
  /** Seconds that the task may take; 0: as long as it likes. */
  timeout: number;
  /** Seconds of `async`; 0: not in the background. */
  async: number;
  poll: number;
}

function attemptOf(run: TaskRun, scope: VarScope): Attempt {
  const { options } = run.session;
  const keyword = (name: string) => keywordValue(run.task, name, scope);
  const delegate = keyword('delegate_to');
  return {
    check: asBoolean(keyword('check_mode') ?? options.check ?? false),
    diff: asBoolean(keyword('diff') ?? options.diff ?? false),
    delegatedTo: delegate === undefined || delegate === null || delegate === '' ? undefined : String(delegate),
    timeout: Number(keyword('timeout') ?? options.taskTimeout ?? 0),
    async: Number(keyword('async') ?? 0),
    poll: Number(keyword('poll') ?? options.poll ?? 15),
  };
}

async function attemptOnce(run: TaskRun, scope: VarScope): Promise<Outcome> {
  if (run.task.missing) throw new AuthorError([run.task.missing]);
  const definition = run.definition!;
  const attempt = attemptOf(run, scope);
  const noLog = asBoolean(keywordValue(run.task, 'no_log', scope) ?? run.session.options.noLog ?? false);
  if (noLog) run.session.door.hide(run.task.id, run.state.name, true);
  const raw = moduleArgs(run, scope, definition);
  for (const secret of secretTexts(definition.args, raw)) run.session.redactor.add(secret);
  const { args, problems } = convertArgs(definition, raw);
  if (problems.length > 0) throw new ModuleFailure(problems.join('; '));
  const called = run.task.loop && !definition.controllerOnly ? invocationOf(definition, args, raw) : undefined;
  let outcome: Outcome;
  if (attempt.check && definition.check === 'skip') {
    const msg = `skipped, since ${definition.name} cannot predict in check mode`;
    outcome = finished({ changed: false, skipped: true, values: { msg } });
  } else {
    const call = () => callModule(run, definition, args, raw, attempt, scope);
    const detached = () => detach(run, definition, args, raw, attempt, scope);
    const work = attempt.async > 0 && !attempt.check ? background(run, attempt, call, detached) : call();
    outcome = await (called ? work.catch((error) => failedAs(error, called)) : work);
  }
  if (attempt.delegatedTo !== undefined) outcome.delegatedTo = attempt.delegatedTo;
  outcome = { ...verdictOf(run, scope, outcome), args: raw };
  if (called && outcome.result.status !== 'skipped') outcome.registered.set('invocation', called);
  if (run.task.loop || outcome.registered.get('changed') === true) outcome.notify = notifiedNames(run.task, scope);
  return noLog ? censored(outcome) : outcome;
}

/** A task with `async`: left to itself with `poll: 0`, else waited for as long as it may take. */
async function background(
  run: TaskRun,
  attempt: Attempt,
  call: () => Promise<Outcome>,
  detached: () => Promise<Outcome | undefined>,
): Promise<Outcome> {
  if (attempt.poll === 0) return (await detached()) ?? startedOutcome(run.session.jobs.start(run.state.name, call));
  const began = performance.now();
  const outcome = await call();
  const late = outcome.result.status === 'failed' && performance.now() - began >= attempt.async * 1000;
  return waitedOutcome(outcome, attempt.async, late);
}

/** Leaves the work to the host, where the module can; undefined where the run has to carry it on itself. */
async function detach(
  run: TaskRun,
  definition: ModuleDefinition,
  args: Record<string, unknown>,
  raw: Dict,
  attempt: Attempt,
  scope: VarScope,
): Promise<Outcome | undefined> {
  if (!definition.background) return undefined;
  try {
    const env = envOf(run, definition, raw, attempt, scope, attempt.timeout);
    const id = newId();
    const file = await definition.background(args as never, env, { id, seconds: attempt.async });
    return file === undefined ? undefined : startedOutcome(id, file);
  } catch (error) {
    return failureOutcome(run, error, scope);
  }
}

function envOf(
  run: TaskRun,
  definition: ModuleDefinition,
  raw: Dict,
  attempt: Attempt,
  scope: VarScope,
  timeout: number,
): ModuleEnv {
  const remote = definition.controllerOnly
    ? noRemote(run.state.name)
    : bindRemote(run, scope, attempt.delegatedTo, { ...attempt, timeout });
  return moduleEnv(
    run,
    scope,
    raw,
    remote,
    attempt,
    bindEnds(run, scope, attempt.delegatedTo, { ...attempt, timeout }),
  );
}

async function callModule(
  run: TaskRun,
  definition: ModuleDefinition,
  args: Record<string, unknown>,
  raw: Dict,
  attempt: Attempt,
  scope: VarScope,
): Promise<Outcome> {
  try {
    const env = envOf(run, definition, raw, attempt, scope, attempt.async > 0 ? attempt.async : attempt.timeout);
    const result = await definition.run(args as never, env);
    applyEffects(run, result, attempt.delegatedTo, asBoolean(keywordValue(run.task, 'delegate_facts', scope)));
    return finished(result);
  } catch (error) {
    return failureOutcome(run, error, scope);
  }
}

/** Waits, or ends at once when the run is interrupted. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      clearTimeout(timer);
      reject(new Interrupted());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', ended);
      resolve();
    }, seconds * 1000);
    signal.addEventListener('abort', ended, { once: true });
  });
}
