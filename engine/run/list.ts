/** What a playbook would do, without doing it: --list-hosts, --list-tasks, --list-tags, --syntax-check. */
import { callsIn } from '../author/listed.ts';
import { AuthorError, type Finding, placeText, TemplateError, UndefinedError } from '../errors.ts';
import { actionName } from '../playbook/actions.ts';
import { ownKeyword, tagsOf, writtenName } from '../playbook/keyword.ts';
import type { Block, Node, Play, Task } from '../playbook/nodes.ts';
import { tagsMatch } from '../playbook/tags.ts';
import { type Place, toPlain } from '../values.ts';
import type { RunOptions } from './options.ts';
import { prepare } from './prepare.ts';
import type { Session } from './session.ts';
import { shownName } from './view/names.ts';
import { hostsOf } from './walk/batch.ts';

export interface ListedPlay {
  name: string;
  pattern: string;
  tags: string[];
  hosts: string[];
  tasks: { name: string; tags: string[]; path: string }[];
}

export interface LoadedPlaybook {
  findings: Finding[];
  playbooks: { file: string; plays: ListedPlay[] }[];
}

/** Loads and checks playbooks and says which hosts and tasks they have. Touches no host. */
export async function loadPlaybook(options: RunOptions): Promise<LoadedPlaybook> {
  const { session, playbooks, findings } = await prepare(options);
  session.pool.close();
  const { tags = [], skipTags = [] } = options;
  const listed = (play: Play): ListedPlay => {
    const chosen = [...listedTasks(play.sections.flat())].flatMap((node) =>
      (node.kind === 'task' ? [listedTask(session, node)] : listedBody(node)).filter((task) =>
        tagsMatch(task.tags, tags, skipTags),
      ),
    );
    const pattern = toPlain(ownKeyword(play, 'hosts') ?? '');
    return {
      name: play.name || String(pattern),
      pattern: Array.isArray(pattern) ? pattern.join(',') : String(pattern),
      tags: tagsOf(play),
      hosts: findings.some((f) => !f.warning) ? [] : knownHosts(session, play, findings),
      tasks: chosen,
    };
  };
  return { findings, playbooks: playbooks.map(({ file, plays }) => ({ file, plays: plays.map(listed) })) };
}

type ListedTask = ListedPlay['tasks'][number];

function listedTask(session: Session, task: Task): ListedTask {
  return { name: taskName(task), tags: tagsOf(task), path: session.info(task, '').path };
}

/** The calls that are written in a function; what others do with its host only the run shows. */
function listedBody(block: Block): ListedTask[] {
  const tags = tagsOf(block);
  if (!block.place) return [];
  const at = (place: Place) => placeText(place).replace(/:\d+$/, '');
  const { calls, more } = callsIn(block.place);
  const listed = calls.map((call) => ({
    name: call.name,
    tags: [...new Set([...tags, ...call.tags])],
    path: at(call.place),
  }));
  return more ? [...listed, { name: '(and what it calls elsewhere)', tags, path: at(block.place) }] : listed;
}

/** A pattern that needs a host, a group or a variable which is not there now is only worth a warning: nothing runs. */
function knownHosts(session: Session, play: Play, findings: Finding[]): string[] {
  try {
    return hostsOf(session, play);
  } catch (error) {
    if (!(error instanceof UndefinedError || error instanceof TemplateError || error instanceof AuthorError))
      throw error;
    findings.push({
      message: `the hosts of this play are not known: ${error.message}`,
      place: play.place,
      warning: true,
    });
    return [];
  }
}

/** As --list-tasks shows it: where a task has no name, its action alone, without the role. */
function taskName(task: Task): string {
  if (ownKeyword(task, 'name') === undefined) return task.action;
  const own = writtenName(task);
  return actionName(task.action) === 'include_role' ? own : shownName(task, own);
}

/** Tasks as Ansible lists them: what runs if nothing fails; and blocks that are functions. */
function* listedTasks(nodes: readonly Node[]): Iterable<Node> {
  for (const node of nodes)
    if (node.kind === 'task' || node.body) yield node;
    else yield* listedTasks(node.block);
}
