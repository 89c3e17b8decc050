/** Folders of a project's own modules, for commands that know no playbook. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AuthorError } from '../../errors.ts';
import type { ModuleDefinition } from '../../modules/define.ts';
import { findModule, libraryModules, loadModule, ownModules } from '../../modules/find.ts';
import type { Console } from '../console.ts';

/** `library/` here, beside the playbooks, and in the roles of both. */
export function projectLibraries(cwd: string): string[] {
  const places = [cwd, join(cwd, 'playbooks')];
  const roles = places
    .map((place) => join(place, 'roles'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((role) => join(folder, role)));
  return [...places, ...roles].map((place) => join(place, 'library')).filter((folder) => existsSync(folder));
}

/** Every module, ours and the project's, by name; of one that cannot be loaded a line tells why. */
export async function allModules(console: Console): Promise<Map<string, ModuleDefinition>> {
  const libraries = projectLibraries(console.cwd);
  const found = new Map<string, ModuleDefinition>();
  for (const name of [...new Set([...ownModules().keys(), ...libraryModules(libraries)])].sort()) {
    try {
      found.set(name, await loadModule(findModule(name, libraries)!));
    } catch (error) {
      if (!(error instanceof AuthorError)) throw error;
      console.out.error(`left out: ${error.message}\n`);
    }
  }
  return found;
}
