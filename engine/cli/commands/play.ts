/** `run PLAYBOOK`: the main command. */

import { didYouMean, UsageError } from '../../errors.ts';
import type { LoadedPlaybook, RunOptions } from '../../index.ts';
import { isLocalName } from '../../inventory/names.ts';
import { fnmatch } from '../../python/fnmatch.ts';
import { recordsFolder } from '../../record/folder.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { type Given, parseOptions } from '../options/option_table.ts';
import { playOptions } from '../options/play_options.ts';
import { runOptions, verbosity } from '../options/run_options.ts';
import { chosenReporters, exitCodeOf, follow, showFindings } from '../report.ts';
import { furtherReporters, screenReporter } from '../settings/callbacks.ts';
import { findPlaybook, likelyInventory } from '../settings/find_files.ts';
import { readSettings, type Settings } from '../settings/settings.ts';
import { resumed, sayHowToResume } from './resume.ts';
import { writeRetryFile } from './retry_file.ts';

/** Runs the playbooks that the command line names, or lists what they hold; returns the exit code. */
export async function play(called: Console): Promise<number> {
  const { console, given, resume } = resumed(called, parseOptions(called.args, playOptions));
  const settings = readSettings(console);
  const asked = await calledWith(given, settings, console);
  if (resume) asked.options.resume = resume;
  return playWith(given, asked, settings, console);
}

interface Asked {
  options: RunOptions;
  looksOnly: boolean;
}

/** What a command line asks to run. */
export async function calledWith(given: Given, settings: Settings, console: Console): Promise<Asked> {
  if (given.words.length === 0) throw new UsageError('which playbook?', 'run PLAYBOOK -i INVENTORY; see `run --help`');
  const playbook = given.words.map((name) => {
    const found = findPlaybook(name, console.cwd, console.packageFolder);
    if (found.note) console.out.error(`${found.note}\n`);
    return found.path;
  });
  const looksOnly = ['syntax-check', 'list-hosts', 'list-tasks', 'list-tags'].some((name) => given.has(name));
  const options: RunOptions = { playbook, ...(await runOptions(given, settings, console)) };
  const record = given.has('no-record') ? undefined : recordOptions(console);
  if (record) options.record = record;
  return { options, looksOnly };
}

/** Runs it, or lists what it holds; returns the exit code. */
export async function playWith(
  given: Given,
  { options, looksOnly }: Asked,
  settings: Settings,
  console: Console,
): Promise<number> {
  const playbook = options.playbook as readonly string[];
  const named = given.all('reporter');
  // What the command line names wins over the settings.
  const standard = looksOnly || named.length > 0 ? 'default' : screenReporter(settings);
  const further = looksOnly || named.length > 0 ? [] : furtherReporters(settings, playbook[0]!, console);
  for (const warning of settings.warnings) console.out.error(`[WARNING]: ${warning}\n`);
  const reporting = looksOnly ? [] : await chosenReporters([...named, ...further], standard, console);
  const { loadPlaybook, runPlaybook } = await import('../../index.ts');
  if (looksOnly) return list(given, await loadPlaybook(options), console);
  if (options.inventory === undefined) requireInventory(await loadPlaybook(options), console);
  if (options.startAtTask !== undefined) requireTask(options.startAtTask, await loadPlaybook(options));
  const heartbeat = isCi(console) && !console.out.isTTY ? 30 : 0;
  const show = { verbosity: verbosity(given, settings), live: given.has('live'), heartbeat };
  const run = runPlaybook(options);
  const code = await follow(run, reporting, show, console).catch((error: unknown) => {
    // What the run refuses of the command line is not there, rather than written wrongly.
    throw error instanceof UsageError ? new InputError(error.message, error.help) : error;
  });
  const recap = await run.recap.catch(() => undefined);
  if (recap) writeRetryFile(playbook.at(-1)!, recap, settings, console);
  if (recap) sayHowToResume(recap, options, console);
  return code;
}

/** A user without a home, as containers have them, has no place for records, and needs no warning of it. */
function recordOptions({ environment, home, args, version }: Console): RunOptions['record'] {
  if (home === '/' && !environment['TROUPE_STATE'] && !environment['XDG_STATE_HOME']) return undefined;
  return { folder: recordsFolder(environment, home), words: args, version };
}

/** `--start-at-task` names a task, by its whole name or a pattern with `*`, with or without its role. */
function requireTask(wanted: string, loaded: LoadedPlaybook): void {
  if (loaded.findings.some((f) => !f.warning)) return;
  const listed = loaded.playbooks.flatMap((p) => p.plays.flatMap((one) => one.tasks.map((task) => task.name)));
  const names = new Set(listed.flatMap((name) => [name, name.slice(name.indexOf(' : ') + 1).replace(/^: /, '')]));
  const pattern = fnmatch(wanted);
  if ([...names].some((name) => name === wanted || pattern.test(name))) return;
  throw new InputError(
    `no task is named \`${wanted}\`; --start-at-task finds tasks of the playbook, its roles and static imports`,
    didYouMean(wanted, names),
  );
}

function isCi({ environment }: Console): boolean {
  return environment['CI'] !== undefined && !['', 'false', '0'].includes(environment['CI']);
}

/** Without an inventory only plays on localhost can run; one such play may make the others' hosts (add_host). */
function requireInventory(loaded: LoadedPlaybook, console: Console): void {
  const plays = loaded.playbooks.flatMap((p) => p.plays);
  if (plays.length === 0 || plays.some((p) => isLocalName(p.pattern)) || loaded.findings.some((f) => !f.warning))
    return;
  const likely = likelyInventory(console.cwd);
  throw new InputError(
    `this playbook runs on \`${plays[0]!.pattern}\`, and no inventory says which hosts those are`,
    likely === undefined
      ? 'give a file of hosts, `-i hosts`, or the hosts themselves, with a comma: `-i db1,db2`'
      : `did you mean \`-i ${likely}\`?`,
  );
}

/** The listings, in ansible-playbook's form. */
function list(given: Given, loaded: LoadedPlaybook, console: Console): number {
  showFindings(loaded.findings, console);
  if (loaded.findings.some((f) => !f.warning)) return exitCodeOf(loaded.findings);
  const lines: string[] = [];
  for (const { file, plays } of loaded.playbooks) {
    lines.push('', `playbook: ${file}`);
    if (!['list-hosts', 'list-tasks', 'list-tags'].some((name) => given.has(name))) continue;
    for (const [i, one] of plays.entries()) {
      lines.push('', `  play #${i + 1} (${one.pattern}): ${one.name}\tTAGS: [${one.tags.join(', ')}]`);
      if (given.has('list-hosts')) {
        lines.push(`    pattern: ['${one.pattern}']`, `    hosts (${one.hosts.length}):`);
        lines.push(...one.hosts.map((host) => `      ${host}`));
      }
      if (given.has('list-tasks')) {
        lines.push('    tasks:');
        lines.push(...one.tasks.map((task) => `      ${task.name}\tTAGS: [${[...task.tags].sort().join(', ')}]`));
      }
      if (given.has('list-tags')) {
        const tags = new Set(one.tasks.flatMap((task) => task.tags));
        lines.push(`      TASK TAGS: [${[...tags].sort().join(', ')}]`);
      }
    }
  }
  console.out.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}
