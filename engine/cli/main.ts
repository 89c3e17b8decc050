/** Which command is meant, and what becomes of an error. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nearest, UsageError } from '../errors.ts';
import { commands } from './command_table.ts';
import { type Console, EXIT } from './console.ts';

/** Carries out a command line and returns the exit code; nothing is thrown. */
export async function main(console: Console): Promise<number> {
  try {
    return await dispatch(console);
  } catch (error) {
    const { showError } = await import('./report.ts');
    return showError(error, console);
  }
}

async function dispatch(console: Console): Promise<number> {
  const { args } = console;
  const word = args[0] ?? '';
  const end = args.indexOf('--');
  const options = args.slice(0, end < 0 ? undefined : end);
  if (options.includes('--version')) {
    console.out.write(`run (troupe) ${console.version}\n`);
    return EXIT.ok;
  }
  // A playbook of that name wins over a command.
  const isFile = statSync(resolve(console.cwd, word), { throwIfNoEntry: false })?.isFile() === true;
  const known = Object.hasOwn(commands, word) && !isFile ? commands[word] : undefined;
  const command = known && (await known.load()).command;
  const asksHelp = options.some((arg) => arg === '--help' || arg === '-h');
  if (args.length === 0 || asksHelp) {
    const { generalHelp, commandHelp } = await import('./options/help.ts');
    const { columns } = console.out;
    const text = command ? commandHelp(command, columns) : generalHelp(columns);
    if (asksHelp) console.out.write(text);
    else console.out.error(text);
    return asksHelp ? EXIT.ok : EXIT.usage;
  }
  if (command) return command.run(withArgs(console, args.slice(1)));
  if (/^[a-z]+$/.test(word) && !isFile) refuseMisspelt(word, console);
  const { play } = await import('./commands/play.ts');
  return play(console);
}

/** `run inventroy --list`: the command is wrong, not the option. */
function refuseMisspelt(word: string, { cwd }: Console): void {
  const near = nearest(word, Object.keys(commands));
  if (near === undefined || existsSync(join(cwd, 'playbooks', word))) return;
  throw new UsageError(`there is no command or playbook \`${word}\``, `did you mean \`run ${near}\`?`);
}

/** The same console with other words; its parts are looked up through the prototype, so that `asking` stays live. */
function withArgs(console: Console, args: readonly string[]): Console {
  return Object.create(console, { args: { value: args, enumerable: true } }) as Console;
}
