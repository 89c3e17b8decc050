// Killing an operation at its tasks, and running it again: all of them, or a choice that changes from day to day.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { CommandOptions, Played } from './command.ts';

const killer = fileURLToPath(new URL('killer.mjs', import.meta.url));
/** With TROUPE_KILL_STEP=1 at every task. Otherwise at one task of so many per cent of the files of tasks in each play. */
const all = process.env['TROUPE_KILL_STEP'] === '1';
const percent = Number(process.env['TROUPE_KILL_PERCENT'] ?? 30);
/** What is chosen follows from this: the day of the last commit, or TROUPE_KILL_SEED. */
export const seed = process.env['TROUPE_KILL_SEED'] ?? dayOfLastCommit();

function dayOfLastCommit(): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%cs'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  } catch {
    return 'no commit';
  }
}

/** The options that make a run kill itself, for `run`. */
export type Kill = Required<Pick<CommandOptions, 'env'>> & { words: string[] };

/**
 * Runs an operation again and again, each time killed at a task at which it has not been killed yet, until it comes to its
 * end. The kill comes as the task begins, or with `late` sometimes a moment later, when it is half done or the next one has begun.
 * Returns where it was killed: play, file and line, and the how manieth time within the play.
 */
export async function interrupted(
  run: (kill: Kill) => Promise<Played>,
  { every = all, late = true }: { every?: boolean; late?: boolean } = {},
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-kill-'));
  const file = join(folder, 'plan.json');
  const kill = { env: { TROUPE_KILL_PLAN: file }, words: ['--reporter', `${killer}=${join(folder, 'report')}`] };
  const plan = {
    seed,
    percent: every ? undefined : percent,
    kills: [] as string[],
    tried: [],
    left: {},
    again: false,
    late,
  };
  try {
    for (;;) {
      writeFileSync(file, JSON.stringify({ ...plan, again: false }));
      const played = await run(kill);
      Object.assign(plan, JSON.parse(readFileSync(file, 'utf8')));
      if (played.rc === 'SIGKILL') continue;
      expect(played.rc, `after kills at ${plan.kills.join(', ')}:\n${played.text}`).to.equal(0);
      if (!plan.again && (plan.kills.length > 0 || plan.percent === 100)) return plan.kills;
      if (!plan.again) Object.assign(plan, { percent: Math.min(100, 2 * (plan.percent ?? 50)), left: {} });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
