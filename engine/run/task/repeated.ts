/** Outcomes of the run that this one resumes: a task that is done is not run again, and one that had begun goes on where it stood. */
import type { ModuleDefinition, ModuleResult } from '../../modules/define.ts';
import { encode } from '../../record/values.ts';
import type { Value } from '../../values.ts';
import type { Earlier, Outcome, TaskRun } from '../types.ts';
import { repeatOnInventory } from './effects.ts';
import { emitItem } from './item.ts';
import type { LoopPlan } from './loop.ts';
import { censored, joined } from './outcome.ts';

/** What the record knows of a task on a host. */
export interface Found {
  outcome?: Outcome;
  /** Of a loop that is done: what came of its items. */
  items?: readonly Outcome[];
  /** Of a task that is not. */
  earlier?: Earlier;
}

/** The outcome of a task that is done, with what it did to the inventory; its items are reported. */
export function repeated(run: TaskRun, { outcome: whole, items }: Found): Outcome {
  const { session, state, task } = run;
  const each = items?.map((item) => marked(run, item));
  const outcome = each ? { ...joined(run, each), notify: whole!.notify ?? [] } : marked(run, whole!);
  outcome.result.replayed = true;
  outcome.result.duration = whole!.result.duration;
  for (const [index, item] of (each ?? []).entries()) {
    const variable = item.registered.get('ansible_loop_var');
    emitItem(run, item, (variable !== undefined && item.registered.get(variable)) || '');
    session.recording?.item(run, index, item);
  }
  for (const include of outcome.includes) include.replayed = true;
  repeatOnInventory(run, outcome);
  const id = outcome.registered.get('ansible_job_id');
  const job = typeof id === 'string' ? session.recording?.job(id) : undefined;
  if (job) session.jobs.restore(state.name, id as string, job);
  if (outcome.result.censored) session.door.hide(task.id, state.name, true);
  return outcome;
}

function marked({ session, task, state }: TaskRun, outcome: Outcome): Outcome {
  const made = outcome.result.censored ? censored(outcome) : outcome;
  if (made.result.censored) session.door.hide(task.id, state.name, true);
  made.result.replayed = true;
  return made;
}

/** Items that an earlier run had done, as long as the loop has the same ones. */
export function earlierItems(run: TaskRun, plan: LoopPlan): ReadonlyMap<number, Outcome> {
  const done = new Map<number, Outcome>();
  for (const [index, item] of plan.items.entries()) {
    const outcome = run.earlier?.items.get(index);
    if (!outcome) continue;
    const variable = outcome.registered.get('ansible_loop_var');
    if (variable === undefined || !isSame(outcome.registered.get(variable), item)) break;
    done.set(index, marked(run, outcome));
    repeatOnInventory(run, outcome);
  }
  return done;
}

const isSame = (a: Value | undefined, b: Value): boolean => JSON.stringify(encode(a)) === JSON.stringify(encode(b));

/**
 * A task that had begun when the earlier run was killed may have changed something then, and finds it as it should be now: it counts as
 * changed, so that whatever waits for that change (a handler, a condition) happens. A restart too many does less harm than one too few.
 */
export function settle(run: TaskRun, definition: ModuleDefinition, result: ModuleResult): void {
  const { earlier, session, state, name } = run;
  if (!earlier || definition.controllerOnly || definition.traits?.observes) return;
  if (earlier.changed !== undefined) {
    if (!run.task.loop) result.changed = earlier.changed;
    return;
  }
  if (!earlier.open) return;
  earlier.open = false;
  if (result.changed) return;
  result.changed = true;
  const text = `\`${name}\` had begun when the earlier run ended, and finds nothing to change now: it counts as changed`;
  session.emit({ type: 'message', level: 'info', text, host: state.name });
}
