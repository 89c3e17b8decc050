/** Where a role is: beside the playbook, in roles_path, beside the role that asks, in collections. */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { didYouMean } from '../errors.ts';
import { keyword } from './keyword.ts';
import type { Loader } from './load.ts';
import { packageRole } from './packages.ts';
import type { Where } from './task.ts';

/** `namespace.collection.name`, where the name may have folders of its own. */
const COLLECTION_NAME = /^([\w-]+\.[\w-]+)\.([\w-]+(?:\.[\w-]+)*)$/;

/** The folder of a role. */
export function locateRole(name: string, where: Where, loader: Loader): string | undefined {
  const [, collection, short] = COLLECTION_NAME.exec(name) ?? [];
  const folders = roleFolders(where, loader);
  const inFolders = (each: string) => folders.map((folder) => resolve(folder, each)).find(isFolder);
  if (short) return inFolders(name) ?? ofCollection(collection!, short, where, loader) ?? inFolders(short);
  const named = keyword(where.parent, 'collections') ?? [];
  const searched = [...(where.role ? [where.role.role.collection] : []), ...named];
  for (const each of searched) {
    const found = ofCollection(String(each), name, where, loader);
    if (found) return found;
  }
  return inFolders(name) ?? packageRole(name, where.play.directory);
}

/** What to say of a role that is not there; undefined where it is. */
export function missingRole(name: string, where: Where, loader: Loader): { message: string; help: string } | undefined {
  if (locateRole(name, where, loader)) return undefined;
  const folders = roleFolders(where, loader);
  const known = folders.flatMap((folder) => foldersIn(folder));
  const near = didYouMean(
    name,
    known.filter((one) => one !== name),
  );
  return {
    message: `there is no role \`${name}\``,
    help: `${near ? `${near}; ` : ''}looked in: ${folders.join(', ')}`,
  };
}

/** Folders that hold roles, in the order in which Ansible looks. */
function roleFolders(where: Where, loader: Loader): string[] {
  const folders = [join(where.play.directory, 'roles'), ...loader.env.rolesPath];
  for (let use = where.role; use; use = use.parent) folders.push(resolve(use.role.path, '..'));
  // `playbooks/` beside `roles/` is the layout of a project; Ansible needs roles_path for it.
  if (basename(where.play.directory) === 'playbooks') folders.push(resolve(where.play.directory, '..', 'roles'));
  folders.push(where.play.directory);
  return [...new Set(folders)];
}

/** A role in the folder of its collection, wherever collections are installed. */
function ofCollection(collection: string, name: string, where: Where, loader: Loader): string | undefined {
  if (!/^\w+\.\w+$/.test(collection)) return undefined;
  const { directory } = where.play;
  const [own] = /^.*\/ansible_collections(?=\/)/.exec(where.role?.role.path ?? directory) ?? [];
  const beside = [directory, resolve(directory, '..')].map((folder) => join(folder, 'collections'));
  const roots = [...(own ? [own] : []), ...beside, ...loader.env.collectionsPath];
  return roots
    .map((root) => (basename(root) === 'ansible_collections' ? root : join(root, 'ansible_collections')))
    .map((root) => join(root, collection.replace('.', '/'), 'roles', name.replaceAll('.', '/')))
    .find(isFolder);
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Whether there is a folder that this process may not read. */
export function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** The folders in a folder, by name. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [] : entry.name));
  } catch {
    return [];
  }
}
