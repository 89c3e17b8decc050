/** Lists of tasks and blocks, static imports in their place. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { didYouMean } from '../errors.ts';
import {
  type Dict,
  fromProject,
  isDict,
  isList,
  type Place,
  placeOf,
  placeOfKey,
  placeOfValue,
  Template,
  type Value,
  without,
} from '../values.ts';
import { ActionFinder, type FoundAction } from './action_finder.ts';
import { actionName, actions, metaActions } from './actions.ts';
import { bodyOf } from './bodies.ts';
import { keywords } from './keywords.ts';
import type { Loader } from './load.ts';
import { nearFile } from './near_file.ts';
import { type Ahead, asList, type Block, type Node, type Play, type RoleUse, type Scoped, type Task } from './nodes.ts';

/** Where a list of tasks stands. */
export interface Where {
  parent: Scoped;
  role: RoleUse | undefined;
  /** Folder of the file. */
  directory: string;
  play: Play;
  /** Variables known before the run, strongest first. */
  vars: readonly Dict[];
  handler: boolean;
  /** Files on the way here, against imports of themselves. */
  files?: readonly string[];
}

/** Keywords that an include itself takes, `with_*` aside. */
const includeKeywords = new Set(
  'action args collections debugger ignore_errors loop loop_control name no_log register run_once tags timeout vars when listen local_action'.split(
    ' ',
  ),
);

const blockWords = ['block', 'rescue', 'always'] as const;

export class TaskLoader {
  readonly #actions: ActionFinder;

  constructor(private readonly loader: Loader) {
    this.#actions = new ActionFinder(loader);
  }

  /** The tasks under a key of a play, block or of nothing. */
  list(owner: Dict, key: string, where: Where): Node[] {
    const value = owner.get(key);
    if (value === undefined || value === null) return [];
    return isList(value) ? this.nodes(value, where) : [];
  }

  nodes(items: Value[], where: Where): Node[] {
    return items.flatMap((item, i) => {
      if (isDict(item)) return this.#node(item, where);
      if (item !== null) {
        const help = isList(item) ? 'there is a dash too many, or the list is indented too far' : this.#asMapping(item);
        this.loader.report('this is not a task', placeOfValue(items, i), help);
      }
      return [];
    });
  }

  /** `- service name=x`: the colon is missing. */
  #asMapping(item: Value): string {
    const text = item instanceof Template ? item.text : String(item);
    const [, name = '', args] = /^([\w.]+)(?:\s+(\S.*))?$/s.exec(text) ?? [];
    const module = actionName(name) !== undefined || this.loader.env.isModule(name, [...this.loader.libraries]);
    return module
      ? `a colon is missing: - ${name}:${args === undefined ? '' : ` ${args}`}`
      : 'a task is a mapping such as `- name: ...` with a module below';
  }

  /** A file of tasks; `origin` is what names it. */
  file(path: string, where: Where): Node[] {
    const content = this.loader.read(path);
    if (content === undefined || content === null) return [];
    if (!isList(content)) {
      this.loader.report(
        'a file of tasks is a list',
        placeOf(content),
        isDict(content) && content.has('hosts') ? 'this is a play; use import_playbook' : undefined,
      );
      return [];
    }
    return this.nodes(content, { ...where, directory: dirname(path), files: [...(where.files ?? []), path] });
  }

  #node(item: Dict, where: Where): Node[] {
    if (item.has('block')) return [this.#block(item, where)];
    for (const word of ['rescue', 'always']) {
      if (item.has(word)) this.loader.report(`\`${word}\` needs a \`block\` beside it`, placeOfKey(item, word));
    }
    const found = this.#actions.of(item, where.handler);
    if (!found) return [];
    const action = actionName(found.name);
    if (action === 'import_tasks') return this.#importTasks(item, found, where);
    if (action === 'import_role') return this.#importRole(item, found, where);
    return [this.#task(item, found, where)];
  }

  #block(item: Dict, where: Where): Block {
    this.loader.checkKeywords(item, 'block');
    const block = {
      kind: 'block' as const,
      from: 'block' as const,
      own: this.loader.own(item, where.vars),
      parent: where.parent,
      place: placeOf(item),
      role: where.role,
      roleStart: false,
      body: bodyOf(item),
    };
    const lists: Record<(typeof blockWords)[number], Node[]> = { block: [], rescue: [], always: [] };
    const made: Block = Object.assign(block, lists);
    const inner = { ...where, parent: made, vars: withVars(item, where.vars) };
    for (const word of blockWords) lists[word].push(...this.list(item, word, inner));
    return made;
  }

  #task(item: Dict, found: FoundAction, where: Where): Task {
    const { loader } = this;
    const loops = [...item.keys()].map(String).filter((k) => k === 'loop' || k.startsWith('with_'));
    if (loops.length > 1)
      loader.report(
        `a task has one loop; here are \`${loops.join('` and `')}\``,
        placeOfKey(item, loops[1]!),
        'keep the one that is meant; for every combination of two lists write `loop: "{{ a | product(b) }}"`',
      );
    const kind = loops[0];
    const own = this.#loaded(without(item, found.key), item, where);
    if (found.local) own.set('delegate_to', 'localhost');
    const beside = own.get('args');
    if (found.more) own.set('args', isDict(beside) ? new Map([...beside, ...found.more]) : found.more);
    const task: Task = {
      kind: 'task',
      id: loader.id(),
      file: placeOf(item)?.source.file ?? where.play.file,
      own,
      parent: where.parent,
      place: placeOf(item),
      role: where.role,
      action: found.name,
      args: found.args,
      actionPlace: found.place,
      loop:
        kind === undefined
          ? undefined
          : { kind: kind.replace(/^with_/, ''), value: item.get(kind)!, place: placeOfValue(item, kind) },
      handler: where.handler,
      listen: asList(item.get('listen')),
      directory: where.directory,
      ...(found.missing ? { missing: found.missing } : {}),
      ...(found.template ? { chosen: found.template } : {}),
    };
    const ahead = this.#checkAction(task, item, where);
    return ahead ? { ...task, ahead } : task;
  }

  /** What is known to be wrong with a word of the language; what plain names of includes bring is read ahead. */
  #checkAction(task: Task, item: Dict, where: Where): Ahead | undefined {
    const name = actionName(task.action);
    if (name === undefined) return undefined;
    if (isList(task.args)) {
      const what = name.endsWith('_role')
        ? 'the name of one role'
        : name === 'meta'
          ? 'one word'
          : 'the name of one file';
      this.loader.report(`\`${name}\` takes ${what}, not a list`, task.actionPlace, 'write a task for each of them');
      return undefined;
    }
    const args = this.args(task);
    if (name === 'meta') {
      const word = args.get('free_form');
      if (typeof word === 'string' && !Object.hasOwn(metaActions, word)) {
        this.loader.report(
          `\`meta\` has no action \`${word}\``,
          task.actionPlace,
          didYouMean(word, Object.keys(metaActions)) ?? `its actions are: ${Object.keys(metaActions).join(', ')}`,
        );
      }
      if (word === 'end_role' && (where.handler || !where.role)) {
        const from = where.handler ? 'a handler' : 'outside of a role';
        this.loader.report(
          `Cannot execute 'end_role' from ${from}`,
          task.actionPlace,
          '`meta: end_host` ends the play for the host',
        );
      }
    }
    this.#checkActionArgs(name, args, task);
    if (name.startsWith('include_')) this.#checkIncludeKeywords(name, item);
    const file = args.get('file');
    const role = args.get('name') ?? args.get('role');
    if (name === 'include_tasks' && typeof file === 'string') return this.#aheadOfFile(task, file, item, where);
    if (name === 'include_role' && typeof role === 'string') return this.#aheadOfRole(task, role, args, where);
    return undefined;
  }

  /** Ansible refuses what an include has no use for; most of it is meant for the tasks within. */
  #checkIncludeKeywords(name: string, item: Dict): void {
    for (const key of item.keys()) {
      const word = String(key);
      if (!keywords.has(word) || includeKeywords.has(word)) continue;
      const help = keywords.get(word)!.on.includes('block')
        ? `to hand it to the tasks within, write it under \`apply:\`, or use ${name.replace('include', 'import')}`
        : 'write it on a task within';
      this.loader.report(`\`${name}\` has no keyword \`${word}\``, placeOfKey(item, key), help);
    }
  }

  #checkActionArgs(name: string, args: Dict, task: Task): void {
    const action = actions[name]!;
    for (const key of args.keys()) {
      if (action.args.includes(String(key)) || (task.own.has('vars') && key === 'vars')) continue;
      this.loader.report(
        `\`${name}\` has no argument \`${String(key)}\``,
        isDict(task.args) ? placeOfKey(task.args, key) : task.actionPlace,
        didYouMean(String(key), action.args) ?? `its arguments are: ${action.args.join(', ')}`,
      );
    }
    for (const key of action.required ?? []) {
      if (!args.has(key) && !(key === 'name' && args.has('role')))
        this.loader.report(`\`${name}\` needs \`${key}\``, task.actionPlace ?? task.place);
    }
  }

  #aheadOfFile(task: Task, file: string, item: Dict, where: Where): Ahead | undefined {
    const path = this.locate(file, where, true);
    if (!path) {
      const help = this.notFound(file, where);
      return { nodes: [], findings: [{ message: `there is no file of tasks ${file}`, place: task.actionPlace, help }] };
    }
    if (where.files?.includes(path)) return undefined;
    const apply = this.args(task).get('apply');
    const parent = isDict(apply) ? { ...task, own: new Map([...task.own, ...apply]) } : task;
    const inner = { ...where, parent, vars: withVars(item, where.vars) };
    const { value, findings } = this.loader.apart(() => this.file(path, inner));
    return { nodes: value, findings };
  }

  #aheadOfRole(task: Task, name: string, args: Dict, where: Where): Ahead {
    const { roles } = this.loader;
    const here = { ...where, parent: task };
    const missing = roles.missing(name, here);
    if (missing) return { nodes: [], findings: [{ ...missing, place: task.actionPlace }] };
    const { findings } = this.loader.apart(() => roles.use(name, roles.entry(args), here, task.actionPlace));
    return { nodes: [], findings };
  }

  #importTasks(item: Dict, found: FoundAction, where: Where): Node[] {
    const { loader } = this;
    const args = argsOf(found.args, 'import_tasks', loader, found.place);
    this.#refuseLoop(item, 'import_tasks', 'include_tasks');
    const vars = withVars(item, where.vars);
    const written = args.get('file');
    if (written === undefined || written === null) {
      loader.report('`import_tasks` needs a file', found.place ?? placeOf(item));
      return [];
    }
    const file = String(loader.env.renderStatic(written, vars));
    const path = this.locate(file, where);
    if (!path) {
      loader.report(`there is no file of tasks ${file}`, found.place, this.notFound(file, where));
      return [];
    }
    if (where.files?.includes(path)) {
      loader.report(`this file imports itself: ${path}`, found.place, 'use include_tasks with a `when` that ends it');
      return [];
    }
    const block = this.#container(item, found, 'import_tasks', where);
    block.block.push(...this.file(path, { ...where, parent: block, vars }));
    return [block];
  }

  #importRole(item: Dict, found: FoundAction, where: Where): Node[] {
    const { loader } = this;
    const args = argsOf(found.args, 'import_role', loader, found.place);
    this.#refuseLoop(item, 'import_role', 'include_role');
    const name = args.get('name') ?? args.get('role');
    if (name === undefined || name === null) {
      loader.report('`import_role` needs a name', found.place ?? placeOf(item));
      return [];
    }
    const outer = this.#container(item, found, 'import_tasks', where);
    const inner = { ...where, parent: outer, vars: withVars(item, where.vars) };
    const known = new Map([...args].map(([key, value]) => [key, loader.env.renderStatic(value, inner.vars)] as const));
    const role = loader.roles.block(
      String(loader.env.renderStatic(name, inner.vars)),
      loader.roles.entry(known),
      inner,
      found.place,
    );
    if (!role) return [];
    outer.block.push(role);
    return [outer];
  }

  /** A block with the keywords of an import. */
  #container(item: Dict, found: FoundAction, from: Block['from'], where: Where): Block & { block: Node[] } {
    const own = this.#loaded(without(item, found.key, 'name'), item, where);
    this.loader.checkKeywords(own, 'task');
    return {
      kind: 'block',
      from,
      own,
      parent: where.parent,
      place: placeOf(item),
      role: where.role,
      roleStart: false,
      block: [],
      rescue: [],
      always: [],
    };
  }

  #loaded(own: Dict, item: Dict, where: Where): Dict {
    return this.loader.own(own, withVars(item, where.vars));
  }

  #refuseLoop(item: Dict, name: string, instead: string): void {
    for (const key of item.keys()) {
      if (key === 'loop' || String(key).startsWith('with_')) {
        this.loader.report(
          `\`${name}\` cannot be looped over: it is read before the run`,
          placeOfKey(item, key),
          `use ${instead}`,
        );
      }
    }
  }

  /** Arguments of a word of the language, whichever way they were written. */
  args(task: Task): Dict {
    const name = actionName(task.action)!;
    const args = argsOf(task.args, name, this.loader, task.actionPlace);
    const more = task.own.get('args');
    return isDict(more) ? new Map([...more, ...args]) : args;
  }

  /** Folders in which a file of tasks is looked for; an include begins at its role's tasks, an import at its own file. */
  searched(file: string, where: Pick<Where, 'directory' | 'role' | 'play'>, dynamic = false): string[] {
    const folders = [where.directory];
    if (dynamic && where.role) folders.unshift(join(where.role.role.path, 'tasks'));
    for (let use = where.role; use; use = use.parent) folders.push(join(use.role.path, 'tasks'), use.role.path);
    folders.push(where.play.directory);
    return [...new Set(folders.map((folder) => resolve(folder, file)))];
  }

  /** What to do about a file of tasks that is not there. */
  notFound(file: string, where: Pick<Where, 'directory' | 'role' | 'play'>): string {
    const paths = this.searched(file, where);
    return [nearFile(file, paths), `looked in: ${paths.join(', ')}`].filter(Boolean).join(' ');
  }

  locate(file: string, where: Pick<Where, 'directory' | 'role' | 'play'>, dynamic = false): string | undefined {
    return this.searched(file, where, dynamic).find((path) => existsSync(path) && statSync(path).isFile());
  }
}

/** A text as arguments: words `name=value` that the action knows, and all the rest as its free argument. */
function argsOf(args: Value, action: string, loader: Loader, place: Place | undefined): Dict {
  if (isDict(args)) return args;
  if (args === null) return new Map();
  const text = args instanceof Template ? args.text : String(args);
  const { args: known, free = 'name' } = actions[action]!;
  if (!known.some((name) => new RegExp(`(^|\\s)${name}=`).test(text))) {
    // As it is, where nothing is cut off: it knows its own place.
    const whole = args instanceof Template && text.trim() === text;
    return new Map([[free, whole ? args : fromProject(text.trim(), place)]]);
  }
  const parsed = loader.env.parseKeyValues(text, place);
  const dict: Dict = new Map(parsed.values);
  if (parsed.free) dict.set(free, fromProject(parsed.free, place));
  return dict;
}

/** Variables known before the run, with those of an item in front. */
export function withVars(item: Dict, outer: readonly Dict[]): readonly Dict[] {
  const vars = item.get('vars');
  return isDict(vars) ? [vars, ...outer] : outer;
}
