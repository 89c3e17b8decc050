/** Finds out what each inventory source is (list, program, YAML, ini, folder) and reads it. */
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { AuthorError, didYouMean, mistake, reasonOf } from '../errors.ts';
import { type Dict, isDict, placeOfValue, Source, shownPath } from '../values.ts';
import { type DuplicateKeys, duplicatesBy, openedSource, parseYaml, type VaultSecret } from '../yaml/index.ts';
import { type RunProgram, readExecutable, runProgram } from './executable.ts';
import { Inventory, type Merge } from './hosts.ts';
import { readIni } from './ini.ts';
import { expandHostName } from './names.ts';
import { readToml } from './toml_source.ts';
import { readYamlInventory } from './yaml_source.ts';

export interface InventoryOptions {
  /** Paths are relative to this folder. */
  cwd: string;
  run?: RunProgram;
  vault?: readonly VaultSecret[] | undefined;
  /** Shown every text that is read. */
  seen?: ((text: string) => void) | undefined;
  /** What a key that stands twice in a YAML source is (a warning). */
  duplicateKeys?: DuplicateKeys | undefined;
  /** A file that is not there, or a program that fails, is a warning: nobody asked for it now, and a checkout may lack it. */
  lenient?: boolean | undefined;
  /** Of `hash_behaviour = merge`: makes one of two mappings that are given under the same name. */
  merge?: Merge | undefined;
  /** Plugins by the name that `plugin:` in a YAML source gives; those that need templates are vars/'s. */
  plugins?: { readonly [name: string]: InventoryPlugin } | undefined;
}

/** Adds to an inventory what a YAML source with `plugin:` asks for. */
export type InventoryPlugin = (config: Dict, inventory: Inventory, options: InventoryOptions) => void;

/** Reads all sources in order into one inventory; later ones add to and win over earlier ones. */
export async function loadInventory(sources: string[], options: InventoryOptions): Promise<Inventory> {
  const shown = sources.map((s) => (isHostList(s, options) ? s : resolve(options.cwd, s)));
  const inventory = new Inventory(shown, options.merge);
  for (const source of inventory.sources) {
    if (isHostList(source, options)) readHostList(source, inventory);
    else await readPath(source, inventory, options);
  }
  // Only now, as in Ansible: a group that no source gives a parent comes behind those that have `all` as theirs.
  inventory.reconcile();
  warnSharedNames(inventory);
  if (inventory.hosts.size + inventory.warnings.length === 0 && sources.length > 0)
    warnEmpty(sources, inventory, options);
  return inventory;
}

function isHostList(source: string, { cwd }: InventoryOptions): boolean {
  return source.includes(',') && statSync(resolve(cwd, source), { throwIfNoEntry: false }) === undefined;
}

function readHostList(list: string, inventory: Inventory): void {
  for (const part of list.split(',').map((p) => p.trim())) {
    if (part === '') continue;
    const { names, port } = expandHostName(part, { source: new Source('-i', list), offset: list.indexOf(part) });
    for (const name of names) inventory.listHost(name, inventory.groups.get('ungrouped')!, port);
  }
}

// Files beside an inventory that are none themselves.
const IGNORED_ENDINGS = ['.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.cfg', '.retry'];
const IGNORED_NAMES = ['host_vars', 'group_vars', 'vars_plugins'];

async function readPath(path: string, inventory: Inventory, options: InventoryOptions): Promise<void> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    const help = 'give the path of a file or folder, or host names with a comma: -i "a,b,"';
    return passOver(mistake(`the inventory \`${path}\` does not exist`, undefined, help), inventory, options);
  }
  if (!stats.isDirectory()) return readFile(path, inventory, options);
  for (const name of readdirSync(path).sort()) {
    if (name.startsWith('.') || IGNORED_NAMES.includes(name) || IGNORED_ENDINGS.some((e) => name.endsWith(e))) continue;
    await readPath(join(path, name), inventory, options);
  }
}

function passOver(error: unknown, { warnings }: Inventory, { lenient }: InventoryOptions): void {
  if (!lenient || !(error instanceof AuthorError)) throw error;
  warnings.push(...error.findings.map((finding) => ({ ...finding, warning: true })));
}

async function readFile(path: string, inventory: Inventory, options: InventoryOptions): Promise<void> {
  inventory.reading = path;
  try {
    if (isProgram(path))
      await readExecutable(path, inventory, options.run ?? runProgram).catch((error) =>
        passOver(error, inventory, options),
      );
    else readStatic(path, inventory, options);
  } finally {
    inventory.reading = undefined;
  }
}

function readStatic(path: string, inventory: Inventory, options: InventoryOptions): void {
  const source = openedSource(shownPath(path, options.cwd), readText(path), options.vault ?? []);
  const { text, file: name } = source;
  options.seen?.(text);
  const kind = extname(path);
  if (kind === '.toml') {
    readToml(source, inventory);
    return;
  }
  if (text.startsWith('#!') && !['.yml', '.yaml', '.json'].includes(kind)) {
    throw mistake(
      'this looks like a program, but is not executable',
      { source, offset: 0 },
      `make it so: chmod +x ${name}`,
    );
  }
  if (!isYaml(kind, text)) {
    readIni(source, inventory);
    return;
  }
  const duplicates = duplicatesBy(options.duplicateKeys, (finding) => inventory.warnings.push(finding));
  const value = parseYaml(source, { duplicates });
  if (isDict(value) && value.has('plugin')) {
    usePlugin(value, inventory, options);
    return;
  }
  readYamlInventory(value, inventory);
}

/** By its ending; a file without one is YAML when its first line of content says so. */
function isYaml(ending: string, text: string): boolean {
  if (['.yml', '.yaml', '.json'].includes(ending)) return true;
  return ending === '' && /^\ufeff?(?:\s*(?:#.*)?\n)*(?:---|\{|[\w.-]+:\s*(?:#.*)?$)/m.exec(text)?.index === 0;
}

function usePlugin(config: Dict, inventory: Inventory, options: InventoryOptions): void {
  const name = String(config.get('plugin')).replace(/^ansible\.(builtin|legacy)\./, '');
  const plugins = options.plugins ?? {};
  if (!Object.hasOwn(plugins, name)) {
    const known = Object.keys(plugins).join(', ');
    throw mistake(
      `the inventory plugin \`${name}\` is not supported`,
      placeOfValue(config, 'plugin'),
      didYouMean(name, Object.keys(plugins)) ??
        `${known ? `there is: ${known}; ` : ''}an executable inventory can stand in for any other`,
    );
  }
  // A plugin sees the groups that the sources before it made.
  inventory.reconcile();
  plugins[name]!(config, inventory, options);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw mistake(`the inventory \`${path}\` can't be read: ${reasonOf(error)}`);
  }
}

/** Executable and with a program's first bytes: on some file systems every file is executable. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1', 0, 2) === '#!' || start.toString('latin1') === '\x7fELF';
}

function warnEmpty(sources: string[], inventory: Inventory, options: InventoryOptions): void {
  const named = sources.map((source) => (isHostList(source, options) ? source : shownPath(source, options.cwd)));
  inventory.warnings.push({
    message: `the inventory \`${named.join('`, `')}\` names no host`,
    help: 'write each host on a line of its own; only plays on localhost can run without',
    warning: true,
  });
}

function warnSharedNames(inventory: Inventory): void {
  for (const name of inventory.hosts.keys()) {
    if (!inventory.groups.has(name)) continue;
    inventory.warnings.push({
      message: `\`${name}\` is the name of both a group and a host`,
      help: 'a pattern with this name means the host; rename one of the two',
      warning: true,
    });
  }
}
