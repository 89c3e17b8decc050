/** `run report`: the page of a run that is over, or its record through any other reporter. */
import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { RunEvent } from '../../events.ts';
import { recordsFolder } from '../../record/folder.ts';
import { eventsOf, findRun } from '../../record/history.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';
import { chosenReporters } from '../report.ts';

const HOW = 'How to show it';

const options: readonly Option[] = [
  { name: 'output', short: 'o', value: 'FILE', group: HOW, doc: 'write the page there, instead of into the record' },
  {
    name: 'reporter',
    value: 'NAME[=FILE]',
    repeat: 'list',
    group: HOW,
    doc: 'another form: default, json, junit ..., as for a run; may be given several times',
  },
  { name: 'verbose', short: 'v', repeat: 'count', group: HOW, doc: 'with --reporter: show more, as for a run' },
];

export const command: Command = {
  usage: `run report [RUN-ID] [-o FILE]
run report RUN-ID --reporter default`,
  doc: `Shows a run again from its record, the newest one if none is named: as one HTML page, whose path is printed and which is opened on
a desktop, or by any of the reporters. \`run history\` lists the runs. A run that goes on is shown as far as it has come.`,
  options,
  run: report,
};

async function report(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  if (given.words.length > 1) throw new UsageError('one run at a time', 'run report [RUN-ID]');
  const run = findRun(recordsFolder(console.environment, console.home), given.words[0] ?? 'last');
  const named = given.all('reporter');
  const output = given.get('output');
  const page = output === undefined ? join(run.folder, 'report.html') : resolve(console.cwd, output);
  if (named.length === 0 || output !== undefined) named.push(`html=${page}`);
  const settings = { verbosity: given.count('verbose'), live: false, heartbeat: 0 };
  for (const { report: write, out, end } of await chosenReporters(named, undefined, console)) {
    await write(asStream(run.folder), out, settings);
    end();
  }
  if (given.has('reporter') && output === undefined) return EXIT.ok;
  if (output === undefined) chmodSync(page, 0o600);
  console.out.write(`${page}\n`);
  await openOn(console, page);
  return EXIT.ok;
}

async function* asStream(folder: string): AsyncGenerator<RunEvent> {
  yield* eventsOf(folder);
}

/** Opens the page where somebody sits before a desktop. */
async function openOn(console: Console, page: string): Promise<void> {
  const { environment, interactive } = console;
  if (!interactive || !(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])) return;
  // Without a desktop's program the path that was printed has to do.
  await console.runProgram('xdg-open', [page]).catch(() => {});
}
