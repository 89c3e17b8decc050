/** Lookups of files, processes and the environment. */
import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { TemplateError, UndefinedError } from '../../../errors.ts';
import { glob } from '../../../python/fnmatch.ts';
import { loadJson } from '../../../python/json.ts';
import { toText } from '../../../python/text.ts';
import { truthy, typeName } from '../../../python/types.ts';
import { fail, Undefined } from '../../../python/undefined.ts';
import type { Value } from '../../../values.ts';
import { toBool } from '../filters/core_text.ts';
import type { Lookup, LookupEnv } from '../lookups.ts';

const yes = (kwargs: Map<string, Value>, name: string, otherwise: boolean): boolean => {
  const given = kwargs.get(name);
  return given === undefined ? otherwise : typeof given === 'string' ? toBool(given) : truthy(given);
};

/** The path of a file, or an error that says where it was looked for. */
export function found(env: LookupEnv, kind: string, name: string): string {
  const [path] = env.searchFiles(kind, name);
  if (path !== undefined) return path;
  const where = env.folders(kind).slice(0, 6).join(', ');
  throw new TemplateError(
    `the file \`${name}\` was not found`,
    undefined,
    where ? `it was looked for in ${where}` : undefined,
  );
}

const file: Lookup = (terms, kwargs, env) =>
  terms.map((term) => {
    let text = env.readFile(found(env, 'files', toText(term)));
    if (yes(kwargs, 'lstrip', false)) text = text.trimStart();
    return yes(kwargs, 'rstrip', true) ? text.trimEnd() : text;
  });

const env: Lookup = (terms, kwargs, at) =>
  terms.map((term) => {
    const name = toText(term).split(/\s+/)[0]!;
    const value = at.environment(name);
    if (value !== undefined) return value;
    const otherwise: unknown = kwargs.get('default') ?? '';
    if (otherwise instanceof Undefined) {
      throw new UndefinedError(`the environment variable '${name}' is not set`, name);
    }
    return otherwise as Value;
  });

function run(command: string, at: LookupEnv, what: string): string {
  const { rc, stdout, stderr } = at.spawn(command);
  if (rc === 0) return stdout;
  const reason = stderr.trim().split('\n').at(-1);
  throw new TemplateError(`the ${what} \`${command}\` returned ${rc}${reason ? `: ${reason}` : ''}`);
}

const linesOf = (text: string): string[] => {
  const all = text.split(/\r\n|\n|\r/);
  if (all.at(-1) === '') all.pop();
  return all;
};

const template: Lookup = (terms, kwargs, at) =>
  terms.map((term) => {
    const path = found(at, 'templates', toText(term));
    const settings = new Map(kwargs);
    const value = at.render(at.readFile(path), settings, path);
    return typeof value === 'string' && yes(kwargs, 'convert_data', false) ? converted(value) : value;
  });

/** Ansible's old conversion of a rendered template that looks like a list or dict. */
function converted(text: string): Value {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return loadJson(text.trim().replaceAll("'", '"'));
  } catch {
    return text;
  }
}

const unvault: Lookup = (terms, _kwargs, at) => terms.map((term) => at.readFile(found(at, 'files', toText(term))));

/** Files matching a pattern, from the first folder that has the pattern's own folder. */
const fileglob: Lookup = (terms, _kwargs, at) =>
  terms.flatMap((term) => {
    const pattern = toText(term);
    const name = posix.basename(pattern);
    const folder = posix.dirname(pattern);
    const folders = pattern.startsWith('/')
      ? [folder]
      : at.folders('files').map((base) => (folder === '.' ? base : posix.join(base, folder)));
    for (const base of folders) {
      const matches = glob(posix.join(base, name)).filter((path) => isFile(path));
      if (matches.length) return matches;
    }
    return [];
  });

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const list = (value: Value | undefined, marks: RegExp): string[] =>
  (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).flatMap((item) =>
    typeof item === 'string'
      ? item
          .split(marks)
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : fail(`expected a text, not '${typeName(item)}'`),
  );

/** The names first_found tries, in order. */
function candidates(terms: readonly Value[], kwargs: Map<string, Value>): { names: string[]; skip: boolean } {
  let skip = yes(kwargs, 'skip', false);
  const names: string[] = [];
  for (const term of terms) {
    if (Array.isArray(term)) {
      const inner = candidates(term, kwargs);
      names.push(...inner.names);
      skip ||= inner.skip;
      continue;
    }
    const own = term instanceof Map ? new Map([...kwargs, ...(term as Map<string, Value>)]) : kwargs;
    if (!(term instanceof Map) && typeof term !== 'string')
      fail(`first_found needs texts, lists or dicts, not '${typeName(term)}'`);
    const files = term instanceof Map ? list(term.get('files'), /[,;]/) : list(term, /[,;]/);
    const paths = list(own.get('paths'), /[,:;]/);
    if (term instanceof Map) skip = yes(own, 'skip', false);
    names.push(...(paths.length ? paths.flatMap((path) => files.map((name) => posix.join(path, name))) : files));
  }
  return { names, skip };
}

const firstFound: Lookup = (terms, kwargs, at) => {
  const given = terms.length ? terms : [kwargs.get('files') ?? []];
  const defined = given.map((term) => {
    const value: unknown = term;
    return value instanceof Undefined ? value.trip() : term;
  });
  const { names, skip } = candidates(defined, kwargs);
  for (const name of names) {
    // Only the task of a `with_first_found` says in which subfolder to look.
    const [path] = at.searchFiles(toText(kwargs.get('_kind') ?? ''), name);
    if (path !== undefined) return [path];
  }
  if (skip) return [];
  throw new TemplateError(
    'no file was found by first_found',
    undefined,
    `it looked for ${names.join(', ') || 'nothing'}`,
  );
};

export const FILE_LOOKUPS: Record<string, Lookup> = {
  file,
  env,
  template,
  unvault,
  fileglob,
  first_found: firstFound,
  pipe: (terms, _kwargs, at) => terms.map((term) => run(toText(term), at, 'command').trimEnd()),
  lines: (terms, _kwargs, at) => terms.flatMap((term) => linesOf(run(toText(term), at, 'command'))),
};
