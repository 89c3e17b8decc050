/**
 * Names in templates that nothing defines, found before a host is touched. Only warned of, and only where it is certain: a
 * name that stands nowhere in the project in a place that could define or excuse it, in a task that cannot be passed by.
 */

import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AuthorError, didYouMean, type Finding, TemplateError } from '../errors.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { keyword, ownKeyword, tagsOf, written } from '../playbook/keyword.ts';
import { asList, type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import { tagsMatch } from '../playbook/tags.ts';
import type { Session } from '../run/session.ts';
import { searchPaths } from '../run/view/files.ts';
import { quotesFor } from '../run/view/quotes.ts';
import { runMagicNames } from '../run/view/scopes.ts';
import {
  type CompiledExpression,
  type CompiledTemplate,
  GLOBALS,
  outputsOf,
  parseExpression,
  parseTemplate,
  referencedPlaces,
} from '../template/index.ts';
import { isDict, isList, type Place, placeOfValue, Source, shownPath, Template, type Value } from '../values.ts';
import { decryptVault, isVault } from '../yaml/index.ts';
import type { Definitions } from './definitions.ts';
import { namedFile } from './files.ts';

/** Facts that modules give as variables under names without `ansible_`, and words that only some places know. */
const ALWAYS = new Set(
  (
    'packages services mount_points gather_subset module_setup item inventory_hostname inventory_hostname_short inventory_file ' +
    'inventory_dir groups group_names hostvars vars omit environment template_host template_path template_mtime template_uid ' +
    'template_run_date template_destpath template_fullpath play_hosts role_path playbook_dir'
  ).split(' '),
);
const ALWAYS_LIKE = /^(ansible_|facter_|ohai_|getent_|discovered_interpreter_)/;
/** In such a template a name may not be needed. */
const MAY_PASS = /\b(if|or|and|default|d|defined|undefined|mandatory|omit|vars|hostvars)\b/;
/** Functions of Python, and what is written here. */
const OF_PYTHON: Record<string, string> = {
  len: 'a length is asked for with a filter: `x | length`',
  str: 'a text is made with a filter: `x | string`',
  int: 'a number is made with a filter: `x | int`',
  float: 'a number is made with a filter: `x | float`',
  bool: 'a boolean is made with a filter: `x | bool`',
  list: 'a list is made with a filter: `x | list`',
  sorted: 'a list is sorted with a filter: `x | sort`',
};
const LARGEST_FILE = 512 * 1024;
const MOST_FILES = 4000;

interface Use {
  name: string;
  place: Place | undefined;
  help?: string | undefined;
}

/** Warnings of names that nothing defines. */
export function checkNamesKnown(session: Session, plays: readonly Play[], definitions: Definitions): Finding[] {
  // Facts of earlier runs and modules of the user's own may define anything.
  if (session.factCache || session.loader.libraries.size > 0) return [];
  const uses = plays.flatMap((play) => [...usesIn(session, play, definitions)]);
  const unknown = uses.filter(
    ({ name }) => !ALWAYS.has(name) && !ALWAYS_LIKE.test(name) && !GLOBALS.has(name) && !runMagicNames.includes(name),
  );
  if (unknown.length === 0) return [];
  const known = knownNames(session, plays, definitions);
  const open = unknown.filter(({ name }) => !known.has(name));
  if (open.length === 0) return [];
  const found = namesInFiles(session, plays);
  if (!found) return [];
  return open
    .filter(({ name }) => !found.has(name))
    .map(({ name, place, help }) => ({
      message: `\`${name}\` is defined nowhere`,
      place,
      help:
        OF_PYTHON[name] ??
        help ??
        didYouMean(name, [...known, ...ALWAYS]) ??
        `define it, or give it with -e ${name}=...`,
      warning: true,
      code: 'unknown-name' as const,
      subject: name,
    }));
}

/** Names that the tasks of a play are sure to need. */
function* usesIn(session: Session, play: Play, definitions: Definitions): Iterable<Use> {
  const { tags = [], skipTags = [] } = session.options;
  for (const task of tasksIn(play.sections.flat())) {
    if (task.missing || !tagsMatch(tagsOf(task), tags, skipTags) || mayPass(task)) continue;
    const [first] = keyword(task, 'when');
    if (first) {
      // Whether the rest is needed the condition decides.
      const [condition] = asList(first.value);
      yield* namesIn(condition ?? null, placeOfValue(first.owner.own, 'when'), true);
      continue;
    }
    if (task.loop) {
      yield* namesIn(task.loop.value, task.loop.place);
      continue;
    }
    yield* namesIn(task.args, task.actionPlace);
    yield* namesInFile(session, play, task, definitions.of(task));
    for (const name of ['args', 'environment', 'delegate_to', 'become_user', 'notify'] as const)
      yield* namesIn(ownKeyword(task, name) ?? null, task.place);
  }
}

/** Whether the run may go on without the task's success: errors are ignored, or a rescue waits. */
function mayPass(task: Task): boolean {
  if ((['ignore_errors', 'failed_when'] as const).some((keyword) => written(task, keyword).length > 0)) return true;
  for (let owner: Scoped | undefined = task.parent; owner; owner = owner.parent)
    if (ownKeyword(owner, 'rescue') !== undefined) return true;
  return false;
}

function* namesIn(value: Value, place: Place | undefined, condition = false): Iterable<Use> {
  if (isList(value)) for (const item of value) yield* namesIn(item, place);
  else if (isDict(value)) for (const item of value.values()) yield* namesIn(item, place);
  else if (value instanceof Template) {
    if (/\{%/.test(value.text) || MAY_PASS.test(value.text)) return;
    yield* usesOf(
      () => (value.compiled as CompiledTemplate | undefined) ?? parseTemplate(value.text, value.place),
      value.place,
    );
  } else if (condition && typeof value === 'string' && !MAY_PASS.test(value))
    for (const use of usesOf(() => parseExpression(value, place), place))
      yield { ...use, help: quotesFor(use.name, value) };
}

/** Names that the file of a `template` task needs whatever else holds: those of its outputs outside of all statements. */
function* namesInFile(
  session: Session,
  play: Play,
  task: Task,
  definition: ModuleDefinition | undefined,
): Iterable<Use> {
  const name = namedFile(task, definition);
  if (!definition?.traits?.controllerFile?.template || name === undefined || name.endsWith('.hbs')) return;
  const { cwd, ssh } = session.options;
  const path = searchPaths(name, 'templates', task, { play } as never, ssh?.home).find((one) => existsSync(one));
  if (path === undefined || !statSync(path).isFile()) return;
  const text = readFileSync(path, 'utf8');
  // With a header, marks of its own or another file inside, a name may mean anything.
  if (isVault(text) || /^#jinja2:|\{%-?\+?\s*(include|import|from|extends)\b/.test(text)) return;
  if (isDict(task.args) && [...task.args.keys()].some((key) => /_(start|end)(_string)?$|_prefix$/.test(String(key))))
    return;
  const source = new Source(shownPath(path, cwd), text);
  try {
    for (const names of outputsOf(parseTemplate(text, { source, offset: 0 })))
      for (const [each, at] of names) {
        const end = text.indexOf('}}', at);
        const output = text.slice(Math.max(0, text.lastIndexOf('{{', at)), end < 0 ? undefined : end);
        if (!MAY_PASS.test(output)) yield { name: each, place: { source, offset: at } };
      }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error; // said already
  }
}

function* usesOf(parse: () => CompiledTemplate | CompiledExpression, place: Place | undefined): Iterable<Use> {
  let names: Map<string, number>;
  try {
    names = referencedPlaces(parse());
  } catch {
    return; // said already
  }
  for (const [name, at] of names) yield { name, place: place && { source: place.source, offset: place.offset + at } };
}

/** Names that variables of the plays, roles, inventory and command line define. */
function knownNames(session: Session, plays: readonly Play[], definitions: Definitions): Set<string> {
  const known = new Set<string>();
  const add = (dict: Value | undefined) => {
    if (isDict(dict)) for (const key of dict.keys()) known.add(String(key));
  };
  add(session.extraVars);
  for (const group of session.inventory.groups.values()) add(group.vars);
  for (const host of session.inventory.hosts.values()) add(host.vars);
  for (const play of plays) {
    add(ownKeyword(play, 'vars'));
    for (const use of play.roles)
      for (const dict of [use.params, use.vars, use.role.vars, use.role.defaults]) add(dict);
    for (const task of tasksIn([...play.sections.flat(), ...play.handlers])) {
      known.add(String(ownKeyword(task, 'register') ?? ''));
      if (definitions.of(task)?.traits?.definesVariables) add(task.args);
      for (let owner: Scoped | undefined = task; owner; owner = owner.parent) add(ownKeyword(owner, 'vars'));
    }
  }
  return known;
}

/** A name in a place of a file that may define it. Each begins at the start of a word: long words cost no more than short ones. */
const DEFINES = [
  /(?<!\w)([A-Za-z_]\w*)["']?[ \t]*[:=]/g,
  /(?<!\w)(?:register|loop_var|index_var|name|var|fact)["']?[ \t]*[:=][ \t]*["']?([A-Za-z_]\w*)/g,
  /(?:\bset|\bfor|\bmacro|\bimport|\bas|,)\s+([A-Za-z_]\w*)/g,
  /["']([A-Za-z_]\w*)["']/g,
];
/** Words that show, of the names before them, that their absence is thought of. */
const EXCUSES = /\|\s*(?:default|d|mandatory|ansible\.builtin\.mandatory)\b|\bis\s+(?:not\s+)?(?:un)?defined/g;
const BEFORE = 100;
/** Milliseconds; a project so large that this is not enough gets no warnings of names. */
const PATIENCE = 1000;

/** Every such name in the project's files; undefined where they cannot all be read. */
function namesInFiles(session: Session, plays: readonly Play[]): Set<string> | undefined {
  const found = new Set<string>();
  const files = { left: MOST_FILES, until: performance.now() + PATIENCE, seen: new Set<string>() };
  for (const folder of foldersOf(session, plays)) {
    if (!scan(folder, session, found, files)) return undefined;
  }
  return found;
}

function foldersOf(session: Session, plays: readonly Play[]): Set<string> {
  const folders = new Set<string>();
  for (const play of plays) {
    const beside = play.directory;
    folders.add(basename(beside) === 'playbooks' ? dirname(beside) : beside);
    for (const use of play.roles) folders.add(use.role.path);
  }
  for (const source of session.inventory.sources) {
    const stats = statSync(resolve(session.options.cwd, source), { throwIfNoEntry: false });
    if (stats) folders.add(stats.isDirectory() ? source : dirname(source));
  }
  return folders;
}

/** Reads a folder's files, those below too; false where there are too many, or one cannot be read. */
function scan(
  folder: string,
  session: Session,
  found: Set<string>,
  files: { left: number; until: number; seen: Set<string> },
): boolean {
  if (files.seen.has(folder)) return true;
  files.seen.add(folder);
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return false;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (['.git', 'node_modules', '.venv'].includes(entry.name)) continue;
    const stats = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (stats?.isDirectory()) {
      if (!scan(path, session, found, files)) return false;
    } else if (stats?.isFile()) {
      if (files.left-- === 0 || performance.now() > files.until || !readNames(path, session, found)) return false;
    }
  }
  return true;
}

function readNames(path: string, session: Session, found: Set<string>): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.size > LARGEST_FILE) return !/\.(ya?ml|json)$/.test(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    if (isVault(text)) text = decryptVault(text, [...(session.options.vault ?? [])]);
  } catch (error) {
    if (error instanceof AuthorError || error instanceof Error) return false;
    throw error;
  }
  if (text.includes('\0')) return true;
  // Files from elsewhere may hold any name.
  if (/(include_vars|vars_files)["']?:(?:\s*(?:-\s*)?["']?(?:file:\s*|dir:\s*)?["']?)(?:\/|~|\.\.)/.test(text))
    return false;
  for (const pattern of DEFINES) for (const match of text.matchAll(pattern)) found.add(match[1]!);
  for (const { index } of text.matchAll(EXCUSES))
    for (const [name] of text.slice(Math.max(0, index - BEFORE), index).matchAll(/[A-Za-z_]\w*/g)) found.add(name);
  return true;
}
