/** Finds what is named on the command line: as given first, then where a project keeps such files. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { nearest } from '../../errors.ts';
import { type Console, InputError } from '../console.ts';

interface Found {
  path: string;
  /** Said to the user when the file is not one of theirs. */
  note?: string;
}

/** A path that says itself where it is: absolute, or beginning with a dot. */
function outright(name: string): boolean {
  return isAbsolute(name) || /^\.\.?(\/|$)/.test(name);
}

/** A playbook: as given, in `playbooks/`, or among those that come with the package. */
export function findPlaybook(name: string, cwd: string, packageFolder: string): Found {
  const given = resolve(cwd, name);
  if (isFile(given)) return { path: given };
  if (!outright(name)) {
    const own = join(cwd, 'playbooks', name);
    if (isFile(own)) return { path: own };
    const shipped = join(packageFolder, 'playbooks', name);
    if (isFile(shipped)) return { path: shipped, note: `using the playbook that comes with Troupe: ${shipped}` };
  }
  throw noPlaybook(name, cwd, packageFolder);
}

const ENDING = /\.ya?ml$/;

function noPlaybook(name: string, cwd: string, packageFolder: string): InputError {
  const given = resolve(cwd, name);
  if (existsSync(given)) {
    const inside = [given, join(given, 'playbooks')].flatMap((folder) =>
      yamlFiles(folder).map((file) => join(relative(cwd, folder), file)),
    );
    const help = inside.length > 0 ? `its playbooks: ${inside.slice(0, 8).join(', ')}` : undefined;
    return new InputError(`\`${name}\` is no file: a playbook is one`, help);
  }
  const folders = outright(name) ? [] : [cwd, join(cwd, 'playbooks'), join(packageFolder, 'playbooks')];
  const known = folders.flatMap(yamlFiles);
  // Without their endings, which alone would make any two names near.
  const stems = new Map(known.map((file) => [file.replace(ENDING, ''), file]));
  const near = stems.get(nearest(name.replace(ENDING, ''), stems.keys()) ?? '');
  const places = outright(name) ? '' : '; looked here, in playbooks/, and among those that come with Troupe';
  return new InputError(`there is no playbook \`${name}\`${places}`, near && `did you mean \`${near}\`?`);
}

function yamlFiles(folder: string): string[] {
  return entries(folder).filter((file) => ENDING.test(file));
}

/**
 * The inventory sources of these names: a list of hosts stays as it is; a name is looked for here and in `inventory/`, never in the
 * package. One that is not there is a warning, as in Ansible: the others count, and `localhost` needs none.
 */
export function findInventories(names: readonly string[], console: Pick<Console, 'cwd' | 'out'>): string[] {
  return names.flatMap((name) => {
    const found = findInventory(name, console.cwd);
    if (typeof found === 'string') return [found];
    console.out.error(`[WARNING]: ${found.missing}\nhelp: ${found.help}\n`);
    return [];
  });
}

function findInventory(name: string, cwd: string): string | { missing: string; help: string } {
  if (name.trim() === '') throw new InputError('the name of an inventory is empty', 'give a file of hosts: -i hosts');
  const given = resolve(cwd, name);
  if (existsSync(given)) return given;
  if (name.includes(',')) return name;
  if (!outright(name)) {
    const kept = join(cwd, 'inventory', name);
    if (existsSync(kept)) return kept;
  }
  const near = nearInventory(name, cwd);
  return {
    missing: `there is no inventory \`${name}\`${outright(name) ? '' : '; looked here and in inventory/'}`,
    help:
      near === undefined
        ? `to name a host instead of a file, end it with a comma: -i ${/^[\w.-]+$/.test(name) ? name : 'db1'},`
        : `did you mean \`-i ${near}\`?`,
  };
}

/** "did you mean `x`?" of a file that is not there: one of a similar name beside it. */
export function nearFile(name: string, path: string): string | undefined {
  const near = nearest(basename(path), entries(dirname(path)));
  return near && `did you mean \`${join(dirname(name), near)}\`?`;
}

/** A file or folder of a similar name, beside the one that was named or in `inventory/`. */
function nearInventory(name: string, cwd: string): string | undefined {
  const folder = dirname(name);
  const here = nearest(basename(name), entries(resolve(cwd, folder)));
  if (here !== undefined) return join(folder, here);
  return outright(name) ? undefined : nearest(name, entries(join(cwd, 'inventory')));
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** How to name an inventory that lies where one would look for it, for the message that none was given. */
export function likelyInventory(cwd: string): string | undefined {
  const places = ['hosts', 'hosts.ini', 'hosts.yml', 'hosts.yaml', 'inventory.ini', 'inventory.yml', 'inventory'];
  const found = [...places, ...places.map((name) => join('inventory', name))].find((name) => isFile(join(cwd, name)));
  return found && relative('inventory', found).startsWith('..') ? found : found?.replace(/^inventory\//, '');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
