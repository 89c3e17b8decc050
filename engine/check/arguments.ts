/** A task's arguments against its module's schema, as far as they are known before the run. */
import { checkArgs } from '../modules/parts/arguments.ts';
import { ownKeyword, placeOfKeyword, written } from '../playbook/keyword.ts';
import type { Task } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { wholeArguments, writtenArgs } from '../run/view/written_args.ts';
import { isDict, isList, placeOfKey, Template } from '../values.ts';
import type { Definitions } from './definitions.ts';
import type { Report } from './report.ts';
import { checkConditions, checkTemplates } from './templates.ts';
import { checkNames } from './variables.ts';

/** Reports what Ansible refuses when it loads to `strictly`, and to `report` what the task fails with when it is reached. */
export function checkArguments(
  session: Pick<Session, 'loader'>,
  task: Task,
  definitions: Definitions,
  strictly: Report,
  report: Report,
): void {
  const definition = definitions.of(task);
  const expressions = isDict(task.args) ? (definition?.traits?.expressions ?? []) : [];
  for (const name of expressions) if (isDict(task.args)) checkConditions(task.args, name, report);
  checkTemplates(task.args, expressions, report);
  checkReserved(task, strictly);
  if (task.missing) report(task.missing);
  const unusable = definitions.unusable(task);
  for (const finding of unusable?.findings ?? []) report({ ...finding, place: finding.place ?? task.actionPlace });
  const beside = ownKeyword(task, 'args');
  if (beside !== undefined && !isDict(beside) && !(beside instanceof Template)) {
    const help = 'write them below it, one a line, without dashes: `name: value`';
    strictly({ message: '`args` must be a mapping of arguments', place: placeOfKeyword(task, 'args'), help });
    return;
  }
  if (!definition) return;
  if (isList(task.args)) {
    const help = 'write them below the module, one a line, without dashes: `name: value`';
    strictly({ message: `\`${task.action}\` takes arguments with names, not a list`, place: task.actionPlace, help });
    return;
  }
  if (definition.traits?.definesVariables) checkNames(task.args, report, true);
  const args = writtenArgs(session, task, definition);
  if (args.has('_raw_params') && definition.freeForm === undefined && !('_raw_params' in definition.args)) {
    const help = 'write its arguments with their names, one a line below it: `name: value`';
    report({ message: `\`${task.action}\` takes arguments with names, not a text`, place: task.actionPlace, help });
    return;
  }
  // Arguments that module_defaults or a template of all arguments may give are known when they are rendered.
  const open = written(task, 'module_defaults').length > 0 || wholeArguments(task, definition).length > 0;
  for (const finding of checkArgs(definition, args, task.actionPlace ?? task.place))
    if (!open || finding.code !== 'missing-argument') report(finding);
}

/** Ansible's own notes to its modules have such names, and no playbook may write them. */
function checkReserved({ action, args }: Task, strictly: Report): void {
  if (!isDict(args)) return;
  for (const key of args.keys())
    if (String(key).startsWith('_ansible_'))
      strictly({
        message: `\`${action}\` can't be given \`${String(key)}\``,
        place: placeOfKey(args, key),
        help: 'the prefix `_ansible_` is reserved for internal use only.',
      });
}
