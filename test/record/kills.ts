/** A run that is killed and resumed, beside one that was left alone. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostRecap, RunEvent } from '../../engine/index.ts';
import { eventsOf, pastRuns } from '../../engine/record/history.ts';
import { ended, start } from '../cli/console.ts';

const plays = fileURLToPath(new URL('plays/', import.meta.url));
const reporter = fileURLToPath(new URL('kill_at.mjs', import.meta.url));

interface State {
  /** Lines that commands wrote, sorted. */
  log: string[];
  /** Files by path. */
  files: Record<string, string>;
}

export interface Whole extends State {
  recap: Record<string, HostRecap>;
  stats: unknown;
  /** How many moments there are to be killed at. */
  moments: number;
}

export interface Resumed extends State {
  recap: Record<string, HostRecap>;
  stats: unknown;
  /** `host: task` of what was reported as uncertain. */
  uncertain: string[];
  output: string;
}

export async function inCopy<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-kills-'));
  try {
    cpSync(plays, folder, { recursive: true });
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const run = (folder: string, args: string[], environment: Record<string, string> = {}) =>
  ended(start(args, folder, { TROUPE_STATE: join(folder, 'state'), ...environment }));

/** The run as it is when nothing happens to it. */
export function leftAlone(): Promise<Whole> {
  return inCopy(async (folder) => {
    const { code, out, err } = await run(folder, ['site.yml', '-i', 'hosts']);
    if (code !== 0) throw new Error(`the run itself fails:\n${out}${err}`);
    const [record] = [...pastRuns(join(folder, 'state/runs'))];
    const events = [...eventsOf(record!.folder)];
    const moments = events.filter(({ type }) => ['task:start', 'task:item', 'task:result'].includes(type)).length;
    return { ...stateOf(folder), ...endOf(events), moments };
  });
}

/** The same, killed at a moment and resumed; what is uncertain is run again, as somebody would who has looked. */
export function killedAt(moment: number): Promise<Resumed> {
  return inCopy(async (folder) => {
    const killed = await run(folder, ['site.yml', '-i', 'hosts', '--reporter', reporter], { KILL_AT: String(moment) });
    if (killed.code !== null) throw new Error(`was not killed at ${moment}:\n${killed.out}${killed.err}`);
    // What was under way on the hosts goes on without its controller.
    await new Promise((resolve) => setTimeout(resolve, 600));
    let again = await run(folder, ['--resume']);
    const uncertain = [...again.err.matchAll(/^ {2}(\S+): `(.*)` \(\S+\) had begun/gm)].map(
      ([, h, task]) => `${h}: ${task}`,
    );
    if (uncertain.length > 0) again = await run(folder, ['--resume', '--rerun-uncertain']);
    if (again.code !== 0) throw new Error(`killed at ${moment}, it cannot be resumed:\n${again.out}${again.err}`);
    const [record] = [...pastRuns(join(folder, 'state/runs'))];
    return { ...stateOf(folder), ...endOf([...eventsOf(record!.folder)]), uncertain, output: again.out + again.err };
  });
}

function endOf(events: RunEvent[]) {
  const end = events.at(-1);
  if (end?.type !== 'run:end') throw new Error(`the events end with ${end?.type}`);
  return { recap: end.recap.hosts, stats: end.recap.stats };
}

function stateOf(folder: string): State {
  const files: Record<string, string> = {};
  const out = join(folder, 'out');
  for (const entry of existsSync(out) ? readdirSync(out, { recursive: true, withFileTypes: true }) : [])
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files[path.slice(out.length + 1)] = readFileSync(path, 'utf8');
    }
  const log = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').sort();
  return { log, files };
}
