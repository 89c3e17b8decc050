/** What `--help` says: examples first. */
import { type Command, commands } from '../command_table.ts';
import { optionsHelp } from './option_table.ts';
import { playOptions } from './play_options.ts';

const INTRO = `run: carries out playbooks on hosts over SSH. Hosts need a POSIX shell and nothing else.

  run install.yaml -i hosts               a playbook on the hosts of an inventory
  run site.yaml -i db1,db2 -u admin -bK   on two hosts, as root by sudo, whose password is asked for
  run site.yaml -i hosts -CD              what would change, and how; nothing is changed
  run site.yaml -i hosts -l web -t conf   only the hosts of group web, only tasks tagged conf
  run site.yaml -i hosts -e port=8080     with a variable that wins over all others
  run site.yaml -i hosts --list-tasks     what it would do, in order

A playbook that is not in this folder is looked for in playbooks/, and then among those that come
with Troupe; an inventory in inventory/.`;

/** Help of one command. */
export function commandHelp({ usage, doc, options }: Command, columns: number): string {
  return `${doc}\n\nusage:\n${usage.replace(/^/gm, '  ')}\n${optionsHelp(options, columns)}\n`;
}

/** Help of `run` itself. */
export function generalHelp(columns: number): string {
  const known = Object.entries(commands).map(([name, { summary }]) => `  run ${name.padEnd(12)}${summary}`);
  const others = `Other commands (run COMMAND --help):\n${known.join('\n')}`;
  const usage = `usage: run PLAYBOOK... [-i INVENTORY] [options]\n${optionsHelp(playOptions, columns)}`;
  return `${INTRO}\n\n${others}\n\n${usage}\n\n${EXITS}\n`;
}

const EXITS = `Exit codes: 0 all is well; 1 a named file is not there; 2 a task failed on a host; 4 a host was not reached, or the
playbook has mistakes (nothing was run); 5 wrong options; 99 interrupted; 250 a bug in Troupe.`;
