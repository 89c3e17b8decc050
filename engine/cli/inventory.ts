/** `run inventory`: hosts, groups and variables, in the forms of ansible-inventory. */
import { UsageError } from '../errors.ts';
import { type Group, type Inventory, loadInventory } from '../inventory/index.ts';
import { type Dict, Template, toPlain, type Value, VaultText } from '../values.ts';
import { type HostLevels, Variables } from '../vars/variables.ts';
import { type Console, EXIT, InputError } from './console.ts';
import { findInventory, likelyInventory } from './find_files.ts';
import type { Command } from './main.ts';
import { type Given, type Option, parseOptions } from './option_table.ts';
import { hostOptions } from './play_options.ts';
import { vaultSecrets } from './secrets.ts';
import { readSettings } from './settings.ts';

const WHAT = 'What to show';

const options: readonly Option[] = [
  { name: 'list', group: WHAT, doc: 'all hosts with their variables, and all groups, as JSON' },
  { name: 'host', value: 'HOST', group: WHAT, doc: "one host's variables" },
  { name: 'graph', group: WHAT, doc: 'the tree of groups and hosts; a GROUP may be named to begin at' },
  { name: 'vars', group: WHAT, doc: 'with --graph: variables too' },
  { name: 'export', group: WHAT, doc: 'with --list: variables of groups stay with their groups' },
  ...hostOptions.filter(({ name }) => ['inventory', 'limit'].includes(name)),
  ...hostOptions.filter(({ group }) => group === 'Secrets'),
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
  const named = given.all('inventory').map((name) => findInventory(name, console.cwd));
  const sources = named.length > 0 ? named : (settings.paths('inventory', ',', console.home) ?? []);
  if (sources.length === 0) {
    const likely = likelyInventory(console.cwd);
    throw new InputError('no inventory is given', likely ? `did you mean \`-i ${likely}\`?` : 'give one: -i FILE');
  }
  const inventory = await loadInventory(sources, { cwd: console.cwd, vault });
  const variables = Variables.load({ inventory, playbookDir: console.cwd, vault });
  const limit = given.get('limit');
  const shown = new Set(
    limit === undefined ? inventory.hosts.keys() : inventory.select('all', limit).map((h) => h.name),
  );
  const text = view(given, inventory, shown, (name) => hostVariables(variables.forHost(name)));
  console.out.write(`${text}\n`);
  return EXIT.ok;
}

type VariablesOf = (host: string) => Dict;

function view(given: Given, inventory: Inventory, shown: Set<string>, of: VariablesOf): string {
  const host = given.get('host');
  if (host !== undefined) {
    if (!inventory.getHost(host)) throw new InputError(`the inventory has no host \`${host}\``);
    return json(of(host));
  }
  if (given.has('graph')) return graph(inventory, given.words[0] ?? 'all', shown, given.has('vars') ? of : undefined);
  if (given.has('list')) return listing(inventory, shown, of, given.has('export'));
  throw new UsageError('what of the inventory?', 'one of --list, --graph, --host HOST');
}

/** A host's variables from all levels, the strongest winning. */
function hostVariables(levels: HostLevels): Dict {
  const all = [
    levels.playbookHostVars,
    levels.inventoryHostVars,
    levels.hostVars,
    levels.playbookGroupVars,
    levels.inventoryGroupVars,
    levels.playbookGroupAll,
    levels.inventoryGroupAll,
    levels.groupVars,
  ].flat();
  const merged: Dict = new Map();
  for (const dict of all.toReversed()) for (const [key, value] of dict) merged.set(key, value);
  return merged;
}

function listing(inventory: Inventory, shown: Set<string>, of: VariablesOf, exported: boolean): string {
  const hostvars: Dict = new Map();
  const result: Dict = new Map([['_meta', new Map([['hostvars', hostvars]])]]);
  for (const name of [...shown].sort()) {
    const values = exported ? (inventory.hosts.get(name)?.vars ?? new Map()) : of(name);
    if (values.size > 0) hostvars.set(name, values);
  }
  for (const group of inventory.groups.values()) {
    const entry: Dict = new Map();
    const children = [...group.children].map((child) => child.name);
    const hosts =
      group.name === 'all' ? [] : [...group.hosts].map((host) => host.name).filter((name) => shown.has(name));
    if (children.length > 0) entry.set('children', group.name === 'all' ? children : children.sort());
    if (hosts.length > 0) entry.set('hosts', hosts);
    if (exported && group.vars.size > 0) entry.set('vars', group.vars);
    if (entry.size > 0) result.set(group.name, entry);
  }
  return json(result);
}

function graph(inventory: Inventory, start: string, shown: Set<string>, of: VariablesOf | undefined): string {
  const root = inventory.groups.get(start);
  if (!root) throw new InputError(`the inventory has no group \`${start}\``);
  const lines: string[] = [];
  const line = (depth: number, text: string) => lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const variables = (depth: number, dict: Dict) => {
    for (const key of [...dict.keys()].map(String).sort()) line(depth, `{${key} = ${oneLine(dict.get(key)!)}}`);
  };
  const visit = (group: Group, depth: number) => {
    line(depth, `@${group.name}:`);
    for (const child of [...group.children].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(child, depth + 1);
    if (group.name !== 'all') {
      for (const host of [...group.hosts].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (!shown.has(host.name)) continue;
        line(depth + 1, host.name);
        if (of) variables(depth + 2, of(host.name));
      }
    }
    if (of) variables(depth + 1, group.vars);
  };
  visit(root, 0);
  return lines.join('\n');
}

function oneLine(value: Value): string {
  const plain = toPlain(value);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}

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
