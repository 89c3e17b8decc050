/** Filters, tests and lookups of the project: `filters/` beside the playbook, in roles, and in packages. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AuthorError, type Finding } from '../errors.ts';
import { importFile, start } from '../modules/library-load.ts';
import { packageFolders } from '../playbook/packages.ts';
import { addOwn, forgetOwn, type OwnKind, type PlainFunction } from '../template/library/own.ts';

const KINDS: Readonly<Record<string, OwnKind>> = { filters: 'filter', tests: 'test', lookups: 'lookup' };

/** Loads them all; what is wrong with a file is returned. */
export async function loadOwnFilters(directory: string, rolesPath: readonly string[]): Promise<Finding[]> {
  forgetOwn();
  const findings: Finding[] = [];
  for (const folder of foldersOf(directory, rolesPath))
    for (const name of readdirSync(folder).sort()) {
      if (!/^[\w-]+\.(ts|mts|js|mjs)$/.test(name) || name.endsWith('.d.ts')) continue;
      const file = join(folder, name);
      try {
        findings.push(...added(file, await importFile(file, 'file of filters')));
      } catch (error) {
        if (!(error instanceof AuthorError)) throw error;
        findings.push(...error.findings);
      }
    }
  return findings;
}

function foldersOf(directory: string, rolesPath: readonly string[]): string[] {
  const roles = [join(directory, 'roles'), ...rolesPath].filter((folder) => existsSync(folder));
  const ofRoles = roles.flatMap((folder) => readdirSync(folder).map((role) => join(folder, role, 'filters')));
  const found = [join(directory, 'filters'), ...ofRoles, ...packageFolders('filters', directory)];
  return [...new Set(found)].filter((folder) => existsSync(folder));
}

/** `export const filters = { name: function }`, and the same of `tests` and `lookups`. */
function added(file: string, exported: { readonly [name: string]: unknown }): Finding[] {
  const findings: Finding[] = [];
  const say = (message: string, help: string) => findings.push({ message, place: start(file), help });
  const known = Object.keys(KINDS).filter((name) => name in exported);
  if (known.length === 0)
    say(
      `${basename(file)} exports no filters`,
      'write `export const filters = { name: (value) => ... }`, and `tests` and `lookups` in the same way',
    );
  for (const name of known)
    for (const [each, run] of Object.entries(exported[name] ?? {})) {
      if (typeof run !== 'function' || !/^[A-Za-z_]\w*$/.test(each))
        say(
          `\`${each}\` in ${basename(file)} is not a ${KINDS[name]}`,
          'it has to be a function, under a name that templates can have',
        );
      else if (!addOwn(KINDS[name]!, each, run as PlainFunction))
        say(`there is a ${KINDS[name]} \`${each}\` already`, 'give this one another name');
    }
  return findings;
}
