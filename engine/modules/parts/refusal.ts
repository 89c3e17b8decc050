/** What Ansible says of arguments that a module refuses: playbooks look into the registered `msg`, so it has Ansible's words. */
import { type Dict, Float, isDict, isInt, type Value } from '../../values.ts';
import type { ArgKind, ArgSpec, ArgSpecs, Refusal, Rule } from '../args.ts';
import { convert, mainName } from './arguments.ts';

interface Refusing {
  name: string;
  args: ArgSpecs;
  rules?: Rule[];
  openArgs?: boolean;
  refusal?: Refusal;
}

/** The first of what is wrong, in the order in which Ansible looks, as keys of the result; none where it has no words for it. */
export function refusalOf(module: Refusing, written: Dict): Record<string, unknown> {
  const found = new Map<string, Value>();
  const unknown: string[] = [];
  for (const [key, value] of written) {
    const name = mainName(module.args, String(key));
    if (name !== undefined) found.set(name, value);
    else if (!module.openArgs) unknown.push(String(key));
  }
  const given = (name: string) => found.has(name);
  const value = (name: string) => found.get(name) ?? (module.args[name]?.default as Value | undefined);
  const rules = (exclusive: boolean) =>
    (module.rules ?? []).filter((rule) => !rule.requires === exclusive).map((rule) => () => rule.said?.(given, value));
  const checks = [
    () => module.refusal?.(given, value),
    ...rules(true),
    () => missing(module.args, given),
    () => first([...found], ([name, one]) => wrongType(name, module.args[name]!, one)),
    () => first([...found], ([name, one]) => wrongChoice(name, module.args[name]!, one)),
    ...rules(false),
    () => unsupported(module, unknown),
  ];
  const msg = first(checks, (check) => check());
  return msg === undefined ? oddMode(module, found) : { msg };
}

/** A mode is judged by the module's work on the file, and its result says so. */
function oddMode({ args }: Refusing, found: ReadonlyMap<string, Value>): Record<string, unknown> {
  const odd = [...found].find(([name, one]) => args[name]!.kind === 'mode' && convert(args[name]!, one).problem);
  if (!odd) return {};
  return {
    msg: 'mode must be in octal or symbolic form',
    details: `bad symbolic permission for mode: ${text(odd[1])}`,
  };
}

function first<T>(all: readonly T[], look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const said = look(one);
    if (said !== undefined) return said;
  }
  return undefined;
}

function missing(specs: ArgSpecs, given: (name: string) => boolean): string | undefined {
  const names = Object.keys(specs).filter((name) => specs[name]!.required && !given(name));
  return names.length > 0 ? `missing required arguments: ${names.sort().join(', ')}` : undefined;
}

function unsupported({ name, args }: Refusing, unknown: string[]): string | undefined {
  if (unknown.length === 0) return undefined;
  const aliases = Object.values(args).flatMap((spec) => spec.aliases ?? []);
  const names = Object.keys(args).sort().join(', ');
  const all = aliases.length > 0 ? `${names} (${aliases.sort().join(', ')})` : names;
  return `Unsupported parameters for (${name}) module: ${unknown.sort().join(', ')}. Supported parameters include: ${all}.`;
}

/** Python's names of the kinds. */
const KINDS: Partial<Record<ArgKind, string>> = { bytes: 'bytes', mode: 'raw' };

function wrongType(name: string, spec: ArgSpec, value: Value): string | undefined {
  const { choices: _, ...free } = spec;
  if (value === null || spec.kind === 'mode' || convert(free, value).problem === undefined) return undefined;
  const wanted = KINDS[spec.kind] ?? spec.kind;
  return `argument '${name}' is of type ${typeName(value)} and we were unable to convert to ${wanted}: ${why(spec, value)}`;
}

function why(spec: ArgSpec, value: Value): string {
  const type = `<class '${typeName(value)}'>`;
  if (spec.kind === 'int')
    return `"${typeof value === 'string' ? `'${value}'` : String(value)}" cannot be converted to an int`;
  if (spec.kind === 'bool' && typeof value === 'string')
    return `The value '${value}' is not a valid boolean. ${BOOLEANS}`;
  if (spec.kind === 'dict' && typeof value === 'string')
    return 'dictionary requested, could not parse JSON or key=value';
  return `${type} cannot be converted to a ${spec.kind === 'bytes' ? 'Byte value' : spec.kind}`;
}

const BOOLEANS =
  "Valid booleans include: 'y', 0, 'no', 'true', '1', 'f', '0', 'false', 'n', 1, 'on', 't', 'off', 'yes'";

function typeName(value: Value): string {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Float || (typeof value === 'number' && !isInt(value))) return 'float';
  if (isInt(value)) return 'int';
  return isDict(value) ? 'dict' : 'list';
}

function wrongChoice(name: string, spec: ArgSpec, value: Value): string | undefined {
  if (!spec.choices || value === null || convert(spec, value).problem === undefined) return undefined;
  const choices = spec.choices.map(String).join(', ');
  if (!Array.isArray(value)) return `value of ${name} must be one of: ${choices}, got: ${text(value)}`;
  const odd = value.filter((one) => !spec.choices!.map(String).includes(String(one))).map(text);
  return `value of ${name} must be one or more of: ${choices}. Got no match for: ${odd.join(', ')}`;
}

const text = (value: Value): string => (typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value));
