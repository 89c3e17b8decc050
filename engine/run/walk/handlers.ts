/** Handlers: found by name or topic, run once per flush in the order in which they are written. */
import { describe, didYouMean } from '../../errors.ts';
import { ownKeyword, placeOfKeyword, written } from '../../playbook/keyword.ts';
import { type Node, type Task, tasksIn } from '../../playbook/nodes.ts';
import { Template, type Value } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import { clearNotifications, notifyHandlers, takeNotified } from '../task/effects.ts';
import type { Outcome, Path, Standing } from '../types.ts';
import { scopeFor } from '../view/scopes.ts';
import type { PlayRun } from './play.ts';
import { HostFailed } from './signals.ts';

/** A task that changed something and notifies a handler that is nowhere has failed, whatever ignores its errors. */
export function requireHandlers(run: PlayRun, state: HostState, task: Task, outcome: Outcome): void {
  const { result, registered } = outcome;
  if (result.status === 'failed' || registered.get('changed') !== true) return;
  const missing = outcome.notify?.find((name) => handlersNamed(run, state, name).length === 0);
  if (missing === undefined) return;
  const msg = `there is no handler \`${missing}\``;
  const [notify] = written(task, 'notify');
  const place = notify && placeOfKeyword(notify.owner, 'notify');
  const names = [...tasksIn(run.play.handlers)].flatMap((handler) => [ownKeyword(handler, 'name'), ...handler.listen]);
  const help = didYouMean(
    missing,
    names.filter((name) => typeof name === 'string'),
  );
  registered.set('failed', true).set('msg', msg);
  delete result.ignored;
  Object.assign(result, { status: 'failed', msg, explanation: describe({ message: msg, place, help }) });
  Object.assign(result.values, { failed: true, msg });
}

/**
 * The handler of this name and those that listen to it. Of several lists (the roles', then the play's) the last wins, within it
 * the first: of listeners with one name only that one runs.
 */
export function handlersNamed(run: PlayRun, state: HostState, name: string): Task[] {
  const handlers = [...tasksIn(run.play.handlers)];
  const shownAs = (handler: Task, written: Value) => renderName(run, state, handler, written);
  const listening = listeners(handlers, name, shownAs);
  const candidates = handlers.filter((handler) => {
    const own = ownKeyword(handler, 'name');
    if (own === undefined) return false;
    return isCalled(handler, shownAs(handler, own), name);
  });
  const named = candidates.find((handler) => handler.role?.role === candidates.at(-1)!.role?.role);
  return [...new Set([...(named ? [named] : []), ...listening])];
}

/** A name or topic, also with the role before it: `role : topic`. */
function isCalled({ role }: Task, shown: string, name: string): boolean {
  if (shown === name) return true;
  return role !== undefined && [role.role.name, role.role.shortName].some((each) => `${each} : ${shown}` === name);
}

function listeners(
  handlers: readonly Task[],
  topic: string,
  shownAs: (handler: Task, written: Value) => string,
): Task[] {
  const lists = new Map<Task['role'], Task[]>();
  for (const handler of handlers) lists.set(handler.role, [...(lists.get(handler.role) ?? []), handler]);
  const seen = new Set<string>();
  return [...lists.values()].reverse().flatMap((list) =>
    list.filter((handler) => {
      if (!handler.listen.some((one) => isCalled(handler, shownAs(handler, one), topic))) return false;
      const own = ownKeyword(handler, 'name');
      const shown = own === undefined ? '' : shownAs(handler, own);
      if (shown !== '' && seen.has(shown)) return false;
      seen.add(shown);
      return true;
    }),
  );
}

function renderName(run: PlayRun, state: HostState, handler: Task, name: Value): string {
  if (!(name instanceof Template)) return String(name);
  try {
    return String(scopeFor(run.session, run.view, handler, state).resolve(name));
  } catch {
    // A name that needs what this host does not have can't be notified by it.
    return name.text;
  }
}

/** What runs a handler for the host that is walked; the walk hands itself in. */
export interface HandlerWalk {
  readonly run: PlayRun;
  readonly state: HostState;
  task(task: Task, path: Path, standing: Standing): Promise<void>;
}

/** Runs what is notified on this host, once through: a handler that a later one notifies waits for the next flush. */
export async function flushHandlers(walk: HandlerWalk, path: Path, standing: Standing): Promise<void> {
  const { run, state } = walk;
  for (const name of state.notifications) notifyHandlers(state, handlersNamed(run, state, name));
  clearNotifications(state);
  let failure: HostFailed | undefined;
  for (const [i, node] of run.play.handlers.entries()) {
    for (const handler of tasksIn([node])) {
      if (!takeNotified(state, handler)) continue;
      try {
        await walk.task(handler, handlerPath(node, handler, [...path, i]), standing);
      } catch (error) {
        if (!(error instanceof HostFailed) || !run.settings.forceHandlers) throw error;
        failure ??= error;
      }
    }
  }
  if (failure) throw failure;
}

/** A handler in a block runs inside it: its keywords are looked up there anyway. */
function handlerPath(node: Node, handler: Task, path: Path): Path {
  return node === handler ? path : [...path, [...tasksIn([node])].indexOf(handler)];
}
