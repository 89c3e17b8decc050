/** Finds a module by its file's name: in the `library/` folders of the project first, then among our own. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { shortName } from '../names.ts';
import type { ModuleDefinition } from './define.ts';

const own = dirname(fileURLToPath(import.meta.url));
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const notModules = new Set(['define', 'args', 'find', 'library']);
/** Folders of modules; a family has a folder of its own so that none grows too long to read. */
const cache = new Map<string, Promise<ModuleDefinition>>();
let index: Map<string, string> | undefined;

/** Every module of ours: its name and its file. Nothing is imported. */
export function ownModules(): Map<string, string> {
  if (index) return index;
  index = new Map();
  for (const entry of readdirSync(own, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(extension) || entry.name.endsWith('.d.ts')) continue;
    const name = entry.name.slice(0, -extension.length);
    // A module's file is named for the module; a family's shared code has a dash or dot in its name, or lies in parts/.
    if (
      (notModules.has(name) && entry.parentPath === own) ||
      !/^[a-z0-9_]+$/.test(name) ||
      entry.parentPath.endsWith('parts')
    )
      continue;
    index.set(name, join(entry.parentPath, entry.name));
  }
  return index;
}

const OURS = ['.js', '.mjs', '.ts'];
/** Files beside modules that are none. */
const NO_MODULE = new Set([
  '.md',
  '.txt',
  '.rst',
  '.ini',
  '.toml',
  '.json',
  '.yml',
  '.yaml',
  '.pyc',
  '.pyo',
  '.orig',
  '.bak',
]);

/** A module in another language: a file of that name with any ending, or with none. */
function foreignFile(folder: string, name: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const entry = readdirSync(folder, { withFileTypes: true })
    .filter((one) => !one.isDirectory() && !NO_MODULE.has(extname(one.name)))
    .find((one) => basename(one.name, extname(one.name)) === name);
  return entry && join(folder, entry.name);
}

/** The file that defines a module, or undefined: `library` folders win over ours. */
export function findModule(written: string, libraries: readonly string[]): string | undefined {
  const name = shortName(written);
  for (const folder of libraries) {
    for (const ending of OURS) {
      const file = join(folder, name + ending);
      if (existsSync(file)) return file;
    }
    const foreign = foreignFile(folder, name);
    if (foreign) return foreign;
  }
  return ownModules().get(name);
}

/** The names of the modules that lie in these folders; files that such a module only imports, and shell halves, are none. */
export function libraryModules(libraries: readonly string[]): string[] {
  const names = libraries.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap(({ name, parentPath }) => {
      const [ending, file] = [extname(name), join(parentPath, name)];
      const plain = basename(name, ending);
      if (!/^[a-z0-9_]+$/.test(plain) || NO_MODULE.has(ending) || !statSync(file).isFile()) return [];
      const text = readFileSync(file, 'latin1');
      const isModule = OURS.includes(ending) ? /\bexport\b.*\bdefault\b/.test(text) : /^(#!|\x7fELF)/.test(text);
      return isModule ? [plain] : [];
    }),
  );
  return [...new Set(names)].sort();
}

/** Loads a module's definition from its file. */
export function loadModule(file: string): Promise<ModuleDefinition> {
  let loading = cache.get(file);
  if (!loading) {
    loading = loadFile(file);
    cache.set(file, loading);
  }
  return loading;
}

async function loadFile(file: string): Promise<ModuleDefinition> {
  if (!OURS.includes(extname(file))) return (await import('./parts/foreign.ts')).foreignModule(file);
  if (!file.startsWith(join(own, '/'))) return (await import('./library.ts')).loadLibraryModule(file);
  const found = (await import(pathToFileURL(file).href)) as { default: ModuleDefinition };
  return found.default;
}
