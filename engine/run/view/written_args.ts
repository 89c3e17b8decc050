/** A task's arguments as they are written, before anything is rendered. */
import type { ModuleDefinition } from '../../modules/define.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { parseTemplate } from '../../template/index.ts';
import { type Dict, fromProject, isDict, isList, Template } from '../../values.ts';
import type { Session } from '../session.ts';

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
  // A command line keeps the end of a block; of blanks alone nothing is left.
  const kept = definition.args[definition.freeForm!]?.kind === 'str' ? free.trimStart() : free.trim();
  return { rest: kept.trim() === '' ? '' : kept, options: values };
}

/** `debug: "{{ arguments }}"`: all of a module's arguments in one template; `set_fact: "{{ name }}={{ value }}"` is two. */
const isWhole = (task: Task, definition: ModuleDefinition): boolean =>
  definition.freeForm === undefined && task.args instanceof Template && isOne(task.args);

function isOne(template: Template): boolean {
  const text = template.text.trim();
  if (!text.startsWith('{{') || !text.endsWith('}}')) return false;
  return (
    !text.includes('}}', 2) || text.indexOf('{{', 2) < 0 || parseTemplate(text, template.place).single !== undefined
  );
}

/** Templates that give a task's arguments as a whole: in place of them, or as `args`. */
export function wholeArguments(task: Task, definition: ModuleDefinition): Template[] {
  const beside = keyword(task, 'args');
  return [beside, isWhole(task, definition) ? task.args : undefined].filter((each) => each instanceof Template);
}
