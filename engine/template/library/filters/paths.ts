/** Ansible's filters of paths and addresses, and of numbers. */

import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix } from 'node:path';
import { glob } from '../../../python/fnmatch.ts';
import { Tuple } from '../../../python/objects.ts';
import type { Py } from '../../../python/py.ts';
import { toText } from '../../../python/text.ts';
import { numeric, typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import { float } from '../../../values.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import type { Rendering } from '../../compile/rendering.ts';
import { textOf } from './jinja_text.ts';

/** Python's posixpath.join. */
function joinPath(parts: string[]): string {
  return parts.reduce(
    (path, part) => (part.startsWith('/') || path === '' ? part : path.endsWith('/') ? path + part : `${path}/${part}`),
    '',
  );
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

/** Python's posixpath.normpath. */
function normpath(path: string): string {
  if (path === '') return '.';
  const lead = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (lead === '' && parts.length === 0) || parts.at(-1) === '..') parts.push(part);
    else if (parts.length) parts.pop();
  }
  return lead + parts.join('/') || '.';
}

function splitext(path: string): Tuple {
  const name = basename(path);
  const dot = name.replace(/^\.+/, (dots) => 'x'.repeat(dots.length)).lastIndexOf('.');
  return dot < 0
    ? Tuple.make([path, ''])
    : Tuple.make([path.slice(0, path.length - name.length + dot), name.slice(dot)]);
}

function commonpath(paths: string[]): string {
  if (paths.length === 0) fail('commonpath: the list is empty');
  const absolute = paths.map((path) => path.startsWith('/'));
  if (new Set(absolute).size > 1) fail("commonpath: can't mix absolute and relative paths");
  const split = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  const [first = []] = split;
  let count = 0;
  while (count < first.length && split.every((parts) => parts[count] === first[count])) count++;
  return (absolute[0] ? '/' : '') + first.slice(0, count).join('/');
}

function realpath(path: string): string {
  const full = posix.resolve(path);
  const tail: string[] = [];
  for (let head = full; ; head = posix.dirname(head)) {
    try {
      return joinPath([realpathSync(head), ...tail]);
    } catch {
      if (head === '/') return full;
      tail.unshift(posix.basename(head));
    }
  }
}

const variable = (c: Rendering, name: string): string | undefined => c.options.environment?.(name);

/** Of a user without an entry in the user database there is none: as in Python, the path stays what it is. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

function expanduser(c: Rendering, path: string): string {
  if (!/^~(\/|$)/.test(path)) return path;
  const home = variable(c, 'HOME') ?? homeFolder();
  return home === undefined ? path : home + path.slice(1);
}

const expandvars = (c: Rendering, text: string): string =>
  text.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (whole, plain?: string, braced?: string) => variable(c, plain ?? braced ?? '') ?? whole,
  );

/** The files that match a shell pattern. */
function fileGlob(pattern: string, folder: string | undefined): string[] {
  const isFile = (path: string) => {
    try {
      return statSync(posix.resolve(folder ?? '.', path)).isFile();
    } catch {
      return false;
    }
  };
  return glob(pattern, folder).filter(isFile);
}

const winBasename = (path: string): string => path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);

function winSplitdrive(path: string): [string, string] {
  const unc = /^[\\/]{2}[^\\/]+[\\/][^\\/]+/.exec(path);
  if (unc) return [unc[0], path.slice(unc[0].length)];
  return /^.:/.test(path) ? [path.slice(0, 2), path.slice(2)] : ['', path];
}

function winDirname(path: string): string {
  const [drive, rest] = winSplitdrive(path);
  const head = rest.slice(0, rest.length - winBasename(rest).length);
  return drive + (/^[\\/]*$/.test(head) ? head : head.replace(/[\\/]+$/, ''));
}

const number = (value: Py, name: string): number =>
  Number(numeric(value) ?? fail(`${name}() can only be used on numbers, not '${typeName(value)}'`));

export const PATHS: FilterDefinition[] = [
  filter('basename', (_c, path) => basename(textOf(path, 'basename'))),
  filter('dirname', (_c, path) => dirname(textOf(path, 'dirname'))),
  filter('expanduser', (c, path) => expanduser(c, textOf(path, 'expanduser'))),
  filter('expandvars', (c, path) => expandvars(c, textOf(path, 'expandvars'))),
  filter('fileglob', (c, pattern) => fileGlob(toText(pattern), c.options.folder)),
  filter('path_join', (_c, paths) =>
    typeof paths === 'string'
      ? paths
      : Array.isArray(paths) && paths.length
        ? joinPath(paths.map((path) => textOf(path, 'path_join')))
        : fail(`path_join expects string or sequence, got '${typeName(paths)}'`),
  ),
  filter('realpath', (_c, path) => realpath(textOf(path, 'realpath'))),
  filter(
    'relpath(start=".")',
    (_c, path, start) => posix.relative(posix.resolve(toText(start)), posix.resolve(toText(path))) || '.',
  ),
  filter('normpath', (_c, path) => normpath(textOf(path, 'normpath'))),
  filter('splitext', (_c, path) => splitext(textOf(path, 'splitext'))),
  filter('commonpath', (_c, paths) =>
    commonpath(
      (Array.isArray(paths) ? paths : fail(`commonpath needs a list, not '${typeName(paths)}'`)).map((path) =>
        textOf(path, 'commonpath'),
      ),
    ),
  ),
  filter('win_basename', (_c, path) => winBasename(textOf(path, 'win_basename'))),
  filter('win_dirname', (_c, path) => winDirname(textOf(path, 'win_dirname'))),
  filter('win_splitdrive', (_c, path) => Tuple.make(winSplitdrive(textOf(path, 'win_splitdrive')))),
  filter('log(base=2.718281828459045)', (_c, value, base) => {
    const n = number(value, 'log');
    if (n <= 0) fail('log() needs a number above 0');
    const b = number(base, 'log');
    return float(b === 10 ? Math.log10(n) : b === Math.E ? Math.log(n) : Math.log(n) / Math.log(b));
  }),
  filter('pow(y)', (_c, value, y) => float(number(value, 'pow') ** number(y, 'pow'))),
  filter('root(base=2)', (_c, value, base) => {
    const n = number(value, 'root');
    if (n < 0) fail('root() needs a number that is not negative');
    return float(number(base, 'root') === 2 ? Math.sqrt(n) : n ** (1 / number(base, 'root')));
  }),
];
