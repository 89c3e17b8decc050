/** The dicts that a scope looks through, in the order of precedence.ts. */
import type { Dict, ReadonlyDict, Value } from '../values.ts';
import { type Level, type LevelName, level } from './precedence.ts';
import type { VarScope } from './scope.ts';
import type { HostLevels } from './variables.ts';

/** The dicts of each level; in every list the strongest is first. */
export interface ScopeSources {
  host?: string | undefined;
  loopVars?: Dict | undefined;
  extraVars?: Dict | undefined;
  includeParams?: readonly Dict[] | undefined;
  roleParams?: readonly Dict[] | undefined;
  /** What set_fact stored; where register keeps to itself, its dict counts below this one. One dict for both is right. */
  setFacts?: ReadonlyDict | undefined;
  registered?: Dict | undefined;
  includeVars?: ReadonlyDict | undefined;
  taskVars?: Dict | undefined;
  blockVars?: readonly Dict[] | undefined;
  roleVars?: readonly Dict[] | undefined;
  playVarsFiles?: readonly Dict[] | undefined;
  playVarsPrompt?: Dict | undefined;
  playVars?: Dict | undefined;
  /** What `ansible_facts` holds, keys without the prefix `ansible_`. */
  facts?: ReadonlyDict | undefined;
  /** Facts as variables, under the names that modules gave them: `ansible_os_family`, `packages`. */
  factVars?: ReadonlyDict | undefined;
  inventory?: HostLevels | undefined;
  roleDefaults?: readonly Dict[] | undefined;
  cliVars?: Dict | undefined;
  /** Asked last, for a name that no level has; the scope is the one that asks. */
  fallback?: ((name: string, scope: VarScope) => Value | undefined) | undefined;
  magic?: ((name: string) => Value | undefined) | undefined;
  magicNames?: Iterable<string> | undefined;
}

export interface Layer {
  level: Level;
  dict: ReadonlyDict;
  /** Holds what hosts said or tasks computed: nothing in it is left to render. */
  data?: boolean;
  /** Gives the values in place of the dict. */
  value?: (name: string) => Value | undefined;
}

/** The layers of a scope, strongest first; loop and magic variables stand before them. */
export function layersOf(s: ScopeSources): Layer[] {
  const layers: Layer[] = [];
  const add = (name: LevelName, dicts: ReadonlyDict | readonly Dict[] | undefined, data = false): void => {
    for (const dict of dicts === undefined
      ? []
      : Array.isArray(dicts)
        ? (dicts as readonly Dict[])
        : [dicts as ReadonlyDict])
      layers.push({ level: level(name), dict, data });
  };
  add('extra vars', s.extraVars);
  add('include parameters', s.includeParams);
  add('role parameters', s.roleParams);
  add('set_fact and register', s.setFacts, true);
  add('set_fact and register', s.registered, true);
  add('include_vars', s.includeVars);
  add('task vars', s.taskVars);
  add('block vars', s.blockVars);
  add('role vars', s.roleVars);
  add('play vars_files', s.playVarsFiles);
  add('play vars_prompt', s.playVarsPrompt);
  add('play vars', s.playVars);
  if (s.facts) add('host facts', new Map<Value, Value>([['ansible_facts', s.facts as Dict]]), true);
  add('host facts', s.factVars, true);
  add('playbook host_vars', s.inventory?.playbookHostVars);
  add('inventory host_vars', s.inventory?.inventoryHostVars);
  if (s.magic) layers.push(hostMagic(s.magic));
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

/** Magic variables that belong to the host: weaker than the others, as in Ansible, and so open to be set by others. */
const HOST_MAGIC = new Set([
  'inventory_hostname',
  'inventory_hostname_short',
  'group_names',
  'inventory_file',
  'inventory_dir',
]);

/** Whether a magic variable stands above all levels but loop variables. */
export const isStrongMagic = (name: string): boolean => !HOST_MAGIC.has(name);

function hostMagic(magic: (name: string) => Value | undefined): Layer {
  return {
    level: level('inventory host'),
    dict: new Map(),
    value: (name) => (HOST_MAGIC.has(name) ? magic(name) : undefined),
  };
}
