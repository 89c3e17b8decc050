/** Files of the controller, looked for where Ansible looks: the role's folders, the task file's, the playbook's, the project's. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import type { ControllerFiles } from '../../modules/define.ts';
import { nearFile } from '../../playbook/near_file.ts';
import type { Scoped, Task } from '../../playbook/nodes.ts';
import { decryptVaultBytes, isVault } from '../../yaml/index.ts';
import type { Session } from '../session.ts';
import type { PlayView } from '../types.ts';

/** Bytes of a file that is read without letting anything else go on meanwhile. */
const SMALL = 256 * 1024;

/** Subfolders in which files of a kind are looked for. */
export type FileKind = 'files' | 'templates' | 'vars' | 'tasks';

/** `~/x` and `~user/x` of the controller; a user who is not there stays as he is written. */
function expandHome(name: string, home: string | undefined): string {
  const [, user, rest] = /^~([^/]*)(\/.*|)$/s.exec(name) ?? [];
  if (user === undefined) return name;
  const place = user === '' ? home : homeOf(user);
  return place === undefined ? name : place + rest;
}

function homeOf(user: string): string | undefined {
  try {
    const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
    return entries.map((line) => line.split(':')).find(([name]) => name === user)?.[5];
  } catch {
    return undefined;
  }
}

/** Paths at which a file named by a task is looked for, the most specific first. */
export function searchPaths(
  name: string,
  kind: FileKind,
  node: Scoped,
  view: Pick<PlayView, 'play'>,
  home?: string,
): string[] {
  const expanded = expandHome(name, home);
  if (isAbsolute(expanded)) return [expanded];
  const folders: string[] = [];
  for (let use = node.role; use; use = use.parent) folders.push(join(use.role.path, kind), use.role.path);
  const beside = node.kind === 'task' ? (node as Task).directory : undefined;
  if (beside) folders.push(...(node.role ? [] : [join(beside, kind)]), beside);
  for (const folder of projectFolders(view.play.directory)) folders.push(join(folder, kind), folder);
  return [...new Set(folders.map((folder) => resolve(folder, expanded)))];
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    // Small files at once: the way through the thread pool takes ten times as long as reading them.
    return statSync(path).size > SMALL ? await readFile(path) : readFileSync(path);
  } catch (error) {
    throw namingFile(error, path);
  }
}

/** Of a folder the system says what is wrong without its name. */
export function namingFile(error: unknown, path: string): unknown {
  return error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
}

const nearly = (name: string, paths: readonly string[]): string => {
  const near = nearFile(name, paths);
  return near === undefined ? '' : `; ${near}`;
};

/** The `files` of a module for one task. */
export function controllerFiles(session: Session, view: PlayView, node: Scoped): ControllerFiles {
  const home = session.options.ssh?.home;
  return {
    find(name, kind) {
      const paths = searchPaths(name, kind, node, view, home);
      const found = paths.find((path) => existsSync(path));
      if (found !== undefined) {
        session.used.add(found);
        return found;
      }
      throw new ModuleFailure(
        `there is no ${kind === 'templates' ? 'template' : 'file'} \`${name}\` on the controller; looked for ${paths.join(', ')}${nearly(name, paths)}`,
      );
    },
    async read(path) {
      const content = await readWhole(path);
      if (!isVault(content.subarray(0, 64).toString('latin1'))) return content;
      return decryptVaultBytes(content.toString('utf8'), [...(session.options.vault ?? [])]);
    },
    resolve(path) {
      return resolve(view.play.directory, expandHome(path, home));
    },
  };
}

/** The project of a playbook: a folder `playbooks/` belongs to the folder above it. */
export function projectFolders(playbookDirectory: string): string[] {
  const above = resolve(playbookDirectory, '..');
  const inPlaybooks = playbookDirectory.endsWith('/playbooks') && existsSync(join(above, 'roles'));
  return inPlaybooks ? [playbookDirectory, above] : [playbookDirectory];
}
