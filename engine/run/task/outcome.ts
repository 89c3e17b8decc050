/** What comes of a task as a record: a module's result, a skipped task, the results of a loop as one, what no_log leaves of it. */
import type { Diff, Status, TaskResult } from '../../events.ts';
import type { ModuleResult } from '../../modules/define.ts';
import { keyword } from '../../playbook/keyword.ts';
import { type Dict, fromPlain, isList, toPlain, type Value } from '../../values.ts';
import { censoredResult } from '../door.ts';
import type { HostEffect, Outcome, TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { asBoolean } from './conditions.ts';

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

/** A module's result as an outcome, with what it does to hosts. */
export function finished(module: ModuleResult, effects: readonly HostEffect[] = []): Outcome {
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
  if (module.quiet) result.quiet = true;
  return { result, registered, effects, includes: [] };
}

/** A result with the warnings of its task, which were reported as they came up: they are registered, and not shown again. */
export function withWarnings(outcome: Outcome, warned: readonly string[]): Outcome {
  if (warned.length === 0) return outcome;
  const own = outcome.registered.get('warnings');
  outcome.registered.set('warnings', [...(isList(own) ? own : []), ...warned]);
  return { ...outcome, warned };
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
    effects: [],
    includes: [],
  };
}

/** Warnings are those of the whole task: taken from an item, which has them until it is over. */
function withoutWarnings({ registered, warned = [] }: Outcome): string[] {
  const all = registered.get('warnings');
  if (!isList(all) || warned.length === 0) return [];
  const left = all.filter((text) => !warned.includes(String(text)));
  if (left.length > 0) registered.set('warnings', left);
  else registered.delete('warnings');
  return [...warned];
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
  const warned = outcomes.flatMap(withoutWarnings);
  registered.set(
    'changed',
    all.some((r) => r.values['changed'] === true),
  );
  if (failed) registered.set('failed', true);
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], msg, duration: 0 };
  if (warned.length > 0) registered.set('warnings', warned);
  if (all.some((r) => r.censored)) Object.assign(result, censoredResult(result));
  const firstFailure = all.find((r) => r.status === 'failed' || r.status === 'unreachable');
  if (firstFailure?.explanation !== undefined) result.explanation = firstFailure.explanation;
  if (firstFailure?.ignored) result.ignored = true;
  if ((failed || unreachable) && ignoresErrors(run)) result.ignored = true;
  const mayChange = all.find((r) => r.mayChange !== undefined)?.mayChange;
  if (mayChange !== undefined) result.mayChange = mayChange;
  const unknown = outcomes.find((o) => o.unknown)?.unknown;
  const joinedOutcome: Outcome = {
    result,
    registered,
    effects: outcomes.flatMap((o) => o.effects),
    includes: outcomes.flatMap((o) => o.includes),
    notify: [...new Set(outcomes.flatMap((o) => o.notify ?? []))],
    items: outcomes.length,
    ...(unknown && { unknown }),
  };
  const delegated = outcomes.find((o) => o.delegatedTo !== undefined)?.delegatedTo;
  if (delegated !== undefined) joinedOutcome.delegatedTo = delegated;
  return joinedOutcome;
}

/** no_log: nothing of the result is reported; what is registered stays whole. */
export function censored(outcome: Outcome): Outcome {
  return { ...outcome, result: censoredResult(outcome.result) };
}

/** `ignore_errors` of the whole task; one that can't be rendered without a loop's item counts for the items alone. */
function ignoresErrors(run: TaskRun): boolean {
  try {
    return keyword(run.task, 'ignore_errors', rendering(run.scope)) ?? false;
  } catch {
    return false;
  }
}
