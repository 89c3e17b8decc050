/**
 * The file of a plan: what was read to make it, and what each task would do on each host. It says of texts only whether they are the same
 * (by digests), so that it can be handed round.
 */
import { createHash, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, UsageError } from '../errors.ts';
import type { Drift } from '../events.ts';

/** What a task would do: `same`, `may`, `fails`, or `change` with a digest of its diffs. */
export type Prediction = 'same' | 'may' | 'fails' | `change ${string}`;

export interface PlanFile {
  format: 1;
  /** The version of Troupe. */
  version: string;
  made: string;
  by: string;
  cwd: string;
  /** The command line of the run that it plans. */
  words: string[];
  playbook: string[];
  /** SHA-256 of the files that were read, by path. */
  files: { [path: string]: string };
  /** Files in the directories that were looked through. */
  folders: { [path: string]: string[] };
  /** Digests of what is in no file of the project: the inventory as it came out, and `-e`. */
  salt: string;
  inventory: string;
  extraVars: string;
  /** Tasks that `hosts` names by their numbers. */
  tasks: { key: string; name: string; path: string }[];
  /** By host, then by task, how often the host had come to it, and item. */
  hosts: { [host: string]: { [place: string]: Prediction } };
}

export function writePlan(path: string, plan: PlanFile): void {
  try {
    writeFileSync(path, `${JSON.stringify(plan)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`the plan ${path} cannot be written: ${reasonOf(error)}`);
  }
}

export function readPlan(path: string): PlanFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the plan ${path}: ${reasonOf(error)}`);
  }
  try {
    const plan = JSON.parse(text) as PlanFile;
    if (plan.format === 1 && plan.hosts && plan.tasks) return plan;
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is not a plan of this version`, '`run plan PLAYBOOK -o FILE` makes one');
}

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** A digest of something that may hold a secret: slow to guess. */
export function slowDigest(text: string, salt: string): string {
  return scryptSync(sha256(text), salt, 32).toString('hex');
}

/** Not part of what a run reads. */
const ASIDE = new Set(['.git', 'node_modules', '__pycache__']);

/** The files of a directory, by their paths in it. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const look = (below: string) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (ASIDE.has(entry.name)) continue;
      const path = join(below, entry.name);
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(join(folder, path)) === true);
      if (entry.isDirectory() || (isFolder && below.split('/').length < 20)) look(path);
      else found.push(path);
    }
  };
  look('');
  return found.sort();
}

export function isDirectory(path: string): boolean | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory();
}

export function digestOfFile(path: string): string {
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    return `not readable: ${reasonOf(error)}`;
  }
}

/** Files that are not as they were when the plan was made, and those that have come since. */
export function changedFiles(plan: PlanFile): string[] {
  const changed = Object.entries(plan.files).filter(([path, digest]) => digestOfFile(path) !== digest);
  const names = changed.map(([path]) => path);
  for (const [folder, before] of Object.entries(plan.folders)) {
    const known = new Set(before);
    const now = isDirectory(folder) ? filesBelow(folder) : [];
    names.push(...now.filter((path) => !known.has(path)).map((path) => join(folder, path)));
  }
  return [...new Set(names)].sort();
}

/** What is planned otherwise now than it was. */
export function driftOf(planned: PlanFile, now: PlanFile): Drift[] {
  const found: Drift[] = [];
  for (const host of new Set([...Object.keys(planned.hosts), ...Object.keys(now.hosts)])) {
    const before = byKey(planned, host);
    const after = byKey(now, host);
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(key);
      const is = after.get(key);
      if (was?.what === is?.what || (isNothing(was?.what) && isNothing(is?.what))) continue;
      const { name, path } = (is ?? was)!.task;
      found.push({ host, task: name, path, planned: worded(was?.what), now: worded(is?.what) });
    }
  }
  return found;
}

const isNothing = (what: Prediction | undefined): boolean => what === undefined || what === 'same';

function byKey({ tasks, hosts }: PlanFile, host: string) {
  const found = new Map<string, { what: Prediction; task: PlanFile['tasks'][number] }>();
  for (const [place, what] of Object.entries(hosts[host] ?? {})) {
    const [number, ...rest] = place.split('.');
    const task = tasks[Number(number)]!;
    found.set(`${task.key} ${rest.join('.')}`, { what, task });
  }
  return found;
}

function worded(what: Prediction | undefined): string {
  if (what === undefined || what === 'same') return 'nothing would change';
  if (what === 'may') return 'it may change something';
  return what === 'fails' ? 'it fails' : `it would change something (${what.slice(7, 15)})`;
}
