/** A task's arguments: whichever way they were written, with the defaults of module_defaults, rendered. */

import { mistake } from '../../errors.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { mainName } from '../../modules/parts/arguments.ts';
import { shortName } from '../../names.ts';
import { keyword, type Render } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { OMIT } from '../../template/index.ts';
import { type Dict, fromProject, isDict, isList, Template, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { TaskRun } from '../types.ts';
import { rendering } from '../view/keywords.ts';
import { wholeArguments, writtenArgs } from '../view/written_args.ts';

function rendered(whole: Template, scope: VarScope): Dict {
  const value = scope.resolve(whole);
  if (isDict(value)) return value;
  if (value === OMIT) return new Map();
  throw mistake('the arguments of a module must come to a mapping', whole.place, 'give a dict of arguments');
}

/** Rendered arguments under the names they were written with; `omit` drops an argument. */
export function moduleArgs(run: TaskRun, scope: VarScope, definition: ModuleDefinition): Dict {
  const args: Dict = new Map();
  for (const [key, value] of defaultsOf(run.task, definition.name, scope)) args.set(key, value);
  const given = [
    ...wholeArguments(run.task, definition).map((whole) => rendered(whole, scope)),
    writtenArgs(run.session, run.task, definition),
  ];
  for (const dict of given)
    for (const [key, value] of dict) {
      // One that has another name for the same argument is replaced.
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

/** What module_defaults say of a module, rendered. */
export function renderedDefaults(task: Task, module: string, scope: VarScope): Dict {
  const made = [...defaultsOf(task, module, scope)].map(([key, value]) => [key, scope.resolve(value)] as const);
  return new Map(made.filter(([, value]) => value !== OMIT));
}

function defaultsOf(task: Task, module: string, scope: VarScope): Dict {
  const found: Dict = new Map();
  for (const { value } of keyword(task, 'module_defaults', templatesOnly(scope))) {
    for (const item of isList(value) ? value : [value]) {
      if (!isDict(item)) continue;
      for (const [name, args] of item)
        if (shortName(String(name)) === module && isDict(args)) for (const [k, v] of args) found.set(k, v);
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
