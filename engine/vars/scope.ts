/**
 * What a template, a condition or a task sees: names looked up through the levels of precedence.ts, strongest first, and
 * rendered on first use. Nothing is merged or copied per task.
 */
import { AuthorError, mistake, TemplateError, UndefinedError } from '../errors.ts';
import { LazyDict, OMIT, render, type Scope, type TemplateOptions, Undefined } from '../template/index.ts';
import {
  type Dict,
  isDict,
  isList,
  type Place,
  placeOfKey,
  placeOfValue,
  Template,
  type Value,
  VaultText,
} from '../values.ts';
import { decryptVault, type VaultSecret } from '../yaml/index.ts';
import { mergeDicts } from './merge.ts';
import { type Level, type LevelName, level } from './precedence.ts';
import type { HostLevels } from './variables.ts';

export { OMIT };

/** The dicts of each level; in every list the strongest is first. */
export interface ScopeSources {
  host?: string | undefined;
  loopVars?: Dict | undefined;
  extraVars?: Dict | undefined;
  includeParams?: readonly Dict[] | undefined;
  roleParams?: readonly Dict[] | undefined;
  /** What set_fact stored; where register keeps to itself, its dict counts below this one. One dict for both is right. */
  setFacts?: Dict | undefined;
  registered?: Dict | undefined;
  includeVars?: Dict | undefined;
  taskVars?: Dict | undefined;
  blockVars?: readonly Dict[] | undefined;
  roleVars?: readonly Dict[] | undefined;
  playVarsFiles?: readonly Dict[] | undefined;
  playVarsPrompt?: Dict | undefined;
  playVars?: Dict | undefined;
  /** What `ansible_facts` holds, keys without the prefix `ansible_`. */
  facts?: Dict | undefined;
  /** Facts that stand under their own name too, such as `packages` of package_facts. */
  plainFacts?: Dict | undefined;
  inventory?: HostLevels | undefined;
  roleDefaults?: readonly Dict[] | undefined;
  cliVars?: Dict | undefined;
  magic?: ((name: string) => Value | undefined) | undefined;
  magicNames?: Iterable<string> | undefined;
}

export interface ScopeOptions extends TemplateOptions {
  vaultSecrets?: readonly VaultSecret[];
  /** `merge` merges dicts over the levels, as Ansible's hash_behaviour. */
  hashBehaviour?: 'replace' | 'merge';
}

interface Layer {
  level: Level;
  dict: Dict;
  /** Where a name stands in it; facts are found under other keys than their names. */
  key?: (name: string) => string | undefined;
  names?: () => Iterable<string>;
}

export interface Origin {
  level: Level;
  place: Place | undefined;
}

/** Decrypted `!vault` texts: deriving the key takes milliseconds, and every host asks for the same ones. */
const decrypted = new WeakMap<VaultText, string>();

export class VarScope implements Scope {
  readonly sources: ScopeSources;
  readonly options: ScopeOptions;
  readonly #layers: readonly Layer[];
  readonly #rendered = new Map<Template, Value>();
  readonly #merged = new Map<string, Value | undefined>();
  /** Templates being rendered and the names they were asked for by, to find those that need themselves. */
  readonly #pending = new Map<Template, string>();
  #hostvars: Value | undefined;

  constructor(sources: ScopeSources, options: ScopeOptions, layers?: readonly Layer[]) {
    this.sources = sources;
    this.options = options;
    this.#layers = layers ?? layersOf(sources);
  }

  /**
   * The value, rendered where it is a template; a list or dict comes as it is, and templates inside it are rendered when they
   * are reached (or by resolve). A value that can't be rendered is an Undefined, which throws its error when it is used.
   */
  get(name: string): Value | Undefined | undefined {
    const raw = this.raw(name);
    if (!(raw instanceof Template || raw instanceof VaultText)) return raw;
    try {
      return raw instanceof Template ? this.#renderTemplate(raw, name) : this.#open(raw);
    } catch (error) {
      return captured(name, error);
    }
  }

  /** The value with everything in it rendered, or the error thrown; undefined where no level knows the name. */
  value(name: string): Value | undefined {
    const raw = this.raw(name);
    if (raw === undefined) return undefined;
    return raw instanceof Template ? this.#renderTemplate(raw, name) : this.resolve(raw);
  }

  /** The value as it stands in its file or source: Templates are not rendered. */
  raw(name: string): Value | undefined {
    const loop = this.sources.loopVars;
    if (loop?.has(name)) return loop.get(name);
    const magic = this.#magic(name);
    if (magic !== undefined) return magic;
    if (this.options.hashBehaviour === 'merge' || this.sources.inventory?.merge) return this.#mergedValue(name);
    for (const layer of this.#layers) {
      const key = layer.key ? layer.key(name) : name;
      if (key === undefined) continue;
      const value = layer.dict.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #magic(name: string): Value | undefined {
    if (name === 'vars') return new VarsDict(this);
    if (name !== 'hostvars') return this.sources.magic?.(name);
    // Kept, so that the other hosts' scopes are not built anew for each mention.
    this.#hostvars ??= this.sources.magic?.(name);
    return this.#hostvars;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  #mergedValue(name: string): Value | undefined {
    if (this.#merged.has(name)) return this.#merged.get(name);
    let result: Value | undefined;
    for (const layer of this.#layers) {
      const key = layer.key ? layer.key(name) : name;
      const value = key === undefined ? undefined : layer.dict.get(key);
      if (value === undefined) continue;
      if (result === undefined) result = value;
      else if (isDict(result) && isDict(value)) result = mergeDicts(value, result);
      else break;
      if (!isDict(result)) break;
    }
    this.#merged.set(name, result);
    return result;
  }

  /** The level that decides a name, and where its value stands. */
  where(name: string): Origin | undefined {
    const { loopVars, magic } = this.sources;
    if (loopVars?.has(name)) return { level: level('loop variables'), place: placeOfValue(loopVars, name) };
    if (name === 'vars' || magic?.(name) !== undefined) return { level: level('magic variables'), place: undefined };
    for (const layer of this.#layers) {
      const key = layer.key ? layer.key(name) : name;
      if (key === undefined || !layer.dict.has(key)) continue;
      return { level: layer.level, place: placeOfKey(layer.dict, key) ?? placeOfValue(layer.dict, key) };
    }
    return undefined;
  }

  *names(): Iterable<string> {
    const seen = new Set<string>();
    const own = this.sources.loopVars?.keys() ?? [];
    for (const names of [
      own,
      this.sources.magicNames ?? [],
      ...this.#layers.map((l) => l.names?.() ?? l.dict.keys()),
    ]) {
      for (const name of names) {
        if (typeof name !== 'string' || seen.has(name)) continue;
        seen.add(name);
        yield name;
      }
    }
  }

  /** A scope that knows a few more names, stronger than all others: those of one loop item. */
  with(loopVars: Dict): VarScope {
    const own = this.sources.loopVars;
    const both = own ? new Map([...own, ...loopVars]) : loopVars;
    const child = new VarScope({ ...this.sources, loopVars: both }, this.options, this.#layers);
    child.#hostvars = this.#hostvars;
    return child;
  }

  /** A value with every Template in it rendered and every vault text opened; entries that are `omit` are left out. */
  resolve(value: Value): Value {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Template) return this.#renderTemplate(value);
    if (value instanceof VaultText) return this.#open(value);
    if (isList(value)) return this.#resolveList(value);
    return isDict(value) && !(value instanceof LazyDict) ? this.#resolveDict(value) : value;
  }

  #resolveList(list: Value[]): Value[] {
    let copy: Value[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const made = this.resolve(list[i]!);
      if (made !== list[i] || isOmit(made)) copy ??= list.slice(0, i);
      if (copy && !isOmit(made)) copy.push(made);
    }
    return copy ?? list;
  }

  #resolveDict(dict: Dict): Dict {
    let copy: Dict | undefined;
    const done: [Value, Value][] = [];
    for (const [key, item] of dict) {
      const made = this.resolve(item);
      const name = key instanceof Template ? this.resolve(key) : key;
      if (made !== item || name !== key || isOmit(made)) copy ??= new Map(done);
      if (isOmit(made)) continue;
      if (copy) copy.set(name, made);
      else done.push([key, item]);
    }
    return copy ?? dict;
  }

  #renderTemplate(template: Template, name = template.text): Value {
    const known = this.#rendered.get(template);
    if (known !== undefined) return known;
    if (this.#pending.has(template)) throw this.#loopError(template);
    this.#pending.set(template, name);
    try {
      const value = render(template, this, this.options);
      this.#rendered.set(template, value);
      return value;
    } finally {
      this.#pending.delete(template);
    }
  }

  /** `a -> b -> a`, by the names under which the templates stand. */
  #loopError(template: Template): TemplateError {
    const chain = [...this.#pending.keys()];
    const names = chain.slice(chain.indexOf(template)).map((each) => this.#pending.get(each)!);
    names.push(names[0]!);
    return new TemplateError(
      `${names.length > 2 ? 'these variables need each other' : 'this variable needs itself'}: ${names.join(' -> ')}`,
      template.place,
      'give one of them a value that does not refer back; to extend a value of another level, use another name',
    );
  }

  #open(vault: VaultText): string {
    let text = decrypted.get(vault);
    if (text === undefined) {
      const secrets = this.options.vaultSecrets ?? this.sources.inventory?.vault;
      if (!secrets && this.options.unvault) text = this.options.unvault(vault.text, '', new Map());
      else text = decryptVault(vault.text, secrets ?? [], vault.place);
      decrypted.set(vault, text);
    }
    this.options.secret?.(text);
    return text;
  }
}

const isOmit = (value: unknown): boolean => value === OMIT;

function layersOf(s: ScopeSources): Layer[] {
  const layers: Layer[] = [];
  const add = (name: LevelName, dicts: Dict | readonly Dict[] | undefined): void => {
    for (const dict of dicts === undefined ? [] : isDict(dicts) ? [dicts] : dicts)
      layers.push({ level: level(name), dict });
  };
  add('extra vars', s.extraVars);
  add('include parameters', s.includeParams);
  add('role parameters', s.roleParams);
  add('set_fact and register', s.setFacts);
  add('set_fact and register', s.registered);
  add('include_vars', s.includeVars);
  add('task vars', s.taskVars);
  add('block vars', s.blockVars);
  add('role vars', s.roleVars);
  add('play vars_files', s.playVarsFiles);
  add('play vars_prompt', s.playVarsPrompt);
  add('play vars', s.playVars);
  if (s.facts) layers.push(...factLayers(s.facts));
  add('host facts', s.plainFacts);
  add('playbook host_vars', s.inventory?.playbookHostVars);
  add('inventory host_vars', s.inventory?.inventoryHostVars);
  add('inventory host', s.inventory?.hostVars);
  add('playbook group_vars', s.inventory?.playbookGroupVars);
  add('inventory group_vars', s.inventory?.inventoryGroupVars);
  add('playbook group_vars/all', s.inventory?.playbookGroupAll);
  add('inventory group_vars/all', s.inventory?.inventoryGroupAll);
  add('inventory group', s.inventory?.groupVars);
  add('role defaults', s.roleDefaults);
  add('command line values', s.cliVars);
  return layers;
}

const PREFIX = 'ansible_';

/** `ansible_facts` as a whole, and each fact as `ansible_NAME`. */
function factLayers(facts: Dict): Layer[] {
  const whole: Layer = { level: level('host facts'), dict: new Map<Value, Value>([['ansible_facts', facts]]) };
  const single: Layer = {
    level: level('host facts'),
    dict: facts,
    key: (name) => {
      if (!name.startsWith(PREFIX)) return undefined;
      const short = name.slice(PREFIX.length);
      return facts.has(short) ? short : facts.has(name) ? name : undefined;
    },
    names: () => [...facts.keys()].map((key) => (String(key).startsWith(PREFIX) ? String(key) : PREFIX + String(key))),
  };
  return [whole, single];
}

/** A scope as a dict whose values are rendered when they are asked for: `vars`, and each entry of `hostvars`. */
export class VarsDict extends LazyDict {
  readonly #scope: VarScope;
  constructor(scope: VarScope) {
    super();
    this.#scope = scope;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const raw = this.#scope.raw(key);
    return raw === undefined ? undefined : lenient(this.#scope, raw);
  }

  override has(key: Value): boolean {
    return typeof key === 'string' && this.#scope.has(key);
  }

  override get size(): number {
    return this.#names().length;
  }

  // `vars` and `hostvars` are not part of themselves, so that a whole dump ends.
  #names(): string[] {
    return [...this.#scope.names()].filter((name) => name !== 'vars' && name !== 'hostvars');
  }

  override keys(): MapIterator<Value> {
    return this.#names().values();
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#names()) yield [name, this.get(name)!];
  }

  override *values(): MapIterator<Value> {
    for (const name of this.#names()) yield this.get(name)!;
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }

  override forEach(callback: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }
}

/** An author's error as a value that throws it when it is used, so that `default` and `is defined` can look at it. */
function captured(name: string, error: unknown): Undefined {
  if (error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError) {
    return new Undefined(name, error);
  }
  throw error;
}

/** A rendered value in which parts that fail carry their error, which they throw when they are used. */
function lenient(scope: VarScope, value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Template || value instanceof VaultText) {
    try {
      return scope.resolve(value);
    } catch (error) {
      if (!(error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError))
        throw error;
      return new Undefined('', error) as unknown as Value;
    }
  }
  if (isList(value))
    return keepSame(
      value,
      value.map((item) => lenient(scope, item)),
    );
  if (!isDict(value) || value instanceof LazyDict) return value;
  let same = true;
  const made: Dict = new Map();
  for (const [key, item] of value) {
    const rendered = lenient(scope, item);
    same &&= rendered === item;
    made.set(key, rendered);
  }
  return same ? value : made;
}

function keepSame(list: Value[], made: Value[]): Value[] {
  return made.every((item, index) => item === list[index]) ? list : made;
}

/** Refuses names that a variable can't have, with their place: `my-var`, `1st`, a keyword of Python. */
export function checkVariableNames(dict: Dict): void {
  for (const key of dict.keys()) {
    if (typeof key === 'string' && /^[A-Za-z_]\w*$/.test(key)) continue;
    const name = key instanceof Template ? key.text : String(key);
    throw mistake(
      `\`${name}\` can't be the name of a variable`,
      placeOfKey(dict, key),
      `letters, digits and underscores only, not beginning with a digit: ${name.replace(/^(?=\d)/, '_').replace(/\W+/g, '_')}`,
    );
  }
}
