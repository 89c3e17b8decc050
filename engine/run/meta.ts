/** `meta`: steers the run itself. Not shown and not counted, as in Ansible. */

import { mistake } from '../errors.ts';
import { collected, type Task } from '../playbook/nodes.ts';
import { placeOfValue } from '../values.ts';
import { conditionsHold } from './conditions.ts';
import { connectionTarget } from './connection.ts';
import type { Group, Path } from './gate.ts';
import { flushHandlers } from './handlers.ts';
import { keywordValue } from './outcome.ts';
import { scopeFor } from './scopes.ts';
import { HostEnded } from './signals.ts';
import type { Standing, Walk } from './walk.ts';

/** Carries out one meta task for a host. */
export async function runMeta(walk: Walk, task: Task, path: Path, standing: Standing, group: Group): Promise<void> {
  const { run, state } = walk;
  const scope = scopeFor(run.session, run.view, task, state, standing.frame);
  const word = String(scope.resolve(run.session.loader.tasks.args(task).get('free_form') ?? 'noop'));
  const holds = collected(task, 'when').every(
    ({ value, owner }) => conditionsHold(value, scope, placeOfValue(owner.own, 'when')).holds,
  );
  const first = group.hosts[0] === state.name;
  if (!holds) return;
  switch (word) {
    case 'flush_handlers':
      return flushHandlers(walk, [...path, 0]);
    case 'clear_facts':
      state.facts.clear();
      return;
    case 'clear_host_errors':
      if (first) run.clearErrors();
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
      throw mistake(
        '`meta: refresh_inventory` is not supported',
        task.actionPlace,
        'use add_host, or run the playbook again',
      );
    case 'reset_connection': {
      const keyword = (name: string) => keywordValue(task, name, scope);
      const target = connectionTarget(state.name, (name) => scope.value(name), keyword, run.session.options);
      return run.session.pool.remote(target).reset();
    }
    default:
      return;
  }
}
