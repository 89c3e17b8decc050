/** Files of the controller that tasks name: they are there, and templates among them can be read. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ModuleDefinition } from '../modules/define.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import { nearFile } from '../playbook/near_file.ts';
import type { Play, Scoped, Task } from '../playbook/nodes.ts';
import { tasksIn } from '../playbook/nodes.ts';
import { searchPaths } from '../run/view/files.ts';
import { isDict, placeOfValue, Source, shownPath } from '../values.ts';
import { isVault, type VaultSecret } from '../yaml/index.ts';
import type { Definitions } from './definitions.ts';
import type { Report } from './report.ts';
import { checkTemplateText } from './templates.ts';
import { checkVaultFile } from './vaults.ts';

export interface Paths {
  home?: string | undefined;
  /** The working directory of the caller. */
  cwd?: string | undefined;
  /** The vault passwords; undefined where nothing will be decrypted. */
  vault?: readonly VaultSecret[] | undefined;
}

/** Whether tasks of a play may make files on the controller, which later tasks then find. */
export function worksHere(play: Play, definitions: Definitions): boolean {
  const local = (owner: Scoped) =>
    ownKeyword(owner, 'connection') === 'local' || ownKeyword(owner, 'delegate_to') !== undefined;
  if (/\b(localhost|127\.0\.0\.1)\b/.test(String(ownKeyword(play, 'hosts'))) || local(play)) return true;
  return [...tasksIn([...play.sections.flat(), ...play.handlers])].some((task) => {
    if (definitions.of(task)?.traits?.makesControllerFiles) return true;
    for (let owner: Scoped | undefined = task; owner; owner = owner.parent) if (local(owner)) return true;
    return false;
  });
}

/** The plain name of the file that a task needs; undefined where only the run can know it. */
export function namedFile(task: Task, definition: ModuleDefinition | undefined): string | undefined {
  const trait = definition?.traits?.controllerFile;
  if (!trait || trait.inRun || !isDict(task.args)) return undefined;
  const written = task.args.get(trait.arg);
  if (typeof written !== 'string') return undefined;
  const remote = task.args.get('remote_src');
  if (remote !== undefined && remote !== false && remote !== 'no') return undefined;
  // In quotes its name is found in the run.
  if (trait.firstWord && /['"\\]/.test(written)) return undefined;
  const name = trait.firstWord ? written.trim().split(/\s/)[0]! : written;
  return name === '' || name.includes('://') ? undefined : name;
}

/** The file that a task names must be there; `making`: a task before it may have made it. */
export function checkFiles(
  task: Task,
  play: Play,
  definition: ModuleDefinition | undefined,
  making: boolean,
  report: Report,
  where: Paths,
): void {
  const name = namedFile(task, definition);
  // A path that does not belong to the project, in a play that makes files here: one of its tasks will have made it.
  if (name === undefined || (making && isAbsolute(name))) return;
  const { arg, in: kind, template } = definition!.traits!.controllerFile!;
  const paths = searchPaths(name, kind, task, { play } as never, where.home);
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) {
    report({
      message: `there is no ${template ? 'template' : 'file'} \`${name}\``,
      place: placeOfArgument(task, arg),
      help: [nearFile(name, paths), `looked for ${paths.join(', ')}`].filter(Boolean).join(' '),
      warning: making,
    });
  } else if (statSync(found).isFile()) {
    const decrypts = template === true || (definition!.args['decrypt'] !== undefined && !asItIs(task));
    const closed = decrypts ? checkVaultFile(found, where.vault, placeOfArgument(task, arg)) : [];
    for (const finding of closed)
      report({ ...finding, message: `${shownPath(found, where.cwd)}: ${finding.message}`, warning: making });
    if (template && !found.endsWith('.hbs')) checkTemplateFile(found, where.cwd, report);
  }
}

const placeOfArgument = (task: Task, arg: string) =>
  isDict(task.args) ? placeOfValue(task.args, arg) : task.actionPlace;

/** A copy of what is encrypted, as it is. */
const asItIs = ({ args }: Task): boolean =>
  isDict(args) && [false, 'no', 'false'].includes(args.get('decrypt') as never);

function checkTemplateFile(path: string, cwd: string | undefined, report: Report): void {
  const text = readFileSync(path, 'utf8');
  if (!isVault(text)) checkTemplateText({ source: new Source(shownPath(path, cwd), text), offset: 0 }, report);
}
