/** `run history`: the runs that left a record. */
import { UsageError } from '../../errors.ts';
import type { HostRecap } from '../../events.ts';
import { recordsFolder } from '../../record/folder.ts';
import { type PastRun, pastRuns } from '../../record/history.ts';
import { seconds } from '../../reporters/style.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';

const WHAT = 'What to show';

const options: readonly Option[] = [
  { name: 'host', value: 'HOST', group: WHAT, doc: 'only runs that this host took part in, and what they did there' },
  { name: 'number', short: 'n', value: 'N', group: WHAT, doc: 'the newest so many (20); 0: all' },
  { name: 'json', group: WHAT, doc: 'each run as one line of JSON' },
];

export const command: Command = {
  usage: `run history
run history --host HOST`,
  doc: `Lists the runs that left a record, the newest first: when, by whom, which playbook, how many hosts, how many tasks changed
something, on how many hosts one failed, how long it took, how it ended. Records are in $XDG_STATE_HOME/troupe/runs
(~/.local/state/troupe/runs; TROUPE_STATE moves them); the newest 100 are kept.`,
  options,
  run: history,
};

async function history(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const [word] = given.words;
  if (word !== undefined)
    throw new UsageError(`run history takes no \`${word}\``, `\`run report ${word}\` shows one run`);
  const host = given.get('host');
  const most = given.number('number') ?? 20;
  const records = recordsFolder(console.environment, console.home);
  const rows: string[][] = [];
  let count = 0;
  for (const run of pastRuns(records)) {
    if (host !== undefined && !Object.hasOwn(run.hosts, host)) continue;
    if (most > 0 && ++count > most) break;
    if (given.has('json')) console.out.write(`${JSON.stringify(asJson(run))}\n`);
    else
      rows.push(host === undefined ? rowOf(run) : [...rowOf(run).slice(0, 4), ...onHost(run.hosts[host]!), run.state]);
  }
  if (given.has('json')) return EXIT.ok;
  if (rows.length === 0) {
    console.out.error(
      host === undefined ? `no run has left a record in ${records}\n` : `no record of a run on ${host}\n`,
    );
    return EXIT.ok;
  }
  const common = ['RUN', 'BEGAN', 'BY', 'PLAYBOOK'];
  const head = host === undefined ? ['HOSTS', 'CHANGED', 'FAILED', 'TIME'] : ['OK', 'CHANGED', 'FAILED', 'UNREACHABLE'];
  console.out.write(table([[...common, ...head, 'ENDED'], ...rows]));
  return EXIT.ok;
}

function rowOf(run: PastRun): string[] {
  const hosts = Object.values(run.hosts);
  const changed = hosts.reduce((sum, recap) => sum + recap.changed, 0);
  const failed = hosts.filter((recap) => recap.failed + recap.unreachable > 0).length;
  return [
    run.id,
    shownTime(new Date(run.began)),
    run.by,
    `${run.playbook.join(' ')}${run.check ? ' (check)' : ''}`,
    String(hosts.length),
    String(changed),
    String(failed),
    run.duration === undefined ? '-' : seconds(run.duration),
    run.resumes === undefined ? run.state : `${run.state}, resumed ${run.resumes}`,
  ];
}

const onHost = ({ ok, changed, failed, unreachable }: HostRecap): string[] =>
  [ok, changed, failed, unreachable].map(String);

function asJson(run: PastRun): object {
  const { id, began, by, playbook, check, state, exitCode, duration, hosts, resumes } = run;
  return { id, began, by, playbook, check, state, exitCode, duration, hosts, resumes };
}

/** In the time of whoever looks. */
function shownTime(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const numbers = /^[\d.hms-]+$/;
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i > 3 && numbers.test(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
