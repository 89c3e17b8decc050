/** The YAML (and static JSON) form of an inventory: groups with `hosts`, `vars` and `children`. */
import { didYouMean, mistake } from '../errors.ts';
import { type Dict, isDict, type Place, placeOf, placeOfKey, placeOfValue, type Value } from '../values.ts';
import { addVars, type Group, type Inventory } from './hosts.ts';
import { expandHostName } from './names.ts';

const PARTS = ['hosts', 'vars', 'children'];

/** Reads the value of a YAML inventory into `inventory`. */
export function readYamlInventory(value: Value, inventory: Inventory): void {
  if (!isDict(value) || value.size === 0) {
    throw mistake(
      'a YAML inventory is a mapping of groups',
      placeOf(value),
      'begin with `all:`, and below it `hosts:`, `children:` or `vars:`',
    );
  }
  for (const [name, content] of value) {
    readGroup(groupName(name, placeOfKey(value, name)), content, inventory, placeOfKey(value, name));
  }
}

function groupName(name: Value, place?: Place): string {
  if (typeof name === 'string') return name;
  if (typeof name === 'number' || typeof name === 'bigint') return String(name);
  throw mistake('the name of a group is a text', place, 'quote it, if YAML reads it as something else');
}

function readGroup(name: string, content: Value, inventory: Inventory, place?: Place): Group {
  const group = inventory.addGroup(name);
  if (content === null) return group;
  if (!isDict(content)) {
    throw mistake(
      `the group \`${name}\` must be a mapping`,
      placeOf(content) ?? place,
      'a group has `hosts:`, `children:` and `vars:`, each a mapping (names end with a colon)',
    );
  }
  for (const [part, value] of content) {
    const at = placeOfKey(content, part);
    if (part === 'vars') readVars(group, entries(value, name, 'vars', content), inventory);
    else if (part === 'children') readChildren(group, entries(value, name, 'children', content), inventory);
    else if (part === 'hosts') readHosts(group, entries(value, name, 'hosts', content), inventory);
    else {
      inventory.warnings.push({
        message: `\`${String(part)}\` in the group \`${name}\` is ignored: a group has only \`hosts\`, \`children\` and \`vars\``,
        place: at,
        help:
          didYouMean(String(part), PARTS) ??
          'a host stands under `hosts:`, a group under `children:`, a variable under `vars:`',
        warning: true,
      });
    }
  }
  return group;
}

/** A part of a group as a mapping; a lone name stands for a mapping with that key. */
function entries(value: Value, group: string, part: string, container: Dict): Dict {
  if (value === null) return new Map();
  if (isDict(value)) return value;
  if (typeof value === 'string' && part !== 'vars') return new Map([[value, null]]);
  throw mistake(
    `\`${part}\` of the group \`${group}\` must be a mapping, and is a ${Array.isArray(value) ? 'list' : 'plain value'}`,
    placeOfValue(container, part),
    part === 'vars'
      ? 'write `name: value` lines below it'
      : `write each name on a line of its own with a colon behind it, without \`- \``,
  );
}

function readVars(group: Group, vars: Dict, inventory: Inventory): void {
  const own: Dict = new Map(vars);
  if (own.has('ansible_group_priority')) {
    inventory.setGroupVar(
      group,
      'ansible_group_priority',
      own.get('ansible_group_priority')!,
      placeOfValue(vars, 'ansible_group_priority'),
    );
    own.delete('ansible_group_priority');
    for (const [key, value] of own)
      addVars(group.vars, new Map([[key, value]]), inventory.merge, placeOfValue(vars, key));
    return;
  }
  addVars(group.vars, vars, inventory.merge);
}

function readChildren(group: Group, children: Dict, inventory: Inventory): void {
  for (const [name, content] of children) {
    const place = placeOfKey(children, name);
    const child = inventory.addGroup(groupName(name, place));
    inventory.addChild(group, child, place);
    readGroup(child.name, content, inventory, place);
  }
}

function readHosts(group: Group, hosts: Dict, inventory: Inventory): void {
  for (const [key, vars] of hosts) {
    const place = placeOfKey(hosts, key);
    const { names, port } = expandHostName(groupName(key, place), place);
    if (vars !== null && !isDict(vars)) {
      throw mistake(
        `the variables of the host \`${String(key)}\` must be a mapping`,
        placeOfValue(hosts, key),
        'write them as `name: value` lines below the host, indented deeper',
      );
    }
    for (const name of names) {
      const host = inventory.listHost(name, group, port);
      if (vars) addVars(host.vars, vars, inventory.merge);
    }
  }
}
