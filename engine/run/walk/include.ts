/** include_tasks and include_role when the run reaches them: read once, walked by every host that comes. */

import { checkIncluded } from '../../check/check.ts';
import { Definitions } from '../../check/definitions.ts';
import { AuthorError, mistake } from '../../errors.ts';
import type { TaskResult } from '../../events.ts';
import { actionName } from '../../playbook/actions.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Block, Node, RoleUse, Task } from '../../playbook/nodes.ts';
import type { Where } from '../../playbook/task.ts';
import { type Dict, isDict, type Value } from '../../values.ts';
import { failureOutcome } from '../task/verdict.ts';
import type { IncludeRequest, TaskRun } from '../types.ts';
import type { PlayRun } from './play.ts';

export interface Included {
  node: Block;
  /** What is shown as included. */
  file: string;
}

/** The block that an include brings, the same one for all hosts; a mistake in it is the host's failure. */
export async function includedBlock(
  run: PlayRun,
  taskRun: TaskRun,
  request: IncludeRequest,
): Promise<Included | { result: TaskResult }> {
  const { task } = taskRun;
  const role = actionName(task.action) === 'include_role';
  const name = request.args.get(role ? (request.args.has('name') ? 'name' : 'role') : 'file');
  const key = JSON.stringify([
    task.id,
    String(name),
    ...(role ? [...request.args].filter(([k]) => k !== 'apply').map(([k, v]) => [String(k), String(v)]) : []),
  ]);
  try {
    let included = run.includes.get(key);
    if (!included) {
      included = load(run, task, String(name), request.args, role);
      run.includes.set(key, included);
    }
    return await included;
  } catch (error) {
    if (!(error instanceof AuthorError)) throw error;
    return { result: failureOutcome(taskRun, error).result };
  }
}

async function load(run: PlayRun, task: Task, name: string, args: Dict, role: boolean): Promise<Included> {
  const { loader } = run.session;
  const own = applied(task, args, role);
  const container: Block & { block: Node[] } = {
    kind: 'block',
    from: 'include',
    own,
    // A dynamic include hands down what stands around it, not its own keywords.
    parent: task.parent,
    place: task.place,
    role: task.role,
    roleStart: false,
    block: [],
    rescue: [],
    always: [],
  };
  const where: Where = {
    parent: container,
    role: task.role,
    directory: task.directory,
    play: run.play,
    vars: run.knownVars,
    handler: task.handler,
  };
  const roles = run.play.roles as RoleUse[];
  const before = roles.length;
  const { value: file, findings } = await run.session.programs.loading(
    () =>
      loader.apart(() =>
        role ? loadRole(run, task, name, args, where, container) : loadFile(run, task, name, where, container),
      ),
    () => {
      container.block.length = 0;
      roles.length = before;
    },
  );
  findings.push(...(await checkIncluded(run.session, [...container.block, ...run.play.handlers], new Definitions())));
  if (findings.length > 0) throw new AuthorError(findings);
  return { node: container, file };
}

function loadRole(run: PlayRun, task: Task, name: string, args: Dict, where: Where, into: { block: Node[] }): string {
  const { loader } = run.session;
  const { roles } = loader;
  const written = roles.entry(args);
  const entry = { ...written, public: written.public ?? loader.env.privateRoleVars === false };
  const block = roles.block(name, entry, where, task.actionPlace);
  if (block) into.block.push(block);
  return name;
}

function loadFile(run: PlayRun, task: Task, name: string, where: Where, into: { block: Node[] }): string {
  const { tasks } = run.session.loader;
  const path = tasks.locate(name, where, true);
  if (!path) throw mistake(`there is no file of tasks ${name}`, task.actionPlace, tasks.notFound(name, where));
  into.block.push(...tasks.file(path, where));
  return path;
}

/** `apply:` and `vars:` of an include are the keywords of what it brings, and the collections that its role is looked for in. */
function applied(task: Task, args: Dict, role: boolean): Dict {
  const apply = args.get('apply');
  const own: Dict = isDict(apply as Value) ? new Map(apply as Dict) : new Map();
  const collections = keyword(task, 'collections');
  if (collections && role) own.set('collections', collections);
  const vars = keyword(task, 'vars');
  if (vars) own.set('vars', isDict(own.get('vars')) ? new Map([...(own.get('vars') as Dict), ...vars]) : vars);
  return own;
}
