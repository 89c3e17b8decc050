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
  if (forAll.includes(word) && run.gate.lockstep && group.hosts[0] !== state.name) return;
  const say = (text: string) => {
    if ((run.session.options.verbosity ?? 0) > 1)
      run.session.emit({ type: 'message', level: 'verbose', from: 2, text });
  };
  if (!holds) {
    const reason = `${word} conditional evaluated to False${goesOn(word, state.name)}`;
    say(`META: ${reason}`);
    say(`skipping: [${state.name}] => ${JSON.stringify({ skip_reason: reason })}`.replace('":"', '": "'));
    return;
  }
  say(`META: ${doing(word, state.name)}`);
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

/** What `-vv` says of a meta task that is carried out, in Ansible's words. */
function doing(word: string, host: string): string {
  const told: Record<string, string> = {
    flush_handlers: `triggered running handlers for ${host}`,
    clear_facts: 'facts cleared',
    clear_host_errors: 'cleared host errors',
    end_host: `ending play for ${host}`,
    end_role: `ending role execution for ${host}`,
    end_play: 'ending play',
    end_batch: 'ending batch',
    refresh_inventory: 'inventory successfully refreshed',
    reset_connection: 'reset connection',
  };
  return told[word] ?? word;
}

/** And of one whose condition does not hold. */
function goesOn(word: string, host: string): string {
  const told: Record<string, string> = {
    end_host: `, continuing execution for ${host}`,
    end_role: `, continuing role execution for ${host}`,
    end_play: ', continuing play',
    end_batch: ', continuing current batch',
  };
  return told[word] ?? '';
}
