/** Which module, or word of the language, a task has: the one key of it that is no keyword. */
import { didYouMean } from '../errors.ts';
import {
  type Dict,
  fromProject,
  isDict,
  type Place,
  placeOf,
  placeOfKey,
  placeOfValue,
  Template,
  type Value,
  without,
} from '../values.ts';
import { actionName, actions } from './actions.ts';
import { keywords, removedKeywords } from './keywords.ts';
import type { Loader } from './load.ts';

export interface FoundAction {
  key: string;
  name: string;
  args: Value;
  place: Place | undefined;
  local?: boolean;
}

function found(item: Dict, key: Value): FoundAction {
  return { key: key as string, name: String(key), args: item.get(key)!, place: placeOfKey(item, key) };
}

export class ActionFinder {
  constructor(private readonly loader: Loader) {}

  /** The one key of a task that is no keyword: its module. */
  of(item: Dict, handler: boolean): FoundAction | undefined {
    const { loader } = this;
    const owner = handler ? 'handler' : 'task';
    const explicit = ['action', 'local_action'].find((key) => item.has(key));
    if (explicit) {
      loader.checkKeywords(item, owner, (key) => key.startsWith('with_'));
      return this.#explicitAction(item, explicit);
    }
    const others = [...item.keys()].filter((key) => {
      const keyword = keywords.get(String(key));
      return !keyword?.on.includes(owner) && !String(key).startsWith('with_');
    });
    const libraries = [...loader.libraries];
    const modules = others.filter(
      (key) => actionName(String(key)) !== undefined || loader.env.isModule(String(key), libraries),
    );
    const isAction = (key: string) =>
      modules.length > 0
        ? key === modules[0]
        : others.length === 1 && key === String(others[0]) && !keywords.has(key) && !removedKeywords[key];
    loader.checkKeywords(item, owner, (key) => key.startsWith('with_') || isAction(key) || modules.includes(key));
    if (modules.length > 1) {
      loader.report(
        `a task has one module; here are \`${modules.join('` and `')}\``,
        placeOfKey(item, modules[1]!),
        'begin a new task with a dash, or check the indentation',
      );
    }
    if (modules.length > 0) return found(item, modules[0]!);
    if (others.length === 0) {
      loader.report(
        'this task has no module',
        placeOf(item),
        'write the module as a key, such as `ansible.builtin.command: uptime`',
      );
    } else if (others.length === 1 && isAction(String(others[0]))) {
      this.#unknownModule(String(others[0]), placeOfKey(item, others[0]!), owner);
    }
    return undefined;
  }

  #unknownModule(name: string, place: Place | undefined, owner: 'task' | 'handler'): void {
    const short = name.split('.').at(-1)!;
    const candidates = [
      ...this.loader.env.moduleNames(),
      ...Object.keys(actions),
      ...[...keywords.values()].filter((k) => k.on.includes(owner)).map((k) => k.name),
    ];
    const help =
      removedKeywords[name] ??
      didYouMean(short, candidates) ??
      '`run doc --list` lists the modules; your own go to library/ beside the playbook';
    this.loader.report(`there is no module or keyword \`${name}\``, place, help);
  }

  #explicitAction(item: Dict, key: string): FoundAction | undefined {
    const value = item.get(key)!;
    const place = placeOfValue(item, key);
    const local = key === 'local_action';
    let name: string;
    let args: Value;
    if (isDict(value)) {
      name = String(value.get('module') ?? '');
      args = without(value, 'module');
    } else {
      const text = value instanceof Template ? value.text : String(value ?? '');
      const space = text.search(/\s|$/);
      name = text.slice(0, space);
      args = fromProject(text.slice(space).trim(), place);
    }
    if (actionName(name) === undefined && !this.loader.env.isModule(name, [...this.loader.libraries])) {
      this.#unknownModule(name, place, 'task');
      return undefined;
    }
    return { key, name, args, place, local };
  }
}
