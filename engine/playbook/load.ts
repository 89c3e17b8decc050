/** Playbook files to frozen plays. Mistakes are collected, not thrown one at a time. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AuthorError, didYouMean, type Finding } from '../errors.ts';
import { shortName } from '../names.ts';
import {
  type Dict,
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
import { actionName } from './actions.ts';
import { isRendered, keywordProblem } from './keyword_types.ts';
import { keywords, keywordsOn, type Owner, removedKeywords, strategies } from './keywords.ts';
import type { Node, Play, RoleUse } from './nodes.ts';
import { asList } from './nodes.ts';
import { RoleLoader } from './role.ts';
import { TaskLoader } from './task.ts';

/** What loading needs from above. */
interface LoadEnv {
  /** A file as values, vault decrypted: YAML, or a program that was loaded; throws AuthorError. */
  readYaml(path: string): Value;
  /** Text as data: no template in it. */
  parseData(text: string, path: string): Value;
  /** Renders what must be known before the run (names of static imports), with these variables, strongest first. */
  renderStatic(value: Value, vars: readonly Dict[]): Value;
  /** Whether a module of this name can be found from this folder's point of view. */
  isModule(name: string, libraries: readonly string[]): boolean;
  moduleNames(): string[];
  /** `key=value` words apart from the rest of a text; `only` names the keys that are taken. */
  parseKeyValues(text: string, place: Place | undefined, only?: readonly string[]): { free: string; values: Dict };
  /** Further folders to look for roles in. */
  rolesPath: readonly string[];
  /** Whether what roles define is their own, where nobody says so (no; yes for roles that an include brings). */
  privateRoleVars?: boolean | undefined;
  /** Folders in which collections are installed. */
  collectionsPath: readonly string[];
}

/** Loads files of one playbook run; `findings` holds what is wrong so far. */
export class Loader {
  readonly findings: Finding[] = [];
  roles = new RoleLoader(this);
  tasks = new TaskLoader(this);
  /** Folders `library/` seen on the way: beside the playbook and in roles. */
  readonly libraries = new Set<string>();
  #nextId = 0;
  #files = new Map<string, { value: Value | undefined; findings: readonly Finding[] }>();

  constructor(readonly env: LoadEnv) {}

  /** Forgets what was made so far, and keeps what was read: for another attempt, once a program that it needs is loaded. */
  restart(): void {
    this.findings.length = 0;
    this.roles = new RoleLoader(this);
    this.tasks = new TaskLoader(this);
    this.#nextId = 0;
  }

  id(): string {
    return `t${++this.#nextId}`;
  }

  report(message: string, place?: Place, help?: string): void {
    this.#add({ message, place, help });
  }

  #add(finding: Finding): void {
    const { message, place } = finding;
    const known = this.findings.some(
      (f) => f.message === message && f.place?.source.file === place?.source.file && f.place?.offset === place?.offset,
    );
    if (!known) this.findings.push(finding);
  }

  /** Loads something that may never be needed: what is wrong with it is returned, not reported. */
  apart<T>(load: () => T): { value: T; findings: Finding[] } {
    const before = this.findings.splice(0);
    try {
      const value = load();
      return { value, findings: this.findings.splice(0) };
    } finally {
      this.findings.splice(0, this.findings.length, ...before);
    }
  }

  /** A YAML file, read once; what is wrong with it is reported, and undefined returned. */
  read(path: string): Value | undefined {
    let known = this.#files.get(path);
    if (!known) {
      try {
        known = { value: this.env.readYaml(path), findings: [] };
      } catch (error) {
        if (!(error instanceof AuthorError)) throw error;
        known = { value: undefined, findings: error.findings };
      }
      this.#files.set(path, known);
    }
    // Each time: what is only read ahead keeps its findings to itself.
    for (const finding of known.findings) this.#add(finding);
    return known.value;
  }

  /** The plays of a playbook file, imported playbooks in their place. */
  playbook(path: string, outer: readonly Dict[] = [], chain: readonly string[] = [], place?: Place): Play[] {
    if (chain.includes(path)) {
      const names = [...chain, path].map((name) => basename(name));
      this.report(`the playbook imports itself: ${names.join(' -> ')}`, place, 'take one of the imports out');
      return [];
    }
    const content = this.read(path);
    if (content === undefined) return [];
    if (!isList(content)) {
      this.report(
        content === null
          ? `${path} is empty: a playbook is a list of plays`
          : placeOf(content) === undefined
            ? `${path}: a playbook is a list of plays`
            : 'a playbook is a list of plays',
        placeOf(content),
        'begin it with `- hosts: all` and a `tasks:` list below',
      );
      return [];
    }
    return content.flatMap((item, i) => {
      if (!isDict(item)) {
        this.report(
          'a play is a mapping with `hosts` and `tasks`',
          placeOfValue(content, i),
          'begin it with `- hosts: all` and a `tasks:` list below',
        );
        return [];
      }
      const imported = [...item.keys()].map(String).find((key) => shortName(key) === 'import_playbook');
      return imported
        ? this.#importPlaybook(item, imported, path, outer, chain)
        : (this.#play(item, path, outer) ?? []);
    });
  }

  #importPlaybook(item: Dict, key: string, path: string, outer: readonly Dict[], chain: readonly string[]): Play[] {
    const vars = item.get('vars');
    const inner = isDict(vars) ? [vars, ...outer] : outer;
    for (const other of item.keys()) {
      if (other !== key && !['name', 'vars', 'tags', 'when'].includes(String(other))) {
        this.report(
          `\`import_playbook\` has no keyword \`${String(other)}\``,
          placeOfKey(item, other),
          'it takes name, vars, tags and when',
        );
      }
    }
    const here: Dict = new Map([['playbook_dir', dirname(path)]]);
    const name = this.env.renderStatic(item.get(key)!, [...inner, here]);
    const file = this.#ofCollection(String(name)) ?? resolve(dirname(path), String(name));
    if (!existsSync(file)) {
      this.report(`there is no playbook ${String(name)}`, placeOfValue(item, key), `looked for ${file}`);
      return [];
    }
    const handed = pick(item, ['tags', 'when']);
    const plays = this.playbook(file, inner, [...chain, path], placeOfValue(item, key));
    // In place: the tasks of a play know it as their parent.
    for (const play of plays)
      for (const [keyword, value] of withOuter(play.own, handed, vars)) play.own.set(keyword, value);
    return plays;
  }

  /** `import_playbook: namespace.collection.name`. */
  #ofCollection(name: string): string | undefined {
    const [, collection, short] = /^(\w+\.\w+)\.(\w+)$/.exec(name) ?? [];
    if (!short) return undefined;
    return this.env.collectionsPath
      .map((root) => (basename(root) === 'ansible_collections' ? root : join(root, 'ansible_collections')))
      .flatMap((root) =>
        ['.yml', '.yaml', '.ts', '.js'].map((end) =>
          join(root, collection!.replace('.', '/'), 'playbooks', short + end),
        ),
      )
      .find((file) => existsSync(file));
  }

  #play(item: Dict, file: string, outer: readonly Dict[]): Play | undefined {
    const place = placeOf(item);
    const first = String([...item.keys()].find((key) => key !== 'name' && !keywords.has(String(key))) ?? '');
    if (!item.has('hosts') && actionName(first)) {
      const help = `put it under the \`tasks:\` of a play, \`- hosts: all\`; \`import_playbook\` takes in a playbook`;
      this.report(`'${first}' is not a valid attribute for a Play`, place, help);
      return undefined;
    }
    if (!item.has('hosts') && first !== '' && this.env.isModule(first, [...this.libraries])) {
      this.report(
        'this is a task where a play belongs',
        place,
        'put it under the `tasks:` of a play, `- hosts: all`; a file of tasks is for import_tasks and include_tasks',
      );
      return undefined;
    }
    const written = this.#ofPlay(item);
    if (!item.has('hosts')) {
      this.report('a play needs `hosts`', place, 'name a group or host of the inventory, or `all`, or `localhost`');
    }
    this.#checkHosts(item);
    this.#checkStrategy(item);
    const directory = dirname(resolve(file));
    this.addLibrary(join(directory, 'library'));
    const ownVars = item.get('vars');
    const here: Dict = new Map([['playbook_dir', directory]]);
    const known = [...(isDict(ownVars) ? [ownVars] : []), ...outer, here];
    const vars = [...this.#varsFiles(item, directory, known), ...known];
    const play = {
      kind: 'play' as const,
      own: this.own(written, vars),
      parent: undefined,
      place,
      role: undefined,
      file,
      directory,
      name: '',
      sections: [] as Node[][],
      handlers: [] as Node[],
      roles: [] as RoleUse[],
    };
    for (const outerVars of outer.toReversed()) {
      const merged = play.own.get('vars');
      play.own.set('vars', new Map([...(isDict(merged) ? merged : []), ...outerVars]));
    }
    const name = item.get('name');
    play.name = name === undefined || name === null ? '' : name instanceof Template ? name.text : String(name);
    const where = { parent: play, role: undefined, directory, play, vars, handler: false };
    const roles = this.roles.ofPlay(item, where);
    // Those under `roles:` and what they depend on come before those that tasks take in.
    play.roles = [...play.roles.filter((use) => !isTakenIn(use)), ...play.roles.filter(isTakenIn)];
    play.sections.push(this.tasks.list(item, 'pre_tasks', where));
    play.sections.push([...roles, ...this.tasks.list(item, 'tasks', where)]);
    play.sections.push(this.tasks.list(item, 'post_tasks', where));
    play.handlers.push(...this.tasks.list(item, 'handlers', { ...where, handler: true }));
    return play;
  }

  /** Files of variables whose names are known before the run, for the names of imports; the strongest first. */
  #varsFiles(item: Dict, directory: string, vars: readonly Dict[]): Dict[] {
    return asList(item.get('vars_files'))
      .flatMap((entry) => {
        for (const name of asList(entry)) {
          let path: string;
          try {
            path = String(this.env.renderStatic(name, vars));
          } catch {
            continue;
          }
          const file = [resolve(directory, 'vars', path), resolve(directory, path)].find(
            (each) => existsSync(each) && statSync(each).isFile(),
          );
          if (file === undefined) continue;
          const content = this.#quietly(file);
          return isDict(content) ? [content] : [];
        }
        return [];
      })
      .reverse();
  }

  /** What a file of variables holds; what is wrong with it is told where it is checked. */
  #quietly(file: string): Value | undefined {
    try {
      return this.env.readYaml(file);
    } catch (error) {
      if (error instanceof AuthorError) return undefined;
      throw error;
    }
  }

  /** The keywords of a play as its own; `user` is an old name of `remote_user` there. */
  #ofPlay(item: Dict): Dict {
    this.checkKeywords(item, 'play', (key) => key === 'user');
    const user = item.get('user');
    if (user === undefined) return without(item);
    if (item.has('remote_user'))
      this.report(
        '`user` and `remote_user` of a play are the same keyword',
        placeOfKey(item, 'user'),
        'keep `remote_user`',
      );
    return without(item, 'user').set('remote_user', user);
  }

  #checkHosts(item: Dict): void {
    const hosts = item.get('hosts');
    if (hosts === undefined) return;
    const help = 'name a group or host of the inventory, or `all`, or `localhost`';
    if (isList(hosts) && hosts.length === 0) this.report('`hosts` is empty', placeOfValue(item, 'hosts'), help);
    for (const [i, pattern] of (isList(hosts) ? hosts : [hosts]).entries()) {
      const place = isList(hosts) ? placeOfValue(hosts, i) : placeOfValue(item, 'hosts');
      if (isDict(pattern)) this.report('`hosts` must be a text or a list of texts', place, help);
      else if (pattern === null || (typeof pattern === 'string' && pattern.trim() === ''))
        this.report('`hosts` is empty', pattern === null ? placeOfKey(item, 'hosts') : place, help);
    }
  }

  #checkStrategy(item: Dict): void {
    const written = item.get('strategy');
    if (typeof written !== 'string' || strategies.includes(shortName(written))) return;
    const help = didYouMean(written, strategies) ?? `strategies are: ${strategies.join(', ')}`;
    this.report(`there is no strategy \`${written}\``, placeOfValue(item, 'strategy'), help);
  }

  /** The keywords of a node as it keeps them: those that the table has rendered on loading are. */
  own(item: Dict, vars: readonly Dict[]): Dict {
    const own = without(item);
    for (const { name, rendered } of keywords.values()) {
      const written = own.get(name);
      if (rendered !== 'load' || written === undefined) continue;
      if (isList(written))
        own.set(
          name,
          written.flatMap((each) => this.env.renderStatic(each, vars)),
        );
      else own.set(name, this.env.renderStatic(written, vars));
    }
    return own;
  }

  addLibrary(path: string): void {
    if (existsSync(path)) this.libraries.add(path);
  }

  /** Reports what does not belong on an owner, and values of a wrong kind. */
  checkKeywords(item: Dict, owner: Owner, also: (key: string) => boolean = () => false): void {
    const allowed = keywordsOn(owner);
    for (const key of item.keys()) {
      const name = String(key);
      const keyword = keywords.get(name);
      if (also(name)) continue;
      if (!keyword?.on.includes(owner)) {
        const help = removedKeywords[name] ?? keywordAndValue(name, allowed) ?? didYouMean(name, allowed);
        const elsewhere = keyword ? `; it belongs on: ${keyword.on.join(', ')}` : '';
        this.report(`a ${owner} has no keyword \`${name}\`${elsewhere}`, placeOfKey(item, key), help);
        continue;
      }
      // Whether a task's numbers and yes or no are right matters when it is reached: check/ decides what to say of it.
      const problem = owner !== 'play' && isRendered(keyword) ? undefined : keywordProblem(keyword, item.get(key)!);
      if (problem) this.report(problem.message, placeOfValue(item, key), problem.help);
    }
  }
}

/** Whether a task took a role in, or the role that depends on it. */
function isTakenIn(use: RoleUse): boolean {
  return use.included || (use.parent !== undefined && isTakenIn(use.parent));
}

/** Own keywords of a play that an `import_playbook` wraps: its tags are added, its conditions come first. */
function withOuter(own: Dict, outer: Dict, vars: Value | undefined): Dict {
  const merged = without(own);
  if (outer.has('tags')) merged.set('tags', [...asList(outer.get('tags')), ...asList(own.get('tags'))]);
  if (outer.has('when')) merged.set('when', [...asList(outer.get('when')), ...asList(own.get('when'))]);
  if (isDict(vars))
    merged.set('vars', new Map([...(isDict(own.get('vars')) ? (own.get('vars') as Dict) : []), ...vars]));
  return merged;
}

/** The given keys of a dict, as a new dict. */
function pick(from: Dict, keys: readonly string[]): Dict {
  return new Map(keys.flatMap((key) => (from.has(key) ? [[key, from.get(key)!] as const] : [])));
}

/** `become_yes`: a keyword and its value in one word. */
function keywordAndValue(name: string, allowed: readonly string[]): string | undefined {
  const [, keyword = '', value] = /^(\w+)_(yes|no|true|false)$/.exec(name) ?? [];
  return allowed.includes(keyword) ? `write \`${keyword}: ${value}\`` : undefined;
}
