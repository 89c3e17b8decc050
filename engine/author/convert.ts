/** A playbook, or a file of tasks, in YAML as the TypeScript that makes the same of it. */
import { mistake } from '../errors.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { isBuiltin, shortName } from '../names.ts';
import { actionName, actions } from '../playbook/actions.ts';
import { keywords } from '../playbook/keywords.ts';
import {
  type Dict,
  fromProject,
  isDict,
  isList,
  type Place,
  placeOf,
  placeOfKey,
  Template,
  type Value,
  without,
} from '../values.ts';
import { parseKeyValues } from '../yaml/index.ts';
import { type Code, call, dictCode, format, list, object, quoted, tagged, Used, valueCode } from './write.ts';

/** Finds a module's definition; undefined for one that is not ours. */
type FindDefinition = (name: string) => Promise<ModuleDefinition | undefined>;

const RESERVED = new Set(['package']);
const PLAY_SECTIONS = ['pre_tasks', 'post_tasks', 'handlers'];

/** The text of the program; throws AuthorError where something cannot be written in TypeScript. */
export async function convert(content: Value, find: FindDefinition): Promise<string> {
  if (!isList(content)) throw mistake('only a playbook or a file of tasks can be converted', placeOf(content));
  return new Conversion(find).file(content);
}

class Conversion {
  readonly #used = new Used();

  constructor(private readonly find: FindDefinition) {}

  async file(items: Value[]): Promise<string> {
    const plays = items.some((item) => isDict(item) && (item.has('hosts') || importOf(item) !== undefined));
    const made: Code[] = [];
    for (const item of items) {
      if (!isDict(item)) throw mistake('this is neither a play nor a task', placeOf(item));
      const imported = importOf(item);
      made.push(imported ? this.#import(item, imported) : plays ? await this.#play(item) : await this.#node(item));
    }
    const root = plays ? 'playbook' : 'tasks';
    this.#used.troupe.add(root);
    const body = format({ open: `${root}(`, items: made, close: ')' });
    const needsData = body.includes('new Map<Data');
    const names = [...this.#used.troupe].sort();
    const head = [`import { ${[...names, ...(needsData ? ['type Data'] : [])].join(', ')} } from 'troupe';`];
    if (this.#used.modules.size > 0)
      head.push(`import { ${[...this.#used.modules].sort().join(', ')} } from 'troupe/modules';`);
    return `${head.join('\n')}\n\nexport default ${body};\n`;
  }

  #import(item: Dict, key: string): Code {
    this.#used.troupe.add('import_playbook');
    const rest = this.#keywordsOf(without(item, key));
    return call(
      'import_playbook',
      [valueCode(item.get(key)!, this.#used), ...(rest ? [rest] : [])],
      commentAbove(item),
    );
  }

  async #play(item: Dict): Promise<Code> {
    this.#used.troupe.add('play');
    const entries: [string, Code][] = [];
    for (const [key, value] of item) {
      const name = String(key);
      if (name === 'hosts' || name === 'tasks' || PLAY_SECTIONS.includes(name)) continue;
      if (name === 'roles' && isList(value)) entries.push([name, list(value.map((role) => this.#role(role)))]);
      else entries.push([name === 'user' ? 'remote_user' : name, this.#keyword(name, value, placeOfKey(item, key))]);
    }
    const sections: [string, Code][] = [];
    for (const name of PLAY_SECTIONS)
      if (isList(item.get(name))) sections.push([name, await this.#nodes(item.get(name) as Value[])]);
    const tasks = item.get('tasks');
    const parts: Code[] = [valueCode(item.get('hosts') ?? null, this.#used)];
    if (entries.length > 0) parts.push(object(entries));
    if (isList(tasks) || sections.length > 0 || entries.length === 0)
      parts.push(await this.#nodes(isList(tasks) ? tasks : []));
    if (sections.length > 0) parts.push(object(sections));
    return call('play', parts, commentAbove(item));
  }

  #role(role: Value): Code {
    if (!isDict(role)) return valueCode(role, this.#used);
    const name = role.get('role') ?? role.get('name') ?? null;
    const isKeyword = (key: Value) => keywords.get(String(key))?.on.includes('role') === true && key !== 'name';
    const params = [...role].filter(([key]) => !isKeyword(key) && key !== 'role' && key !== 'name');
    const own = this.#keywordsOf(new Map([...role].filter(([key]) => isKeyword(key))));
    this.#used.troupe.add('role');
    const parts: Code[] = [valueCode(name, this.#used)];
    if (params.length > 0 || own) parts.push(dictCode(new Map(params), (value) => valueCode(value, this.#used)));
    return call('role', own ? [...parts, own] : parts, commentAbove(role));
  }

  async #nodes(items: Value[]): Promise<Code> {
    const made: Code[] = [];
    for (const item of items) {
      if (item === null) continue;
      if (!isDict(item)) throw mistake('this is not a task', placeOf(item));
      made.push(await this.#node(item));
    }
    return list(made);
  }

  async #node(item: Dict): Promise<Code> {
    if (!item.has('block')) return this.#task(item);
    this.#used.troupe.add('block');
    const block = item.get('block');
    const entries: [string, Code][] = [];
    for (const [key, value] of item) {
      const name = String(key);
      if (name === 'rescue' || name === 'always') {
        if (isList(value)) entries.push([name, await this.#nodes(value)]);
      } else if (name !== 'block') entries.push([name, this.#keyword(name, value, placeOfKey(item, key))]);
    }
    const nodes = await this.#nodes(isList(block) ? block : []);
    return call('block', entries.length > 0 ? [nodes, object(entries)] : [nodes], commentAbove(item));
  }

  async #task(item: Dict): Promise<Code> {
    const { key, module, args, beside, local } = actionOf(item);
    const definition = actionName(module) === undefined ? await this.find(module) : undefined;
    const known = definition !== undefined || actionName(module) !== undefined;
    const given = this.#arguments(module, args, beside, definition, placeOfKey(item, key));
    // Arguments that only the run knows stay what they are: a keyword.
    const own = beside instanceof Template ? without(item, key) : without(item, key, 'args');
    if (local) own.set('delegate_to', 'localhost');
    const short = shortName(module);
    // Shown by the name of the module as it is written.
    if (known && short !== module && !own.has('name')) own.set('name', module);
    const rest = this.#keywordsOf(own);
    const comment = commentAbove(item);
    if (
      !known ||
      (definition && definition.name !== short) ||
      (typeof given === 'string' &&
        given.startsWith('tpl') &&
        definition?.freeForm === undefined &&
        actionName(module) === undefined)
    ) {
      this.#used.troupe.add('task');
      const parts = [
        quoted(module),
        ...(given !== undefined || rest ? [given ?? object([])] : []),
        ...(rest ? [rest] : []),
      ];
      return call('task', parts, comment);
    }
    const name = RESERVED.has(short) ? `${short}_` : short;
    this.#used.modules.add(name);
    return call(name, rest ? [given ?? object([]), rest] : given === undefined ? [] : [given], comment);
  }

  /** The arguments, whichever way they are written. */
  #arguments(
    module: string,
    args: Value,
    beside: Value | undefined,
    definition: ModuleDefinition | undefined,
    place: Place | undefined,
  ): Code | undefined {
    const action = actionName(module);
    const more: Dict = isDict(beside) ? beside : new Map();
    const expressions = new Set([...(definition?.traits?.expressions ?? []), ...(definition?.unrendered ?? [])]);
    let given: Dict;
    if (isDict(args)) given = new Map([...more, ...args]);
    else if (args === null) given = more;
    else if (isList(args)) throw mistake(`the arguments of \`${module}\` are a list`, place);
    else if (action !== undefined) given = ofAction(action, args, place);
    else {
      const free = definition?.freeForm;
      if (free === undefined && args instanceof Template && more.size === 0 && /^\s*\{\{[^{}]*\}\}\s*$/.test(args.text))
        return tagged('tpl', args.text, this.#used, args.place);
      given = new Map([...more, ...splitText(args, definition, place)]);
    }
    if (given.size === 0) return undefined;
    for (const key of given.keys())
      if (/\{[{%#]/.test(String(key)))
        throw mistake('the name of an argument is a template, which TypeScript cannot have', place);
    return dictCode(given, (value, key) => {
      if (expressions.has(String(key))) return this.#condition(value, place);
      if (key === 'apply' && isDict(value)) return this.#keywordsOf(value) ?? object([]);
      return valueCode(value, this.#used, place);
    });
  }

  #keywordsOf(own: Dict): Code | undefined {
    const entries = [...own].map(([key, value]): [string, Code] => [
      String(key),
      this.#keyword(String(key), value, placeOfKey(own, key)),
    ]);
    return entries.length > 0 ? object(entries) : undefined;
  }

  #keyword(name: string, value: Value, place: Place | undefined): Code {
    if (keywords.get(name)?.type === 'expressions') return this.#condition(value, place);
    if (name === 'loop_control' && isDict(value))
      return dictCode(value, (item, key) =>
        key === 'break_when' ? this.#condition(item, place) : valueCode(item, this.#used, place),
      );
    return valueCode(value, this.#used, place);
  }

  #condition(value: Value, place: Place | undefined): Code {
    if (isList(value)) return list(value.map((each) => this.#condition(each, place)));
    if (value === null || typeof value === 'boolean' || value instanceof Template)
      return valueCode(value, this.#used, place);
    if (isDict(value)) throw mistake('a condition is an expression', place);
    return tagged(
      'expr',
      typeof value === 'string' ? value : format(valueCode(value, this.#used, place)),
      this.#used,
      place,
    );
  }
}

const importOf = (item: Dict): string | undefined =>
  [...item.keys()].map(String).find((key) => shortName(key) === 'import_playbook' && isBuiltin(key));

interface Action {
  key: string;
  module: string;
  args: Value;
  beside: Value | undefined;
  local: boolean;
}

/** The module of a task and its arguments. */
function actionOf(item: Dict): Action {
  const beside = item.get('args');
  const explicit = ['action', 'local_action'].find((key) => item.has(key));
  if (explicit) {
    const value = item.get(explicit)!;
    const written = isDict(value) ? value.get('module') : value;
    if (typeof written !== 'string' && !(written instanceof Template))
      throw mistake('there is no module here', placeOfKey(item, explicit));
    const text = (written instanceof Template ? written.text : written).trim();
    const [module = ''] = /^\S*/.exec(text) ?? [];
    if (module.includes('{{'))
      throw mistake('a module that a template chooses cannot be written in TypeScript', placeOfKey(item, explicit));
    const rest = text.slice(module.length).trim();
    const dict = isDict(value) ? without(value, 'module') : undefined;
    const args: Value = rest === '' ? (dict ?? null) : fromProject(rest, placeOfKey(item, explicit));
    return {
      key: explicit,
      module,
      args,
      beside: rest !== '' && dict ? dict : beside,
      local: explicit === 'local_action',
    };
  }
  const others = [...item.keys()].map(String).filter((key) => !isTaskKeyword(key));
  const [key] = others;
  if (others.length !== 1 || key === undefined)
    throw mistake(
      others.length === 0 ? 'this task has no module' : `this task has more than one module: ${others.join(', ')}`,
      placeOf(item),
    );
  return { key, module: key, args: item.get(key)!, beside, local: false };
}

const isTaskKeyword = (key: string): boolean =>
  key.startsWith('with_') || ['task', 'handler'].some((owner) => keywords.get(key)?.on.includes(owner as 'task'));

function ofAction(action: string, args: Value, place: Place | undefined): Dict {
  const { args: known, free = 'name' } = actions[action]!;
  const text = args instanceof Template ? args.text : String(args);
  if (!known.some((name) => new RegExp(`(^|\\s)${name}=`).test(text)))
    return new Map([[free, typeof args === 'string' ? text.trim() : args]]);
  const parsed = parseKeyValues(text, place);
  const dict: Dict = new Map(parsed.values);
  if (parsed.free) dict.set(free, fromProject(parsed.free, place));
  return dict;
}

/** `creates=/x ls -l`, `src=a dest=b`. */
function splitText(args: Value, definition: ModuleDefinition | undefined, place: Place | undefined): Dict {
  const text = args instanceof Template ? args.text : String(args);
  const free = definition?.freeForm;
  if (!definition || free === undefined) {
    const parsed = parseKeyValues(text, place);
    return parsed.free ? new Map([...parsed.values, ['_raw_params', fromProject(parsed.free, place)]]) : parsed.values;
  }
  const only = Object.entries(definition.args).flatMap(([name, spec]) =>
    name === free ? [] : [name, ...(spec.aliases ?? [])],
  );
  const { free: rest, values } = parseKeyValues(text, place, { only });
  const kept = definition.args[free]?.kind === 'str' ? rest.trimStart() : rest.trim();
  const dict: Dict = new Map(values);
  if (kept.trim() !== '') dict.set(free, args instanceof Template ? fromProject(kept, place) : kept);
  return dict;
}

/** The comment lines right above a play or task, as TypeScript has them. */
function commentAbove(item: Dict): string | undefined {
  const place = placeOf(item);
  if (!place || place.source.secret) return undefined;
  const { line } = place.source.position(place.offset);
  const found: string[] = [];
  for (let at = line - 1; at > 0; at--) {
    const text = /^\s*#(.*)$/.exec(place.source.line(at))?.[1];
    if (text === undefined || text.startsWith('!')) break;
    found.unshift(`//${text.trimEnd()}`);
  }
  return found.length > 0 ? found.join('\n') : undefined;
}
