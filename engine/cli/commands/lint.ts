/** `run lint`: what is wrong with playbooks, without running them. */
import { UsageError } from '../../errors.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';
import { hostOptions } from '../options/play_options.ts';
import { runOptions } from '../options/run_options.ts';
import { showFindings } from '../report.ts';
import { findPlaybook } from '../settings/find_files.ts';
import { readSettings } from '../settings/settings.ts';

const options: readonly Option[] = hostOptions.filter(
  ({ name, group }) => ['inventory', 'extra-vars'].includes(name) || group === 'Secrets',
);

export const command: Command = {
  usage: 'run lint PLAYBOOK...',
  doc: `Checks playbooks with their roles and files as every run does before it touches a host: keywords, modules,
arguments, templates, names of handlers, files that are not there. Each finding has its place.`,
  options,
  run: lint,
};

async function lint(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  if (given.words.length === 0) throw new UsageError('which playbook?', 'run lint PLAYBOOK...');
  const playbook = given.words.map((name) => findPlaybook(name, console.cwd, console.packageFolder).path);
  const common = await runOptions(given, readSettings(console), console);
  const { loadPlaybook } = await import('../../index.ts');
  const { findings, playbooks } = await loadPlaybook({ playbook, ...common });
  showFindings(findings, console);
  // What fails when it is reached is no reason not to run, and a mistake all the same.
  if (findings.some((finding) => !finding.warning)) return EXIT.mistakes;
  const later = findings.filter((finding) => finding.later).length;
  if (later > 0) {
    console.out.error(
      `${counted(later, 'mistake')} ${later === 1 ? 'fails' : 'fail'} only if ${later === 1 ? 'it is' : 'they are'} reached\n`,
    );
    return EXIT.mistakes;
  }
  const plays = playbooks.flatMap((one) => one.plays);
  const tasks = plays.reduce((sum, play) => sum + play.tasks.length, 0);
  console.out.write(`nothing wrong in ${counted(plays.length, 'play')} with ${counted(tasks, 'task')}\n`);
  return EXIT.ok;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
