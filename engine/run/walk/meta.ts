/** `meta`: steers the run itself. Not shown and not counted, as in Ansible. */

import { keyword, placeOfKeyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { conditionsHold } from '../task/conditions.ts';
import { forgetFacts } from '../task/effects.ts';
import type { Group, Path, Standing } from '../types.ts';
import { connectionKeywords, connectionTarget } from '../view/connection.ts';
import { scopeFor } from '../view/scopes.ts';
import { flushHandlers, type HandlerWalk } from './handlers.ts';
import { HostEnded } from './signals.ts';
import { start } from './standing.ts';

const forAll = ['clear_facts', 'clear_host_errors', 'end_play', 'end_batch', 'refresh_inventory'];

/** Carries out one meta task for a host. */
export async function runMeta(
  walk: HandlerWalk,
  task: Task,
  path: Path,
  standing: Standing,
  group: Group,
): Promise<void> {
  const { run, state } = walk;
  const scope = scopeFor(run.session, run.view, task, state, standing.frame);
  const word = String(scope.resolve(run.session.loader.tasks.args(task).get('free_form') ?? 'noop'));
  // Whether to read the inventory again no single host can say: as in Ansible the condition is not asked.
  const holds =
    word === 'refresh_inventory' ||
    keyword(task, 'when').every(
      ({ value, owner }) => conditionsHold(value, scope, placeOfKeyword(owner, 'when')).holds,
    );
  // What concerns the whole play is decided for the first host that is here alone, as in Ansible.
  if (!holds || (forAll.includes(word) && run.gate.lockstep && group.hosts[0] !== state.name)) return;
  switch (word) {
    case 'flush_handlers':
      return flushHandlers(walk, [...path, 0], start);
    case 'clear_facts':
      for (const name of run.gate.lockstep ? run.view.batch : [state.name]) forgetFacts(run.session.host(name));
      return;
    case 'clear_host_errors':
      run.clearErrors();
      return;
    case 'end_host':
      throw new HostEnded('host');
    case 'end_role':
      throw new HostEnded('role');
    case 'end_play':
    case 'end_batch':
      run.endAll(word === 'end_play');
      throw new HostEnded('host');
    case 'refresh_inventory':
      run.session.inventory.become(await run.session.readInventory());
      return;
    case 'reset_connection': {
      const stated = (name: string) => scope.stated.value(name);
      const target = connectionTarget(state.name, stated, connectionKeywords(task, scope), run.session.options);
      return run.session.pool.remote(target).reset();
    }
    default:
      return;
  }
}
