/** `run module`: one module on hosts, without a playbook. */
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Console, InputError } from './console.ts';
import type { Command } from './main.ts';
import { parseOptions } from './option_table.ts';
import { moduleOptions } from './play_options.ts';
import { chosenReporters, follow } from './report.ts';
import { runOptions, verbosity } from './run_options.ts';
import { readSettings } from './settings.ts';

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
  if (common.inventory === undefined && !['localhost', '127.0.0.1', '::1'].includes(pattern))
    throw new InputError(`no inventory says which hosts \`${pattern}\` means`, 'give one: -i hosts, or -i db1,');
  const name = given.get('module-name') ?? 'command';
  const playbook = join(console.cwd, 'command-line.yaml');
  const text = adHocPlay(pattern, name, given.get('args'));
  const { runPlaybook } = await import('../index.ts');
  const run = runPlaybook({ ...common, playbook, texts: new Map([[playbook, text]]) });
  return follow(
    run,
    reporting,
    { verbosity: verbosity(given, settings), live: given.has('live'), heartbeat: 0 },
    console,
  );
}

/** A play as text, every word of the command line quoted: JSON is YAML. */
function adHocPlay(pattern: string, name: string, args: string | undefined): string {
  const task = { name, [name]: args === undefined ? null : parsed(args) };
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
