/** The host that a task is delegated to, as the task sees it. */
import { mistake } from '../../errors.ts';
import { keyword, placeOfKeyword, written } from '../../playbook/keyword.ts';
import { type Dict, Template, type Value } from '../../values.ts';
import { type VarScope, VarsDict } from '../../vars/scope.ts';
import type { TaskRun } from '../types.ts';
import { settledDelegate } from '../view/connection_names.ts';
import { rendering } from '../view/keywords.ts';
import { scopeFor } from '../view/scopes.ts';

/** Where a task runs in place of its own host; undefined where that is not said. */
export function delegatedHost({ task }: TaskRun, scope: VarScope): string | undefined {
  const settled = settledDelegate(scope);
  if (settled !== undefined) return settled;
  const name = keyword(task, 'delegate_to', rendering(scope));
  if (name !== '') return name;
  const [given] = written(task, 'delegate_to');
  // The task would run on its own host, which nobody asked for.
  if (given?.value instanceof Template)
    throw mistake(
      '`delegate_to` comes to an empty name',
      placeOfKeyword(given.owner, 'delegate_to'),
      'to run on the own host where there is no other one, let it come to `omit`',
    );
  return undefined;
}

/** What a task knows of itself on the host that it is delegated to: its item, and its own host's name. */
export function delegatedItem({ state }: TaskRun, scope: VarScope): Dict {
  return new Map<Value, Value>([...(scope.sources.loopVars ?? []), ['inventory_hostname', state.name]]);
}

/** The scope with `ansible_delegated_vars`, the variables of the host that the task is delegated to. */
export function withDelegated(run: TaskRun, scope: VarScope): VarScope {
  const name = delegatedHost(run, scope);
  if (name === undefined) return scope;
  const { session, view, task, frame } = run;
  const settled: Dict = new Map();
  const own = delegatedItem(run, scope).set('ansible_delegated_vars', settled);
  const known = session.inventory.getHost(name);
  const vars: Value = known ? new VarsDict(scopeFor(session, view, task, session.host(name), frame, own)) : own;
  settled.set(name, vars);
  return scope.with(new Map([['ansible_delegated_vars', settled]]));
}
