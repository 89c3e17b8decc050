/** One task on one host: loop, condition, attempts. */
import type { TaskResult } from '../../events.ts';
import { actionName } from '../../playbook/actions.ts';
import { keyword, ownKeyword, placeOfKeyword } from '../../playbook/keyword.ts';
import { OMIT, toText } from '../../template/index.ts';
import { type Dict, isList, Template, toPlain, type Value, without } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { HostEffect, Outcome, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { Interrupted } from '../walk/signals.ts';
import { attemptOnce } from './attempt.ts';
import { conditionsHold } from './conditions.ts';
import { withDelegated } from './delegated.ts';
import { knownBy } from './effects.ts';
import { calledWith } from './invocation.ts';
import { emitItem } from './item.ts';
import { lateFacts } from './late_facts.ts';
import { type LoopPlan, loopItems } from './loop.ts';
import { joined, skippedOutcome } from './outcome.ts';
import { earlierItems } from './repeated.ts';
import { failureOutcome, untilHolds, verdictOf } from './verdict.ts';

/** Runs a task on a host, loop and all; never throws but Interrupted and bugs. */
export async function runTask(run: TaskRun): Promise<Outcome> {
  const started = performance.now();
  const { scope } = run;
  run.session.door.hide(run.task.id, run.state.name, false);
  let outcome: Outcome;
  try {
    if (run.session.named.python) await lateFacts(run);
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
  const effects: HostEffect[] = [];
  const register = keyword(run.task, 'register');
  const earlier = earlierItems(run, plan);
  for (const [index, vars] of plan.vars.entries()) {
    if (run.session.signal.aborted) throw new Interrupted();
    const done = earlier.get(index);
    if (done) {
      outcomes.push(done);
      effects.push(...done.effects);
      emitItem(run, done, plan.items[index]!);
      run.session.recording?.item(run, index, done);
      continue;
    }
    if (index > 0 && plan.pause > 0) await sleep(plan.pause, run.session.signal);
    // An item sees what those before it have set, and the result of the last one under the registered name.
    const before = outcomes.at(-1)?.registered;
    const seen: Dict = new Map([...knownBy(effects, run), ...vars]);
    if (before && register !== undefined) seen.set(register, before);
    plan.keepPlace(vars, seen);
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
    effects.push(...outcome.effects);
    emitItem(run, outcome, label);
    run.session.recording?.item(run, index, outcome);
    if (outcome.result.status === 'unreachable') break;
    if (plan.breakWhen !== undefined && breaks(run, plan, vars, outcome)) break;
  }
  return joined(run, outcomes);
}

/** `break_when` sees the item's result under the registered name. */
function breaks(run: TaskRun, plan: LoopPlan, vars: Dict, outcome: Outcome): boolean {
  const register = keyword(run.task, 'register');
  const scope = run.scope.with(register === undefined ? vars : new Map([...vars, [register, outcome.registered]]));
  return conditionsHold(plan.breakWhen!, scope, run.task.place).holds;
}

/** One item, or the task where there is no loop: its condition, then attempts until `until` holds. */
async function runOnce(run: TaskRun, given: VarScope): Promise<Outcome> {
  let scope = given;
  try {
    scope = withDelegated(run, given);
    for (const { value, owner } of keyword(run.task, 'when')) {
      const verdict = conditionsHold(value, scope, placeOfKeyword(owner, 'when'));
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
  return { result, registered, effects: [], includes: [{ args, vars: new Map(), item: 0 }] };
}

async function attempts(run: TaskRun, scope: VarScope): Promise<Outcome> {
  const render = rendering(scope);
  const wanted = keyword(run.task, 'retries', render);
  const repeated = wanted !== undefined || keyword(run.task, 'until') !== undefined;
  const retries = repeated ? Math.max(0, wanted ?? 3) : 0;
  const delay = keyword(run.task, 'delay', render) ?? 5;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(run, scope, retries > 0 ? attempt : undefined);
    if (!repeated) return outcome;
    if (outcome.result.status === 'unreachable' || outcome.result.status === 'skipped') return outcome;
    if (untilHolds(run, scope, outcome) ?? outcome.result.status !== 'failed') return outcome;
    if (attempt > retries) {
      for (const target of [outcome.result.values, outcome.registered])
        if (target instanceof Map) target.set('attempts', retries).set('failed', true);
        else target['attempts'] = retries;
      return neverMet(run, scope, outcome, retries);
    }
    run.session.emit({
      type: 'task:retry',
      task: run.session.info(run.task, run.name),
      host: run.state.name,
      attempt,
      left: retries - attempt + 1,
      result: outcome.result,
    });
    run.session.recording?.attemptOver(run);
    await sleep(delay, run.session.signal);
  }
}

/**
 * What becomes of a task whose `until` never held. That is a failure whatever `failed_when` says of a single try; only where it is
 * plainly false, or counts the tries (`attempts`), does it speak of all of them: then the author wants to go on, and the task
 * says why it is no failure.
 */
function neverMet(run: TaskRun, scope: VarScope, outcome: Outcome, tries: number): Outcome {
  const failed: Outcome = {
    ...outcome,
    result: { ...outcome.result, status: 'failed', values: { ...outcome.result.values, failed: true } },
  };
  const judged = verdictOf(run, scope, failed);
  if (keyword(run.task, 'until') === undefined || judged.result.status === 'failed') return judged;
  judged.registered.set('failed', true);
  const told = `\`until\` did not hold in ${tries + 1} tries`;
  const judge = ownKeyword(run.task, 'failed_when');
  if (judge === false || /\battempts\b/.test(textOf(judge))) {
    run.session.warn(`${told}; \`failed_when\` lets the task pass`, run.state.name);
    return judged;
  }
  if (!judged.registered.has('msg')) judged.registered.set('msg', told);
  const values = toPlain(judged.registered) as TaskResult['values'];
  const result: TaskResult = { ...judged.result, status: 'failed', values, msg: told };
  if (keyword(run.task, 'ignore_errors', rendering(scope))) result.ignored = true;
  return { ...judged, result };
}

/** A condition as it is written. */
function textOf(condition: Value | undefined): string {
  if (condition instanceof Template) return condition.text;
  return isList(condition) ? condition.map(textOf).join(' ') : String(condition ?? '');
}

/** Waits, or ends at once when the run is interrupted. */
function sleep(seconds: number, signal: AbortSignal): Promise<void> {
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
