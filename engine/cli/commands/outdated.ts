/** `run outdated`: which of the installed roles and collections have newer versions. */
import { readLock } from '../../install/lock.ts';
import { type Standing, standing } from '../../install/outdated.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT } from '../console.ts';
import { parseOptions } from '../options/option_table.ts';
import { required, requirementOptions } from './install.ts';

export const command: Command = {
  usage: 'run outdated [-r requirements.yml]',
  doc: 'Compares what troupe.lock has with what the sources have now. Nothing is installed.',
  options: requirementOptions,
  run: outdated,
};

async function outdated(console: Console): Promise<number> {
  const { requirements, lockFile, settings } = required(parseOptions(console.args, requirementOptions), console);
  const lock = readLock(lockFile);
  const found: Standing[] = [];
  for (const requirement of requirements) found.push(await standing(requirement, lock, settings));
  const late = found.filter((each) => each.outdated);
  const width = Math.max(0, ...late.map(({ requirement }) => requirement.kind.length + requirement.name.length + 1));
  for (const { requirement, installed, newest } of late)
    console.out.write(
      `${`${requirement.kind} ${requirement.name}`.padEnd(width)}  ${installed === '-' ? 'not installed' : `${installed} -> ${newest}`}\n`,
    );
  if (late.length === 0) console.out.write('everything is up to date\n');
  return EXIT.ok;
}
