/** What can be known to be wrong before a host is touched: modules, arguments, template syntax, files, handlers. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { AuthorError, didYouMean, type Finding, TemplateError } from '../errors.ts';
import { isVariableName } from '../modules/control/variable-name.ts';
import { checkArgs } from '../modules/parts/arguments.ts';
import { isGuarded } from '../playbook/action_finder.ts';
import { actionName } from '../playbook/actions.ts';
import { ownKeyword, placeOfKeyword, written } from '../playbook/keyword.ts';
import { asList, type Node, type Play, type Scoped, type Task, tasksIn } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { wholeArguments, writtenArgs } from '../run/task/arguments.ts';
import { searchPaths } from '../run/view/files.ts';
import { filter, type ParseOptions, parseExpression, parseTemplate, test } from '../template/index.ts';
import {
  type Dict,
  isDict,
  isList,
  type Place,
  placeOfKey,
  placeOfValue,
  Source,
  shownPath,
  Template,
  type Value,
} from '../values.ts';
import { checkModuleDefaults } from './defaults.ts';
import { checkKeywordValues, checkTaskKeywords } from './keywords.ts';

const conditions = ['when', 'until', 'changed_when', 'failed_when'];
type Report = (finding: Finding) => void;
type Loading = Pick<Session, 'loader' | 'definition'>;

interface Paths {
  home?: string | undefined;
  /** Where the user stands. */
  cwd?: string | undefined;
}

/** Checks whole plays: tasks, handlers, names that are notified. */
export async function checkPlays(session: Loading, plays: readonly Play[], paths: Paths): Promise<Finding[]> {
  const findings: Finding[] = [];
  const making = plays.some(worksHere);
  for (const play of plays) {
    const nodes = [...play.sections.flat(), ...play.handlers];
    checkTemplates(play.own, ['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'roles'], (f) => findings.push(f));
    checkNames(ownKeyword(play, 'vars'), (f) => findings.push(f));
    checkKeywordValues(play, (f) => findings.push(f));
    await checkModuleDefaults(session, play, (f) => findings.push(f));
    findings.push(...(await checkNodes(session, nodes)));
    const known = notifiable(play);
    for (const task of tasksIn(nodes)) {
      checkNotified(task, known, (f) => findings.push(f));
      checkFiles(task, play, making, (f) => findings.push(f), paths);
    }
    for (const use of play.roles) {
      for (const vars of [use.vars, use.role.vars, use.role.defaults]) checkNames(vars, (f) => findings.push(f));
      // Nobody may ever ask for a variable of a role.
      checkTemplates(
        use.role.vars,
        [],
        lenient((f) => findings.push(f)),
      );
      checkTemplates(
        use.role.defaults,
        [],
        lenient((f) => findings.push(f)),
      );
    }
  }
  return unique(findings);
}

/** Checks tasks: called again for what is included during the run, where a task's arguments are its own affair. */
export async function checkNodes(session: Loading, nodes: readonly Node[], included = false): Promise<Finding[]> {
  const findings: Finding[] = [];
  const strictly: Report = (finding) => findings.push(finding);
  const blocks = new Set<Scoped>();
  for (const task of tasksIn(nodes)) {
    const report = task.handler || isGuarded(task.own, task.parent) ? lenient(strictly) : strictly;
    checkTemplates(task.own, [], report);
    checkNames(ownKeyword(task, 'vars'), report);
    checkExpressions(task, report);
    checkKeywordValues(task, report);
    checkTaskKeywords(task, report);
    await checkModuleDefaults(session, task, report);
    for (let owner = task.parent; owner && owner.kind === 'block' && !blocks.has(owner); owner = owner.parent) {
      blocks.add(owner);
      checkTemplates(owner.own, ['block', 'rescue', 'always'], report);
      checkExpressions(owner, report);
      checkKeywordValues(owner, report);
      await checkModuleDefaults(session, owner, report);
      checkNames(ownKeyword(owner, 'vars'), report);
    }
    const asserts = /(^|\.)assert$/.test(task.action) && isDict(task.args);
    if (asserts) checkConditions(task.args as Dict, 'that', report);
    checkTemplates(task.args, asserts ? ['that'] : [], report);
    if (actionName(task.action) === undefined && !task.missing && !task.chosen && !included)
      await checkModule(session, task, report);
  }
  return unique(findings);
}

/**
 * What is wrong with a module's arguments. Public roles have tasks for systems and versions of Ansible that a condition
 * keeps them from: there it is a warning, and the task fails if it is reached.
 */
async function checkModule(session: Loading, task: Task, strictly: Report): Promise<void> {
  const guarded = task.role !== undefined && (task.handler || isGuarded(task.own, task.parent));
  const report: Report = guarded ? (finding) => strictly({ ...finding, warning: true }) : strictly;
  try {
    const definition = await session.definition(task.action);
    if (isList(task.args)) {
      const help = 'write them below the module, one a line, without dashes: `name: value`';
      report({ message: `\`${task.action}\` takes arguments with names, not a list`, place: task.actionPlace, help });
      return;
    }
    if (/(^|\.)set_fact$/.test(task.action)) checkNames(task.args, report, true);
    const args = writtenArgs(session, task, definition);
    if (args.has('_raw_params') && definition.freeForm === undefined && !('_raw_params' in definition.args)) {
      const help = 'write its arguments with their names, one a line below it: `name: value`';
      report({ message: `\`${task.action}\` takes arguments with names, not a text`, place: task.actionPlace, help });
      return;
    }
    const known = new Map(args);
    // Arguments that module_defaults may give, or a template of all arguments, can only be checked when they are rendered.
    const open = written(task, 'module_defaults').length > 0 || wholeArguments(task, definition).length > 0;
    for (const finding of checkArgs(definition, sameDict(known, args), task.actionPlace ?? task.place)) {
      if (open && /needs the argument|is required/.test(finding.message)) continue;
      report(finding);
    }
  } catch (error) {
    if (!(error instanceof AuthorError)) throw error;
    for (const finding of error.findings) report({ ...finding, place: finding.place ?? task.actionPlace });
  }
}

/**
 * Filters, tests and lookups of a collection that is not here are what its modules are: where a template may never be
 * rendered a warning, and the task fails if it is reached.
 */
function lenient(report: Report): Report {
  return (finding) => {
    const foreign = /^unknown (filter|test|lookup) `\w+\.\w+\.\w+`$/.test(finding.message);
    report(
      foreign
        ? { ...finding, message: `${finding.message}: what needs it fails when it is reached`, warning: true }
        : finding,
    );
  };
}

/** The dict itself where nothing was added: it remembers its places. */
const sameDict = (copy: Dict, original: Dict): Dict => (copy.size === original.size ? original : copy);

function checkExpressions(owner: Scoped, report: Report): void {
  for (const keyword of conditions) checkConditions(owner.own, keyword, report);
}

function checkConditions(dict: Dict, keyword: string, report: Report): void {
  const value = dict.get(keyword);
  if (value === undefined || value === null) return;
  for (const [i, condition] of asList(value).entries()) {
    const place = (isList(value) ? placeOfValue(value, i) : undefined) ?? placeOfValue(dict, keyword);
    if (condition instanceof Template)
      attempt((options) => parseExpression(condition.text, condition.place, options), condition.place, report);
    else if (typeof condition === 'string' && condition !== '')
      attempt((options) => parseExpression(condition, place, options), place, report);
  }
}

/** Parses every template in a value. */
function checkTemplates(value: Value, except: readonly string[], report: Report): void {
  if (value instanceof Template) {
    attempt(
      (options) => {
        if (options) return parseTemplate(value.text, value.place, options);
        value.compiled ??= parseTemplate(value.text, value.place);
        return value.compiled;
      },
      value.place,
      report,
    );
  } else if (isList(value)) for (const item of value) checkTemplates(item, [], report);
  else if (isDict(value))
    for (const [key, item] of value) if (!except.includes(String(key))) checkTemplates(item, [], report);
}

/** Names that a variable can't have, in `vars` of a play, block, task or role; `rendered` ones are known in the run. */
function checkNames(vars: Value | undefined, report: Report, rendered = false): void {
  if (!isDict(vars)) return;
  for (const key of vars.keys()) {
    if (typeof key === 'string' && isVariableName(key)) continue;
    if (rendered && (key instanceof Template || String(key).includes('{{'))) continue;
    const name = key instanceof Template ? key.text : String(key);
    const fixed = name.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
    const help =
      typeof key === 'boolean'
        ? 'YAML reads yes, no, on and off as true and false; use another name'
        : `letters, digits and underscores only, not beginning with a digit: \`${fixed === name ? `${name}_` : fixed}\``;
    report({ message: `\`${name}\` can't be the name of a variable`, place: placeOfKey(vars, key), help });
  }
}

/** Reports what is wrong with a template: of filters and tests that there are not all of them, else the first mistake. */
function attempt(parse: (options?: ParseOptions) => unknown, place: Place | undefined, report: Report): void {
  const filters: NonNullable<ParseOptions['filters']> = new Map();
  const tests: NonNullable<ParseOptions['tests']> = new Map();
  for (;;) {
    try {
      parse(filters.size + tests.size > 0 ? { filters, tests } : undefined);
      return;
    } catch (error) {
      if (error instanceof TemplateError)
        report({ message: error.message, place: error.place ?? place, help: error.help });
      else if (error instanceof AuthorError) for (const finding of error.findings) report(finding);
      else throw error;
      const [, kind, name] = /^unknown (filter|test) `([^`]+)`$/.exec((error as Error).message) ?? [];
      if (name === undefined || filters.has(name) || tests.has(name)) return;
      // Taken for known from here on, so that the next one is found.
      if (kind === 'filter')
        filters.set(
          name,
          filter(`${name}(*rest, **named)`, () => null),
        );
      else
        tests.set(
          name,
          test(`${name}(*rest, **named)`, () => true),
        );
    }
  }
}

/** What may be notified in a play; `open` where handlers come or get their names only during the run. */
function notifiable(play: Play): { names: Set<string>; open: boolean } {
  const names = new Set<string>();
  let open = [...tasksIn(play.sections.flat())].some((task) => actionName(task.action) === 'include_role');
  for (const handler of tasksIn(play.handlers)) {
    for (const name of [ownKeyword(handler, 'name'), ...handler.listen]) {
      if (name instanceof Template) open = true;
      else if (name !== undefined && name !== null) {
        names.add(String(name));
        if (handler.role) names.add(`${handler.role.role.name} : ${String(name)}`);
      }
    }
    if (actionName(handler.action)) open = true;
  }
  return { names, open };
}

function checkNotified(task: Task, known: ReturnType<typeof notifiable>, report: Report): void {
  if (known.open) return;
  for (const { value, owner } of written(task, 'notify')) {
    for (const [i, name] of asList(value).entries()) {
      if (typeof name !== 'string' || known.names.has(name)) continue;
      const place = isList(value) ? placeOfValue(value, i) : placeOfKeyword(owner, 'notify');
      const all = [...known.names];
      const listed = all.length > 0 ? `handlers are: ${all.join(', ')}` : 'write it under `handlers:`';
      report({ message: `there is no handler \`${name}\``, place, help: didYouMean(name, all) ?? listed });
    }
  }
}

const controllerFiles: Record<string, { arg: string; kind: 'files' | 'templates' }> = {
  copy: { arg: 'src', kind: 'files' },
  template: { arg: 'src', kind: 'templates' },
  script: { arg: 'cmd', kind: 'files' },
  unarchive: { arg: 'src', kind: 'files' },
};

/** Whether tasks of a play may make files on the controller, which later tasks then find. */
function worksHere(play: Play): boolean {
  const local = (owner: Scoped) =>
    ownKeyword(owner, 'connection') === 'local' || ownKeyword(owner, 'delegate_to') !== undefined;
  if (/\b(localhost|127\.0\.0\.1)\b/.test(String(ownKeyword(play, 'hosts'))) || local(play)) return true;
  return [...tasksIn([...play.sections.flat(), ...play.handlers])].some((task) => {
    if (/(^|\.)fetch$/.test(task.action)) return true;
    for (let owner: Scoped | undefined = task; owner; owner = owner.parent) if (local(owner)) return true;
    return false;
  });
}

/** Whether a task's failure would not be the end: it has a condition, its errors are ignored, or a rescue waits. */
function mayFail(task: Task): boolean {
  if ((['when', 'ignore_errors', 'failed_when'] as const).some((keyword) => written(task, keyword).length > 0))
    return true;
  for (let owner = task.parent; owner; owner = owner.parent) if (ownKeyword(owner, 'rescue') !== undefined) return true;
  return false;
}

/** Files that a task names outright must be there; it is only a warning where the task may fail or the file be made first. */
function checkFiles(task: Task, play: Play, making: boolean, report: Report, { home, cwd }: Paths): void {
  const expected = controllerFiles[task.action.replace(/^ansible\.(builtin|legacy)\./, '')];
  if (!expected || !isDict(task.args)) return;
  const written = task.args.get(expected.arg);
  // A script may have arguments; in quotes its name is told at the run.
  const name = typeof written === 'string' && expected.arg === 'cmd' ? written.trim().split(/\s/)[0] : written;
  const remote = task.args.get('remote_src');
  if (
    typeof name !== 'string' ||
    name === '' ||
    name.includes('://') ||
    (expected.arg === 'cmd' && /['"\\]/.test(name)) ||
    (remote !== undefined && remote !== false && remote !== 'no')
  )
    return;
  // A path that does not belong to the project, in a play that makes files here: one of its tasks will have made it.
  if (making && isAbsolute(name)) return;
  const paths = searchPaths(name, expected.kind, task, { play } as never, home);
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) {
    report({
      message: `there is no ${expected.kind === 'templates' ? 'template' : 'file'} \`${name}\``,
      place: placeOfValue(task.args, expected.arg),
      help: `looked for ${paths.join(', ')}`,
      warning: making || mayFail(task),
    });
  } else if (expected.kind === 'templates' && !found.endsWith('.hbs') && statSync(found).isFile()) {
    const source = new Source(shownPath(found, cwd), readFileSync(found, 'utf8'));
    if (!source.text.startsWith('#jinja2:'))
      attempt((options) => parseTemplate(source.text, { source, offset: 0 }, options), { source, offset: 0 }, report);
  }
}

/** Each finding once, however many hosts and plays it was found for. */
export function unique(findings: Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((f) => {
    const key = `${f.message}\0${f.place?.source.file}\0${f.place?.offset}`;
    return !seen.has(key) && seen.add(key);
  });
}
