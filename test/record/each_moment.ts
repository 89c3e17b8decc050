/** What must be true of a run that was killed and resumed. */
import { expect } from 'chai';
import { killedAt, type Whole } from './kills.ts';

/** Kills the run at a moment, resumes it, and compares it with the one that was left alone; returns what was uncertain. */
export async function requireSame(moment: number, whole: Whole): Promise<string[]> {
  const resumed = await killedAt(moment);
  const about = `killed at ${moment}, uncertain: ${resumed.uncertain.join(', ') || 'nothing'}\n${resumed.output}`;
  const counts = (lines: string[]) => {
    const found = new Map<string, number>();
    for (const line of lines) found.set(line, (found.get(line) ?? 0) + 1);
    return found;
  };
  const wanted = counts(whole.log);
  const extra: string[] = [];
  for (const [line, count] of counts(resumed.log)) {
    const least = wanted.get(line) ?? 0;
    if (count > least) extra.push(line);
    else expect(count, `${line}\n${about}`).to.equal(least);
    expect(least, `${line} is of no run\n${about}`).to.be.greaterThan(0);
  }
  for (const line of wanted.keys()) expect(resumed.log, `${line} is missing\n${about}`).to.include(line);
  // What ran twice had been reported: at most one line for each uncertain task.
  expect(extra.length, `twice: ${extra.join(', ')}\n${about}`).to.be.at.most(resumed.uncertain.length);
  // A task that is tried until it is so may have been tried once more.
  const trying = resumed.uncertain.some((name) => name.endsWith('Until it is so'));
  const files = (all: Record<string, string>) =>
    Object.fromEntries(Object.entries(all).filter(([path]) => !(trying && path.endsWith('/tries'))));
  expect(files(resumed.files), about).to.deep.equal(files(whole.files));
  expect(resumed.recap, about).to.deep.equal(whole.recap);
  expect(resumed.stats, about).to.deep.equal(whole.stats);
  return resumed.uncertain;
}
