/** A task's arguments: whichever way they were written, with the defaults of module_defaults, rendered. */

import type { ModuleDefinition } from '../../modules/define.ts';
import { shortName } from '../../modules/find.ts';
import { mainName } from '../../modules/parts/arguments.ts';
import { collected, type Task } from '../../playbook/nodes.ts';
import { OMIT } from '../../template/index.ts';
import { type Dict, fromProject, isDict, isList, Template, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Session } from '../session.ts';
import type { TaskRun } from './outcome.ts';

const written = new WeakMap<Task, Dict>();

/** Arguments as written, as a dict with template values in it; a plain text is split by the module's schema. */
export function writtenArgs(session: Pick<Session, 'loader'>, task: Task, definition: ModuleDefinition): Dict {
  let args = written.get(task);
  if (!args) {
    args = splitArgs(session, task, definition);
    written.set(task, args);
  }
  return args;
}

function splitArgs(session: Pick<Session, 'loader'>, task: Task, definition: ModuleDefinition): Dict {
  const more = task.own.get('args');
  const base: Dict = isDict(more) ? new Map(more) : new Map();
  if (isDict(task.args)) {
    if (base.size === 0) return task.args;
    return new Map([...base, ...task.args]);
  }
  if (task.args === null) return base.size === 0 && isDict(more) ? more : base;
  if (isList(task.args)) {
    // `command: [a, b]` is not a text; Ansible takes no list here either.
    return base.set(definition.freeForm ?? Object.keys(definition.args)[0]!, task.args);
  }
  const text = task.args instanceof Template ? task.args.text : String(task.args);
  const free = definition.freeForm;
  if (free === undefined) {
    const parsed = session.loader.env.parseKeyValues(text, task.actionPlace);
    for (const [key, value] of parsed.values) base.set(key, value);
    if (parsed.free) base.set('_raw_params', fromProject(parsed.free, task.actionPlace));
    return base;
  }
  const { rest, options } = splitFree(session, text, task, definition);
  for (const [key, value] of options) base.set(key, value);
  // `!unsafe` text stays data.
  const trusted = task.args instanceof Template;
  if (rest !== '') base.set(free, trusted ? fromProject(rest, task.actionPlace) : rest);
  return base;
}

/** `creates=/x chdir=/y ls -l`: words that name an argument are taken out, all else is the command, spaces kept. */
function splitFree(
  session: Pick<Session, 'loader'>,
  text: string,
  task: Task,
  definition: ModuleDefinition,
): { rest: string; options: Dict } {
  const only = Object.entries(definition.args).flatMap(([name, spec]) =>
    name === definition.freeForm ? [] : [name, ...(spec.aliases ?? [])],
  );
  const { free, values } = session.loader.env.parseKeyValues(text, task.actionPlace, only);
  return { rest: (values.size > 0 ? free : text).trim(), options: values };
}

/** Rendered arguments under the names they were written with; `omit` drops an argument. */
export function moduleArgs(run: TaskRun, scope: VarScope, definition: ModuleDefinition): Dict {
  const args: Dict = new Map();
  for (const [key, value] of defaultsOf(run.task, definition, scope)) args.set(key, value);
  for (const [key, value] of writtenArgs(run.session, run.task, definition)) {
    const name = mainName(definition.args, String(key)) ?? String(key);
    for (const given of args.keys())
      if (given !== key && mainName(definition.args, String(given)) === name) args.delete(given);
    args.set(key, value);
  }
  const rendered: Dict = new Map();
  for (const [key, value] of args) {
    if (definition.unrendered?.includes(String(key))) rendered.set(key, value);
    else {
      const result = scope.resolve(value);
      const name = typeof key === 'string' ? fromProject(key, run.task.actionPlace) : key;
      if (result !== OMIT) rendered.set(scope.resolve(name), result);
    }
  }
  return rendered;
}

function defaultsOf(task: Task, definition: ModuleDefinition, scope: VarScope): Dict {
  const found: Dict = new Map();
  for (const { value } of collected(task, 'module_defaults')) {
    const list = isList(value) ? value : [value];
    for (const item of list) {
      const dict = item instanceof Template ? scope.resolve(item) : item;
      if (!isDict(dict)) continue;
      for (const [name, args] of dict) {
        const given = args instanceof Template ? scope.resolve(args) : args;
        if (shortName(String(name)) === definition.name && isDict(given as Value))
          for (const [k, v] of given as Dict) found.set(k, v);
      }
    }
  }
  return found;
}
