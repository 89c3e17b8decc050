/** Folders of a project's own modules, for commands that know no playbook. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `library/` here and beside the playbooks. */
export function projectLibraries(cwd: string): string[] {
  return [join(cwd, 'library'), join(cwd, 'playbooks', 'library')].filter((folder) => existsSync(folder));
}
