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
export function specErrors(spec: Dict, given: Dict, path: string[] = []): string[] {
  const missing = [...spec].filter(([name, option]) => field(option, 'required') === true && !given.has(name));
  const errors: string[] = [];
  const where = path.length > 0 ? ` found in ${path.join(' -> ')}` : '';
  if (missing.length > 0)
    errors.push(
      `missing required arguments: ${missing
        .map(([n]) => String(n))
        .sort()
        .join(', ')}${where}`,
    );
  for (const [name, option] of spec) {
    const value = given.has(name) ? given.get(name)! : field(option, 'default');
    if (value === undefined || (value === null && field(option, 'required') !== true)) continue;
    const written = given.has(name);
    errors.push(
      ...(written ? typeErrors(String(name), option, value) : []),
      ...choiceErrors(String(name), option, value),
    );
    errors.push(...inner(option, value, [...path, String(name)]));
  }
  return [...errors, ...unknownErrors(spec, given, path)];
}

function field(option: Value, name: string): Value | undefined {
  return isDict(option) ? option.get(name) : undefined;
}

/** Without a type, an option is a text; that takes anything, as Ansible converts anything to text. */
function kindOf(option: Value, name: 'type' | 'elements'): string | undefined {
  const kind = field(option, name);
  return typeof kind === 'string' ? kind : undefined;
}

function typeErrors(name: string, option: Value, value: Value): string[] {
  const type = kindOf(option, 'type') ?? 'str';
  if (!(type in KINDS)) return [`argument '${name}' has the unknown type ${type} in its specification`];
  if (value === null)
    return [
      `argument '${name}' is of type NoneType and we were unable to convert to ${type}: None cannot be converted`,
    ];
  const mapping = type === 'list' && isDict(value);
  const problem = mapping ? 'is a dict' : convert({ kind: KINDS[type]!, of: { kind: 'raw' } }, value).problem;
  if (problem)
    return [
      `argument '${name}' is of type ${pythonType(value)} and we were unable to convert to ${type}: it ${problem}`,
    ];
  const elements = kindOf(option, 'elements');
  if (type !== 'list' || elements === undefined || !(elements in KINDS)) return [];
  return items(value).flatMap((item) => {
    const wrong = item === null ? 'is empty' : convert({ kind: KINDS[elements]!, of: { kind: 'raw' } }, item).problem;
    const what = `Elements value for option '${name}' is of type ${pythonType(item)}`;
    return wrong ? [`${what} and we were unable to convert to ${elements}: it ${wrong}`] : [];
  });
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
function inner(option: Value, value: Value, path: string[]): string[] {
  const options = field(option, 'options');
  if (!isDict(options)) return [];
  if (isDict(value)) return specErrors(options, value, path);
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => (isDict(item) ? specErrors(options, item, path) : []));
}

function unknownErrors(spec: Dict, given: Dict, path: string[]): string[] {
  const known = new Set<Value>(spec.keys());
  for (const option of spec.values()) {
    const aliases = field(option, 'aliases');
    if (Array.isArray(aliases)) for (const alias of aliases) known.add(alias);
  }
  const unknown = [...given.keys()].filter((name) => !known.has(name)).map((name) => [...path, String(name)].join('.'));
  if (unknown.length === 0) return [];
  return [
    `Unsupported parameters: ${unknown.join(', ')}. Supported parameters include: ${[...spec.keys()].sort().join(', ')}.`,
  ];
}

function pythonType(value: Value): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (isDict(value)) return 'dict';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  return isInt(value) ? 'int' : 'float';
}
