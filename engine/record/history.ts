/** The runs that left a record, and what each of them did. */
import { join } from 'node:path';
import { nearest, UsageError } from '../errors.ts';
import type { HostRecap, RunEvent, TaskResult } from '../events.ts';
import { goesOn, type RunFile, readRunFile, runIds } from './folder.ts';
import { recordsOf } from './lines.ts';

export interface PastRun extends RunFile {
  folder: string;
  hosts: { [host: string]: HostRecap };
  /** In one word: how it ended. */
  state: 'ok' | 'failed' | 'unreachable' | 'interrupted' | 'stopped' | 'killed' | 'running';
}

/** The runs of a directory of records, the newest first. */
export function* pastRuns(records: string): Generator<PastRun> {
  for (const id of runIds(records)) {
    const run = pastRun(records, id);
    if (run) yield run;
  }
}

function pastRun(records: string, id: string): PastRun | undefined {
  const folder = join(records, id);
  const file = readRunFile(folder);
  return file && { ...file, folder, hosts: file.hosts ?? countedIn(folder), state: stateOf(file) };
}

const STATES: Readonly<Record<number, PastRun['state']>> = { 0: 'ok', 2: 'failed', 99: 'interrupted' };

function stateOf(run: RunFile): PastRun['state'] {
  const { exitCode, hosts } = run;
  if (exitCode === undefined) return goesOn(run) ? 'running' : 'killed';
  if (exitCode === 4)
    return Object.values(hosts ?? {}).some((host) => host.unreachable > 0) ? 'unreachable' : 'stopped';
  return STATES[exitCode] ?? 'stopped';
}

/** The events of a run, to the last that is whole. */
export function eventsOf(folder: string): Generator<RunEvent> {
  return recordsOf<RunEvent>(join(folder, 'events.ndjson'));
}

/** What a run that was killed came to, counted from its events. */
function countedIn(folder: string): { [host: string]: HostRecap } {
  const hosts: { [host: string]: HostRecap } = {};
  try {
    for (const event of eventsOf(folder)) {
      if (event.type !== 'task:result') continue;
      hosts[event.host] ??= { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
      countInto(hosts[event.host]!, event.result);
    }
  } catch {
    // It was killed before there was any.
  }
  return hosts;
}

function countInto(recap: HostRecap, { status, ignored, rescued }: TaskResult): void {
  if (ignored) {
    recap.ok++;
    recap.ignored++;
  } else if (status === 'failed' && rescued) recap.rescued++;
  else if (status === 'changed') {
    recap.ok++;
    recap.changed++;
  } else recap[status]++;
}

/** The run that a word of the command line means: its id or how that begins, or `last`. */
export function findRun(records: string, word: string): PastRun {
  const ids = runIds(records);
  const found = word === 'last' ? ids.slice(0, 1) : ids.filter((id) => id === word || id.startsWith(word));
  if (found.length > 1)
    throw new UsageError(`\`${word}\` could be any of ${found.length} runs`, `such as ${found.slice(0, 3).join(', ')}`);
  const run = found[0] === undefined ? undefined : pastRun(records, found[0]);
  if (run) return run;
  if (ids.length === 0) throw new UsageError('there is no record of any run', `records are kept in ${records}`);
  const near = nearest(word, ids);
  throw new UsageError(
    found.length > 0 ? `the record ${found[0]} cannot be read` : `there is no run \`${word}\``,
    near === undefined ? '`run history` lists the runs' : `did you mean ${near}? \`run history\` lists the runs`,
  );
}
