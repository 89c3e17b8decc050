/** A task's arguments: whichever way they were written, with the defaults of module_defaults, rendered. */

import { mistake } from '../../errors.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { shortName } from '../../modules/find.ts';
import { mainName } from '../../modules/parts/arguments.ts';
import { keyword, type Render } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { OMIT } from '../../template/index.ts';
import { type Dict, fromProject, isDict, isList, Template, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Session } from '../session.ts';
import type { TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';

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
  const more = keyword(task, 'args') ?? null;
  if (isWhole(task, definition)) return isDict(more) ? more : new Map();
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

/** `debug: "{{ arguments }}"`: all of a module's arguments in one template. */
const isWhole = (task: Task, definition: ModuleDefinition): boolean =>
  definition.freeForm === undefined && task.args instanceof Template && /^\{\{.*\}\}$/s.test(task.args.text.trim());

/** Templates that give a task's arguments as a whole: in place of them, or as `args`. */
export function wholeArguments(task: Task, definition: ModuleDefinition): Template[] {
  const beside = keyword(task, 'args');
  return [beside, isWhole(task, definition) ? task.args : undefined].filter((each) => each instanceof Template);
}

function rendered(whole: Template, scope: VarScope): Dict {
  const value = scope.resolve(whole);
  if (isDict(value)) return value;
  if (value === OMIT) return new Map();
  throw mistake('the arguments of a module must come to a mapping', whole.place, 'give a dict of arguments');
}

/** Rendered arguments under the names they were written with; `omit` drops an argument. */
export function moduleArgs(run: TaskRun, scope: VarScope, definition: ModuleDefinition): Dict {
  const args: Dict = new Map();
  for (const [key, value] of defaultsOf(run.task, definition, scope)) args.set(key, value);
  const given = [
    ...wholeArguments(run.task, definition).map((whole) => rendered(whole, scope)),
    writtenArgs(run.session, run.task, definition),
  ];
  for (const [key, value] of given.flatMap((dict) => [...dict])) {
    const name = mainName(definition.args, String(key)) ?? String(key);
    for (const other of args.keys())
      if (other !== key && mainName(definition.args, String(other)) === name) args.delete(other);
    args.set(key, value);
  }
  const made: Dict = new Map();
  for (const [key, value] of args) {
    if (definition.unrendered?.includes(String(key))) made.set(key, value);
    else {
      const result = scope.resolve(value);
      const name = typeof key === 'string' ? fromProject(key, run.task.actionPlace) : key;
      if (result !== OMIT) made.set(scope.resolve(name), result);
    }
  }
  return made;
}

function defaultsOf(task: Task, definition: ModuleDefinition, scope: VarScope): Dict {
  const found: Dict = new Map();
  for (const { value } of keyword(task, 'module_defaults', templatesOnly(scope))) {
    for (const item of isList(value) ? value : [value]) {
      if (!isDict(item)) continue;
      for (const [name, args] of item)
        if (shortName(String(name)) === definition.name && isDict(args)) for (const [k, v] of args) found.set(k, v);
    }
  }
  return found;
}

/** Renders what is given as a whole; the arguments themselves are rendered with the others, where they are used. */
function templatesOnly(scope: VarScope): Render {
  const render = rendering(scope);
  const outer = (value: Value): Value | undefined => {
    if (value instanceof Template) return render(value);
    if (isList(value)) return value.flatMap((item) => outer(item) ?? []);
    if (!isDict(value)) return value;
    return new Map([...value].map(([name, args]) => [name, args instanceof Template ? (render(args) ?? null) : args]));
  };
  return outer;
}
