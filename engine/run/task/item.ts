/** What is said of each item of a loop. */
import { toText } from '../../template/index.ts';
import type { Value } from '../../values.ts';
import type { Outcome, TaskRun } from '../types.ts';

export function emitItem(run: TaskRun, outcome: Outcome, label: Value): void {
  const info = run.session.info(run.task, run.name);
  const item = outcome.result.censored ? '(censored due to no_log)' : toText(label);
  const event = { type: 'task:item' as const, task: info, host: run.state.name, item, result: outcome.result };
  run.session.emit(outcome.delegatedTo === undefined ? event : { ...event, delegatedTo: outcome.delegatedTo });
}
