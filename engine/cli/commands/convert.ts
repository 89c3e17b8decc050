/** `run convert`: a playbook in YAML as TypeScript. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { convert } from '../../author/convert.ts';
import { reasonOf, UsageError } from '../../errors.ts';
import { findModule, loadModule } from '../../modules/find.ts';
import { Source, shownPath } from '../../values.ts';
import { parseYaml } from '../../yaml/index.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { type Option, parseOptions } from '../options/option_table.ts';
import { showFindings } from '../report.ts';
import { projectLibraries } from '../settings/libraries.ts';

const options: readonly Option[] = [
  { name: 'output', short: 'o', value: 'FILE', group: 'Where to', doc: 'write there instead of to standard output' },
];

export const command: Command = {
  usage: 'run convert PLAYBOOK [-o FILE]',
  doc: `Writes the TypeScript of a playbook, or of a file of tasks, in YAML: the result runs the same. Comments above plays and tasks are
kept, others are not. Put it beside the file that it comes from, as names of files in it are relative to that.

  run convert site.yaml -o site.ts`,
  options,
  run: convertFile,
};

async function convertFile(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const [name, ...more] = given.words;
  if (name === undefined || more.length > 0) throw new UsageError('which playbook?', 'run convert PLAYBOOK [-o FILE]');
  const path = resolve(console.cwd, name);
  const output = given.get('output');
  const target = output === undefined || output === '-' ? undefined : resolve(console.cwd, output);
  if (target && existsSync(target))
    throw new InputError(`${output} is there already`, 'remove it, or name another file');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${name}: ${reasonOf(error)}`);
  }
  const libraries = [join(dirname(path), 'library'), ...projectLibraries(console.cwd)].filter((folder) =>
    existsSync(folder),
  );
  const program = await convert(
    parseYaml(new Source(shownPath(path, console.cwd), text), {
      duplicates: (finding) => showFindings([{ ...finding, warning: true }], console),
    }),
    async (module) => {
      const file = findModule(module, libraries);
      return file && findModule(module, []) === file ? loadModule(file) : undefined;
    },
  );
  if (target) writeFileSync(target, program);
  else console.out.write(program);
  return EXIT.ok;
}
