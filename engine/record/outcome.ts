/** An outcome as a line of the record, and back. What is in it twice is written once. */
import type { Status } from '../events.ts';
import type { HostEffect, IncludeRequest, Outcome } from '../run/types.ts';
import type { Json } from '../values.ts';
import { encode } from './values.ts';

/** How it went, in short keys, as there are many of these. Nothing here says what a task returned. */
export interface Kept {
  s: Status;
  /** Seconds. */
  d: number;
  changed?: true;
  ignored?: true;
  rescued?: true;
  censored?: true;
  quiet?: true;
  to?: string;
  notify?: string[];
  /** What it returned, and all that it does to hosts; not there if it is secret and nothing could seal it. */
  values?: KeptValues;
  /** Of a loop: so many items, each of them a line of its own. */
  items?: number;
}

export interface KeptValues {
  registered: Json;
  msg?: string;
  explanation?: string;
  diff?: Json;
  effects?: Json[];
  includes?: Json[];
  /** Where the names are secret. */
  notify?: string[] | undefined;
}

/** What is said of an outcome without its values. */
export function packed({ result, registered, notify, delegatedTo }: Outcome): Kept {
  const kept: Kept = { s: result.status, d: Math.round(result.duration * 1000) / 1000 };
  if (registered.get('changed') === true) kept.changed = true;
  if (result.ignored) kept.ignored = true;
  if (result.rescued) kept.rescued = true;
  if (result.censored) kept.censored = true;
  if (result.quiet) kept.quiet = true;
  if (delegatedTo !== undefined) kept.to = delegatedTo;
  if (notify && notify.length > 0) kept.notify = notify;
  return kept;
}

/** The values of an outcome; throws NotKept where one has no form. */
export function packedValues({ result, registered, effects, includes }: Outcome): KeptValues {
  const values: KeptValues = { registered: encode(registered) };
  if (result.msg !== undefined && result.msg !== registered.get('msg')) values.msg = result.msg;
  if (result.explanation !== undefined) values.explanation = result.explanation;
  if (result.diff) values.diff = result.diff as unknown as Json;
  if (effects.length > 0) values.effects = effects.map(packedEffect);
  if (includes.length > 0) values.includes = includes.map(packedInclude);
  return values;
}

function packedEffect(effect: HostEffect): Json {
  const fields = Object.entries(effect).map(([name, value]) => [
    name,
    value instanceof Map ? encode(value) : (value as Json),
  ]);
  return Object.fromEntries(fields) as Json;
}

function packedInclude({ args, vars, item, label }: IncludeRequest): Json {
  return { args: encode(args), vars: encode(vars), item, ...(label === undefined ? {} : { label }) };
}
