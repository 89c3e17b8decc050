/** Magic variables that the inventory alone decides: names, groups, and the variables of other hosts. */
import { dirname } from 'node:path';
import type { Inventory } from '../inventory/index.ts';
import { LazyDict, OMIT } from '../template/index.ts';
import type { Dict, Value } from '../values.ts';
import { type VarScope, VarsDict } from './scope.ts';

interface MagicInputs {
  inventory: Inventory;
  host?: string | undefined;
  /** The scope of another host, for `hostvars`. */
  hostScope?: ((host: string) => VarScope | undefined) | undefined;
}

/** A lookup by name, and the names it knows. */
export interface Magic {
  get(name: string): Value | undefined;
  readonly names: readonly string[];
}

const NAMES = [
  ...['inventory_hostname', 'inventory_hostname_short', 'group_names', 'groups', 'hostvars', 'inventory_dir'],
  ...['inventory_file', 'ansible_inventory_sources', 'omit', 'vars'],
];

/** The magic variables of a host (or of none); always as the inventory stands when they are asked for. */
export function magicVariables({ inventory, host, hostScope }: MagicInputs): Magic {
  const hostvars = hostScope && new HostVars(inventory, hostScope);
  const get = (name: string): Value | undefined => {
    switch (name) {
      case 'inventory_hostname':
        return host;
      case 'inventory_hostname_short':
        return host?.split('.')[0];
      case 'group_names':
        return host === undefined ? undefined : inventory.groupNames(host);
      case 'groups':
        return inventory.groupsDict() as Dict;
      case 'hostvars':
        return hostvars;
      case 'inventory_file':
        return sourceOf(inventory, host);
      case 'inventory_dir': {
        const file = sourceOf(inventory, host);
        return file === undefined ? undefined : dirname(file);
      }
      case 'ansible_inventory_sources':
        return [...inventory.sources];
      case 'omit':
        return OMIT as unknown as Value;
      default:
        return undefined;
    }
  };
  return { get, names: NAMES };
}

/** The file that listed the host first; add_host and host lists are no files. */
function sourceOf(inventory: Inventory, host: string | undefined): string | undefined {
  return (host === undefined ? undefined : inventory.hosts.get(host))?.source;
}

/** `hostvars`: each host's variables, looked up when they are asked for. */
class HostVars extends LazyDict {
  readonly #inventory: Inventory;
  readonly #scopeOf: (host: string) => VarScope | undefined;
  readonly #hosts = new Map<string, VarsDict>();

  constructor(inventory: Inventory, scopeOf: (host: string) => VarScope | undefined) {
    super();
    this.#inventory = inventory;
    this.#scopeOf = scopeOf;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !this.#inventory.getHost(key)) return undefined;
    let vars = this.#hosts.get(key);
    if (!vars) {
      const scope = this.#scopeOf(key);
      if (!scope) return undefined;
      vars = new VarsDict(scope);
      // Kept while one template is rendered, which happens in one go; afterwards the host may have learnt more.
      if (this.#hosts.size === 0) queueMicrotask(() => this.#hosts.clear());
      this.#hosts.set(key, vars);
    }
    return vars;
  }

  override has(key: Value): boolean {
    return typeof key === 'string' && this.#inventory.getHost(key) !== undefined;
  }

  override get size(): number {
    return this.#inventory.hosts.size;
  }

  override keys(): MapIterator<Value> {
    return this.#inventory.hosts.keys();
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#inventory.hosts.keys()) yield [name, this.get(name)!];
  }

  override *values(): MapIterator<Value> {
    for (const name of this.#inventory.hosts.keys()) yield this.get(name)!;
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }

  override forEach(callback: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }
}
