/** `run install`: the roles and collections that a project requires. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AuthorError, reasonOf, UsageError } from '../../errors.ts';
import { type InstallOptions, install } from '../../install/install.ts';
import { readLock, writeLock } from '../../install/lock.ts';
import { type Requirement, readRequirements } from '../../install/requirements.ts';
import { Source, shownPath } from '../../values.ts';
import { parseYaml } from '../../yaml/index.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { type Given, type Option, parseOptions } from '../options/option_table.ts';

const WHERE = 'From and to where';

/** Options that `outdated` has too. */
export const requirementOptions: readonly Option[] = [
  { name: 'role-file', short: 'r', value: 'FILE', group: WHERE, doc: 'the file of requirements (requirements.yml)' },
  {
    name: 'server',
    value: 'URL',
    group: WHERE,
    doc: 'the index of roles and collections (https://galaxy.ansible.com)',
  },
];

const options: readonly Option[] = [
  ...requirementOptions,
  { name: 'roles-path', value: 'DIR', group: WHERE, doc: 'where roles go (roles/ beside the requirements)' },
  {
    name: 'collections-path',
    value: 'DIR',
    group: WHERE,
    doc: 'where collections go (collections/ beside the requirements)',
  },
  { name: 'frozen', group: 'What', doc: 'install exactly what troupe.lock says; refuse what it does not' },
  { name: 'update', group: 'What', doc: 'take what the sources have now, and lock that' },
  { name: 'force', group: 'What', doc: 'replace directories that were changed, or that somebody else put there' },
];

export const command: Command = {
  usage: 'run install [-r requirements.yml] [--frozen]',
  doc: `Installs roles and collections: from git (tags, branches, commits, directories), from archives, from an index in Galaxy's form.
troupe.lock beside the requirements keeps the commit and the hash of the content of each; what does not have it any more is refused.
Nothing of what is installed is run.`,
  options,
  run: installAll,
};

/** The file of requirements and what is said around it. */
export function required(
  given: Given,
  console: Console,
): { requirements: Requirement[]; lockFile: string; settings: InstallOptions } {
  if (given.words.length > 0)
    throw new UsageError('what is to be installed is in a file', 'run install -r requirements.yml');
  const name =
    given.get('role-file') ??
    ['requirements.yml', 'requirements.yaml'].find((each) => existsSync(join(console.cwd, each))) ??
    'requirements.yml';
  const path = resolve(console.cwd, name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${name}: ${reasonOf(error)}`, 'name the file of requirements: -r FILE');
  }
  const requirements = readRequirements(parseYaml(new Source(shownPath(path, console.cwd), text), { trusted: false }));
  const base = dirname(path);
  const at = (option: string, standard: string) =>
    resolve(given.get(option) === undefined ? base : console.cwd, given.get(option) ?? standard);
  const settings: InstallOptions = {
    base,
    cwd: base,
    environment: console.environment,
    signal: console.interrupted,
    roles: at('roles-path', 'roles'),
    collections: at('collections-path', 'collections'),
    server: given.get('server') ?? console.environment['ANSIBLE_GALAXY_SERVER'] ?? 'https://galaxy.ansible.com',
    frozen: given.has('frozen'),
    update: given.has('update'),
    force: given.has('force'),
  };
  return { requirements, lockFile: join(base, 'troupe.lock'), settings };
}

async function installAll(console: Console): Promise<number> {
  const { requirements, lockFile, settings } = required(parseOptions(console.args, options), console);
  if (settings.frozen && settings.update) throw new UsageError('--frozen and --update exclude each other');
  if (settings.frozen && !existsSync(lockFile))
    throw new InputError(
      'there is no troupe.lock, and --frozen takes only what is locked',
      'run `run install` without it',
    );
  const lock = readLock(lockFile);
  const wrong: AuthorError[] = [];
  for (const requirement of requirements) {
    try {
      const { what, requirement: done, locked } = await install(requirement, lock, settings);
      const version = locked.version ? ` ${locked.version}` : '';
      const commit = locked.commit ? ` (${locked.commit.slice(0, 12)})` : '';
      console.out.write(`${what}: ${done.kind} ${done.name}${version}${commit}\n`);
      // What is installed is locked, whatever becomes of the others.
      if (!settings.frozen) writeLock(lockFile, lock);
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      wrong.push(error);
    }
  }
  if (wrong.length > 0) throw new AuthorError(wrong.flatMap((error) => error.findings));
  return EXIT.ok;
}
