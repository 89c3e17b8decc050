/** Hosts, groups, and the inventory that owns them; nothing else changes either. */

import { didYouMean, type Finding, mistake } from '../errors.ts';
import { type Dict, isDict, isInt, type Place, placeOfValue, setPlaces, Template, type Value } from '../values.ts';
import { isLocalName } from './names.ts';
import { type HostOrder, selectHosts } from './patterns.ts';

export interface Host {
  readonly name: string;
  /** Variables from inventory sources and add_host. */
  readonly vars: Dict;
  /** The groups that list the host itself; `Inventory.groupsOf` adds their parents. */
  readonly groups: Set<Group>;
  port?: number;
  /** The file that listed it first; none for a host list and add_host. */
  source?: string;
  /** `localhost` that no source lists: made when it is asked for, and no member of `all`. */
  readonly implicit: boolean;
}

export interface Group {
  readonly name: string;
  readonly vars: Dict;
  readonly hosts: Set<Host>;
  readonly children: Set<Group>;
  readonly parents: Set<Group>;
  /** The longest way down from `all`: the vars of a deeper group win. */
  depth: number;
  /** `ansible_group_priority`: among groups of one depth the higher wins. */
  priority: number;
}

/** One mapping of two, of which the second is the stronger. */
export type Merge = (weaker: Dict, stronger: Dict) => Dict;

export class Inventory {
  readonly hosts = new Map<string, Host>();
  readonly groups = new Map<string, Group>();
  readonly warnings: Finding[] = [];
  /** What was asked for, as absolute paths or host lists; vars/ looks for group_vars beside them. */
  readonly sources: string[];
  /** Of `hash_behaviour = merge`: makes one of two mappings that are given under the same name. */
  readonly merge: Merge | undefined;
  /** What a pattern is that matches nothing. */
  mismatch: 'warning' | 'error' | 'ignore' = 'warning';
  /** The file being read; the hosts it lists remember it. */
  reading: string | undefined;
  #implicit: Host | undefined;
  /** Counts changes: what is worked out from the inventory is kept until the next one. */
  #version = 0;
  #members = new Map<Group, { version: number; hosts: Host[] }>();
  #dict: { version: number; groups: Map<string, string[]> } | undefined;
  /** What the run added, in order: it is added again when the sources are read again. */
  readonly #added: (() => void)[] = [];
  #ancestors = new Map<Host, { version: number; groups: Group[] }>();

  constructor(sources: string[] = [], merge?: Merge) {
    this.sources = sources;
    this.merge = merge;
    const all = this.addGroup('all');
    this.addChild(all, this.addGroup('ungrouped'));
  }

  get version(): number {
    return this.#version;
  }

  /** The host of this name; `localhost` is made when no source lists it. */
  getHost(name: string): Host | undefined {
    const host = this.hosts.get(name);
    if (host || !isLocalName(name)) return host;
    this.#implicit ??= {
      name,
      vars: new Map<Value, Value>([
        ['ansible_connection', 'local'],
        ['ansible_python_interpreter', new Template('{{ ansible_playbook_python }}', undefined)],
      ]),
      groups: new Set(),
      implicit: true,
    };
    return this.#implicit;
  }

  /** The group of this name, made if need be. */
  addGroup(name: string): Group {
    const known = this.groups.get(name);
    if (known) return known;
    const group: Group = {
      name,
      vars: new Map(),
      hosts: new Set(),
      children: new Set(),
      parents: new Set(),
      depth: 0,
      priority: 1,
    };
    this.groups.set(name, group);
    this.#version++;
    return group;
  }

  /** Makes one group a child of another; a loop is an error. */
  addChild(parent: Group, child: Group, place?: Place): void {
    if (parent.children.has(child)) return;
    if (parent === child || descendants(child).includes(parent)) {
      throw mistake(
        `the group \`${child.name}\` can't be a child of \`${parent.name}\`: it contains that group`,
        place,
      );
    }
    parent.children.add(child);
    child.parents.add(parent);
    deepen(child, parent.depth + 1);
    this.#version++;
  }

  /** The host of this name, listed by a source; made if need be. */
  listHost(name: string, group?: Group, port?: number): Host {
    let host = this.hosts.get(name);
    if (!host) {
      host = { name, vars: new Map(), groups: new Set(), implicit: false };
      if (this.reading !== undefined) host.source = this.reading;
      this.hosts.set(name, host);
      this.#version++;
    }
    if (port !== undefined) {
      host.port = port;
      host.vars.set('ansible_port', port);
    }
    if (group) this.addMember(group, host);
    return host;
  }

  /** Puts a host into a group; false when it was there. */
  addMember(group: Group, host: Host): boolean {
    if (group.hosts.has(host)) return false;
    group.hosts.add(host);
    host.groups.add(group);
    this.#version++;
    return true;
  }

  /** `add_host`: true when anything was new. */
  addHost(name: string, groups: Iterable<string> = [], vars: Dict = new Map()): boolean {
    const wanted = [...groups];
    this.#added.push(() => this.#addHost(name, wanted, vars));
    return this.#addHost(name, wanted, vars);
  }

  #addHost(name: string, groups: readonly string[], vars: Dict): boolean {
    const before = this.#version;
    const host = this.listHost(name, this.addGroup('all'));
    for (const groupName of groups) this.addMember(this.addGroup(groupName), host);
    let changed = false;
    for (const [key, value] of vars) {
      if (!host.vars.has(key) || !sameValue(host.vars.get(key)!, value)) changed = true;
      host.vars.set(key, joined(host.vars.get(key), value, this.merge));
    }
    if (this.#version !== before) this.reconcile();
    return changed || this.#version !== before;
  }

  /** `group_by`: puts a host into a group under the given parents; true when anything was new. */
  groupHost(name: string, groupName: string, parents: Iterable<string> = []): boolean {
    const wanted = [...parents];
    // The host may be gone from the sources by then.
    this.#added.push(() => this.hosts.has(name) && this.#groupHost(name, groupName, wanted));
    return this.#groupHost(name, groupName, wanted);
  }

  #groupHost(name: string, groupName: string, parents: readonly string[]): boolean {
    const host = this.getHost(name);
    if (!host)
      throw mistake(`the host \`${name}\` is not in the inventory`, undefined, didYouMean(name, this.hosts.keys()));
    const before = this.#version;
    const group = this.addGroup(groupName);
    for (const parent of parents) this.addChild(this.addGroup(parent), group);
    this.addMember(group, host);
    if (this.#version !== before) this.reconcile();
    return this.#version !== before;
  }

  /** `meta: refresh_inventory`: hosts and groups become those of another inventory, with what the run added before. */
  become(fresh: Inventory): void {
    for (const [mine, theirs] of [
      [this.hosts, fresh.hosts],
      [this.groups, fresh.groups],
    ] as [Map<string, unknown>, Map<string, unknown>][]) {
      mine.clear();
      for (const [name, each] of theirs) mine.set(name, each);
    }
    this.warnings.push(...fresh.warnings);
    this.#version++;
    for (const add of this.#added) add();
  }

  /** Sets a group's variables; `ansible_group_priority` is not one of them. */
  setGroupVar(group: Group, key: Value, value: Value, place?: Place): void {
    if (key === 'ansible_group_priority') {
      const priority = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      if (!isInt(priority)) throw mistake('`ansible_group_priority` must be an integer', place);
      group.priority = Number(priority);
      return;
    }
    group.vars.set(key, joined(group.vars.get(key), value, this.merge));
  }

  /** Brings `all` and `ungrouped` in line after groups or hosts were added. */
  reconcile(): void {
    const all = this.groups.get('all')!;
    const ungrouped = this.groups.get('ungrouped')!;
    for (const group of this.groups.values()) {
      if (group !== all && group.parents.size === 0) this.addChild(all, group);
    }
    for (const host of this.hosts.values()) {
      const others = [...host.groups].some((g) => g !== all && g !== ungrouped);
      if (others && ungrouped.hosts.delete(host)) host.groups.delete(ungrouped);
      else if (!others) this.addMember(ungrouped, host);
    }
    this.#version++;
  }

  /** The hosts that a pattern stands for, in the inventory's order; `limit` narrows them as `--limit` does. */
  select(pattern: string | string[], limit?: string | string[], options: { order?: HostOrder } = {}): Host[] {
    return selectHosts(this, pattern, limit, options.order);
  }

  /** The hosts of a group and of its children, in order. */
  membersOf(group: Group): readonly Host[] {
    const known = this.#members.get(group);
    if (known?.version === this.#version) return known.hosts;
    const hosts = new Set<Host>();
    for (const each of descendants(group)) for (const host of each.hosts) hosts.add(host);
    const members = { version: this.#version, hosts: [...hosts] };
    this.#members.set(group, members);
    return members.hosts;
  }

  /** A host's groups and their parents, weakest first: by depth, priority, name; `all` is the first. */
  groupsOf(host: Host): readonly Group[] {
    const known = this.#ancestors.get(host);
    if (known?.version === this.#version) return known.groups;
    const found = new Set<Group>();
    const visit = (group: Group): void => {
      if (found.has(group)) return;
      found.add(group);
      for (const parent of group.parents) visit(parent);
    };
    for (const group of host.groups) visit(group);
    const all = this.groups.get('all')!;
    found.add(all);
    const groups = [...found].sort(
      (a, b) => a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    );
    this.#ancestors.set(host, { version: this.#version, groups });
    return groups;
  }

  /** `group_names`: sorted, without `all`; parents included. */
  groupNames(name: string): string[] {
    const host = this.getHost(name);
    if (!host) return [];
    const names = this.groupsOf(host).map((group) => group.name);
    return names.filter((groupName) => groupName !== 'all').sort();
  }

  /** `groups`: every group with the names of its hosts. */
  groupsDict(): Map<string, string[]> {
    if (this.#dict?.version !== this.#version) {
      const entries = [...this.groups].map(([name, group]): [string, string[]] => [
        name,
        this.membersOf(group).map((host) => host.name),
      ]);
      this.#dict = { version: this.#version, groups: new Map(entries) };
    }
    return this.#dict.groups;
  }
}

/** A group and all groups below it, nearest first. */
function descendants(group: Group): Group[] {
  const found = new Set([group]);
  for (const each of found) for (const child of each.children) found.add(child);
  return [...found];
}

function deepen(group: Group, depth: number): void {
  if (group.depth >= depth) return;
  group.depth = depth;
  for (const child of group.children) deepen(child, depth + 1);
}

/** Adds variables to a host or group and keeps their places; later sources win key by key. */
export function addVars(target: Dict, vars: Dict, merge: Merge | undefined, place?: Place): void {
  const empty = target.size === 0;
  const places = new Map<Value, Place>();
  for (const [key, value] of vars) {
    target.set(key, joined(target.get(key), value, merge));
    const at = placeOfValue(vars, key) ?? place;
    if (at) places.set(key, at);
  }
  const self = places.values().next().value ?? place;
  if (!self) return;
  if (!empty) {
    for (const key of target.keys()) {
      const at = places.has(key) ? undefined : placeOfValue(target, key);
      if (at) places.set(key, at);
    }
  }
  setPlaces(target, { self, values: places });
}

const joined = (before: Value | undefined, value: Value, merge: Merge | undefined): Value =>
  merge && isDict(before) && isDict(value) ? merge(before, value) : value;

function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]!));
  }
  if (a instanceof Map) {
    return b instanceof Map && a.size === b.size && [...a].every(([k, v]) => b.has(k) && sameValue(v, b.get(k)!));
  }
  return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && 'text' in a && 'text' in b
    ? a.text === b.text
    : false;
}
