/** What the author says of a result, and any throw as a result: the one place where a throw becomes one. */
import {
  AuthorError,
  describe,
  ModuleFailure,
  systemFailure,
  TemplateError,
  UndefinedError,
  UnknownError,
  UnreachableError,
} from '../../errors.ts';
import type { Status, TaskResult } from '../../events.ts';
import { lines } from '../../modules/parts/output.ts';
import { keyword, placeOfKeyword } from '../../playbook/keyword.ts';
import { type Dict, fromPlain, type Place, toPlain, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Outcome, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { Interrupted } from '../walk/signals.ts';
import { conditionsHold } from './conditions.ts';
import { knownBy } from './effects.ts';
import { censored } from './outcome.ts';
import { unknownOutcome } from './unknown.ts';

/** changed_when, failed_when, ignore_errors: what the author says of a result. */
export function verdictOf(run: TaskRun, scope: VarScope, outcome: Outcome): Outcome {
  const { result, registered } = outcome;
  if (result.status !== 'skipped' && result.status !== 'unreachable' && !outcome.unknown) {
    let judging = 'failed_when_result';
    try {
      const failed = judgement(run, 'failed_when', scope, outcome);
      if (failed !== undefined) registered.set('failed_when_result', failed).set('failed', failed);
      judging = 'changed_when_result';
      const changed = judgement(run, 'changed_when', scope, outcome);
      if (changed !== undefined) registered.set('changed', changed);
    } catch (error) {
      const failure = failureOutcome(run, error, scope);
      return {
        ...failure,
        registered: new Map<Value, Value>([
          ...registered,
          ...failure.registered,
          ['changed', registered.get('changed') ?? false],
          [judging, `Error while evaluating conditional: ${failure.result.msg}`],
        ]),
      };
    }
    const failed = registered.get('failed') === true;
    result.status = failed ? 'failed' : registered.get('changed') === true ? 'changed' : 'ok';
    result.values = { ...(toPlain(registered) as TaskResult['values']) };
    if (outcome.warned) unwarned(result, outcome.warned);
  }
  if (result.status === 'failed' && keyword(run.task, 'ignore_errors', rendering(scope))) result.ignored = true;
  if (result.status === 'unreachable' && keyword(run.task, 'ignore_unreachable', rendering(scope)))
    result.ignored = true;
  return outcome;
}

/** Takes what was reported already out of what is shown of a result. */
function unwarned({ values }: TaskResult, warned: readonly string[]): void {
  const left = (values['warnings'] as TaskResult['values'][string][]).filter((text) => !warned.includes(String(text)));
  if (left.length > 0) values['warnings'] = left;
  else delete values['warnings'];
}

/** Whether the conditions of such a keyword hold for a result; undefined where the task has none. */
function judgement(
  run: TaskRun,
  name: 'failed_when' | 'changed_when' | 'until',
  scope: VarScope,
  outcome: Outcome,
): boolean | undefined {
  const conditions = keyword(run.task, name);
  if (conditions === undefined) return undefined;
  return conditionsHold(conditions, withRegistered(run, scope, outcome), placeOfKeyword(run.task, name)).holds;
}

/** Whether `until` holds after an attempt; undefined where the task has none. */
export function untilHolds(run: TaskRun, scope: VarScope, outcome: Outcome): boolean | undefined {
  return judgement(run, 'until', scope, outcome);
}

/** A scope in which what the task has done so far is known: its registered name, and the facts and variables it sets. */
function withRegistered(run: TaskRun, scope: VarScope, outcome: Outcome): VarScope {
  const known = knownBy(outcome.effects, run);
  const register = keyword(run.task, 'register');
  if (register !== undefined) known.set(register, outcome.registered);
  return known.size > 0 ? scope.with(known) : scope;
}

/** Ansible gives the lines of `stdout` and `stderr` beside them. */
function withLines(values: Record<string, unknown>): Record<string, unknown> {
  const all = { ...values };
  for (const key of ['stdout', 'stderr']) {
    const text = all[key];
    if (typeof text === 'string' && !(`${key}_lines` in all)) all[`${key}_lines`] = lines(text);
  }
  return all;
}

/** Any throw as a result; what is none of ours is a bug and says so. */
export function failureOutcome(run: TaskRun, error: unknown, scope?: VarScope): Outcome {
  if (error instanceof Interrupted || run.session.signal.aborted)
    throw error instanceof Interrupted ? error : new Interrupted();
  if (error instanceof UnknownError) return unknownOutcome(run, error);
  let status: Status = 'failed';
  let msg: string;
  let extra: Record<string, unknown> = {};
  let explanation: string | undefined;
  const explain = (place: Place | undefined, help: string | undefined) => {
    const where = place ?? run.task.place;
    explanation = where ? describe({ message: msg, place: where, help }) : help;
  };
  if (error instanceof ModuleFailure) {
    msg = error.message;
    extra = withLines(error.result);
    explanation = error.explanation;
  } else if (error instanceof UnreachableError) {
    status = 'unreachable';
    msg = error.message;
    explanation = error.help;
  } else if (error instanceof UndefinedError || error instanceof TemplateError) {
    msg = error.message;
    explain(error.place, error.help);
  } else if (error instanceof AuthorError) {
    msg = error.message;
    explanation = error.findings.map(describe).join('\n');
  } else if (systemFailure(error) !== undefined) {
    msg = `${systemFailure(error)}, on the controller`;
  } else {
    msg = `this is a bug in Troupe: ${error instanceof Error ? error.message : String(error)}`;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    run.session.emit({ type: 'bug', stack, host: run.state.name, task: run.session.info(run.task, run.name) });
  }
  const registered = fromPlain({ ...extra, msg: extra['msg'] ?? msg, changed: extra['changed'] ?? false }) as Dict;
  if (status === 'unreachable') registered.set('unreachable', true);
  else registered.set('failed', true);
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], msg, duration: 0 };
  if (explanation !== undefined) result.explanation = explanation;
  const outcome: Outcome = { result, registered, effects: [], includes: [] };
  if (!scope) return outcome;
  if (quietly(run, status === 'unreachable' ? 'ignore_unreachable' : 'ignore_errors')) result.ignored = true;
  if (!(quietly(run, 'no_log') ?? run.session.options.noLog)) return outcome;
  run.session.door.hide(run.task.id, run.state.name, true);
  return censored(outcome);
}

/** A keyword that is asked for after a failure, which may be its own. */
function quietly(run: TaskRun, name: 'ignore_errors' | 'ignore_unreachable' | 'no_log'): boolean | undefined {
  try {
    return keyword(run.task, name, rendering(run.scope));
  } catch {
    // Nothing that might be a secret is shown because its no_log could not be understood.
    return name === 'no_log' ? true : undefined;
  }
}
