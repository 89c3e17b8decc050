/** The levels that the inventory and the folders beside it and beside the playbook give each host. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Finding } from '../errors.ts';
import type { Host, Inventory } from '../inventory/index.ts';
import type { Dict } from '../values.ts';
import type { VaultSecret } from '../yaml/index.ts';
import { type VarsFileOptions, VarsFolders } from './files.ts';

/** A host's variables from inventory and vars folders; in each list the strongest is first. */
export interface HostLevels {
  playbookHostVars: readonly Dict[];
  inventoryHostVars: readonly Dict[];
  hostVars: readonly Dict[];
  playbookGroupVars: readonly Dict[];
  inventoryGroupVars: readonly Dict[];
  playbookGroupAll: readonly Dict[];
  inventoryGroupAll: readonly Dict[];
  groupVars: readonly Dict[];
  /** Opens `!vault` texts. */
  vault?: readonly VaultSecret[] | undefined;
  /** hash_behaviour = merge. */
  merge?: boolean;
}

interface VariablesOptions {
  inventory: Inventory;
  /** Where the user stands: files inside are shown relative to it. */
  cwd?: string | undefined;
  /** Folder of the playbook; none for ad-hoc use. */
  playbookDir?: string | undefined;
  /** A folder whose group_vars/ and host_vars/ are defaults for every inventory: weaker than what stands beside the inventory. */
  defaultsDir?: string | undefined;
  vault?: readonly VaultSecret[] | undefined;
  /** Shown every text that is read. */
  seen?: ((text: string) => void) | undefined;
  /** Told of keys that stand twice in a file of variables; without it they are mistakes. */
  duplicates?: VarsFileOptions['duplicates'];
  /** `merge` merges dicts over the levels instead of letting the strongest win. */
  hashBehaviour?: 'replace' | 'merge' | undefined;
}

/** Reads lazily, and each file once. */
export class Variables {
  readonly #inventory: Inventory;
  readonly #shared: Pick<HostLevels, 'vault' | 'merge'>;
  readonly #inventoryFolders: VarsFolders;
  /** Folder of the first playbook; plays of another folder have that one's own. */
  readonly #playbookDir: string | undefined;
  readonly #ofPlaybooks = new Map<string | undefined, FolderLevels>();
  readonly #filesOptions: VarsFileOptions;

  private constructor(options: VariablesOptions) {
    const { inventory, cwd, playbookDir, defaultsDir, vault, seen, duplicates } = options;
    this.#inventory = inventory;
    this.#shared = { vault, merge: options.hashBehaviour === 'merge' };
    const beside = inventoryFolders(inventory);
    const defaults = defaultsDir === undefined || beside.includes(defaultsDir) ? [] : [defaultsDir];
    this.#filesOptions = { vault, cwd, seen, duplicates };
    this.#inventoryFolders = new VarsFolders([...defaults, ...beside], this.#filesOptions);
    this.#playbookDir = playbookDir;
    this.#ofPlaybook(playbookDir);
  }

  static load(options: VariablesOptions): Variables {
    return new Variables(options);
  }

  /** The levels of a host, as the inventory stands now, for a play of a playbook in this folder. */
  forHost(name: string, playbookDir = this.#playbookDir): HostLevels {
    const { folders, hosts } = this.#ofPlaybook(playbookDir);
    const known = hosts.get(name);
    if (known?.version === this.#inventory.version) return known.levels;
    const host = this.#inventory.getHost(name);
    const levels = { ...(host ? this.#levels(host, folders) : NO_LEVELS), ...this.#shared };
    hosts.set(name, { version: this.#inventory.version, levels });
    return levels;
  }

  #ofPlaybook(directory: string | undefined): FolderLevels {
    let known = this.#ofPlaybooks.get(directory);
    if (!known) {
      const folders = new VarsFolders(directory === undefined ? [] : [directory], this.#filesOptions);
      known = { folders, hosts: new Map() };
      this.#ofPlaybooks.set(directory, known);
    }
    return known;
  }

  #levels(host: Host, playbookFolders: VarsFolders): HostLevels {
    const groups = [...this.#inventory.groupsOf(host)].reverse();
    const named = groups.map((group) => group.name).filter((groupName) => groupName !== 'all');
    return {
      playbookHostVars: playbookFolders.read('host_vars', [host.name]),
      inventoryHostVars: this.#inventoryFolders.read('host_vars', [host.name]),
      // Not left out when empty: add_host may fill it later.
      hostVars: [host.vars],
      playbookGroupVars: playbookFolders.read('group_vars', named),
      inventoryGroupVars: this.#inventoryFolders.read('group_vars', named),
      playbookGroupAll: playbookFolders.read('group_vars', ['all']),
      inventoryGroupAll: this.#inventoryFolders.read('group_vars', ['all']),
      groupVars: groups.map((group) => group.vars),
    };
  }

  /** Warnings about group_vars/ and host_vars/ files whose name no group or host has, where one is near enough to be meant. */
  unusedFiles(): Finding[] {
    const groups = new Set(this.#inventory.groups.keys());
    const hosts = new Set([...this.#inventory.hosts.keys(), 'localhost']);
    const found = new Map<string, string>();
    for (const folders of [this.#inventoryFolders, this.#ofPlaybook(this.#playbookDir).folders]) {
      for (const { path, meant } of folders.misspelt('group_vars', groups)) found.set(path, meant);
      for (const { path, meant } of folders.misspelt('host_vars', hosts)) found.set(path, meant);
    }
    return [...found].map(([path, meant]) => ({
      message: `\`${path}\` is read for nobody: the inventory has no such ${path.includes('/host_vars/') ? 'host' : 'group'}`,
      help: `did you mean \`${meant}\`?`,
      warning: true,
    }));
  }
}

/** group_vars/ and host_vars/ beside a playbook, and what they and the inventory give each host. */
interface FolderLevels {
  folders: VarsFolders;
  hosts: Map<string, { version: number; levels: HostLevels }>;
}

const NO_LEVELS: HostLevels = {
  playbookHostVars: [],
  inventoryHostVars: [],
  hostVars: [],
  playbookGroupVars: [],
  inventoryGroupVars: [],
  playbookGroupAll: [],
  inventoryGroupAll: [],
  groupVars: [],
};

function inventoryFolders(inventory: Inventory): string[] {
  return inventory.sources.flatMap((source) => {
    const stats = statSync(source, { throwIfNoEntry: false });
    if (!stats) return [];
    return [stats.isDirectory() ? source : dirname(source)];
  });
}
