/** `run diff A B`: what differs between two runs. */
import { UsageError } from '../../errors.ts';
import { compareRuns, type Difference } from '../../record/compare.ts';
import { recordsFolder } from '../../record/folder.ts';
import { eventsOf, findRun } from '../../record/history.ts';
import { seconds } from '../../reporters/style.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';

const options: readonly Option[] = [
  { name: 'host', value: 'HOST', group: 'What to show', doc: 'only what differs on this host' },
  { name: 'json', group: 'What to show', doc: 'each task that differs as one line of JSON' },
];

export const command: Command = {
  usage: 'run diff RUN-ID RUN-ID',
  doc: `Compares two runs by their records: tasks that only one of them has, results that differ, and tasks that took much longer or
shorter. Tasks are the same by name and module, on the same host. An id may be cut short while it is clear; \`last\` is the newest.`,
  options,
  run: diff,
};

async function diff(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const [a, b] = given.words;
  if (a === undefined || b === undefined || given.words.length > 2)
    throw new UsageError('which two runs?', 'run diff RUN-ID RUN-ID; `run history` lists the runs');
  const records = recordsFolder(console.environment, console.home);
  const runs = [findRun(records, a), findRun(records, b)] as const;
  const found = compareRuns(eventsOf(runs[0].folder), eventsOf(runs[1].folder));
  const host = given.get('host');
  const differences = host === undefined ? found : found.flatMap((difference) => onHost(difference, host));
  if (given.has('json')) for (const each of differences) console.out.write(`${JSON.stringify(each)}\n`);
  else if (differences.length === 0) console.out.write('the two runs did the same, with the same results\n');
  else console.out.write(differences.map((each) => shown(each, runs[0].id, runs[1].id)).join('\n'));
  return EXIT.ok;
}

function onHost(difference: Difference, host: string): Difference[] {
  const is = (name: string) => name === host;
  const kept: Difference = {
    task: difference.task,
    onlyA: difference.onlyA.filter(is),
    onlyB: difference.onlyB.filter(is),
    results: difference.results.filter((result) => result.host === host),
  };
  return kept.onlyA.length + kept.onlyB.length + kept.results.length > 0 ? [kept] : [];
}

function shown({ task, onlyA, onlyB, results, duration }: Difference, a: string, b: string): string {
  const lines = [`${task.role === undefined ? '' : `${task.role} : `}${task.name}  (${task.path})`];
  if (onlyA.length > 0) lines.push(`  only in ${a}: ${onlyA.join(', ')}`);
  if (onlyB.length > 0) lines.push(`  only in ${b}: ${onlyB.join(', ')}`);
  for (const result of results) {
    lines.push(`  ${result.host}: ${result.a === result.b ? result.a : `${result.a} -> ${result.b}`}`);
    for (const { name, a: was, b: is } of result.values) lines.push(`    ${name}: ${brief(was)} -> ${brief(is)}`);
  }
  if (duration) lines.push(`  took ${seconds(duration.a)} -> ${seconds(duration.b)}`);
  return `${lines.join('\n')}\n`;
}

const LONGEST = 60;

function brief(text: string | undefined): string {
  if (text === undefined) return '(nothing)';
  const line = text.replaceAll('\n', '\\n');
  return line.length <= LONGEST ? line || "''" : `${line.slice(0, LONGEST)}... (${text.length} characters)`;
}
