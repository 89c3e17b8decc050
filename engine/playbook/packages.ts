/** Roles, modules and filters that npm has installed: packages that say in package.json, under `troupe`, what they bring. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** What `troupe` of a package.json may name: directories in the package. */
interface Brought {
  role?: string;
  library?: string;
  filters?: string;
}

interface Manifest {
  troupe?: Brought;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** The directories from here upwards. */
function* upwards(from: string): Generator<string> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

const NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** The directory of an installed package, seen from a directory. */
function packageFolder(name: string, from: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  for (const folder of upwards(from)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
  }
  return undefined;
}

/** A directory that a package names, if it is one in it. */
function inside(folder: string, name: string | undefined): string | undefined {
  if (typeof name !== 'string') return undefined;
  const path = resolve(folder, name);
  return (path === folder || path.startsWith(folder + sep)) && existsSync(path) ? path : undefined;
}

/** The role that a package is: `@acme/nginx`. */
export function packageRole(name: string, from: string): string | undefined {
  const folder = packageFolder(name, from);
  const brought = folder && manifestOf(folder)?.troupe;
  return brought ? inside(folder, brought.role) : undefined;
}

/** Directories of modules, or of filters, of the packages that the project depends on. */
export function packageFolders(kind: 'library' | 'filters', from: string): string[] {
  for (const folder of upwards(from)) {
    const project = manifestOf(folder);
    if (!project) continue;
    const names = Object.keys({ ...project.dependencies, ...project.devDependencies });
    return names.flatMap((name) => {
      const found = packageFolder(name, folder);
      const brought = found && manifestOf(found)?.troupe;
      return (brought && inside(found, brought[kind])) || [];
    });
  }
  return [];
}
