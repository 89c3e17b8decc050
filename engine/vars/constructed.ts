/** The `constructed` inventory plugin: variables and groups worked out from what other sources say of each host. */
import { AuthorError, didYouMean, mistake, TemplateError, UndefinedError } from '../errors.ts';
import {
  type Host,
  type Inventory,
  type InventoryOptions,
  type InventoryPlugin,
  loadInventory,
} from '../inventory/index.ts';
import { evaluate, type TemplateOptions, toText, truthy } from '../template/index.ts';
import { type Dict, isDict, isList, type Place, placeOfKey, placeOfValue, Template, type Value } from '../values.ts';
import { mergeDicts } from './merge.ts';
import { VarScope } from './scope.ts';
import { Variables } from './variables.ts';

const OPTIONS = [
  ...[
    'plugin',
    'strict',
    'compose',
    'groups',
    'keyed_groups',
    'use_vars_plugins',
    'use_extra_vars',
    'leading_separator',
  ],
];
const KEYED = ['prefix', 'key', 'separator', 'parent_group', 'default_value', 'trailing_separator'];

interface ConstructedOptions extends TemplateOptions {
  extraVars?: Dict | undefined;
}

/** Reads the sources of a project: as loadInventory, and with the plugins that need templates. */
export function loadProjectInventory(
  sources: string[],
  options: InventoryOptions & { templates?: ConstructedOptions; hashBehaviour?: 'replace' | 'merge' | undefined },
): Promise<Inventory> {
  const plugins = { constructed: constructed(options.templates ?? {}), ...options.plugins };
  const merge = options.hashBehaviour === 'merge' ? mergeDicts : undefined;
  return loadInventory(sources, { ...options, plugins, merge });
}

/** The plugin, for `loadInventory`. */
export function constructed(options: ConstructedOptions): InventoryPlugin {
  return (config, inventory, { vault }) => {
    for (const key of config.keys()) {
      if (OPTIONS.includes(String(key))) continue;
      throw mistake(
        `\`${String(key)}\` is not an option of constructed`,
        placeOfKey(config, key),
        didYouMean(String(key), OPTIONS),
      );
    }
    const strict = config.get('strict') === true;
    const variables = Variables.load({ inventory, vault });
    const scopeFor = (host: Host): VarScope => {
      const levels = variables.forHost(host.name);
      const own = { ...levels, inventoryHostVars: [], inventoryGroupVars: [], inventoryGroupAll: [] };
      return new VarScope(
        {
          inventory: config.get('use_vars_plugins') === true ? levels : own,
          extraVars: config.get('use_extra_vars') === true ? options.extraVars : undefined,
          magic: (name) => magic(name, host, inventory),
        },
        options,
      );
    };
    for (const host of [...inventory.hosts.values()]) {
      compose(host, dictOption(config, 'compose'), scopeFor(host), strict);
      const scope = scopeFor(host);
      conditionalGroups(host, dictOption(config, 'groups'), scope, inventory, strict);
      keyedGroups(host, config, scope, inventory, strict);
    }
  };
}

function magic(name: string, host: Host, inventory: Inventory): Value | undefined {
  if (name === 'inventory_hostname') return host.name;
  if (name === 'inventory_hostname_short') return host.name.split('.')[0]!;
  if (name === 'group_names') return inventory.groupNames(host.name);
  return name === 'groups' ? (inventory.groupsDict() as Dict) : undefined;
}

function dictOption(config: Dict, name: string): Dict {
  const value = config.get(name) ?? null;
  if (value === null) return new Map();
  if (isDict(value)) return value;
  throw mistake(`\`${name}\` of constructed must be a mapping`, placeOfValue(config, name));
}

/** The value of an expression; undefined where it fails and `strict` is off, as for a host that lacks a variable. */
function tryExpression(
  expression: Value,
  scope: VarScope,
  strict: boolean,
  place: Place | undefined,
): Value | undefined {
  if (typeof expression !== 'string' && !(expression instanceof Template)) return expression;
  const text = typeof expression === 'string' ? expression : expression.text;
  try {
    return evaluate(text, scope, scope.options);
  } catch (error) {
    const known = error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError;
    if (!known) throw error;
    if (!strict) return undefined;
    throw mistake(
      `\`${text}\`: ${error.message}`,
      place,
      'without `strict: true` a host that lacks the variable is passed over',
    );
  }
}

function compose(host: Host, expressions: Dict, scope: VarScope, strict: boolean): void {
  const made: Dict = new Map();
  for (const [name, expression] of expressions) {
    const value = tryExpression(expression, scope, strict, placeOfValue(expressions, name));
    if (value !== undefined) made.set(name, value);
  }
  // Only now: one composed variable does not see another, as in Ansible.
  for (const [name, value] of made) host.vars.set(name, value);
}

function conditionalGroups(host: Host, groups: Dict, scope: VarScope, inventory: Inventory, strict: boolean): void {
  for (const [name, condition] of groups) {
    const value = tryExpression(condition, scope, strict, placeOfValue(groups, name));
    if (value !== undefined && truthy(value))
      inventory.addMember(inventory.addGroup(safeGroupName(String(name))), host);
  }
}

function keyedGroups(host: Host, config: Dict, scope: VarScope, inventory: Inventory, strict: boolean): void {
  const list = config.get('keyed_groups') ?? null;
  if (list === null) return;
  if (!isList(list))
    throw mistake('`keyed_groups` of constructed must be a list', placeOfValue(config, 'keyed_groups'));
  list.forEach((keyed, index) => {
    const place = placeOfValue(list, index);
    if (!isDict(keyed) || !keyed.has('key')) {
      throw mistake('each of `keyed_groups` is a mapping with a `key`', place);
    }
    for (const key of keyed.keys()) {
      if (KEYED.includes(String(key))) continue;
      throw mistake(
        `\`${String(key)}\` is not an option of keyed_groups`,
        placeOfKey(keyed, key),
        didYouMean(String(key), KEYED),
      );
    }
    const value = tryExpression(keyed.get('key')!, scope, strict, placeOfValue(keyed, 'key'));
    if (value === undefined) return;
    const rendered = (name: string): string => {
      const option = scope.resolve(keyed.get(name) ?? '');
      return option === null ? '' : toText(option);
    };
    const prefix = rendered('prefix');
    const parent = rendered('parent_group');
    const leading = config.get('leading_separator') !== false;
    for (const name of keyedNames(value, keyed, scope, strict, place)) {
      const separator = prefix === '' && !leading ? '' : separatorOf(keyed);
      const group = inventory.addGroup(safeGroupName(`${prefix}${separator}${name}`));
      inventory.addMember(group, host);
      if (parent !== '') inventory.addChild(inventory.addGroup(safeGroupName(parent)), group, place);
    }
  });
}

const separatorOf = (keyed: Dict): string => {
  const separator = keyed.get('separator');
  return typeof separator === 'string' ? separator : '_';
};

/** The names that the value of a key stands for: itself, each item of a list, or key and value of each entry of a dict. */
function keyedNames(value: Value, keyed: Dict, scope: VarScope, strict: boolean, place: Place | undefined): string[] {
  const given = keyed.get('default_value');
  const fallback = given === undefined || given === null ? undefined : toText(scope.resolve(given));
  const trailing = keyed.get('trailing_separator') !== false;
  if (isDict(value)) {
    return [...value].map(([key, item]) => {
      const text = item === null || item === '' ? (fallback ?? '') : toText(item);
      return text === '' && !trailing ? toText(key) : `${toText(key)}${separatorOf(keyed)}${text}`;
    });
  }
  if (isList(value)) return value.map((item) => (item === '' && fallback !== undefined ? fallback : toText(item)));
  if (value === null || value === '') {
    if (fallback !== undefined) return [fallback];
    if (strict) throw mistake('the key of this keyed group is empty', place, 'give a `default_value`');
    return [];
  }
  if (typeof value === 'string') return [value];
  throw mistake(
    `the key of a keyed group must be a text, a list or a mapping, and is \`${toText(value)}\``,
    place,
    'make it a text: `| string`',
  );
}

/** Characters that a group's name can't hold become underscores. */
const safeGroupName = (name: string): string => name.replace(/^\d|[^A-Za-z0-9_]/g, '_');
