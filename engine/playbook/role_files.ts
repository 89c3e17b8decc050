/** Files of a role: which of its tasks, handlers, defaults and variables a name means, and none outside of the role. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { didYouMean, mistake } from '../errors.ts';
import { type Dict, isDict, type Place, placeOf } from '../values.ts';
import type { Loader } from './load.ts';

const endings = ['.yml', '.yaml', '.json', '', '.ts', '.mts', '.js', '.mjs'];

/** The file of this name below `tasks/`, `vars/` and so on; one that leads out of there is refused, as Ansible refuses it. */
export function roleFile(path: string, kind: string, name: string): string | undefined {
  const folder = resolve(path, kind);
  const file = endings
    .map((ending) => resolve(folder, name + ending))
    .find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  if (file === undefined || file.startsWith(`${folder}/`)) return file;
  throw mistake(
    `cannot load \`${name}\`, as it is not inside the expected role path ${folder}`,
    undefined,
    `it leads to ${file}`,
  );
}

/** Names of the role's files that are near a name that is not there. */
export function otherFiles(path: string, kind: string, name: string): string | undefined {
  const folder = join(path, kind);
  return existsSync(folder)
    ? didYouMean(
        name,
        readdirSync(folder).map((file) => file.replace(/\.\w+$/, '')),
      )
    : undefined;
}

/** defaults/ or vars/: main, or the file named, or a folder of files. */
export function roleVars(
  loader: Loader,
  path: string,
  kind: string,
  from: string | undefined,
  place: Place | undefined,
): Dict {
  const file = roleFile(path, kind, from ?? 'main');
  const folder = join(path, kind, from ?? 'main');
  if (!file && existsSync(folder) && statSync(folder).isDirectory()) {
    const files = readdirSync(folder)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort();
    return new Map(files.flatMap((name) => [...varsFile(loader, join(folder, name))]));
  }
  if (!file && from) loader.report(`the role has no ${kind} file \`${from}\``, place, otherFiles(path, kind, from));
  return file ? varsFile(loader, file) : new Map();
}

function varsFile(loader: Loader, file: string): Dict {
  const content = loader.read(file);
  if (isDict(content)) return content;
  if (content !== undefined && content !== null) loader.report('a file of variables is a mapping', placeOf(content));
  return new Map();
}
