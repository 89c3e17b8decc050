/** `run apply`: carries out a plan. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Drift } from '../../events.ts';
import type { RunOptions } from '../../index.ts';
import { readPlan } from '../../record/plan.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { parseOptions } from '../options/option_table.ts';
import { playOptions } from '../options/play_options.ts';
import { showFindings } from '../report.ts';
import { readSettings } from '../settings/settings.ts';
import { calledWith, playWith } from './play.ts';

/** Options that would make it another run. */
const FIXED = new Set(['inventory', 'limit', 'extra-vars', 'tags', 'skip-tags', 'start-at-task', 'check', 'resume']);

const options = playOptions.filter(({ name, group }) => !FIXED.has(name) && group !== 'Looking without running');

export const command: Command = {
  usage: 'run apply FILE [options]',
  doc: `Carries out a plan that run plan kept, with the command line it was made with, in the directory it was made in. It is refused where
a file, the inventory or a variable is not as it was. Then each host is looked at once more: one on which the plan would be another one now
is left out before anything changes there, and what is different is named; the others get what was planned. Passwords are asked for again.`,
  options,
  run: apply,
};

async function apply(called: Console): Promise<number> {
  const given = parseOptions(called.args, options);
  const [file] = given.words;
  if (file === undefined || given.words.length > 1) throw new UsageError('which plan?', 'run apply FILE');
  const path = resolve(called.cwd, file);
  const plan = readPlan(path);
  if (Object.values(plan.hosts).some((tasks) => Object.values(tasks).includes('fails')))
    throw new InputError('the plan has tasks that fail', 'mend them, and make a new plan');
  const words = [...plan.words, ...called.args.filter((word) => word !== file)];
  const there = { args: { value: words, enumerable: true }, cwd: { value: plan.cwd, enumerable: true } };
  const console = Object.create(called, there) as Console;
  const all = parseOptions(words, playOptions);
  const settings = readSettings(console);
  const asked = await calledWith(all, settings, console);
  const drifted = await lookAgain({ ...asked.options, plan: { compare: path } }, console);
  if (drifted === undefined) return EXIT.mistakes;
  const lost = [...new Set(drifted.map(({ host }) => host))];
  showDrift(drifted, console);
  if (Object.keys(plan.hosts).every((host) => lost.includes(host))) return EXIT.failed;
  const { limit } = asked.options;
  if (lost.length > 0) asked.options.limit = [limit ?? 'all', ...lost.map((host) => `!${host}`)].join(',');
  const code = await playWith(all, asked, settings, console);
  return code === EXIT.ok && lost.length > 0 ? EXIT.failed : code;
}

/** The plan once more, unseen; undefined where the playbook cannot be run any more, which has been said. */
async function lookAgain(options: RunOptions, console: Console): Promise<Drift[] | undefined> {
  const { runPlaybook, AuthorError } = await import('../../index.ts');
  delete options.record;
  const run = runPlaybook(options);
  try {
    const { drifted = [] } = await run.recap;
    return drifted;
  } catch (error) {
    if (!(error instanceof AuthorError))
      throw error instanceof UsageError ? new InputError(error.message, error.help) : error;
    showFindings(error.findings, console);
    return undefined;
  }
}

function showDrift(drifted: readonly Drift[], { out }: Console): void {
  if (drifted.length === 0) return;
  out.error('not as planned any more; nothing is changed on these hosts:\n');
  for (const { host, task, path, planned, now } of drifted)
    out.error(`  ${host}: ${task} (${path}): when planned, ${planned}; now ${now}\n`);
}
