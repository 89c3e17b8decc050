/** Schemas of module arguments: one declaration gives checking before the run, conversion (parts/arguments.ts) and the types. */
import type { Dict, Value } from '../values.ts';

export type ArgKind = 'str' | 'path' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'raw' | 'mode' | 'json' | 'bytes';

export interface ArgOptions {
  /** What the argument means, one sentence. */
  doc?: string;
  required?: boolean;
  default?: unknown;
  choices?: readonly (string | number | boolean)[];
  aliases?: readonly string[];
  /** The value is a secret: it is redacted wherever it would be reported (Ansible's no_log). */
  secret?: boolean;
  /** Ansible has it and we refuse it, with the reason. */
  unsupported?: string;
}

export interface ArgSpec<T = unknown> extends ArgOptions {
  kind: ArgKind;
  /** Type of a list's elements. */
  of?: ArgSpec;
  /** Keys of a dict that has a fixed shape. */
  keys?: ArgSpecs;
  /** Only for inference. */
  readonly type?: T;
}

export type ArgSpecs = Record<string, ArgSpec>;

type Present<O> = O extends { required: true }
  ? true
  : O extends { default: infer D }
    ? D extends undefined | null
      ? false
      : true
    : false;
type Typed<T, O> = ArgSpec<Present<O> extends true ? T : T | undefined>;
type Chosen<T, O> = O extends { choices: readonly (infer C)[] } ? C & T : T;

/** The type that `run` gets for a schema: every argument under its main name. */
export type ArgTypes<S extends ArgSpecs> = { [K in keyof S]: S[K] extends ArgSpec<infer T> ? T : never };

type Maker<T> = <const O extends ArgOptions>(options?: O) => Typed<Chosen<T, O>, O>;
const maker =
  <T>(kind: ArgKind): Maker<T> =>
  (options) =>
    ({ kind, ...options }) as never;

/** Text; numbers and booleans are converted to their text as Ansible does. */
export const str = maker<string>('str');
/** A path on the host: `~` and `$NAME` are expanded there (pass it on with `remotePath`). */
export const path = maker<string>('path');
export const int = maker<number>('int');
export const float = maker<number>('float');
/** yes/no, on/off, true/false, 1/0 in any case, as Ansible's. */
export const bool = maker<boolean>('bool');
/** Any value, as it is. */
export const raw = maker<Value>('raw');
/** A file mode: `0644`, "0644", "u=rwX,go=rX", `preserve`; normalised to text ('0644'). An unquoted 644 is refused. */
export const fileMode = maker<string>('mode');
/** JSON text; dicts and lists are converted to it. */
export const json = maker<string>('json');
/** A size: 10k, 2GB; in bytes. */
export const bytes = maker<number>('bytes');

/** A list; a text is split at commas, a single value becomes a list of one. */
export function list<E, const O extends ArgOptions>(of: ArgSpec<E>, options?: O): Typed<NonNullable<E>[], O> {
  return { kind: 'list', of, ...options } as never;
}

/** A dict, with fixed keys where a schema is given. */
export function dict<const O extends ArgOptions>(options?: O & { keys?: ArgSpecs }): Typed<Dict, O> {
  return { kind: 'dict', ...options } as never;
}

/** A rule over several arguments; returns what is wrong. `given` tells whether an argument was written. */
export interface Rule {
  doc: string;
  /** The arguments at which a problem is shown: the last of them that is written. */
  about: readonly string[];
  /** A problem is that something is missing, which defaults may still give. */
  requires?: boolean;
  check: RuleCheck;
  /** The same in Ansible's words, which are registered. */
  said?: RuleCheck;
}

type RuleCheck = (given: (name: string) => boolean, value: (name: string) => Value | undefined) => string | undefined;

/** What Ansible's own action says of the arguments, before its module looks at them. */
export type Refusal = RuleCheck;

const names = (list: readonly string[]) => list.map((n) => `\`${n}\``).join(', ');

/** At most one of these (Ansible's mutually_exclusive). */
export function atMostOneOf(...args: string[]): Rule {
  return {
    doc: `at most one of ${names(args)}`,
    about: args,
    check: (given) => {
      const found = args.filter(given);
      return found.length > 1 ? `${names(found)} exclude each other` : undefined;
    },
    said: (given) =>
      args.filter(given).length > 1 ? `parameters are mutually exclusive: ${args.join('|')}` : undefined,
  };
}

/** At least one of these (required_one_of). */
export function atLeastOneOf(...args: string[]): Rule {
  return {
    doc: `at least one of ${names(args)}`,
    about: args,
    requires: true,
    check: (given) => (args.some(given) ? undefined : `one of ${names(args)} is required`),
    said: (given) => (args.some(given) ? undefined : `one of the following is required: ${args.join(', ')}`),
  };
}

/** Exactly one of these. */
export function exactlyOneOf(...args: string[]): Rule {
  return {
    doc: `exactly one of ${names(args)}`,
    about: args,
    requires: true,
    check: (given, value) => atMostOneOf(...args).check(given, value) ?? atLeastOneOf(...args).check(given, value),
    said: (given, value) => atMostOneOf(...args).said!(given, value) ?? atLeastOneOf(...args).said!(given, value),
  };
}

/** All or none of these (required_together). */
export function together(...args: string[]): Rule {
  return {
    doc: `${names(args)} only together`,
    about: args,
    requires: true,
    check: (given) => {
      const missing = args.filter((a) => !given(a));
      return missing.length > 0 && missing.length < args.length
        ? `${names(missing)} is required with ${names(args.filter(given))}`
        : undefined;
    },
    said: (given) =>
      args.some(given) && !args.every(given) ? `parameters are required together: ${args.join(', ')}` : undefined,
  };
}

/** If `arg` has this value, the others are required (required_if). */
export function requiredIf(arg: string, is: Value, required: string[], any = false): Rule {
  const missingIn: (...about: Parameters<RuleCheck>) => string[] = (given, value) => {
    if (String(value(arg)) !== String(is)) return [];
    const missing = required.filter((r) => !given(r));
    return any && missing.length < required.length ? [] : missing;
  };
  const shown = typeof is === 'boolean' ? (is ? 'True' : 'False') : String(is);
  return {
    doc: `${names(required)} required if \`${arg}\` is ${String(is)}`,
    about: [arg],
    requires: true,
    check: (given, value) => {
      const missing = missingIn(given, value);
      if (missing.length === 0) return undefined;
      return `\`${arg}\` is ${String(is)}, so ${any ? 'one of ' : ''}${names(missing)} is required`;
    },
    said: (given, value) => {
      const missing = missingIn(given, value).join(', ');
      return missing === ''
        ? undefined
        : `${arg} is ${shown} but ${any ? 'any' : 'all'} of the following are missing: ${missing}`;
    },
  };
}

/** If `arg` is given, so must be the others (required_by). */
export function requiredBy(arg: string, required: string[]): Rule {
  return {
    doc: `${names(required)} required with \`${arg}\``,
    about: [arg],
    requires: true,
    check: (given) => {
      const missing = given(arg) ? required.filter((r) => !given(r)) : [];
      return missing.length > 0 ? `${names(missing)} is required with \`${arg}\`` : undefined;
    },
    said: (given) => {
      const missing = given(arg) ? required.filter((r) => !given(r)) : [];
      return missing.length > 0 ? `missing parameter(s) required by '${arg}': ${missing.join(', ')}` : undefined;
    },
  };
}
