/** Handlers: found by name or topic, run once per flush in the order in which they are written. */
import { collected, type Node, type Task, tasksIn } from '../../playbook/nodes.ts';
import { OMIT } from '../../template/index.ts';
import { isList, Template, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import { scopeFor } from '../view/scopes.ts';
import type { Path } from './gate.ts';
import { HostFailed } from './signals.ts';
import { start, type Walk } from './walk.ts';

/** Names that a task notifies, rendered for this host and item. */
export function notifiedNames(task: Task, scope: VarScope): string[] {
  return collected(task, 'notify').flatMap(({ value }) => {
    const rendered = scope.resolve(value);
    return (isList(rendered) ? rendered : [rendered])
      .filter((name) => name !== null && name !== OMIT && name !== '')
      .map(String);
  });
}

/**
 * The handler of this name and those that listen to it. Of several lists (the roles', then the play's) the last wins, within it
 * the first: of listeners with one name only that one runs.
 */
export function handlersNamed(walk: Walk, name: string): Task[] {
  const handlers = [...tasksIn(walk.run.play.handlers)];
  const listening = listeners(walk, handlers, name);
  const candidates = handlers.filter((handler) => {
    const own = handler.own.get('name');
    if (own === undefined || own === null) return false;
    const shown = renderName(walk, handler, own);
    return shown === name || (handler.role && `${handler.role.role.name} : ${shown}` === name);
  });
  const named = candidates.find((handler) => handler.role?.role === candidates.at(-1)!.role?.role);
  return [...new Set([...(named ? [named] : []), ...listening])];
}

function listeners(walk: Walk, handlers: readonly Task[], topic: string): Task[] {
  const lists = new Map<Task['role'], Task[]>();
  for (const handler of handlers) lists.set(handler.role, [...(lists.get(handler.role) ?? []), handler]);
  const seen = new Set<string>();
  return [...lists.values()].reverse().flatMap((list) =>
    list.filter((handler) => {
      if (!handler.listen.some((one) => renderName(walk, handler, one) === topic)) return false;
      const own = handler.own.get('name');
      const shown = own === undefined || own === null ? '' : renderName(walk, handler, own);
      if (shown !== '' && seen.has(shown)) return false;
      seen.add(shown);
      return true;
    }),
  );
}

function renderName(walk: Walk, handler: Task, name: Value): string {
  if (!(name instanceof Template)) return String(name);
  try {
    return String(scopeFor(walk.run.session, walk.run.view, handler, walk.state).resolve(name));
  } catch {
    // A name that needs what this host does not have can't be notified by it.
    return name.text;
  }
}

/** Runs what is notified on this host, once through: a handler that a later one notifies waits for the next flush. */
export async function flushHandlers(walk: Walk, path: Path): Promise<void> {
  const { notified, notifications } = walk.state;
  for (const name of notifications) for (const handler of handlersNamed(walk, name)) notified.add(handler);
  notifications.clear();
  let failure: HostFailed | undefined;
  for (const [i, node] of walk.run.play.handlers.entries()) {
    for (const handler of tasksIn([node])) {
      if (!notified.delete(handler)) continue;
      try {
        await runHandler(walk, node, handler, [...path, i]);
      } catch (error) {
        if (!(error instanceof HostFailed) || !walk.run.forceHandlers) throw error;
        failure ??= error;
      }
    }
  }
  if (failure) throw failure;
}

/** A handler in a block runs inside it: its keywords are looked up there anyway. */
async function runHandler(walk: Walk, node: Node, handler: Task, path: Path): Promise<void> {
  await walk.task(handler, node === handler ? path : [...path, [...tasksIn([node])].indexOf(handler)], start);
}
