/** What can be known to be wrong before a host is touched. Each kind has its file; here is who is checked, and how severely. */
import type { Finding } from '../errors.ts';
import { actionName } from '../playbook/actions.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import { asList, type Node, type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import { checkArguments } from './arguments.ts';
import { checkModuleDefaults } from './defaults.ts';
import type { Definitions } from './definitions.ts';
import { checkFiles, type Paths, worksHere } from './files.ts';
import { checkNotified, notifiable } from './handlers.ts';
import {
  checkKeywordValues,
  checkLoopLookup,
  checkLoopValue,
  checkPlayKeywords,
  checkTaskKeywords,
} from './keywords.ts';
import { lenient, type Report, unique } from './report.ts';
import { type Loading, type Sure, sureIn } from './sure.ts';
import { checkConditions, checkTemplates, conditions } from './templates.ts';
import { checkNames } from './variables.ts';

/** Checks whole plays: tasks, handlers, names that are notified. */
export async function checkPlays(
  session: Loading,
  plays: readonly Play[],
  definitions: Definitions,
  paths: Paths,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const strictly: Report = (finding) => findings.push(finding);
  for (const play of plays) await definitions.load(session, withAhead([...play.sections.flat(), ...play.handlers]));
  const making = plays.some((play) => worksHere(play, definitions));
  for (const play of plays) {
    const sure = sureIn(session, play);
    const work = { session, definitions, sure, strictly, blocks: new Set<Scoped>() };
    await checkPlayItself(work, play);
    const known = notifiable(play);
    for (const task of tasksIn([...play.sections.flat(), ...play.handlers])) {
      await checkTask(work, task);
      checkNotified(task, known, lenient(strictly));
      checkFiles(task, play, definitions.of(task), making, severity(work, task), paths);
    }
  }
  return unique(findings);
}

/** What Ansible refuses when it loads the file of an include; all else fails with the task that has it. */
export async function checkIncluded(
  session: Loading,
  nodes: readonly Node[],
  definitions: Definitions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const strictly: Report = (finding) => findings.push(finding);
  const work = { session, definitions, sure: () => false, strictly, blocks: new Set<Scoped>() };
  await definitions.load(session, tasksIn(nodes));
  for (const task of tasksIn(nodes)) await checkTask(work, task);
  return unique(findings.filter((finding) => !finding.warning));
}

interface Work {
  session: Loading;
  definitions: Definitions;
  sure: Sure;
  strictly: Report;
  /** Blocks that were checked already. */
  blocks: Set<Scoped>;
}

/** Fatal where the task is sure to be reached, else a warning. */
function severity(work: Work, task: Task, except?: string, owner: Scoped = task): Report {
  return work.sure(task, except, owner) ? work.strictly : lenient(work.strictly);
}

async function checkPlayItself({ session, sure, strictly }: Work, play: Play): Promise<void> {
  const report = sure(play) ? strictly : lenient(strictly);
  const unused = lenient(strictly);
  checkTemplates(
    play.own,
    ['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'roles', 'vars', 'module_defaults'],
    report,
  );
  // Nobody may ever ask for a variable.
  checkTemplates(ownKeyword(play, 'vars'), [], unused);
  checkNames(ownKeyword(play, 'vars'), strictly);
  checkKeywordValues(play, report);
  checkPlayKeywords(play, strictly, report);
  await checkModuleDefaults(session, play, strictly, unused);
  for (const use of play.roles) {
    checkNames(use.vars, strictly);
    for (const vars of [use.vars, use.role.vars, use.role.defaults]) checkTemplates(vars, [], unused);
  }
}

async function checkTask(work: Work, task: Task): Promise<void> {
  const { session, definitions, strictly } = work;
  const report = severity(work, task);
  checkTemplates(task.own, ['name', 'vars', 'loop', 'module_defaults', ...conditions], report);
  checkTemplates(ownKeyword(task, 'name'), [], plainly(strictly));
  checkScoped(work, task, task);
  checkTaskKeywords(task, strictly);
  checkLoopLookup(task, strictly, severity(work, task, `with_${task.loop?.kind}`));
  checkLoopValue(task, severity(work, task, 'loop'));
  if (task.loop) checkTemplates(task.loop.value, [], severity(work, task, 'loop'));
  await checkModuleDefaults(session, task, strictly, lenient(strictly));
  for (let owner = task.parent; owner && owner.kind === 'block' && !work.blocks.has(owner); owner = owner.parent) {
    work.blocks.add(owner);
    checkScoped(work, task, owner);
    await checkModuleDefaults(session, owner, strictly, lenient(strictly));
  }
  if (actionName(task.action) === undefined) checkArguments(session, task, definitions, strictly, report);
  else checkTemplates(task.args, [], report);
  await checkAhead(work, task);
}

/** What a task and a block have in common: variables, conditions, keywords of a few words. */
function checkScoped(work: Work, task: Task, owner: Scoped): void {
  checkTemplates(ownKeyword(owner, 'vars'), [], lenient(work.strictly));
  checkNames(ownKeyword(owner, 'vars'), work.strictly);
  checkKeywordValues(owner, severity(work, task, undefined, owner));
  if (owner !== task)
    checkTemplates(
      owner.own,
      ['name', 'block', 'rescue', 'always', 'vars', 'module_defaults', ...conditions],
      severity(work, task, undefined, owner),
    );
  for (const keyword of conditions) {
    // Of several conditions a later one may never be asked.
    const several = keyword === 'when' && asList(ownKeyword(owner, keyword)).length > 1;
    checkConditions(owner.own, keyword, severity(work, task, several ? undefined : keyword, owner));
  }
}

/** What an include brings: its mistakes fail the include, or the tasks in it, when they are reached. */
async function checkAhead(work: Work, task: Task): Promise<void> {
  if (!task.ahead) return;
  const load = severity(work, task);
  for (const finding of task.ahead.findings) load(finding);
  for (const inner of tasksIn(task.ahead.nodes)) await checkTask({ ...work, strictly: load, sure: () => false }, inner);
}

/** A warning of what fails nothing: a name is only shown. */
function plainly(report: Report): Report {
  return (finding) => report({ ...finding, warning: true });
}

function* withAhead(nodes: readonly Node[]): Iterable<Task> {
  for (const task of tasksIn(nodes)) {
    yield task;
    if (task.ahead) yield* withAhead(task.ahead.nodes);
  }
}
