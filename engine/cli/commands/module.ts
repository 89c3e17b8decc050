/** `run module`: one module on hosts, without a playbook. */

import { basename, join } from 'node:path';
import { AuthorError, UsageError } from '../../errors.ts';
import { isLocalName } from '../../inventory/names.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { Given, parseOptions } from '../options/option_table.ts';
import { moduleOptions } from '../options/play_options.ts';
import { runOptions, verbosity } from '../options/run_options.ts';
import { chosenReporters, follow } from '../report.ts';
import { readSettings } from '../settings/settings.ts';

export const command: Command = {
  usage: `run module PATTERN -i INVENTORY -m MODULE [-a ARGUMENTS]
run module PATTERN -i INVENTORY -a COMMAND`,
  doc: `Runs one module on the hosts that a pattern means.

  run module all -i hosts -m ping
  run module web -i hosts -a 'uptime'
  run module all -i hosts -bK -m service -a 'name=etcd state=restarted'`,
  options: moduleOptions,
  run: runModule,
};

async function runModule(console: Console): Promise<number> {
  const given = parseOptions(console.args, moduleOptions);
  const [pattern, ...others] = given.words;
  if (pattern === undefined || others.length > 0)
    throw new UsageError('run module takes one pattern of hosts', 'run module all -i hosts -m ping');
  const settings = readSettings(console);
  const reporting = await chosenReporters(
    given.all('reporter'),
    given.has('one-line') ? 'oneline' : 'minimal',
    console,
  );
  const common = await runOptions(given, settings, console);
  if (common.inventory === undefined && !isLocalName(pattern))
    throw new InputError(`no inventory says which hosts \`${pattern}\` means`, 'give one: -i hosts, or -i db1,');
  const name = given.get('module-name') ?? 'command';
  const playbook = join(console.cwd, 'command-line.yaml');
  // To list hosts no module is needed, nor are its arguments right or wrong.
  const text = given.has('list-hosts') ? adHocPlay(pattern, 'ping', new Given()) : adHocPlay(pattern, name, given);
  const input = { ...common, playbook, texts: new Map([[playbook, text]]) };
  const { loadPlaybook, runPlaybook } = await import('../../index.ts');
  try {
    if (given.has('list-hosts'))
      return showHosts(
        (await loadPlaybook(input)).playbooks.flatMap(({ plays }) => plays.flatMap((play) => play.hosts)),
        console,
      );
    return await follow(
      runPlaybook(input),
      reporting,
      { verbosity: verbosity(given, settings), live: given.has('live'), heartbeat: 0 },
      console,
    );
  } catch (error) {
    throw error instanceof AuthorError ? withoutPlay(error, playbook) : error;
  }
}

function showHosts(hosts: readonly string[], console: Console): number {
  console.out.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
  return EXIT.ok;
}

/** Nobody wrote the play that the words were put into: its lines explain nothing. */
function withoutPlay(error: AuthorError, playbook: string): AuthorError {
  return new AuthorError(
    error.findings.map((finding) =>
      finding.place && basename(finding.place.source.file) === basename(playbook)
        ? { ...finding, place: undefined }
        : finding,
    ),
  );
}

/** A play as text, every word of the command line quoted: JSON is YAML. */
function adHocPlay(pattern: string, name: string, given: Given): string {
  const args = given.get('args');
  const task = {
    name,
    [name]: args === undefined ? null : parsed(args),
    ...(given.has('background') ? { async: given.number('background'), poll: given.number('poll') ?? 15 } : {}),
    ...(given.has('task-timeout') ? { timeout: given.number('task-timeout') } : {}),
  };
  return JSON.stringify([{ name: 'command line', hosts: pattern, gather_facts: false, tasks: [task] }]);
}

/** Arguments as JSON stay a dict; anything else is Ansible's one-line form. */
function parsed(args: string): unknown {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Not JSON.
  }
  return args;
}
