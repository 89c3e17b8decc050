/** Which module, or word of the language, a task has: the one key of it that is no keyword. */
import { didYouMean, type Finding } from '../errors.ts';
import { collectionOf, isBuiltin } from '../names.ts';
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
  /** Arguments that stand beside a text of arguments. */
  more?: Dict;
  /** What chooses the module, where that is a template. */
  template?: Template;
  /** There is no such module: the task fails with this when it is reached. */
  missing?: Finding;
}

/** Modules of Ansible and its collections that are not here, though their names look like misspelt ones of ours. */
const elsewhere = new Set(
  `zypper_repository rhsm_repository rhn_register cronvar seport mail get_certificate layman
  acme_certificate openssl_pkcs12 openssl_csr_info openssl_privatekey_info openssl_certificate_info openssh_cert`.split(
    /\s+/,
  ),
);
const isElsewhere = (short: string) => elsewhere.has(short) || short.startsWith('win_');

/** Of a collection that Troupe has nothing of. */
function pythonOnly(name: string): string {
  return `the modules of \`${collectionOf(name)}\` run in Python, which Troupe does not use, and it has none of its own by this name; \`run lint\` lists everything that a playbook uses and Troupe lacks`;
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
    const beside = this.#argumentsBeside(item, modules, others);
    loader.checkKeywords(
      item,
      owner,
      (key) => key.startsWith('with_') || isAction(key) || modules.includes(key) || beside.has(key),
    );
    if (modules.length > 1) {
      loader.report(
        `a task has one module; here are \`${modules.join('` and `')}\``,
        placeOfKey(item, modules[1]!),
        'begin a new task with a dash, or check the indentation',
      );
    }
    if (beside.size > 0) return { ...found(item, modules[0]!), args: beside };
    if (modules.length > 0) return found(item, modules[0]!);
    if (others.length === 0) {
      loader.report(
        'this task has no module',
        placeOf(item),
        'write the module as a key, such as `ansible.builtin.command: uptime`',
      );
    } else if (others.length === 1 && isAction(String(others[0]))) {
      const missing = this.#unknownModule(String(others[0]), placeOfKey(item, others[0]!), owner);
      return { ...found(item, others[0]!), missing };
    }
    return undefined;
  }

  /** A module without arguments, and beside it keys that nobody knows: they stand too far to the left. */
  #argumentsBeside(item: Dict, modules: Value[], others: Value[]): Dict {
    const [module] = modules;
    const strange = (name: string) =>
      !keywords.has(name) && !removedKeywords[name] && !didYouMean(name, keywords.keys());
    const keys = others.filter((key) => key !== module && strange(String(key)));
    if (modules.length !== 1 || item.get(module!) !== null || keys.length === 0) return new Map();
    const names = keys.map((key) => `\`${String(key)}\``).join(', ');
    this.loader.report(
      `${names} ${keys.length > 1 ? 'stand' : 'stands'} beside \`${String(module)}\`, where keywords stand, not below it`,
      placeOfKey(item, keys[0]!),
      `arguments of \`${String(module)}\` are indented further than its name`,
    );
    return without(item, ...[...item.keys()].filter((key) => !keys.includes(key)));
  }

  /**
   * A module that there is not. Roles for many systems have tasks for the others, with modules of collections that only they
   * need, so whether it matters is decided where the whole play is known.
   */
  #unknownModule(name: string, place: Place | undefined, owner: 'task' | 'handler'): Finding {
    const short = name.split('.').at(-1)!;
    const candidates = [
      ...this.loader.env.moduleNames(),
      ...Object.keys(actions),
      ...[...keywords.values()].filter((k) => k.on.includes(owner)).map((k) => k.name),
    ];
    const foreign = collectionOf(name) !== undefined && (isElsewhere(short) || !isBuiltin(name));
    const near = removedKeywords[name] ?? (isElsewhere(short) ? undefined : didYouMean(short, candidates));
    return {
      message: `there is no module ${foreign ? '' : 'or keyword '}\`${name}\``,
      place,
      help:
        near ??
        (foreign && !isBuiltin(name) ? pythonOnly(name) : undefined) ??
        '`run doc --list` lists the modules; your own go to library/ beside the playbook',
      code: 'unknown-module',
      subject: name,
    };
  }

  #explicitAction(item: Dict, key: string): FoundAction | undefined {
    const value = item.get(key)!;
    const place = placeOfValue(item, key);
    const local = key === 'local_action';
    // `module: shell echo a` has arguments in its name, and perhaps others beside it.
    const written = isDict(value) ? (value.get('module') ?? null) : value;
    const text = (written instanceof Template ? written.text : String(written ?? '')).trim();
    const [name = ''] = /^(\{\{.*?\}\}|\S)*/s.exec(text) ?? [];
    const rest = text.slice(name.length).trim();
    const beside = isDict(value) ? without(value, 'module') : undefined;
    const args: Value = beside && rest === '' ? beside : fromProject(rest, place);
    const more = beside && rest !== '' && beside.size > 0 ? { more: beside } : {};
    const template = written instanceof Template && name.includes('{{') ? fromProject(name, place) : undefined;
    if (template instanceof Template) return { key, name, args, place, local, template, ...more };
    if (actionName(name) === undefined && !this.loader.env.isModule(name, [...this.loader.libraries])) {
      const missing = this.#unknownModule(name, place, 'task');
      return { key, name, args, place, local, missing, ...more };
    }
    return { key, name, args, place, local, ...more };
  }
}
