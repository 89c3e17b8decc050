/** One attempt at a task: its keywords and arguments rendered, its module called, the result judged by the author's conditions. */
import { ModuleFailure } from '../../errors.ts';
import type { ModuleDefinition, ModuleEnv } from '../../modules/define.ts';
import { convertArgs, secretTexts } from '../../modules/parts/arguments.ts';
import { refusalOf } from '../../modules/parts/refusal.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { type Dict, isList } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Outcome, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { moduleArgs, renderedDefaults } from './arguments.ts';
import { newId, startedOutcome, waitedOutcome } from './async.ts';
import { delegatedHost } from './delegated.ts';
import { applyToInventory, effectsOf } from './effects.ts';
import { failedAs, invocationOf } from './invocation.ts';
import { lateFacts } from './late_facts.ts';
import { bindEnds, bindRemote, moduleEnv, noRemote } from './module_env.ts';
import { censored, finished, withWarnings } from './outcome.ts';
import { settle } from './repeated.ts';
import { isPremature, markUnknown, prematureOutcome } from './unknown.ts';
import { failureOutcome, verdictOf } from './verdict.ts';

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
  const render = rendering(scope);
  const { task } = run;
  return {
    check: keyword(task, 'check_mode', render) ?? options.check ?? false,
    diff: keyword(task, 'diff', render) ?? options.diff ?? false,
    delegatedTo: delegatedHost(run, scope),
    timeout: keyword(task, 'timeout', render) ?? options.taskTimeout ?? 0,
    async: keyword(task, 'async', render) ?? 0,
    poll: keyword(task, 'poll', render) ?? options.poll ?? 15,
  };
}

/**
 * Runs the task once, in the foreground or the background, and judges the result: with `retries` the conditions see which try it
 * is.
 */
export async function attemptOnce(run: TaskRun, scope: VarScope, nth?: number): Promise<Outcome> {
  const judged = (made: Outcome) => {
    if (nth !== undefined) {
      made.registered.set('attempts', nth);
      made.result.values['attempts'] = nth;
    }
    return verdictOf(run, scope, made);
  };
  // As where a module refuses its arguments, `failed_when` has the last word.
  const refused = (why: unknown) => judged(failureOutcome(run, why, scope));
  const { definition } = run;
  if (!definition) return refused(run.unusable);
  const attempt = attemptOf(run, scope);
  const noLog = keyword(run.task, 'no_log', rendering(scope)) ?? run.session.options.noLog ?? false;
  if (noLog) run.session.door.hide(run.task.id, run.state.name, true);
  const raw = moduleArgs(run, scope, definition);
  for (const secret of secretTexts(definition.args, raw)) run.session.addSecret(secret);
  const { args, problems } = convertArgs(definition, raw);
  if (problems.length > 0) return refused(new ModuleFailure(problems.join('; '), refusalOf(definition, raw)));
  if (attempt.async > 0 && definition.traits?.noAsync)
    return refused(new ModuleFailure(`This action (${run.task.action}) does not support async.`));
  const called = run.task.loop && !definition.controllerOnly ? invocationOf(definition, args, raw) : undefined;
  let outcome: Outcome;
  if (attempt.check && definition.check === 'skip') {
    const msg = `skipped, since ${definition.name} cannot predict in check mode`;
    outcome = finished({ changed: false, skipped: true, values: { msg } });
    markUnknown(run, outcome);
  } else {
    const call = () => callModule(run, definition, args, raw, attempt, scope);
    const detached = () => detach(run, definition, args, raw, attempt, scope);
    const work = attempt.async > 0 && !attempt.check ? background(run, attempt, call, detached) : call();
    outcome = await (called ? work.catch((error) => failedAs(error, called)) : work);
  }
  if (attempt.delegatedTo !== undefined) outcome.delegatedTo = attempt.delegatedTo;
  outcome = { ...judged(outcome), args: raw };
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
  if (attempt.poll === 0) return (await detached()) ?? startedOutcome(startJob(run, call));
  const began = performance.now();
  const outcome = await call();
  const late = outcome.result.status === 'failed' && performance.now() - began >= attempt.async * 1000;
  return waitedOutcome(outcome, attempt.async, late);
}

/** Work that the run itself carries on; the record has what comes of it, for a run that resumes this one. */
function startJob(run: TaskRun, call: () => Promise<Outcome>): string {
  const id = run.session.jobs.start(run.state.name, async () => {
    const outcome = await call();
    run.session.recording?.jobOver(id, outcome);
    return outcome;
  });
  return id;
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
    await run.session.recording?.begin(run, definition, raw);
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
  warned: string[] = [],
): ModuleEnv {
  const mode = { check: attempt.check, diff: attempt.diff, timeout, warned };
  const remote = definition.controllerOnly
    ? noRemote(run.state.name)
    : bindRemote(run, scope, attempt.delegatedTo, mode);
  const env = moduleEnv(run, scope, raw, remote, mode, bindEnds(run, scope, attempt.delegatedTo, mode));
  const naming = async (text: string) => {
    run.session.named.see(text);
    if (run.session.named.python) await lateFacts(run);
  };
  return { ...env, naming, defaultsOf: (module) => renderedDefaults(run.task, module, scope) };
}

async function callModule(
  run: TaskRun,
  definition: ModuleDefinition,
  args: Record<string, unknown>,
  raw: Dict,
  attempt: Attempt,
  scope: VarScope,
): Promise<Outcome> {
  const warned: string[] = [];
  try {
    const seconds = attempt.async > 0 ? attempt.async : attempt.timeout;
    const env = envOf(run, definition, raw, attempt, scope, seconds, warned);
    await run.session.recording?.begin(run, definition, raw);
    const result = await definition.run(args as never, env);
    settle(run, definition, result);
    applyToInventory(run, result);
    const elsewhere = attempt.delegatedTo !== undefined && keyword(run.task, 'delegate_facts', rendering(scope));
    const outcome = finished(result, effectsOf(result, elsewhere ? attempt.delegatedTo : undefined));
    if (result.unpredicted) markUnknown(run, outcome);
    return withWarnings(outcome, warned);
  } catch (error) {
    if (attempt.check && error instanceof ModuleFailure && isPremature(run)) return prematureOutcome(run, error);
    return withWarnings(failureOutcome(run, error, scope), warned);
  }
}

/** Names that a task notifies, rendered for this host and item. */
function notifiedNames(task: Task, scope: VarScope): string[] {
  return keyword(task, 'notify', rendering(scope)).flatMap(({ value }) =>
    (isList(value) ? value : [value]).filter((name) => name !== null && name !== '').map(String),
  );
}
