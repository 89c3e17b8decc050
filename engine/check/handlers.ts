/** Names that `notify` uses and no handler has. It fails only when the task has changed something, so it is a warning. */
import { didYouMean } from '../errors.ts';
import { actionName } from '../playbook/actions.ts';
import { ownKeyword, placeOfKeyword, written } from '../playbook/keyword.ts';
import { asList, type Play, type Task, tasksIn } from '../playbook/nodes.ts';
import { isList, placeOfValue, Template } from '../values.ts';
import type { Report } from './report.ts';

/** What may be notified in a play; `open` where handlers come or get their names only during the run. */
interface Notifiable {
  names: ReadonlySet<string>;
  open: boolean;
}

/** The names and topics of a play's handlers. */
export function notifiable(play: Play): Notifiable {
  const names = new Set<string>();
  let open = [...tasksIn(play.sections.flat())].some((task) => actionName(task.action) === 'include_role');
  for (const handler of tasksIn(play.handlers)) {
    for (const name of [ownKeyword(handler, 'name'), ...handler.listen]) {
      if (name instanceof Template) open = true;
      else if (name !== undefined && name !== null) {
        names.add(String(name));
        const { role } = handler.role ?? {};
        for (const each of role ? [role.name, role.shortName] : []) names.add(`${each} : ${String(name)}`);
      }
    }
    if (actionName(handler.action)) open = true;
  }
  return { names, open };
}

/** Reports names that a task notifies and that are nowhere. */
export function checkNotified(task: Task, known: Notifiable, report: Report): void {
  if (known.open) return;
  for (const { value, owner } of written(task, 'notify')) {
    for (const [i, name] of asList(value).entries()) {
      if (typeof name !== 'string' || name === '' || known.names.has(name)) continue;
      const place = isList(value) ? placeOfValue(value, i) : placeOfKeyword(owner, 'notify');
      report({
        message: `there is no handler \`${name}\``,
        place,
        help: didYouMean(name, known.names) ?? (known.names.size === 0 ? 'write it under `handlers:`' : undefined),
        code: 'unknown-handler',
        subject: name,
      });
    }
  }
}
