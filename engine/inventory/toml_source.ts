/** The TOML form of an inventory: a table for each group, with `hosts` and `vars` as tables and `children` as a list. */
import { parse, TomlDate, TomlError } from 'smol-toml';
import { mistake } from '../errors.ts';
import { type Dict, float, fromProject, type Place, type Source, setPlaces, Timestamp, type Value } from '../values.ts';
import type { Inventory } from './hosts.ts';
import { readYamlInventory } from './yaml_source.ts';

/** Reads a TOML inventory, by way of the form that YAML has. */
export function readToml(source: Source, inventory: Inventory): void {
  let tables: Record<string, unknown>;
  try {
    tables = parse(source.text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const lines = source.text.split('\n').slice(0, error.line - 1);
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + error.column - 1;
    const [, message = error.message] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
    throw mistake(`this is not TOML: ${message}`, { source, offset });
  }
  readYamlInventory(groupsOf(tables, source), inventory);
}

function groupsOf(tables: Record<string, unknown>, source: Source): Value {
  const groups = read(tables, source) as Dict;
  for (const group of groups.values()) {
    const children = group instanceof Map ? group.get('children') : undefined;
    if (group instanceof Map && Array.isArray(children)) {
      const named: Dict = new Map(children.map((name) => [name, null]));
      setPlaces(named, { self: placeOf('children', source), values: new Map() });
      group.set('children', named);
    }
  }
  return groups;
}

function read(value: unknown, source: Source): Value {
  if (typeof value === 'string') return fromProject(value, placeOf(value, source));
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'number') return float(value);
  if (value instanceof TomlDate) {
    const text = value.toISOString().replace('T', ' ').replace(/\.000/, '').replace(/Z$/, '+00:00');
    return new Timestamp(text, value, value.isDate());
  }
  if (Array.isArray(value)) return value.map((item) => read(item, source));
  if (typeof value !== 'object' || value === null) return value as boolean;
  const dict: Dict = new Map();
  const keys = new Map<Value, Place>();
  for (const [key, item] of Object.entries(value)) {
    dict.set(key, read(item, source));
    keys.set(key, placeOf(key, source));
  }
  setPlaces(dict, { self: keys.values().next().value ?? { source, offset: 0 }, keys, values: keys });
  return dict;
}

/** Where a text first stands in the file: the parser does not tell. */
function placeOf(text: string, source: Source): Place {
  return { source, offset: Math.max(0, source.text.indexOf(text.split('\n')[0]!)) };
}
