/** What comes of a task: a module's result or any throw, judged by the author's conditions. The one place where a throw becomes a result. */

import {
  AuthorError,
  describe,
  ModuleFailure,
  systemFailure,
  TemplateError,
  UndefinedError,
  UnreachableError,
} from '../../errors.ts';
import type { Diff, Status, TaskResult } from '../../events.ts';
import type { ModuleDefinition, ModuleResult } from '../../modules/define.ts';
import { lines } from '../../modules/parts/output.ts';
import { effective, type Task } from '../../playbook/nodes.ts';
import { OMIT } from '../../template/index.ts';
import { type Dict, fromPlain, type Place, placeOfValue, toPlain, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import { censoredResult } from '../door.ts';
import type { HostState } from '../host_state.ts';
import type { Session } from '../session.ts';
import type { Frame, PlayView } from '../view/scopes.ts';
import { Interrupted } from '../walk/signals.ts';
import { asBoolean, conditionsHold } from './conditions.ts';

/** An include that a task asks for: the walk goes on in it. */
export interface IncludeRequest {
  args: Dict;
  vars: Dict;
  item: number;
  /** The item as shown, of a loop. */
  label?: string;
}

export interface Outcome {
  result: TaskResult;
  /** What `register` stores. */
  registered: Dict;
  includes: IncludeRequest[];
  delegatedTo?: string;
  /** The arguments as the module got them; of a loop there are none. */
  args?: Dict;
  /** Names of handlers to run if something changed; of all items of a loop if one of them did. */
  notify?: string[];
}

/** Everything that is the same for a task's items and attempts on a host. */
export interface TaskRun {
  readonly session: Session;
  readonly view: PlayView;
  readonly task: Task;
  readonly state: HostState;
  readonly frame: Frame | undefined;
  readonly name: string;
  readonly definition: ModuleDefinition | undefined;
  /** What the task sees on this host, without a loop's item. */
  readonly scope: VarScope;
}

/** A keyword's effective value, rendered for this host; undefined if not set. */
export function keywordValue(task: Task, keyword: string, scope: VarScope): Value | undefined {
  const found = effective(task, keyword);
  if (!found) return undefined;
  const value = scope.resolve(found.value);
  return value === OMIT ? undefined : value;
}

/** As Ansible registers it: one diff alone, more as a list, those of a file's attributes as dicts. */
function registeredDiff(diffs: readonly Diff[]): unknown {
  const each = diffs.map(withDicts);
  return each.length === 1 ? each[0] : each;
}

function withDicts(diff: Diff): unknown {
  if (!diff.before?.startsWith('{\n') || !diff.after?.startsWith('{\n')) return diff;
  try {
    return { ...diff, before: JSON.parse(diff.before) as unknown, after: JSON.parse(diff.after) as unknown };
  } catch {
    return diff;
  }
}

/** A module's result as an outcome. */
export function finished(module: ModuleResult): Outcome {
  const values = { ...module.values };
  const registered = fromPlain(values) as Dict;
  registered.set('changed', module.changed);
  if (module.skipped) registered.set('skipped', true);
  if (module.facts) registered.set('ansible_facts', module.facts);
  if (module.diff && !('diff' in values)) registered.set('diff', fromPlain(registeredDiff(module.diff)));
  const failed = asBoolean(registered.get('failed'));
  registered.set('failed', failed);
  const status: Status = failed ? 'failed' : module.skipped ? 'skipped' : module.changed ? 'changed' : 'ok';
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], duration: 0 };
  const msg = registered.get('msg');
  if (typeof msg === 'string') result.msg = msg;
  if (module.diff) result.diff = module.diff;
  return { result, registered, includes: [] };
}

export function skippedOutcome(condition: Value): Outcome {
  const registered: Dict = new Map<Value, Value>([
    ['changed', false],
    ['skipped', true],
    ['skip_reason', 'Conditional result was False'],
    ['false_condition', condition],
  ]);
  return {
    result: { status: 'skipped', values: toPlain(registered) as TaskResult['values'], duration: 0 },
    registered,
    includes: [],
  };
}

/** The results of a loop as one. */
export function joined(run: TaskRun, outcomes: Outcome[]): Outcome {
  const all = outcomes.map((o) => o.result);
  const has = (status: Status) => all.some((r) => r.status === status);
  const skipped = all.length > 0 && all.every((r) => r.status === 'skipped');
  const failed = has('failed');
  const unreachable = has('unreachable');
  let msg = 'All items completed';
  if (failed || unreachable) msg = 'One or more items failed';
  else if (all.length === 0) msg = 'No items in the list';
  else if (skipped) msg = 'All items skipped';
  const status: Status = unreachable
    ? 'unreachable'
    : failed
      ? 'failed'
      : skipped || all.length === 0
        ? 'skipped'
        : has('changed')
          ? 'changed'
          : 'ok';
  const registered: Dict = new Map<Value, Value>([['results', outcomes.map((o) => o.registered)]]);
  registered.set('skipped', skipped || all.length === 0);
  if (all.length === 0) registered.set('skipped_reason', 'No items in the list');
  else registered.set('msg', msg);
  registered.set(
    'changed',
    all.some((r) => r.values['changed'] === true),
  );
  if (failed) registered.set('failed', true);
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], msg, duration: 0 };
  if (all.some((r) => r.censored)) Object.assign(result, censoredResult(result));
  const firstFailure = all.find((r) => r.status === 'failed' || r.status === 'unreachable');
  if (firstFailure?.explanation !== undefined) result.explanation = firstFailure.explanation;
  if (firstFailure?.ignored) result.ignored = true;
  if ((failed || unreachable) && asBoolean(keywordFor(run, 'ignore_errors'))) result.ignored = true;
  const joinedOutcome: Outcome = {
    result,
    registered,
    includes: outcomes.flatMap((o) => o.includes),
    notify: [...new Set(outcomes.flatMap((o) => o.notify ?? []))],
  };
  const delegated = outcomes.find((o) => o.delegatedTo !== undefined)?.delegatedTo;
  if (delegated !== undefined) joinedOutcome.delegatedTo = delegated;
  return joinedOutcome;
}

/** changed_when, failed_when, ignore_errors: what the author says of a result. */
export function verdictOf(run: TaskRun, scope: VarScope, outcome: Outcome): Outcome {
  const { result, registered } = outcome;
  const { own } = run.task;
  if (result.status !== 'skipped' && result.status !== 'unreachable') {
    const seen = own.has('changed_when') || own.has('failed_when') ? withRegistered(run, scope, outcome) : scope;
    let judging = 'failed_when_result';
    try {
      const failedWhen = own.get('failed_when');
      if (failedWhen !== undefined && failedWhen !== null) {
        const failed = conditionsHold(failedWhen, seen, placeOfValue(own, 'failed_when')).holds;
        registered.set('failed_when_result', failed).set('failed', failed);
      }
      judging = 'changed_when_result';
      const changedWhen = own.get('changed_when');
      if (changedWhen !== undefined && changedWhen !== null) {
        registered.set('changed', conditionsHold(changedWhen, seen, placeOfValue(own, 'changed_when')).holds);
      }
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
  }
  if (result.status === 'failed' && asBoolean(keywordValue(run.task, 'ignore_errors', scope))) result.ignored = true;
  if (result.status === 'unreachable' && asBoolean(keywordValue(run.task, 'ignore_unreachable', scope)))
    result.ignored = true;
  return outcome;
}

/** A scope in which the task's registered name already holds this attempt's result. */
export function withRegistered(run: TaskRun, scope: VarScope, outcome: Outcome): VarScope {
  const register = run.task.own.get('register');
  return typeof register === 'string' && register !== ''
    ? scope.with(new Map([[register, outcome.registered]]))
    : scope;
}

/** no_log: nothing of the result is reported; what is registered stays whole. */
export function censored(outcome: Outcome): Outcome {
  return { ...outcome, result: censoredResult(outcome.result) };
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
  if (scope) {
    const ignore = status === 'unreachable' ? 'ignore_unreachable' : 'ignore_errors';
    if (asBoolean(keywordFor(run, ignore))) result.ignored = true;
    if (asBoolean(keywordFor(run, 'no_log') ?? run.session.options.noLog ?? false)) {
      run.session.door.hide(run.task.id, run.state.name, true);
      return censored({ result, registered, includes: [] });
    }
  }
  return { result, registered, includes: [] };
}

function keywordFor(run: TaskRun, keyword: string): Value | undefined {
  try {
    return keywordValue(run.task, keyword, run.scope);
  } catch {
    return undefined;
  }
}
