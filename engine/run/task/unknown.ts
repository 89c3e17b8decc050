/** In a plan: tasks of which check mode cannot say what they would do, and those that need what these would have found. */
import { type ModuleFailure, placeText, type UnknownError } from '../../errors.ts';
import { type Dict, fromPlain, isDict } from '../../values.ts';
import type { Outcome, TaskRun } from '../types.ts';

/** Marks the outcome of a module that does not run in check mode. */
export function markUnknown(run: TaskRun, outcome: Outcome): void {
  if (!run.session.options.plan) return;
  const { task, name } = run;
  const at = task.place ? ` (${placeText(task.place).replace(/:\d+$/, '')})` : '';
  outcome.unknown = { why: `\`${name}\`${at} does not run in check mode`, place: task.place, names: [] };
  // One that only looks changes nothing in a real run either.
  if (run.definition && !run.definition.traits?.observes) outcome.result.mayChange = 'it runs only in a real run';
}

/** In a plan: whether the task may fail only because what comes before it is not done. */
export function isPremature({ session, state, definition }: TaskRun): boolean {
  return !definition?.controllerOnly && session.recording?.planner?.hasChanged(state.name) === true;
}

/** What comes of a task that fails in check mode, and may not once the changes before it are made. */
export function prematureOutcome(run: TaskRun, failure: ModuleFailure): Outcome {
  const { task, name, definition } = run;
  const at = task.place ? ` (${placeText(task.place).replace(/:\d+$/, '')})` : '';
  const msg = `cannot be predicted before the changes above are made: ${failure.message.trim().split('\n')[0]}`;
  const outcome = withoutResult(msg);
  outcome.unknown = { why: `\`${name}\`${at} cannot be predicted`, place: task.place, names: [] };
  if (!definition?.traits?.observes) outcome.result.mayChange = msg;
  return outcome;
}

function withoutResult(msg: string): Outcome {
  const registered = fromPlain({ changed: false, skipped: true, msg }) as Dict;
  return {
    result: { status: 'skipped', values: { changed: false, skipped: true, msg }, msg, duration: 0 },
    registered,
    effects: [],
    includes: [],
  };
}

/** What comes of a task that needs something of which only a real run can know. */
export function unknownOutcome(run: TaskRun, error: UnknownError): Outcome {
  const { task, definition } = run;
  const msg = error.message;
  const outcome = withoutResult(msg);
  const sets = definition?.traits?.definesVariables && isDict(task.args) ? [...task.args.keys()].map(String) : [];
  outcome.unknown = { why: error.why, place: error.place, names: sets };
  if (!definition?.controllerOnly && !definition?.traits?.observes) outcome.result.mayChange = msg;
  return outcome;
}
