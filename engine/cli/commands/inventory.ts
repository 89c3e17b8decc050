/** `run inventory`: hosts, groups and variables, in the forms of ansible-inventory. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { didYouMean, UsageError } from '../../errors.ts';
import type { Group, Inventory } from '../../inventory/index.ts';
import { toText } from '../../python/text.ts';
import { type Dict, Template, toPlain, type Value, VaultText } from '../../values.ts';
import { loadProjectInventory } from '../../vars/constructed.ts';
import { VarsFolders } from '../../vars/files.ts';
import { type HostLevels, Variables } from '../../vars/variables.ts';
import { openedSource, toYaml } from '../../yaml/index.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { readExtraVars } from '../options/extra_vars.ts';
import { type Given, type Option, parseOptions } from '../options/option_table.ts';
import { HERE, hostOptions, verboseOption } from '../options/play_options.ts';
import { readText } from '../options/run_options.ts';
import { vaultSecrets } from '../options/secrets.ts';
import { findInventories, likelyInventory } from '../settings/find_files.ts';
import { readSettings } from '../settings/settings.ts';

const WHAT = 'What to show';

const options: readonly Option[] = [
  { name: 'list', group: WHAT, doc: 'all hosts with their variables, and all groups, as JSON' },
  { name: 'host', value: 'HOST', group: WHAT, doc: "one host's variables" },
  { name: 'graph', group: WHAT, doc: 'the tree of groups and hosts; a GROUP may be named to begin at' },
  { name: 'yaml', short: 'y', group: WHAT, doc: 'with --list and --host: as YAML' },
  { name: 'output', value: 'FILE', group: WHAT, doc: 'write it to a file' },
  { name: 'vars', group: WHAT, doc: 'with --graph: variables too' },
  { name: 'export', group: WHAT, doc: 'with --list: variables of groups stay with their groups' },
  ...hostOptions.filter(({ name }) => ['inventory', 'limit', 'extra-vars'].includes(name)),
  ...hostOptions.filter(({ group }) => group === 'Secrets'),
  verboseOption,
  { name: 'toml', group: WHAT, doc: '', refused: 'the forms are JSON and, with --yaml, YAML' },
  { name: 'playbook-dir', value: 'DIR', group: WHAT, doc: '', refused: HERE },
];

export const command: Command = {
  usage: `run inventory -i INVENTORY --list
run inventory -i INVENTORY --graph [GROUP]
run inventory -i INVENTORY --host HOST`,
  doc: 'Shows what an inventory, with its group_vars and host_vars, says. Templates are shown as they are written.',
  options,
  run: showInventory,
};

async function showInventory(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const settings = readSettings(console);
  const vault = await vaultSecrets(given, settings, console);
  const named = given.all('inventory');
  const sources =
    named.length > 0 ? findInventories(named, console) : (settings.paths('inventory', ',', console.home) ?? []);
  if (named.length + sources.length === 0) {
    const likely = likelyInventory(console.cwd);
    throw new InputError('no inventory is given', likely ? `did you mean \`-i ${likely}\`?` : 'give one: -i FILE');
  }
  const inventory = await loadProjectInventory(sources, { cwd: console.cwd, vault });
  const extraVars = readExtraVars(given.all('extra-vars'), (path) => {
    const text = readText(path, console, `-e @${path}`);
    const secrets = vault.map(({ id, password }) => ({ id, password: String(password) }));
    return openedSource(path, text, secrets);
  });
  const variables = Variables.load({ inventory, cwd: console.cwd, playbookDir: console.cwd, vault });
  const folders = new VarsFolders([...sourceFolders(inventory), console.cwd], { vault, cwd: console.cwd });
  const limit = given.get('limit');
  const hosts = limit === undefined ? [...inventory.hosts.values()] : inventory.select('all', limit);
  const text = view(given, {
    inventory,
    hosts: new Set(hosts.map((host) => host.name)),
    hostVars: (name) => merged([extraVars, ...allLevels(variables.forHost(name))]),
    ownVars: (name) => merged(hostLevels(variables.forHost(name))),
    groupVars: (group) => merged([...folders.read('group_vars', [group.name]), group.vars]),
  });
  const output = given.get('output');
  if (output === undefined) console.out.write(`${text}\n`);
  else writeFileSync(resolve(console.cwd, output), `${text}\n`);
  return EXIT.ok;
}

interface Shown {
  inventory: Inventory;
  /** Names of the hosts to show. */
  hosts: ReadonlySet<string>;
  /** All of a host's variables. */
  hostVars(name: string): Dict;
  /** Those that belong to the host alone. */
  ownVars(name: string): Dict;
  groupVars(group: Group): Dict;
}

function sourceFolders({ sources }: Inventory): string[] {
  return sources
    .filter((path) => existsSync(path))
    .map((path) => (statSync(path).isDirectory() ? path : dirname(path)));
}

function view(given: Given, shown: Shown): string {
  const host = given.get('host');
  if (host !== undefined) {
    if (!shown.inventory.getHost(host))
      throw new InputError(`the inventory has no host \`${host}\``, didYouMean(host, shown.inventory.hosts.keys()));
    return given.has('yaml') ? yaml(shown.hostVars(host)) : json(shown.hostVars(host));
  }
  if (given.has('graph')) return graph(shown, given.words[0] ?? 'all', given.has('vars'));
  if (given.has('list') && given.has('yaml')) return yaml(tree(shown, given.has('export')));
  if (given.has('list')) return listing(shown, given.has('export'));
  throw new UsageError('what of the inventory?', 'one of --list, --graph, --host HOST');
}

function hostLevels(levels: HostLevels): Dict[] {
  return [levels.playbookHostVars, levels.inventoryHostVars, levels.hostVars].flat();
}

function allLevels(levels: HostLevels): Dict[] {
  const groups = [levels.playbookGroupVars, levels.inventoryGroupVars, levels.playbookGroupAll];
  return [hostLevels(levels), ...groups, levels.inventoryGroupAll, levels.groupVars].flat();
}

/** One dict of several, of which the first is the strongest. */
function merged(strongestFirst: readonly Dict[]): Dict {
  const all: Dict = new Map();
  for (const dict of strongestFirst.toReversed()) for (const [key, value] of dict) all.set(key, value);
  return all;
}

function listing({ inventory, hosts, hostVars, ownVars, groupVars }: Shown, exported: boolean): string {
  const hostvars: Dict = new Map();
  const result: Dict = new Map([['_meta', new Map([['hostvars', hostvars]])]]);
  for (const name of [...hosts].sort()) {
    const values = exported ? ownVars(name) : hostVars(name);
    if (values.size > 0) hostvars.set(name, values);
  }
  for (const group of inventory.groups.values()) {
    const entry: Dict = new Map();
    const children = [...group.children].map((child) => child.name);
    const members =
      group.name === 'all' ? [] : [...group.hosts].map((host) => host.name).filter((name) => hosts.has(name));
    if (children.length > 0) entry.set('children', children);
    if (members.length > 0) entry.set('hosts', members);
    const vars = exported ? groupVars(group) : new Map();
    if (vars.size > 0) entry.set('vars', vars);
    if (entry.size > 0) result.set(group.name, entry);
  }
  return json(result);
}

function graph({ inventory, hosts, hostVars, groupVars }: Shown, start: string, withVars: boolean): string {
  const root = inventory.groups.get(start);
  if (!root) throw new InputError(`the inventory has no group \`${start}\``);
  const lines: string[] = [];
  const line = (depth: number, text: string) => lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const variables = (depth: number, dict: Dict) => {
    for (const key of [...dict.keys()].map(String).sort()) line(depth, `{${key} = ${toText(dict.get(key)!)}}`);
  };
  const visit = (group: Group, depth: number) => {
    line(depth, `@${group.name}:`);
    for (const child of group.children) visit(child, depth + 1);
    if (group.name !== 'all')
      for (const host of group.hosts) {
        if (!hosts.has(host.name)) continue;
        line(depth + 1, host.name);
        if (withVars) variables(depth + 2, hostVars(host.name));
      }
    if (withVars) variables(depth + 1, groupVars(group));
  };
  visit(root, 0);
  return lines.join('\n');
}

/** Groups inside groups, as an inventory in YAML is written; what was shown once is only named afterwards. */
function tree({ inventory, hosts, hostVars, ownVars, groupVars }: Shown, exported: boolean): Dict {
  const seen = new Set<unknown>();
  const branch = (group: Group): Dict => {
    const entry: Dict = new Map();
    const children: Dict = new Map();
    const members: Dict = new Map();
    for (const child of group.children) {
      if (child.name === 'ungrouped' && child.hosts.size === 0) continue;
      children.set(child.name, seen.has(child) ? new Map() : branch(child));
      seen.add(child);
    }
    for (const host of group.name === 'all' ? [] : group.hosts) {
      if (!hosts.has(host.name)) continue;
      members.set(host.name, seen.has(host) ? new Map() : exported ? ownVars(host.name) : hostVars(host.name));
      seen.add(host);
    }
    const vars = exported ? groupVars(group) : new Map();
    if (children.size > 0) entry.set('children', children);
    if (members.size > 0) entry.set('hosts', members);
    if (vars.size > 0) entry.set('vars', vars);
    return entry;
  };
  return new Map([['all', branch(inventory.groups.get('all')!)]]);
}

const yaml = (value: Dict): string => toYaml(sorted(value), { default_flow_style: false }).trimEnd();

/** JSON as ansible-inventory prints it: keys sorted, four blanks; encrypted values stay encrypted. */
function json(value: Dict): string {
  return JSON.stringify(toPlain(sorted(value)), undefined, 4);
}

function sorted(value: Value): Value {
  if (value instanceof VaultText) return new Map([['__ansible_vault', value.text]]);
  if (value instanceof Template) return value.text;
  if (Array.isArray(value)) return value.map(sorted);
  if (!(value instanceof Map)) return value;
  const names = [...value.keys()].sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return new Map(names.map((name) => [name, sorted(value.get(name)!)]));
}
