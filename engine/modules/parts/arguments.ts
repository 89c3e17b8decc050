/** Arguments against their schema: what is wrong before anything is rendered, and conversion as Ansible converts. */
import { didYouMean, type Finding } from '../../errors.ts';
import {
  type Dict,
  Float,
  isDict,
  isInt,
  placeOf,
  placeOfKey,
  placeOfValue,
  Template,
  toPlain,
  type Value,
  VaultText,
} from '../../values.ts';
import type { ArgKind, ArgSpec, ArgSpecs, Rule } from '../args.ts';

interface Checked {
  name: string;
  args: ArgSpecs;
  rules?: Rule[];
  openArgs?: boolean;
  /** How messages call it, where it is no module. */
  shown?: string;
}

/** Main name of an argument or one of its aliases. */
export function mainName(specs: ArgSpecs, written: string): string | undefined {
  if (Object.hasOwn(specs, written)) return written;
  return Object.keys(specs).find((name) => specs[name]!.aliases?.includes(written));
}

/** Everything that can be known to be wrong before templates are rendered; each finding has its place. */
export function checkArgs(module: Checked, written: Dict, where = placeOf(written)): Finding[] {
  const findings: Finding[] = [];
  const shown = module.shown ?? `\`${module.name}\``;
  const known = Object.entries(module.args).flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])]);
  const found = new Map<string, Value>();
  for (const [key, value] of written) {
    const name = mainName(module.args, String(key));
    if (name === undefined) {
      if (module.openArgs) continue;
      findings.push({
        message: `${shown} has no argument \`${String(key)}\``,
        place: placeOfKey(written, key) ?? where,
        help: didYouMean(String(key), known) ?? `its arguments are: ${Object.keys(module.args).sort().join(', ')}`,
      });
      continue;
    }
    found.set(name, value);
    const spec = module.args[name]!;
    const place = placeOfValue(written, key) ?? where;
    if (spec.unsupported) {
      findings.push({
        message: `${shown}: \`${String(key)}\` is not supported`,
        place,
        help: spec.unsupported,
      });
    } else if (!isUnrendered(value)) {
      const problem = bareMode(spec, place, value) ?? convert(spec, value).problem;
      if (problem) findings.push({ message: `${shown}: \`${String(key)}\` ${problem}`, place });
    }
  }
  for (const [name, spec] of Object.entries(module.args)) {
    if (spec.required && !found.has(name)) {
      const message = `${shown} needs the argument \`${name}\``;
      findings.push({ message, place: where, help: spec.doc, code: 'missing-argument', subject: name });
    }
  }
  for (const rule of module.rules ?? []) {
    const problem = problemOf(rule, module, found);
    if (!problem) continue;
    // Of two that exclude each other the later one is shown.
    const later = [...written.keys()].findLast((key) => rule.about.includes(mainName(module.args, String(key)) ?? ''));
    const place = (later !== undefined && placeOfKey(written, later)) || where;
    findings.push({
      message: `${shown}: ${problem}`,
      place,
      ...(rule.requires && { code: 'missing-argument' as const }),
    });
  }
  return findings;
}

/**
 * What a rule says against the arguments. One that a template gives may be any value, or `omit`: then a problem is one only if
 * it is one with and without them.
 */
function problemOf(rule: Rule, module: Checked, found: ReadonlyMap<string, Value>): string | undefined {
  const maybe = new Set([...found].filter(([, value]) => isUnrendered(value)).map(([name]) => name));
  let unknown = false;
  const value = (name: string) => {
    unknown ||= maybe.has(name);
    return found.get(name) ?? (module.args[name]?.default as Value | undefined);
  };
  const all = rule.check((name) => found.has(name), value);
  const sure = rule.check((name) => found.has(name) && !maybe.has(name), value);
  return unknown || !sure ? undefined : all;
}

/** `mode: 644` is decimal and would become 1204: only the source text tells it from 0644. */
function bareMode(spec: ArgSpec, place: ReturnType<typeof placeOf>, value: Value): string | undefined {
  if (spec.kind !== 'mode' || typeof value !== 'number' || !place) return undefined;
  const text = /^[\w+-]*/.exec(place.source.text.slice(place.offset, place.offset + 12))?.[0] ?? '';
  if (!/^[1-9]\d*$/.test(text)) return undefined;
  return `is the decimal number ${text}, which is not the mode it looks like; write "0${text}", quoted`;
}

/** A value that holds a Template or vault text anywhere is checked when it is rendered. */
function isUnrendered(value: Value): boolean {
  if (value instanceof Template || value instanceof VaultText) return true;
  if (Array.isArray(value)) return value.some(isUnrendered);
  return isDict(value) && [...value.values()].some(isUnrendered);
}

/** Rendered arguments as the module's typed object, defaults filled in; or the list of what is wrong. */
export function convertArgs(module: Checked, written: Dict): { args: Record<string, unknown>; problems: string[] } {
  const problems = checkArgs(module, written).map((f) => (f.help ? `${f.message}; ${f.help}` : f.message));
  const args: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(module.args)) if (spec.default !== undefined) args[name] = spec.default;
  for (const [key, value] of written) {
    const name = mainName(module.args, String(key));
    if (
      name === undefined ||
      (value === null && module.args[name]!.default !== undefined && module.args[name]!.kind !== 'raw')
    )
      continue;
    const { result } = convert(module.args[name]!, value);
    if (result !== undefined && result !== null) args[name] = result;
    else if (module.args[name]!.kind === 'raw') args[name] = result;
  }
  return { args, problems };
}

/** The texts of arguments that the schema marks as secret. */
export function secretTexts(specs: ArgSpecs, args: Dict): string[] {
  const found: string[] = [];
  for (const [key, value] of args) {
    const name = mainName(specs, String(key));
    const spec = name === undefined ? undefined : specs[name];
    if (spec?.secret) found.push(...leaves(value));
    else if (spec?.keys && isDict(value)) found.push(...secretTexts(spec.keys, value));
  }
  return found;
}

function leaves(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (isDict(value)) return [...value.values()].flatMap(leaves);
  return value === null || typeof value === 'boolean' ? [] : [String(toPlain(value))];
}

interface Converted {
  result?: unknown;
  problem?: string;
}

const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't', '1.0']);
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f', '0.0']);

function show(value: Value): string {
  const text = JSON.stringify(toPlain(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function scalarText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Float) return `${value.value}.0`;
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined;
}

/** One value by its schema, converted as Ansible's argument checking does. */
export function convert(spec: ArgSpec, value: Value): Converted {
  if (value === null && spec.kind === 'raw') return { result: null };
  if (value === null) return spec.required ? { problem: 'is empty, and it is required' } : { result: undefined };
  const converted = byKind[spec.kind](spec, value);
  if (converted.problem || !spec.choices) return converted;
  const wanted = spec.choices as readonly unknown[];
  const items = Array.isArray(converted.result) ? converted.result : [converted.result];
  for (const item of items) {
    if (wanted.includes(item)) continue;
    // Ansible maps a YAML boolean back to the yes/no, on/off or true/false word among the choices.
    const word =
      typeof value === 'boolean'
        ? wanted.find((c) => typeof c === 'string' && (value ? TRUE : FALSE).has(c))
        : undefined;
    if (word !== undefined) return { result: word };
    const offered = spec.choices.map(String);
    return { problem: `is ${show(value)}; it must be one of: ${offered.join(', ')}${hint(String(item), offered)}` };
  }
  return converted;
}

function hint(name: string, offered: string[]): string {
  const found = didYouMean(name, offered);
  return found ? `; ${found}` : '';
}

const byKind: Record<ArgKind, (spec: ArgSpec, value: Value) => Converted> = {
  str: (_, value) => asText(value),
  path: (_, value) => asPath(value),
  raw: (_, value) => ({ result: value }),
  json: (_, value) => (typeof value === 'string' ? { result: value } : { result: JSON.stringify(toPlain(value)) }),
  int: (_, value) => asInt(value),
  float: (_, value) => asFloat(value),
  bool: (_, value) => asBool(value),
  bytes: (_, value) => asBytes(value),
  mode: (_, value) => asMode(value),
  list: (spec, value) => asList(spec, value),
  dict: (spec, value) => asDict(spec, value),
};

/** What `args.` can make. */
export const argKinds: readonly string[] = Object.keys(byKind);

function asText(value: Value): Converted {
  const text = scalarText(value);
  // Ansible turns a dict or list given for a text into its JSON-like text; that is never what was meant for a path.
  return { result: text ?? JSON.stringify(toPlain(value)) };
}

/** Linux takes no path of this many bytes. */
const PATH_MAX = 4096;

function asPath(value: Value): Converted {
  const { result } = asText(value);
  if (String(result).includes('\0')) return { problem: 'holds a NUL byte, which no path can' };
  const bytes = Buffer.byteLength(String(result));
  // Shells cut a path with patterns, which takes the square of its length.
  if (bytes >= PATH_MAX) return { problem: `has ${bytes} bytes; a path can have at most ${PATH_MAX - 1}` };
  return { result };
}

function asInt(value: Value): Converted {
  if (isInt(value)) return { result: Number(value) };
  if (value instanceof Float) return { result: value.value };
  if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)) return { result: Number(value) };
  return { problem: `is ${show(value)}, not an integer` };
}

function asFloat(value: Value): Converted {
  if (typeof value === 'number') return { result: value };
  if (value instanceof Float) return { result: value.value };
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return { result: Number(value) };
  return { problem: `is ${show(value)}, not a number` };
}

function asBool(value: Value): Converted {
  if (typeof value === 'boolean') return { result: value };
  const text = scalarText(value)?.toLowerCase().trim();
  if (text !== undefined && TRUE.has(text)) return { result: true };
  if (text !== undefined && FALSE.has(text)) return { result: false };
  return { problem: `is ${show(value)}, not yes or no` };
}

const UNITS = 'BKMGTPEZY';

function asBytes(value: Value): Converted {
  if (isInt(value)) return { result: Number(value) };
  const match = /^\s*(\d+(?:\.\d+)?)\s*([BKMGTPEZY]?)(?:i?B)?\s*$/i.exec(scalarText(value) ?? '');
  if (!match) return { problem: `is ${show(value)}, not a size such as 512M` };
  return { result: Math.floor(Number(match[1]) * 1024 ** Math.max(0, UNITS.indexOf(match[2]!.toUpperCase() || 'B'))) };
}

/** `a` stands alone, as in Ansible. */
const SYMBOLIC = /^((a|[ugo]*)([-+=]([rwxXst]*|[ugo]))+)(,(a|[ugo]*)([-+=]([rwxXst]*|[ugo]))+)*$/;

function asMode(value: Value): Converted {
  if (typeof value === 'number' && value >= 0 && value <= 0o7777)
    return { result: `0${value.toString(8).padStart(3, '0')}` };
  if (typeof value === 'string') {
    const text = value.trim();
    if (/^(0o)?[0-7]{1,5}$/.test(text))
      return {
        result: `0${text
          .replace(/^0o/, '')
          .replace(/^0+(?=\d{3})/, '')
          .padStart(3, '0')}`,
      };
    if (SYMBOLIC.test(text) || text === 'preserve') return { result: text };
  }
  return { problem: `is ${show(value)}, not a file mode such as "0644" or "u=rw,go=r"` };
}

function asList(spec: ArgSpec, value: Value): Converted {
  const text = scalarText(value);
  let items: Value[];
  if (Array.isArray(value)) items = value;
  else if (typeof value === 'string') items = value === '' ? [] : value.split(',').map((s) => s.trim());
  else if (text !== undefined) items = [text];
  else if (isDict(value) && (spec.of?.kind === 'dict' || spec.of?.kind === 'raw')) items = [value];
  else return { problem: `is ${show(value)}, not a list` };
  const result: unknown[] = [];
  for (const [i, item] of items.entries()) {
    const element = convert(spec.of!, item);
    if (element.problem) return { problem: `item ${i + 1} ${element.problem}` };
    if (element.result !== undefined) result.push(element.result);
  }
  return { result };
}

function asDict(spec: ArgSpec, value: Value): Converted {
  let found: Dict | undefined = isDict(value) ? value : undefined;
  if (typeof value === 'string') found = dictFromText(value);
  if (!found) return { problem: `is ${show(value)}, not a dict` };
  if (!spec.keys) return { result: found };
  const inner = convertArgs({ name: 'dict', shown: 'it', args: spec.keys }, found);
  if (inner.problems.length > 0) return { problem: inner.problems.join('; ') };
  return { result: new Map(Object.entries(inner.args)) };
}

/** `{"a": 1}` or `a=1, b=2`. */
function dictFromText(text: string): Dict | undefined {
  if (text.trim().startsWith('{')) {
    try {
      return new Map(Object.entries(JSON.parse(text) as Record<string, Value>));
    } catch {
      return undefined;
    }
  }
  const pairs = text.split(/,\s*|\s+/).map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  return pairs.every((p) => p !== null) ? new Map(pairs.map((p) => [p[1]!, p[2]!])) : undefined;
}
