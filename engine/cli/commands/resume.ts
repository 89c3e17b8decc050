/** `run --resume`: the command line of an earlier run, with what is said now. */
import { UsageError } from '../../errors.ts';
import type { Recap, ResumeOptions, RunOptions } from '../../index.ts';
import { isRunId, recordsFolder } from '../../record/folder.ts';
import { findRun, type PastRun, pastRuns } from '../../record/history.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { type Given, parseOptions } from '../options/option_table.ts';
import { playOptions } from '../options/play_options.ts';

interface Resumed {
  console: Console;
  given: Given;
  resume?: ResumeOptions;
}

/** What stands for a secret in a record. */
const MASKED = '********';

/**
 * With `--resume`: the words of the earlier run with those of this one behind them, in the directory that it was called in. Where a playbook
 * is named, the command line is taken as it is, and the run is the last one of this playbook.
 */
export function resumed(console: Console, given: Given): Resumed {
  if (!given.has('resume')) {
    for (const name of ['resume-anyway', 'rerun-uncertain'])
      if (given.has(name)) throw new UsageError(`\`--${name}\` goes with --resume`);
    return { console, given };
  }
  const ids = given.words.filter((word) => isRunId(word) || word === 'last');
  if (ids.length > 1) throw new UsageError('one run at a time can be resumed');
  const playbooks = given.words.filter((word) => !ids.includes(word));
  const records = recordsFolder(console.environment, console.home);
  const run = ids[0] === undefined ? lastUnfinished(records, console, playbooks) : findRun(records, ids[0]);
  if (run.check)
    throw new InputError(`the run ${run.id} was made to look: it changed nothing that could go on`, 'call it again');
  if (run.state === 'running') throw new InputError(`the run ${run.id} goes on, as process ${run.pid}`);
  const own = withoutWords(console.args, ids);
  const words = playbooks.length > 0 ? own : [...run.words, ...own];
  const masked = words.find((word) => word.includes(MASKED));
  if (masked !== undefined && !given.has('extra-vars'))
    throw new InputError(`a secret in \`${masked}\` was not kept in the record`, 'give this option again');
  const all = parseOptions(words, playOptions);
  narrow(all, run.limit, given.get('limit'));
  const resume: ResumeOptions = {
    folder: run.folder,
    anyway: given.has('resume-anyway'),
    rerunUncertain: given.has('rerun-uncertain'),
  };
  const there = { args: { value: words, enumerable: true }, cwd: { value: run.cwd, enumerable: true } };
  return { console: Object.create(console, there) as Console, given: all, resume };
}

/** The options that say how to resume are not those of the run. */
function withoutWords(args: readonly string[], ids: readonly string[]): string[] {
  const flags = new Set(['--resume', '--resume-anyway', '--rerun-uncertain', ...ids]);
  return args.filter((word) => !flags.has(word));
}

function lastUnfinished(records: string, { cwd }: Console, playbooks: readonly string[]): PastRun {
  for (const run of pastRuns(records)) {
    // What was made to look (`plan`, --check) has changed nothing.
    if (run.check || run.cwd !== cwd || (playbooks.length > 0 && !playbooks.every((name) => run.words.includes(name))))
      continue;
    if (run.state === 'ok')
      throw new InputError(`the last run here, ${run.id}, went well: there is nothing to resume`, 'name a RUN-ID');
    return run;
  }
  throw new InputError(
    playbooks.length === 0
      ? 'no run that was called here has left a record'
      : `no run of \`${playbooks.join('`, `')}\` that was called here has left a record`,
    '`run history` lists the runs of all directories; a RUN-ID is written as it is there',
  );
}

/** Only hosts of both limits take part. */
function narrow(given: Given, before: string | undefined, now: string | undefined): void {
  if (before === undefined || now === undefined || before === now || /[,:]/.test(now.replace(/\[[^\]]*\]/g, '')))
    return;
  given.add('limit', `${before},&${now}`);
}

/** The last line of a run that did not end well. */
export function sayHowToResume(recap: Recap, options: RunOptions, { out }: Console): void {
  const stopped: readonly number[] = [EXIT.failed, EXIT.unreachable, EXIT.interrupted];
  if (recap.record === undefined || options.check || !stopped.includes(recap.exitCode)) return;
  out.error(`to go on from there: run --resume ${recap.record}\n`);
}
