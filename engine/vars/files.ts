/** Files of variables: group_vars/ and host_vars/ beside inventories and playbooks, and any other vars file. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { mistake, nearest, reasonOf } from '../errors.ts';
import { type Dict, isDict, type Place, shownPath } from '../values.ts';
import { openedSource, type ParseOptions, parseYaml, utf8Text, type VaultSecret } from '../yaml/index.ts';

export interface VarsFileOptions {
  /** Where the user stands: files inside are shown relative to it. */
  cwd?: string | undefined;
  vault?: readonly VaultSecret[] | undefined;
  /** Shown every text that is read. */
  seen?: ((text: string) => void) | undefined;
  /** Told of keys that stand twice; without it they are mistakes. */
  duplicates?: ParseOptions['duplicates'];
}

const EXTENSIONS = ['.yml', '.yaml', '.json'];

/**
 * The variables of a file. An encrypted file is decrypted first; its strings are templates as in any other project file, as
 * in Ansible (an inline `!vault` text is never a template).
 */
export function readVarsFile(path: string, options: VarsFileOptions = {}, place?: Place): Dict {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw mistake(
      missing
        ? `the vars file \`${path}\` does not exist`
        : `the vars file \`${path}\` can't be read: ${reasonOf(error)}`,
      place,
    );
  }
  const name = shownPath(path, options.cwd);
  const source = openedSource(name, utf8Text(bytes, name), options.vault ?? []);
  options.seen?.(source.text);
  const value = parseYaml(source, { duplicates: options.duplicates });
  if (value === null) return new Map();
  if (!isDict(value)) {
    const found = Array.isArray(value) ? 'a list' : 'a plain value';
    throw mistake(
      `a vars file is a mapping of names to values, and this is ${found}`,
      { source, offset: firstContent(source.text) },
      'write `name: value` lines',
    );
  }
  return value;
}

function firstContent(text: string): number {
  return /^(?:\s*(?:#.*|---.*)?\n)*\s*/.exec(text)?.[0].length ?? 0;
}

/** The files for a name in group_vars/ or host_vars/: NAME, else NAME.yml, .yaml, .json; a folder stands for all files in it. */
function varsFilesFor(folder: string, name: string): string[] {
  // A host's name may come from a program; only a plain name names a file here.
  if (name === '' || name.includes('/') || name === '.' || name === '..' || name.includes('\0')) return [];
  for (const extension of ['', ...EXTENSIONS]) {
    const path = join(folder, name + extension);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats) return stats.isDirectory() ? folderFiles(path) : [path];
  }
  return [];
}

function folderFiles(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const extension = extname(name);
      if (name.startsWith('.') || name.endsWith('~')) return [];
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory()) return extension === '' ? folderFiles(path) : [];
      return stats && (extension === '' || EXTENSIONS.includes(extension)) ? [path] : [];
    });
}

/** Reads group_vars/ and host_vars/ below a set of base folders, each name once. */
export class VarsFolders {
  readonly #bases: readonly string[];
  readonly #options: VarsFileOptions;
  readonly #known = new Map<string, readonly Dict[]>();
  /** For each group_vars/ and host_vars/: the names in it, so that hosts without a file cost no look at the disk. */
  readonly #entries = new Map<string, Set<string> | null>();

  constructor(bases: readonly string[], options: VarsFileOptions) {
    this.#bases = [...new Set(bases)];
    this.#options = options;
  }

  /**
   * What group_vars/ or host_vars/ hold for names given strongest first. The last base folder is stronger than the others
   * whatever the name, as in Ansible; within a folder the first name, and of a name the last file.
   */
  read(kind: 'group_vars' | 'host_vars', names: readonly string[]): readonly Dict[] {
    return [...this.#bases].reverse().flatMap((base) => names.flatMap((name) => this.#readOne(join(base, kind), name)));
  }

  #readOne(folder: string, name: string): readonly Dict[] {
    const entries = this.#list(folder);
    if (!entries || !['', ...EXTENSIONS].some((extension) => entries.has(name + extension))) return [];
    const key = join(folder, name);
    let dicts = this.#known.get(key);
    if (!dicts) {
      dicts = varsFilesFor(folder, name)
        .map((path) => readVarsFile(path, this.#options))
        .filter((dict) => dict.size > 0)
        .reverse();
      this.#known.set(key, dicts);
    }
    return dicts;
  }

  /**
   * Files that belong to none of the names given, but look like a misspelling of one: near a name that has no file, and
   * different from it by more than digits (host_vars/ is often shared by inventories with w1 to w9).
   */
  misspelt(kind: 'group_vars' | 'host_vars', names: ReadonlySet<string>): { path: string; meant: string }[] {
    if (names.size > 1000) return [];
    return this.#bases.flatMap((base) => {
      const entries = this.#list(join(base, kind)) ?? [];
      const files = [...entries].filter((entry) => !entry.startsWith('.') && !entry.endsWith('~'));
      const owners = new Map(files.map((entry) => [entry, ownerOf(entry)]));
      const owned = new Set(owners.values());
      const free = [...names].filter((name) => !owned.has(name));
      return files.flatMap((entry) => {
        const owner = owners.get(entry);
        const meant = owner === undefined || names.has(owner) || names.has(entry) ? undefined : nearest(owner, free);
        const letters = (name: string): string => name.replace(/\d+/g, '');
        if (!owner || meant === undefined || letters(meant) === letters(owner)) return [];
        return [{ path: join(base, kind, entry), meant }];
      });
    });
  }

  #list(folder: string): Set<string> | null {
    let entries = this.#entries.get(folder);
    if (entries === undefined) {
      entries = existsSync(folder) && statSync(folder).isDirectory() ? new Set(readdirSync(folder)) : null;
      this.#entries.set(folder, entries);
    }
    return entries;
  }
}

/** The group or host that a file or folder is for; undefined for a file of another kind. */
function ownerOf(entry: string): string | undefined {
  const extension = extname(entry);
  if (EXTENSIONS.includes(extension)) return entry.slice(0, -extension.length);
  return extension === '' ? entry : undefined;
}
