/** What is certain to be reached: only a mistake there is a reason to refuse a run. In doubt it is not. */
import { AuthorError, TemplateError } from '../errors.ts';
import { actionName } from '../playbook/actions.ts';
import { isGuarded } from '../playbook/guards.ts';
import { keyword, ownKeyword, tagsOf } from '../playbook/keyword.ts';
import { type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import { tagsMatch } from '../playbook/tags.ts';
import type { Session } from '../run/session.ts';
import { isList, Template, type Value } from '../values.ts';

export type Loading = Pick<Session, 'loader' | 'definition' | 'options' | 'inventory' | 'limit'>;

/**
 * Whether a play is certain to have hosts, or the failure of a task to end the run of one. `except` is a keyword that does not
 * guard it, `owner` a block around the task whose own keywords are what is asked about.
 */
export type Sure = (node: Task | Play, except?: string, owner?: Scoped) => boolean;

/** Judges the tasks of a play. */
export function sureIn(session: Loading, play: Play): Sure {
  const { tags = [], skipTags = [], startAtTask, step } = session.options;
  if (startAtTask !== undefined || step || hostsNow(session, play).length === 0) return () => false;
  const beyond = beyondEnd(play);
  return (task, except, owner = task) =>
    task.kind === 'play' ||
    (!task.handler &&
      !beyond.has(task) &&
      !isGuarded(owner.own, owner.parent, except) &&
      tagsMatch(tagsOf(task), tags, skipTags) &&
      !isAskedLater(task));
}

/** Tasks behind one that may end the play for a host without failure. */
function beyondEnd(play: Play): Set<Task> {
  const beyond = new Set<Task>();
  let ended = false;
  for (const task of tasksIn(play.sections.flat())) {
    if (ended) beyond.add(task);
    ended ||= mayEnd(task);
  }
  return beyond;
}

function mayEnd(task: Task): boolean {
  if (task.ahead?.nodes.length && [...tasksIn(task.ahead.nodes)].some(mayEnd)) return true;
  return (
    actionName(task.action) === 'meta' && !/^(noop|flush_handlers|clear_facts|refresh_inventory)$/.test(wordOf(task))
  );
}

function wordOf({ args }: Task): string {
  if (args instanceof Template) return args.text;
  return String(args instanceof Map ? args.get('free_form') : args).trim();
}

/** Whether what follows in the file asks if a registered result failed: `NAME is failed`, `NAME.failed`, `NAME | failed`. */
function isAskedLater(task: Task): boolean {
  const name = keyword(task, 'register');
  if (typeof name !== 'string' || !/^\w+$/.test(name) || !task.place) return false;
  const { source, offset } = task.place;
  const asked = `\\b${name}\\s*(?:is\\s+(?:not\\s+)?|\\|\\s*|\\.)(?:failed|failure|succeeded|success|successful)\\b`;
  return new RegExp(asked).test(source.text.slice(offset));
}

/** The hosts of a play as far as they are known now; none where the pattern matches nothing, or only the run can know. */
export function hostsNow(
  { inventory, limit, loader }: Pick<Loading, 'inventory' | 'limit' | 'loader'>,
  play: Play,
): string[] {
  const { length } = inventory.warnings;
  try {
    const own = keyword(play, 'vars');
    const vars = own ? [own] : [];
    const written = ownKeyword(play, 'hosts') ?? null;
    const resolved = (isList(written) ? written : [written]).flatMap((one): Value[] => {
      const value = loader.env.renderStatic(one, vars);
      return isList(value) ? value : [value];
    });
    if (!resolved.every((pattern) => typeof pattern === 'string' && pattern.trim() !== '')) return [];
    return inventory.select(resolved as string[], limit).map((host) => host.name);
  } catch (error) {
    if (error instanceof AuthorError || error instanceof TemplateError) return [];
    throw error;
  } finally {
    inventory.warnings.length = length;
  }
}
