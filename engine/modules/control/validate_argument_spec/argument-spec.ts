/** Checks values against a role's argument specification (meta/argument_specs.yml), with Ansible's rules and wording. */
import { type Dict, Float, isDict, isInt, type Value } from '../../../values.ts';
import type { ArgKind } from '../../args.ts';
import { convert } from '../../parts/arguments.ts';

const KINDS: Record<string, ArgKind> = {
  str: 'str',
  sid: 'str',
  path: 'path',
  int: 'int',
  float: 'float',
  bool: 'bool',
  list: 'list',
  dict: 'dict',
  raw: 'raw',
  json: 'json',
  jsonarg: 'json',
  bytes: 'bytes',
  bits: 'bytes',
};

/** What is wrong with `given` by this specification; empty if nothing. */
export function specErrors(spec: Dict, given: Dict): string[] {
  const unknown: Unknown = { names: [], supported: [] };
  const errors = levelErrors(spec, given, [], unknown);
  if (unknown.names.length === 0) return errors;
  const names = unknown.names.sort().join(', ');
  return [...errors, `${names}. Supported parameters include: ${unknown.supported.join(', ')}.`];
}

/** Names that no specification has, of all levels, and what the last of those levels has. */
interface Unknown {
  names: string[];
  supported: string[];
}

/** What is wrong at one level: what is missing, types, choices, and then all of that within each option. */
function levelErrors(spec: Dict, given: Dict, path: string[], unknown: Unknown): string[] {
  const values = byMainName(spec, given);
  noteUnknown(spec, given, path, unknown);
  const missing = [...spec].filter(([name, option]) => field(option, 'required') === true && !values.has(name));
  const where = path.length > 0 ? ` found in ${path.join(' -> ')}` : '';
  const errors: string[] = [];
  if (missing.length > 0) {
    const names = missing.map(([name]) => String(name)).sort();
    errors.push(`missing required arguments: ${names.join(', ')}${where}`);
  }
  const set = [...spec].flatMap(([name, option]) => {
    const value = values.has(name) ? values.get(name)! : field(option, 'default');
    const empty = value === undefined || (value === null && field(option, 'required') !== true);
    return empty ? [] : [{ name: String(name), option, value, written: values.has(name) }];
  });
  for (const { name, option, value, written } of set)
    if (written) errors.push(...typeErrors(name, option, value, path));
  for (const { name, option, value } of set)
    errors.push(...choiceErrors(name, option, value).map((error) => error + where));
  for (const { name, option, value } of set) errors.push(...inner(option, value, [...path, name], unknown));
  return errors;
}

/** Values under the main names of options that were given by an alias. */
function byMainName(spec: Dict, given: Dict): Dict {
  const values: Dict = new Map(given);
  for (const [name, option] of spec) {
    const aliases = field(option, 'aliases');
    const alias = Array.isArray(aliases) ? aliases.find((each) => given.has(each)) : undefined;
    if (alias !== undefined && !values.has(name)) values.set(name, given.get(alias)!);
  }
  return values;
}

function field(option: Value, name: string): Value | undefined {
  return isDict(option) ? option.get(name) : undefined;
}

/** Without a type, an option is a text; that takes anything, as Ansible converts anything to text. */
function kindOf(option: Value, name: 'type' | 'elements'): string | undefined {
  const kind = field(option, name);
  return typeof kind === 'string' ? kind : undefined;
}

function typeErrors(name: string, option: Value, value: Value, path: string[]): string[] {
  const type = kindOf(option, 'type') ?? 'str';
  if (!(type in KINDS)) return [`argument '${name}' has the unknown type ${type} in its specification`];
  const where = path.length > 0 ? ` found in '${path.join(' -> ')}'.` : '';
  const problem = typeProblem(type, value);
  if (problem)
    return [
      `argument '${name}' is of type ${pythonType(value)}${where} and we were unable to convert to ${type}: ${problem}`,
    ];
  const elements = kindOf(option, 'elements');
  if (type !== 'list' || elements === undefined || !(elements in KINDS)) return [];
  return items(value).flatMap((item) => {
    const wrong = typeProblem(elements, item);
    const found = path.length > 0 ? ` found in '${path.join(' -> ')}'` : '';
    const what = `Elements value for option '${name}'${found} is of type ${pythonType(item)}`;
    return wrong ? [`${what} and we were unable to convert to ${elements}: ${wrong}`] : [];
  });
}

/** Types that nothing at all is a value of. */
const EMPTY = new Set<ArgKind>(['str', 'path', 'raw']);

/** What Ansible calls what a value cannot be converted to. */
const CALLED: Record<string, string> = {
  int: 'an int',
  float: 'a float',
  bool: 'a bool',
  list: 'a list',
  dict: 'a dict',
  json: 'a json string',
  jsonarg: 'a json string',
  bytes: 'a Byte value',
  bits: 'a Bit value',
};

function typeProblem(type: string, value: Value): string | undefined {
  const kind = KINDS[type]!;
  if (value === null) {
    if (EMPTY.has(kind)) return undefined;
    return type === 'int'
      ? '"None" cannot be converted to an int'
      : `<class 'NoneType'> cannot be converted to ${CALLED[type]}`;
  }
  if (type === 'list' && isDict(value)) return 'it is a dict';
  const { problem } = convert({ kind, of: { kind: 'raw' } }, value);
  return problem && `it ${problem}`;
}

/** The items of a value that may be a list in Ansible's sense: a text is split at commas. */
function items(value: Value): Value[] {
  return (convert({ kind: 'list', of: { kind: 'raw' } }, value).result as Value[] | undefined) ?? [];
}

function choiceErrors(name: string, option: Value, value: Value): string[] {
  const choices = field(option, 'choices');
  if (!Array.isArray(choices) || choices.length === 0) return [];
  const offered = new Set(choices.map(plain));
  if (kindOf(option, 'type') === 'list') {
    const wrong = items(value)
      .map(plain)
      .filter((item) => !offered.has(item));
    if (wrong.length === 0) return [];
    return [
      `value of ${name} must be one or more of: ${[...offered].join(', ')}. Got no match for: ${wrong.join(', ')}`,
    ];
  }
  if (offered.has(plain(value))) return [];
  return [`value of ${name} must be one of: ${[...offered].join(', ')}, got: ${plain(value)}`];
}

function plain(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value instanceof Float ? `${value.value}.0` : String(value);
}

/** The options inside a dict, or inside each dict of a list. */
function inner(option: Value, value: Value, path: string[], unknown: Unknown): string[] {
  const options = field(option, 'options');
  if (!isDict(options)) return [];
  const dicts = isDict(value) ? [value] : Array.isArray(value) ? value.filter(isDict) : [];
  return dicts.flatMap((each) => levelErrors(options, each, path, unknown));
}

function noteUnknown(spec: Dict, given: Dict, path: string[], unknown: Unknown): void {
  const known = new Set<Value>(spec.keys());
  for (const option of spec.values()) {
    const aliases = field(option, 'aliases');
    if (Array.isArray(aliases)) for (const alias of aliases) known.add(alias);
  }
  for (const name of given.keys()) {
    if (known.has(name)) continue;
    unknown.names.push([...path, String(name)].join('.'));
    unknown.supported = [...spec.keys()].map(String).sort();
  }
}

function pythonType(value: Value): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (isDict(value)) return 'dict';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  return isInt(value) ? 'int' : 'float';
}
