/** An outcome as a line of the record, and back. What is in it twice is written once. */
import type { Diff, Status, TaskResult } from '../events.ts';
import type { HostEffect, IncludeRequest, Outcome } from '../run/types.ts';
import type { Json } from '../values.ts';
import { decodeDict, encode } from './values.ts';

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

/** The outcome again; `plain` makes a result's values of what is registered. */
export function unpacked(
  kept: Kept,
  values: KeptValues,
  plain: (registered: Outcome['registered']) => unknown,
): Outcome {
  const registered = decodeDict(values.registered);
  const msg = values.msg ?? registered.get('msg');
  const result: TaskResult = { status: kept.s, values: plain(registered) as TaskResult['values'], duration: kept.d };
  if (typeof msg === 'string') result.msg = msg;
  if (values.explanation !== undefined) result.explanation = values.explanation;
  if (values.diff) result.diff = values.diff as unknown as Diff[];
  if (kept.ignored) result.ignored = true;
  if (kept.quiet) result.quiet = true;
  if (kept.censored) result.censored = true;
  const outcome: Outcome = {
    result,
    registered,
    effects: (values.effects ?? []).map(unpackedEffect),
    includes: (values.includes ?? []).map(unpackedInclude),
  };
  const notify = values.notify ?? kept.notify;
  if (notify) outcome.notify = notify;
  if (kept.to !== undefined) outcome.delegatedTo = kept.to;
  return outcome;
}

function unpackedEffect(json: Json): HostEffect {
  const { values, vars, ...fields } = json as { [field: string]: Json };
  return {
    ...fields,
    ...(values === undefined ? {} : { values: decodeDict(values) }),
    ...(vars === undefined ? {} : { vars: decodeDict(vars) }),
  } as unknown as HostEffect;
}

function unpackedInclude(json: Json): IncludeRequest {
  const { args, vars, item, label } = json as { [field: string]: Json };
  const include: IncludeRequest = { args: decodeDict(args), vars: decodeDict(vars), item: Number(item) };
  if (typeof label === 'string') include.label = label;
  return include;
}
