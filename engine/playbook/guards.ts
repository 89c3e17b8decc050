/** What may catch a task's failure or pass the task by: then a mistake in it is no reason to refuse the whole run. */
import { type Dict, Template, type Value } from '../values.ts';
import { asList, type Scoped } from './nodes.ts';

/** Keywords that may keep a task from running, or its failure from ending the host's run, wherever they are written. */
const GUARDS = ['when', 'loop', 'ignore_errors', 'ignore_unreachable', 'failed_when', 'until', 'rescue'];

/** Whether something guards a task: a keyword on it or on what it is in, a loop, the tag `never`, a `rescue`, `poll: 0`. */
export function isGuarded(own: Dict, parent: Scoped | undefined, except?: string): boolean {
  if (guards(own, except)) return true;
  for (let scoped = parent; scoped; scoped = scoped.parent) if (guards(scoped.own)) return true;
  return false;
}

function guards(own: Dict, except?: string): boolean {
  const keys = [...own.keys()].map(String);
  if (
    keys.some((key) => key !== except && (GUARDS.includes(key) || key.startsWith('with_')) && says(key, own.get(key)))
  )
    return true;
  // Left to itself, a task's failure is seen by nobody.
  if (Number(own.get('poll') ?? 1) === 0 && own.has('async')) return true;
  return asList(own.get('tags')).some((tag) => tag instanceof Template || tag === 'never');
}

/** `ignore_errors: false` guards nothing, `when: false` does. */
const says = (key: string, value: Value | undefined): boolean =>
  value !== undefined && value !== null && !(value === false && key.startsWith('ignore_'));
