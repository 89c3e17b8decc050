/** Roles: their files read once, their dependencies before them. Where they are found is in role_paths.ts. */
import { join } from 'node:path';
import {
  type Dict,
  isDict,
  isList,
  type Place,
  placeOf,
  placeOfKey,
  placeOfValue,
  toPlain,
  type Value,
} from '../values.ts';
import { argumentSpecModule } from './actions.ts';
import { yesOrNo } from './keyword.ts';
import { keywordsOn } from './keywords.ts';
import type { Loader } from './load.ts';
import type { Block, Node, Role, RoleUse, Scoped, Task } from './nodes.ts';
import { otherFiles, roleFile, roleVars } from './role_files.ts';
import { isClosed, locateRole, missingRole } from './role_paths.ts';
import type { Where } from './task.ts';
import { withVars } from './task.ts';

/** How a role is used: which of its files, and with what. */
interface RoleEntry {
  tasksFrom?: string;
  varsFrom?: string;
  defaultsFrom?: string;
  handlersFrom?: string;
  params?: Dict;
  /** `vars:` of an entry in `roles:`. */
  vars?: Dict;
  own?: Dict;
  public?: boolean;
  allowDuplicates?: boolean;
  /** By include_role or import_role. */
  included?: boolean;
  /** Whether the role's argument specs are checked first. */
  validate?: boolean;
}

export class RoleLoader {
  #roles = new Map<string, Role>();
  /** Handlers of roles join the play's once for each role. */
  #withHandlers = new WeakMap<object, Set<string>>();

  constructor(private readonly loader: Loader) {}

  /** The blocks of a play's `roles:`. */
  ofPlay(play: Dict, where: Where): Node[] {
    return this.#entries(play, 'roles', where);
  }

  #entries(owner: Dict, key: string, where: Where): Node[] {
    const list = owner.get(key);
    if (!isList(list)) return [];
    return list.flatMap((item, i) => {
      const place = placeOfValue(list, i);
      const entry = this.#written(item, place);
      if (!entry) return [];
      const name = String(this.loader.env.renderStatic(entry.name, where.vars));
      return this.block(name, entry, where, place) ?? [];
    });
  }

  /** `- name`, or `- role: name` with keywords and parameters. */
  #written(item: Value, place: Place | undefined): (RoleEntry & { name: Value }) | undefined {
    if (!isDict(item))
      return item === null || isList(item) ? void this.loader.report('this is not a role', place) : { name: item };
    const name = item.get('role') ?? item.get('name') ?? item.get('src');
    if (name === undefined) {
      this.loader.report('a role needs its name', place, 'write `- role: NAME`');
      return undefined;
    }
    const allowed = new Set(keywordsOn('role'));
    const own: Dict = new Map();
    const params: Dict = new Map();
    for (const [key, value] of item) {
      if (['role', 'name', 'src', 'version', 'scm'].includes(String(key))) continue;
      if (allowed.has(String(key))) own.set(key, value);
      else params.set(key, value);
    }
    const vars = own.get('vars');
    own.delete('vars');
    const entry: RoleEntry & { name: Value } = { name, own, params };
    if (isDict(vars)) entry.vars = vars;
    return entry;
  }

  /** Arguments of include_role and import_role as an entry. */
  entry(args: Dict): RoleEntry {
    const text = (key: string) => (typeof args.get(key) === 'string' ? (args.get(key) as string) : undefined);
    const yes = (key: string) => yesOrNo(args.get(key) ?? null);
    const entry: RoleEntry = { included: true, validate: yes('rolespec_validate') !== false };
    const from = {
      tasksFrom: text('tasks_from'),
      varsFrom: text('vars_from'),
      defaultsFrom: text('defaults_from'),
      handlersFrom: text('handlers_from'),
    };
    for (const [key, value] of Object.entries(from)) if (value !== undefined) Object.assign(entry, { [key]: value });
    const visible = yes('public');
    if (visible !== undefined) entry.public = visible;
    // A role that is named again under `roles:` is run once; taken in by a task it runs again unless the task says no.
    entry.allowDuplicates = yes('allow_duplicates') !== false;
    return entry;
  }

  /** A role's use as a block: dependencies first, then its tasks. Undefined (and reported) if there is no such role. */
  block(name: string, entry: RoleEntry, where: Where, place: Place | undefined): Block | undefined {
    const use = this.use(name, entry, where, place);
    if (!use) return undefined;
    const { role } = use;
    const block: Block & { block: Node[] } = {
      kind: 'block',
      from: 'role',
      own: this.loader.own(entry.own ?? new Map(), where.vars),
      parent: where.parent,
      place,
      role: use,
      roleStart: true,
      block: [],
      rescue: [],
      always: [],
    };
    const inner: Where = {
      ...where,
      parent: block,
      role: use,
      directory: join(role.path, 'tasks'),
      vars: [namesOf(role), ...withVars(block.own, where.vars), use.vars, role.vars, role.defaults],
    };
    const needed = this.#dependencies(role, use, inner);
    block.block.push(...needed);
    for (const node of needed) {
      const dependency = node.role!;
      use.dependencies.unshift(dependency, ...dependency.dependencies);
    }
    const order = where.play.roles as RoleUse[];
    // Of roles that tasks take in, the innermost comes first, as in Ansible: the last of all has the strongest variables.
    if (!use.included) order.push(use);
    this.#handlers(role, use, entry, inner);
    const from = entry.tasksFrom ?? 'main';
    const validation =
      entry.validate === false ? undefined : this.#validation(use, from.replace(/\.ya?ml$/, ''), inner, place);
    if (validation) block.block.push(validation);
    const file = roleFile(role.path, 'tasks', from);
    if (file) block.block.push(...this.loader.tasks.file(file, inner));
    else if (entry.tasksFrom) {
      this.loader.report(
        `role \`${role.name}\` has no tasks file \`${from}\``,
        place,
        otherFiles(role.path, 'tasks', from),
      );
    }
    if (use.included) order.push(use);
    return block;
  }

  /** The task that checks what a role was given against its argument specs. Its place is that of the caller, whose values they are. */
  #validation(use: RoleUse, entryPoint: string, where: Where, place: Place | undefined): Task | undefined {
    const spec = use.role.argumentSpecs?.get(entryPoint);
    if (!isDict(spec)) return undefined;
    const about = spec.get('short_description');
    const name = `Validating arguments against arg spec '${entryPoint}'${typeof about === 'string' ? ` - ${about}` : ''}`;
    const own: Dict = new Map<Value, Value>([
      ['name', name],
      ['tags', ['always']],
    ]);
    const options = spec.get('options') ?? null;
    const context: Dict = new Map<Value, Value>([
      ['type', 'role'],
      ['name', use.role.shortName],
      ['argument_spec_name', entryPoint],
      ['path', use.role.path],
    ]);
    return {
      kind: 'task',
      id: this.loader.id(),
      file: join(use.role.path, 'meta'),
      own,
      parent: where.parent,
      place: place ?? placeOf(spec),
      role: use,
      action: argumentSpecModule,
      args: new Map<Value, Value>([
        ['argument_spec', options ?? new Map()],
        ['validate_args_context', context],
      ]),
      actionPlace: placeOf(spec),
      loop: undefined,
      handler: false,
      listen: [],
      directory: where.directory,
    };
  }

  /** A role with its variables, as used here. */
  use(name: string, entry: RoleEntry, where: Where, place: Place | undefined): RoleUse | undefined {
    const path = locateRole(name, where, this.loader);
    if (!path) {
      const { message, help } = this.missing(name, where)!;
      this.loader.report(message, place, help);
      return undefined;
    }
    if (needsItself(path, entry, where)) {
      this.loader.report(`role \`${name}\` ${entry.included ? 'imports' : 'depends on'} itself`, place);
      return undefined;
    }
    const closed = ['.', 'tasks', 'handlers', 'defaults', 'vars', 'meta']
      .map((part) => join(path, part))
      .find(isClosed);
    if (closed !== undefined) {
      // Read as empty, a role would do nothing and say that all is well.
      this.loader.report(`the folder ${closed} of role \`${name}\` cannot be read: permission denied`, place);
      return undefined;
    }
    this.loader.addLibrary(join(path, 'library'));
    const role = this.#load(name, path, entry, place);
    const key = JSON.stringify([
      role.path,
      entry.tasksFrom ?? 'main',
      // What a task brought does not count as the play's own.
      entry.allowDuplicates !== undefined,
      toPlain(entry.params ?? new Map()),
      toPlain(entry.vars ?? new Map()),
      toPlain(entry.own?.get('when') ?? null),
      toPlain(entry.own?.get('tags') ?? null),
    ]);
    const allowDuplicates = entry.allowDuplicates ?? role.allowDuplicates;
    return {
      role: { ...role, allowDuplicates },
      params: entry.params ?? new Map(),
      vars: entry.vars ?? new Map(),
      parent: where.role,
      public: entry.public ?? !(this.loader.env.privateRoleVars ?? false),
      included: entry.included ?? false,
      key,
      tasksFrom: entry.tasksFrom ?? 'main',
      dependencies: [],
    };
  }

  /** What to say of a role that is not there; undefined where it is. */
  missing(name: string, where: Where): { message: string; help: string } | undefined {
    return missingRole(name, where, this.loader);
  }

  #dependencies(role: Role, use: RoleUse, where: Where): Node[] {
    const file = roleFile(role.path, 'meta', 'main');
    const meta = file ? this.loader.read(file) : undefined;
    if (!isDict(meta) || !meta.has('dependencies')) return [];
    if (!isList(meta.get('dependencies')!) && meta.get('dependencies') !== null) {
      this.loader.report('`dependencies` must be a list of roles', placeOfKey(meta, 'dependencies'));
      return [];
    }
    const { files: _, ...outside } = where;
    return this.#entries(meta, 'dependencies', { ...outside, role: use });
  }

  #handlers(role: Role, use: RoleUse, entry: RoleEntry, where: Where): void {
    const seen = this.#withHandlers.get(where.play) ?? new Set<string>();
    this.#withHandlers.set(where.play, seen);
    const file = roleFile(role.path, 'handlers', entry.handlersFrom ?? 'main');
    if (!file || seen.has(use.key + file)) return;
    const { files: _, ...outside } = where;
    const nodes = this.loader.tasks.file(file, { ...outside, directory: join(role.path, 'handlers'), handler: true });
    seen.add(use.key + file);
    where.play.handlers.push(...nodes);
  }

  #load(name: string, path: string, entry: RoleEntry, place: Place | undefined): Role {
    const key = `${path}\0${entry.varsFrom ?? ''}\0${entry.defaultsFrom ?? ''}`;
    const known = this.#roles.get(key);
    if (known) return known;
    const metaFile = roleFile(path, 'meta', 'main');
    const meta = metaFile ? this.loader.read(metaFile) : undefined;
    const [, found = ''] = COLLECTION.exec(path) ?? [];
    const collection = found.replace('/', '.');
    const role: Role = {
      name: fullName(name, collection),
      collection,
      shortName: collection === '' ? name : name.split('.').at(-1)!,
      path,
      defaults: roleVars(this.loader, path, 'defaults', entry.defaultsFrom, place),
      vars: roleVars(this.loader, path, 'vars', entry.varsFrom, place),
      allowDuplicates: isDict(meta) && meta.get('allow_duplicates') === true,
      argumentSpecs: this.#argumentSpecs(path, meta),
    };
    this.#roles.set(key, role);
    return role;
  }

  #argumentSpecs(path: string, meta: Value | undefined): Dict | undefined {
    const file = roleFile(path, 'meta', 'argument_specs');
    const found = file ? this.loader.read(file) : meta;
    const specs = isDict(found) ? found.get('argument_specs') : undefined;
    return isDict(specs) ? specs : undefined;
  }
}

/**
 * Whether a role needs itself, which would never end: a dependency that leads back to it, or a file of its tasks that imports that
 * same file. What is included during the run ends where a condition says so.
 */
function needsItself(path: string, entry: RoleEntry, where: Where): boolean {
  if (where.files !== undefined && !entry.included) return false;
  for (let scoped: Scoped | undefined = where.parent; scoped?.kind === 'block'; scoped = scoped.parent) {
    const block = scoped as Block;
    if (block.from === 'include') return false;
    const { role } = block;
    if (!block.roleStart || role?.role.path !== path) continue;
    if (!entry.included || role.tasksFrom === (entry.tasksFrom ?? 'main')) return true;
  }
  return false;
}

/** The folders below `collections/` in a role's path. */
const COLLECTION = /\/ansible_collections\/([^/]+\/[^/]+)\/roles\//;

/** A role of a collection is shown by the collection and its own last name. */
function fullName(name: string, collection: string): string {
  return collection === '' ? name : `${collection}.${name.split('.').at(-1)}`;
}

/** What names of static imports may say of the role around them. */
function namesOf(role: Role): Dict {
  return new Map([
    ['role_path', role.path],
    ['role_name', role.shortName],
    ['ansible_role_name', role.name],
  ]);
}
