// Killing an operation at its tasks, and running it again: all of them, or a choice that changes from day to day.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Begun, CommandOptions, Played } from './command.ts';

/** TROUPE_KILL_STEP=1: at every task. Otherwise at so many per cent of the (play, file of tasks) pairs, at one task of each. */
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

const draw = (...words: string[]): number =>
  createHash('sha256')
    .update([seed, ...words].join('\n'))
    .digest()
    .readUInt32BE();

export interface Interrupted {
  /** Where it was killed, in order: play, file and line, and the how manieth time within the play. */
  kills: string[];
  last: Played;
}

/**
 * Runs an operation again and again, each time killed at a task at which it has not been killed yet, until it comes to its
 * end. The kill comes at once, or a moment later, when the task is half done or the next one has begun.
 */
export async function interrupted(
  run: (watch: CommandOptions['watch']) => Promise<Played>,
  { every = all }: { every?: boolean } = {},
): Promise<Interrupted> {
  const done = new Set<string>();
  const tried = new Set<string>();
  const kills: string[] = [];
  const choice = every ? undefined : chooser();
  for (;;) {
    let planned: string | undefined;
    let last = '';
    const played = await run((task) => {
      last = nameOf(task);
      if (planned || done.has(last) || (choice && !choice(task))) return undefined;
      planned = last;
      // A second try at the same task cannot be late again.
      const delay = tried.has(last) ? 0 : [0, 0, 40, 150][draw(last) % 4]!;
      tried.add(last);
      return delay;
    });
    if (played.rc !== 'SIGKILL') {
      expect(played.rc, `after being killed at ${kills.join(', ')}:\n${played.text}`).to.equal(0);
      if (planned) done.add(planned);
      else return { kills, last: played };
      continue;
    }
    done.add(last);
    if (choice) done.add(planned!);
    kills.push(last);
  }
}

const nameOf = ({ play, path, before }: Begun) =>
  `${play}: ${path.replace(/^.*roles\//, '')}${before ? ` (${before + 1})` : ''}`;

// One task of each file in each play, or none: a file is passed by, or it is killed at its first task from a drawn one on.
function chooser(): (task: Begun) => boolean {
  const left = new Map<string, number>();
  return ({ play, path }) => {
    const place = `${play} ${path.replace(/:\d+$/, '')}`;
    if (!left.has(place)) left.set(place, draw(place) % 100 < percent ? draw(place, 'which') % 5 : -1);
    const more = left.get(place)!;
    if (more < 0) return false;
    left.set(place, more - 1);
    return more === 0;
  };
}
