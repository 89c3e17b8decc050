/**
 * What a template, a condition or a task sees: names looked up through the levels of precedence.ts, strongest first, and
 * rendered on first use. Nothing is merged or copied per task.
 */
import { placeText, TemplateError, UndefinedError, UnknownError } from '../errors.ts';
import { LazyDict, OMIT, render, type Scope, type TemplateOptions, type Undefined } from '../template/index.ts';
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
import { isStrongMagic, type Layer, layersOf, type ScopeSources } from './layers.ts';
import { mergeDicts } from './merge.ts';
import { type Level, level } from './precedence.ts';
import { captured, LoopError, VarsDict } from './vars_dict.ts';

export { OMIT, type ScopeSources, VarsDict };

export interface ScopeOptions extends TemplateOptions {
  vaultSecrets?: readonly VaultSecret[];
  /** `merge` merges dicts over the levels, as Ansible's hash_behaviour. */
  hashBehaviour?: 'replace' | 'merge';
}

interface Origin {
  level: Level;
  place: Place | undefined;
}

/** Decrypted `!vault` texts: deriving the key takes milliseconds, and every host asks for the same ones. */
const decrypted = new WeakMap<VaultText, string>();

/** Of errors: the variables whose texts led there. */
const led = new WeakMap<Error, string[]>();

export class VarScope implements Scope {
  readonly sources: ScopeSources;
  readonly options: ScopeOptions;
  readonly #layers: readonly Layer[];
  readonly #rendered = new Map<Template, Value>();
  readonly #merged = new Map<string, Value | undefined>();
  /** Templates being rendered and the names they were asked for by, to find those that need themselves. */
  readonly #pending = new Map<Template, string>();
  #hostvars: Value | undefined;
  #stated: VarScope | undefined;

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
      const value = valueIn(layer, name);
      if (value !== undefined) return value;
    }
    return this.sources.fallback?.(name, this);
  }

  /** The same without the fallback: what was given, not what follows from it. */
  get stated(): VarScope {
    if (!this.sources.fallback) return this;
    this.#stated ??= new VarScope({ ...this.sources, fallback: undefined }, this.options, this.#layers);
    return this.#stated;
  }

  #magic(name: string): Value | undefined {
    if (name === 'vars') return new VarsDict(this);
    if (!isStrongMagic(name)) return undefined;
    if (name !== 'hostvars') return this.sources.magic?.(name);
    // Kept, so that the other hosts' scopes are not built anew for each mention.
    this.#hostvars ??= this.sources.magic?.(name);
    return this.#hostvars;
  }

  /** Whether a name's value is data all through, with nothing in it to render. */
  isData(name: string): boolean {
    if (this.sources.loopVars?.has(name) || this.#magic(name) !== undefined) return false;
    if (this.options.hashBehaviour === 'merge' || this.sources.inventory?.merge) return false;
    return this.#layers.find((layer) => valueIn(layer, name) !== undefined)?.data === true;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  #mergedValue(name: string): Value | undefined {
    if (this.#merged.has(name)) return this.#merged.get(name);
    let result: Value | undefined;
    for (const layer of this.#layers) {
      const value = valueIn(layer, name);
      if (value === undefined) continue;
      if (result === undefined) result = value;
      else if (isDict(result) && isDict(value)) result = mergeDicts(value, result);
      else break;
      if (!isDict(result)) break;
    }
    result ??= this.sources.fallback?.(name, this);
    this.#merged.set(name, result);
    return result;
  }

  /** The level that decides a name, and where its value stands. */
  where(name: string): Origin | undefined {
    const { loopVars, magic } = this.sources;
    if (loopVars?.has(name)) return { level: level('loop variables'), place: placeOfValue(loopVars, name) };
    if (name === 'vars' || (isStrongMagic(name) && magic?.(name) !== undefined))
      return { level: level('magic variables'), place: undefined };
    for (const layer of this.#layers) {
      if (valueIn(layer, name) === undefined) continue;
      return { level: layer.level, place: placeOfKey(layer.dict, name) ?? placeOfValue(layer.dict, name) };
    }
    return undefined;
  }

  *names(): Iterable<string> {
    const seen = new Set<string>();
    const own = this.sources.loopVars?.keys() ?? [];
    for (const names of [own, this.sources.magicNames ?? [], ...this.#layers.map((l) => l.dict.keys())]) {
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
      // Keys are not rendered, as in Ansible; a module that wants it (set_fact) renders its arguments' names itself.
      const name = key instanceof Template ? key.text : key;
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
    } catch (error) {
      throw this.#throughVariables(error, template);
    } finally {
      this.#pending.delete(template);
    }
  }

  /** An error in a variable's own text also tells which variables led there, and from where: its place is theirs. */
  #throughVariables(error: unknown, template: Template): unknown {
    if (!(error instanceof UndefinedError || error instanceof TemplateError)) return error;
    if (this.#pending.size > 1) {
      if (!led.has(error)) led.set(error, [...this.#pending.values()].slice(1));
      return error;
    }
    const names = led.get(error)?.filter((name) => /^\w+$/.test(name)) ?? [];
    if (names.length === 0 || !template.place || error instanceof LoopError || error instanceof UnknownError)
      return error;
    const way = `\`${names.join('` -> `')}\` is used at ${placeText(template.place)}`;
    const help = error.help === undefined ? way : `${error.help}; ${way}`;
    return error instanceof UndefinedError
      ? new UndefinedError(error.message, error.path, error.place, help)
      : new TemplateError(error.message, error.place, help);
  }

  /** `a -> b -> a`, by the names under which the templates stand. */
  #loopError(template: Template): LoopError {
    const chain = [...this.#pending.keys()];
    const names = chain.slice(chain.indexOf(template)).map((each) => this.#pending.get(each)!);
    names.push(names[0]!);
    return new LoopError(
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

function valueIn(layer: Layer, name: string): Value | undefined {
  return layer.value ? layer.value(name) : layer.dict.get(name);
}

const isOmit = (value: unknown): boolean => value === OMIT;
