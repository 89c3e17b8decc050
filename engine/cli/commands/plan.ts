/** `run plan`: what a playbook would change, shown by host, and kept for `run apply`. */
import { UsageError } from '../../errors.ts';
import type { RunEvent } from '../../events.ts';
import type { Output } from '../../reporters/index.ts';
import { PlanOfRun, planJson, planMarkdown, planText } from '../../reporters/plan.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';
import { playOptions } from '../options/play_options.ts';
import { chosenReporters, follow } from '../report.ts';
import { readSettings } from '../settings/settings.ts';
import { calledWith } from './play.ts';

const PLAN = 'The plan';

const own: readonly Option[] = [
  { name: 'out', short: 'o', value: 'FILE', group: PLAN, doc: 'keep the plan in this file, for `run apply FILE`' },
  { name: 'format', value: 'text|md|json', group: PLAN, doc: 'how it is shown (text); md for a pull request' },
];

/** Options that a plan has no use for. */
const WITHOUT = new Set(['check', 'diff', 'step', 'resume', 'resume-anyway', 'rerun-uncertain', 'live']);

const options: readonly Option[] = [
  ...own,
  ...playOptions.filter(({ name, group }) => !WITHOUT.has(name) && group !== 'Looking without running'),
];

export const command: Command = {
  usage: 'run plan PLAYBOOK... [-i INVENTORY] [-o FILE] [options]',
  doc: `Shows what a playbook would change, by host, with the difference inside files, and changes nothing. What only a real run can know
(the result of a command) stays unknown: what needs it "may change", and the plan says why. With -o the plan is kept; run apply
carries it out later, if files, inventory, variables and hosts are still as they were.
The exit code is 0 where nothing would change, 3 where something would or may, and as for a run where something failed.`,
  options,
  run: plan,
};

async function plan(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const format = given.get('format') ?? 'text';
  if (!['text', 'md', 'json'].includes(format))
    throw new UsageError(`there is no format \`${format}\``, 'text, md or json');
  const settings = readSettings(console);
  for (const warning of settings.warnings) console.out.error(`[WARNING]: ${warning}\n`);
  const { options: asked } = await calledWith(given, settings, console);
  const file = given.get('out');
  asked.plan = file === undefined ? {} : { write: { file, words: withoutOwn(console.args) } };
  const { runPlaybook } = await import('../../index.ts');
  const planned = new PlanOfRun();
  const further = await chosenReporters(given.all('reporter'), undefined, console);
  const show = { verbosity: given.count('verbose'), live: false, heartbeat: 0 };
  const screen = { name: 'plan', report: shownAs(planned, format), out: console.out, end: () => {} };
  const code = await follow(runPlaybook(asked), [screen, ...further], show, console);
  if (file !== undefined && code === EXIT.ok)
    console.out.error(`kept in ${file}; to carry it out: run apply ${file}\n`);
  return code === EXIT.ok && planned.changes ? EXIT.wouldChange : code;
}

function shownAs(plan: PlanOfRun, format: string) {
  return async (events: AsyncIterable<RunEvent>, out: Output): Promise<void> => {
    for await (const event of events) {
      plan.see(event);
      if (event.type === 'message' && event.level === 'warning') out.error(`[WARNING]: ${event.text}\n`);
      if (event.type === 'bug') out.error(`${event.stack}\n`);
    }
    const text = format === 'md' ? planMarkdown(plan) : format === 'json' ? planJson(plan) : planText(plan, out.colors);
    out.write(text);
  };
}

/** The command line of the run that is planned. */
function withoutOwn(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (['-o', '--out', '--format'].includes(word)) i++;
    else if (!/^(?:-o.|--out=|--format=)/.test(word)) words.push(word);
  }
  return words;
}
