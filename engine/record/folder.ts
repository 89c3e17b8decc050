/** Where records are: one directory for each run, named by when it began, below a directory that nobody but its owner may enter. */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { HostRecap } from '../events.ts';

/** What a record says of its run as a whole: `run.json`. */
export interface RunFile {
  format: 1;
  id: string;
  /** The version of Troupe. */
  version: string;
  /** When it began, ISO 8601. */
  began: string;
  /** Who called it, and the process that did. */
  by: string;
  pid: number;
  cwd: string;
  /** The words of the command line. */
  words: string[];
  playbook: string[];
  inventory: string[];
  check: boolean;
  limit?: string;
  /** SHA-256 of what was read, by path. */
  files: { [path: string]: string };
  /** The run that this one resumed. */
  resumes?: string;
  /** The key of what is sealed in the record, sealed itself by the vault password. */
  sealed?: string;
  // Once the run has ended; a run without these was killed, or goes on.
  exitCode?: number;
  interrupted?: boolean;
  /** Seconds. */
  duration?: number;
  hosts?: { [host: string]: HostRecap };
}

const ID = /^\d{8}-\d{6}-\d{3}[0-9a-f]{2}$/;

export const isRunId = (word: string): boolean => ID.test(word);

/** A new run's id: its time in UTC to the millisecond, and two digits that tell runs of one instant apart. */
export function newRunId(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}${randomBytes(1).toString('hex')}`;
}

/** The directory of all records: `TROUPE_STATE` moves it. */
export function recordsFolder(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  const state = environment['XDG_STATE_HOME'];
  // As the specification of these directories says, a path that is relative counts for none.
  const base = state?.startsWith('/') ? state : join(home, '.local/state');
  return join(environment['TROUPE_STATE'] || join(base, 'troupe'), 'runs');
}

/** Makes the directory of a run that begins. */
export function makeRunFolder(records: string, id: string): string {
  mkdirSync(records, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  for (const path of [dirname(records), records]) {
    const stats = lstatSync(path);
    if (!stats.isDirectory()) throw new UsageError(`${path} is not a directory`);
    if (path === records && uid >= 0 && stats.uid !== uid) throw new UsageError(`${path} belongs to another user`);
  }
  const folder = join(records, id);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Writes `run.json`, as a whole or not at all. */
export function writeRunFile(folder: string, run: RunFile): void {
  const path = join(folder, 'run.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(run, undefined, 1)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The ids of all records, the newest first. */
export function runIds(records: string): string[] {
  try {
    return readdirSync(records).filter(isRunId).sort().reverse();
  } catch {
    return [];
  }
}

/** What `run.json` says; undefined where it can't be read. */
export function readRunFile(folder: string): RunFile | undefined {
  try {
    const read = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunFile;
    return read.format === 1 ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process of a run that has no end yet is still there. */
export function goesOn({ exitCode, pid }: RunFile): boolean {
  if (exitCode !== undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the oldest records beyond so many; one whose run goes on stays. */
export function keepNewest(records: string, count: number): void {
  for (const id of runIds(records).slice(count)) {
    const run = readRunFile(join(records, id));
    if (run && goesOn(run)) continue;
    rmSync(join(records, id), { recursive: true, force: true });
  }
}
