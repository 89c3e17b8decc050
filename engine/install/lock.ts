/** troupe.lock: what was installed for each requirement, and the hash of its content. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mistake } from '../errors.ts';
import { Source } from '../values.ts';
import type { Requirement } from './requirements.ts';

export interface Locked {
  from: Requirement['from'];
  source: string;
  directory?: string | undefined;
  /** As it was required. */
  wanted?: string | undefined;
  /** The tag, branch or version that was taken. */
  version?: string | undefined;
  /** Of a repository. */
  commit?: string | undefined;
  /** Of the content. */
  hash: string;
}

export interface Lock {
  roles: Record<string, Locked>;
  collections: Record<string, Locked>;
}

const ABOUT = 'Written by `run install`; keep it with the project. Hashes are of the content.';

export function readLock(file: string): Lock {
  if (!existsSync(file)) return { roles: {}, collections: {} };
  const text = readFileSync(file, 'utf8');
  const broken = (why: string) =>
    mistake(
      `the lock file cannot be used: ${why}`,
      { source: new Source(file, text), offset: 0 },
      'take it from the history of the project, or remove it to lock again',
    );
  let found: Partial<Lock> & { lock?: number };
  try {
    found = JSON.parse(text) as typeof found;
  } catch (error) {
    throw broken((error as Error).message);
  }
  if (found?.lock !== 1) throw broken('it is not of a form that this version knows');
  return { roles: { ...found.roles }, collections: { ...found.collections } };
}

export function writeLock(file: string, lock: Lock): void {
  const sorted = (entries: Record<string, Locked>) =>
    Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify({ about: ABOUT, lock: 1, roles: sorted(lock.roles), collections: sorted(lock.collections) }, undefined, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The part of the lock that a requirement belongs to. */
export const partOf = (lock: Lock, kind: Requirement['kind']): Record<string, Locked> =>
  kind === 'role' ? lock.roles : lock.collections;

/** Whether a requirement is the one that was locked. */
export function isSame(requirement: Requirement, locked: Locked): boolean {
  return (
    requirement.from === locked.from &&
    requirement.source === locked.source &&
    (requirement.version ?? undefined) === (locked.wanted ?? undefined) &&
    (requirement.directory ?? undefined) === (locked.directory ?? undefined)
  );
}
