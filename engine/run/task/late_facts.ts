/** Facts that a file names which was read after the host's facts were gathered: asked of it before the task that may need them. */
import { ModuleFailure, UnreachableError } from '../../errors.ts';
import { convertArgs } from '../../modules/parts/arguments.ts';
import { shortName } from '../../names.ts';
import { factsModule } from '../../playbook/actions.ts';
import type { Dict, Value } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import type { TaskRun } from '../types.ts';
import { addLateFacts } from './effects.ts';
import { bindRemote, moduleEnv } from './module_env.ts';

/** Hosts that were asked already, whatever came of it. */
const asked = new WeakSet<HostState>();

/** Asks once, and only a host whose facts are known at all; one that does not answer has no such facts. */
export async function lateFacts(run: TaskRun): Promise<void> {
  const { session, state, scope } = run;
  if (asked.has(state)) return;
  if (shortName(run.task.action) === shortName(factsModule)) {
    asked.add(state);
    return;
  }
  if (!state.facts.has('module_setup')) return;
  asked.add(state);
  if (state.facts.has('python')) return;
  const definition = await session.definition(factsModule);
  const raw: Dict = new Map<Value, Value>([['gather_subset', ['!all', '!min', 'python']]]);
  const mode = { check: false, diff: false, timeout: 0, warned: [] };
  try {
    const env = moduleEnv(run, scope, raw, bindRemote(run, scope, undefined, mode), mode);
    const { facts } = await definition.run(convertArgs(definition, raw).args as never, env);
    addLateFacts(session, state, new Map([...(facts ?? [])].filter(([name]) => String(name).includes('python'))));
  } catch (error) {
    // The task itself says why its host cannot be reached.
    if (!(error instanceof ModuleFailure || error instanceof UnreachableError)) throw error;
  }
}
