/** What a module gets for one task on one host: the host as the right user, files, templates, questions. */
import { TemplateError, UndefinedError } from '../../errors.ts';
import { isLocalName } from '../../inventory/names.ts';
import type { Ends, ModuleEnv, OtherWay } from '../../modules/define.ts';
import { keyword, type Render } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import type { Remote } from '../../remote/remote.ts';
import { evaluate, OMIT, parseExpression, pathsOf } from '../../template/index.ts';
import { type Dict, isDict, isList, type Place, Template, toPlain, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { TaskRun } from '../types.ts';
import { becomeOptions, connectionKeywords, connectionTarget } from '../view/connection.ts';
import { controllerFiles } from '../view/files.ts';
import { rendering } from '../view/keywords.ts';
import { renderFile } from '../view/rendering.ts';
import { hostScope, scopeFor } from '../view/scopes.ts';
import { namedConditions } from './conditions.ts';
import { delegatedItem } from './delegated.ts';

/** The host that does the work, as the right user, with the task's environment. */
export function bindRemote(
  run: TaskRun,
  scope: VarScope,
  delegatedTo: string | undefined,
  mode: TaskMode,
  way: OtherWay = { become: true },
): Remote {
  const { session, task } = run;
  const { become: wantsBecome, ...other } = way;
  const name = delegatedTo ?? run.state.name;
  const known =
    delegatedTo === undefined ? (variable: string) => scope.stated.value(variable) : knownOf(run, scope, delegatedTo);
  const implicit = delegatedTo !== undefined && isLocalName(delegatedTo) && !session.inventory.hosts.has(delegatedTo);
  const get = (variable: string): Value | undefined => {
    const own = known(variable);
    if (own !== undefined) return own;
    return implicit && variable === 'ansible_connection' ? 'local' : undefined;
  };
  const written = connectionKeywords(task, scope);
  const words = implicit ? { ...written, connection: () => undefined } : written;
  const target = connectionTarget(name, get, words, session.options, run.view.play.directory);
  if (target.password !== undefined) session.redactor.add(target.password);
  const become = wantsBecome ? becomeOptions(get, words, session.options) : undefined;
  if (become?.password !== undefined) session.redactor.add(become.password);
  return session.pool.remote({ ...target, ...other }, { become, ...taskBinding(run, scope, mode) });
}

/**
 * What is known of the host that a task is delegated to: the variables of the task, its role and its play reach its connection, those
 * of the task's own host do not. What its inventory says of it is said under its own name.
 */
function knownOf(run: TaskRun, scope: VarScope, delegatedTo: string): (variable: string) => Value | undefined {
  const { session, view, task, frame } = run;
  const all = scopeFor(session, view, task, session.host(delegatedTo), frame, delegatedItem(run, scope)).stated;
  const own = hostScope(session, view, delegatedTo)?.stated;
  return (variable) => {
    const origin = all.where(variable);
    return origin && own && /inventory|playbook/.test(origin.level.name) ? own.value(variable) : all.value(variable);
  };
}

interface TaskMode {
  check: boolean;
  diff: boolean;
  timeout: number;
  /** Gets every warning of the task, beside those who hear it now. */
  warned: string[];
}

/** What is the same for every host that a task speaks to. */
function taskBinding({ session, task, state }: TaskRun, scope: VarScope, mode: TaskMode) {
  return {
    check: mode.check,
    diff: mode.diff,
    environment: environmentOf(task, scope),
    timeout: mode.timeout > 0 ? mode.timeout : undefined,
    signal: session.signal,
    onWarning: (text: string) => {
      mode.warned.push(text);
      session.warn(text, state.name);
    },
  };
}

/** Both ends of a transfer between the controller and the task's own host. */
export function bindEnds(run: TaskRun, scope: VarScope, delegatedTo: string | undefined, mode: TaskMode): Ends {
  return {
    delegatedTo,
    isOwn: (name) => name === run.state.name || name === scope.stated.value('ansible_host'),
    host: (way) => bindRemote(run, scope, undefined, mode, way),
    controller: () =>
      run.session.pool.remote({ name: 'localhost', connection: 'local' }, taskBinding(run, scope, mode)),
  };
}

/** `environment:` of the task and all around it, inner ones winning. */
function environmentOf(task: Task, scope: VarScope): Record<string, string> | undefined {
  const all: Record<string, string> = {};
  for (const { value } of keyword(task, 'environment', withoutUnknown(rendering(scope)))) {
    for (const dict of isList(value) ? value : [value]) {
      if (!isDict(dict)) continue;
      for (const [name, item] of dict) if (item !== OMIT && item !== null) all[String(name)] = environmentText(item);
    }
  }
  return Object.keys(all).length > 0 ? all : undefined;
}

/** Leaves out what needs the host's environment, which is a fact: it is not known until facts were gathered. */
function withoutUnknown(render: Render): Render {
  const lenient: Render = (value) => {
    try {
      return render(value);
    } catch (error) {
      if (!(error instanceof UndefinedError && isHostsEnvironment(error.path))) throw error;
      if (isList(value)) return value.flatMap((item) => lenient(item) ?? []);
      return isDict(value) ? new Map([...value].map(([name, item]) => [name, lenient(item) ?? null])) : undefined;
    }
  };
  return lenient;
}

const isHostsEnvironment = (path: string | undefined): boolean =>
  path !== undefined && /^ansible_env\b|^ansible_facts(\.|\[')env\b/.test(path);

/** A value of the environment as Python words it. */
function environmentText(item: Value): string {
  if (typeof item === 'boolean') return item ? 'True' : 'False';
  return typeof item === 'string' ? item : String(toPlain(item));
}

/** In place of a host for modules that say they need none. */
export function noRemote(host: string): Remote {
  const refuse = () => {
    throw new Error(`a module that declares controllerOnly used the host ${host}`);
  };
  return {
    host,
    local: true,
    call: refuse,
    upload: refuse,
    download: refuse,
    raw: refuse,
    terminal: refuse,
    relay: refuse,
    reset: refuse,
    leave: refuse,
    connect: refuse,
  } as Remote;
}

export function moduleEnv(
  run: TaskRun,
  scope: VarScope,
  rawArgs: Dict,
  remote: Remote,
  mode: { check: boolean; diff: boolean; warned: string[] },
  ends?: Ends,
): ModuleEnv {
  const { session } = run;
  const env: ModuleEnv = {
    remote,
    files: controllerFiles(session, run.view, run.task),
    check: mode.check,
    diff: mode.diff,
    verbosity: session.options.verbosity ?? 0,
    rawArgs,
    named: session.named,
    variable: (name) => scope.value(name),
    renderFile: (text, path, options, extra) => renderFile(scope, text, path, options, extra, session.options.cwd),
    evaluate: (expression) => evaluateFor(expression, scope, run.task.place),
    valuesIn: (expression) => valuesIn(expression, scope),
    parseData: (text, path) => session.loader.env.parseData(text, path),
    readVariables: (path) => session.loader.env.readYaml(path) as Dict,
    secret: (text) => session.addSecret(text),
    holdsSecret: (text) => session.redactor.text(text) !== text,
    warn: (text) => {
      mode.warned.push(text);
      session.warn(text, run.state.name);
    },
    tell: (text) => session.emit({ type: 'message', level: 'info', text, host: run.state.name }),
    output: (stream, chunk) => {
      if (session.options.liveOutput) {
        session.emit({
          type: 'task:output',
          task: session.info(run.task, run.name),
          host: run.state.name,
          stream,
          text: chunk.toString('utf8'),
        });
      }
    },
    jobs: { look: (id) => session.jobs.look(run.state.name, id), forget: (id) => session.jobs.forget(id) },
    signal: session.signal,
  };
  return { ...env, ...(ends && { ends }), ...(session.options.ask && { ask: session.options.ask }) };
}

function evaluateFor(expression: string | Template | boolean, scope: VarScope, place: Place | undefined): Value {
  if (typeof expression === 'boolean') return expression;
  const named = expression instanceof Template ? namedConditions(expression, scope) : undefined;
  if (named) {
    for (const each of named) {
      const value = evaluateFor(each as string, scope, place);
      if (value !== true) return value;
    }
    return true;
  }
  if (expression instanceof Template)
    return scope.resolve(evaluate(parseExpression(expression.text, expression.place), scope, scope.options));
  return scope.resolve(evaluate(parseExpression(expression, place), scope, scope.options));
}

/** What an expression reads, with the values; what is undefined or cannot be read is left out. */
function valuesIn(expression: string | Template, scope: VarScope): [string, Value][] {
  const text = expression instanceof Template ? expression.text : expression;
  return pathsOf(parseExpression(text)).flatMap((path): [string, Value][] => {
    try {
      return [[path, evaluateFor(path, scope, undefined)]];
    } catch (error) {
      if (error instanceof UndefinedError || error instanceof TemplateError) return [];
      throw error;
    }
  });
}
