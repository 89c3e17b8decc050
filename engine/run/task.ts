/** One task on one host: loop, condition, arguments, module, verdict. The one place where a throw becomes a result. */
import { AuthorError, describe, ModuleFailure, TemplateError, UndefinedError, UnreachableError } from '../errors.ts';
import type { Status, TaskResult } from '../events.ts';
import { convertArgs, secretTexts } from '../modules/args.ts';
import type { ModuleDefinition, ModuleEnv, ModuleResult } from '../modules/define.ts';
import { actionName } from '../playbook/actions.ts';
import { collected, effective, type Task } from '../playbook/nodes.ts';
import type { Remote } from '../remote/remote.ts';
import { evaluate, OMIT, parseExpression } from '../template/index.ts';
import {
  type Dict,
  fromPlain,
  isDict,
  isList,
  type Json,
  type Place,
  placeOfValue,
  Template,
  toPlain,
  type Value,
} from '../values.ts';
import type { VarScope } from '../vars/scope.ts';
import { moduleArgs } from './arguments.ts';
import { asBoolean, conditionsHold } from './conditions.ts';
import { becomeOptions, connectionTarget } from './connection.ts';
import { applyEffects } from './effects.ts';
import { controllerFiles } from './files.ts';
import type { HostState } from './host_state.ts';
import { type LoopPlan, loopItems } from './loop.ts';
import { renderFile } from './rendering.ts';
import { type Frame, hostScope, type PlayView } from './scopes.ts';
import type { Session } from './session.ts';
import { Interrupted } from './signals.ts';

/** An include that a task asks for: the walk goes on in it. */
export interface IncludeRequest {
  args: Dict;
  vars: Dict;
  item: number;
}

export interface Outcome {
  result: TaskResult;
  /** What `register` stores. */
  registered: Dict;
  includes: IncludeRequest[];
  delegatedTo?: string;
}

/** Everything that is the same for a task's items and attempts on a host. */
export interface TaskRun {
  readonly session: Session;
  readonly view: PlayView;
  readonly task: Task;
  readonly state: HostState;
  readonly frame: Frame | undefined;
  readonly name: string;
  readonly definition: ModuleDefinition | undefined;
  /** What the task sees on this host, without a loop's item. */
  readonly scope: VarScope;
}

/** A keyword's effective value, rendered for this host; undefined if not set. */
export function keywordValue(task: Task, keyword: string, scope: VarScope): Value | undefined {
  const found = effective(task, keyword);
  if (!found) return undefined;
  const value = scope.resolve(found.value);
  return value === OMIT ? undefined : value;
}

/** Runs a task on a host, loop and all; never throws but Interrupted and bugs. */
export async function runTask(run: TaskRun): Promise<Outcome> {
  const started = performance.now();
  const { scope } = run;
  let outcome: Outcome;
  try {
    const plan = loopItems(run, scope);
    outcome = plan ? await runLoop(run, plan) : await runOnce(run, scope);
  } catch (error) {
    outcome = failureOutcome(run, error);
  }
  outcome.result.duration = (performance.now() - started) / 1000;
  return outcome;
}

async function runLoop(run: TaskRun, plan: LoopPlan): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  const labels: Json[] = [];
  for (const [index, vars] of plan.vars.entries()) {
    if (run.session.signal.aborted) throw new Interrupted();
    if (index > 0 && plan.pause > 0) await sleep(plan.pause, run.session.signal);
    const scope = run.scope.with(vars);
    let outcome: Outcome;
    let label: Value = plan.items[index]!;
    try {
      outcome = await runOnce(run, scope);
      label = plan.label === undefined ? shortLabel(plan.items[index]!) : scope.resolve(plan.label);
    } catch (error) {
      outcome = failureOutcome(run, error);
    }
    for (const include of outcome.includes) {
      include.item = index;
      include.vars = new Map([...vars, ...include.vars]);
    }
    outcome.registered.set('ansible_loop_var', plan.loopVar);
    for (const [key, value] of vars)
      if (key === plan.loopVar || key === plan.indexVar) outcome.registered.set(key, value);
    labels.push(toPlain(label));
    outcomes.push(outcome);
    emitItem(run, outcome, label);
    if (outcome.result.status === 'unreachable') break;
    if (plan.breakWhen !== undefined && breaks(run, plan, vars, outcome)) break;
  }
  return joined(run, outcomes);
}

/** `break_when` sees the item's result under the registered name. */
function breaks(run: TaskRun, plan: LoopPlan, vars: Dict, outcome: Outcome): boolean {
  const register = run.task.own.get('register');
  const seen = typeof register === 'string' ? new Map([...vars, [register, outcome.registered]]) : vars;
  const scope = run.scope.with(seen);
  return conditionsHold(plan.breakWhen!, scope, run.task.place).holds;
}

/** A dict is labelled by its name-like or first scalar value: the whole of it is noise. */
function shortLabel(item: Value): Value {
  if (!isDict(item)) return item;
  for (const key of ['name', 'key', 'path', 'dest', 'src']) if (typeof item.get(key) === 'string') return item;
  return item;
}

function emitItem(run: TaskRun, outcome: Outcome, label: Value): void {
  const info = run.session.info(run.task, run.name);
  const item = typeof label === 'string' ? label : JSON.stringify(toPlain(label));
  const event = { type: 'task:item' as const, task: info, host: run.state.name, item, result: outcome.result };
  run.session.emit(outcome.delegatedTo === undefined ? event : { ...event, delegatedTo: outcome.delegatedTo });
}

/** The results of a loop as one. */
function joined(run: TaskRun, outcomes: Outcome[]): Outcome {
  const all = outcomes.map((o) => o.result);
  const has = (status: Status) => all.some((r) => r.status === status);
  const skipped = all.length > 0 && all.every((r) => r.status === 'skipped');
  const failed = has('failed');
  const unreachable = has('unreachable');
  let msg = 'All items completed';
  if (failed || unreachable) msg = 'One or more items failed';
  else if (all.length === 0) msg = 'No items in the list';
  else if (skipped) msg = 'All items skipped';
  const status: Status = unreachable
    ? 'unreachable'
    : failed
      ? 'failed'
      : skipped || all.length === 0
        ? 'skipped'
        : has('changed')
          ? 'changed'
          : 'ok';
  const registered: Dict = new Map<Value, Value>([['results', outcomes.map((o) => o.registered)]]);
  if (skipped || all.length === 0) registered.set('skipped', true);
  if (all.length === 0) registered.set('skipped_reason', 'No items in the list');
  registered.set('msg', msg);
  registered.set(
    'changed',
    all.some((r) => r.values['changed'] === true),
  );
  if (failed) registered.set('failed', true);
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], msg, duration: 0 };
  if (all.some((r) => r.censored))
    Object.assign(result, { censored: true, values: censoredValues(status, registered.get('changed')) });
  const firstFailure = all.find((r) => r.status === 'failed' || r.status === 'unreachable');
  if (firstFailure?.explanation !== undefined) result.explanation = firstFailure.explanation;
  if (firstFailure?.ignored) result.ignored = true;
  if ((failed || unreachable) && asBoolean(keywordFor(run, 'ignore_errors'))) result.ignored = true;
  const joinedOutcome: Outcome = { result, registered, includes: outcomes.flatMap((o) => o.includes) };
  const delegated = outcomes.find((o) => o.delegatedTo !== undefined)?.delegatedTo;
  if (delegated !== undefined) joinedOutcome.delegatedTo = delegated;
  return joinedOutcome;
}

function keywordFor(run: TaskRun, keyword: string): Value | undefined {
  try {
    return keywordValue(run.task, keyword, run.scope);
  } catch {
    return undefined;
  }
}

/** One item, or the task where there is no loop: its condition, then attempts until `until` holds. */
async function runOnce(run: TaskRun, scope: VarScope): Promise<Outcome> {
  try {
    for (const { value, owner } of collected(run.task, 'when')) {
      const place = placeOfValue(owner.own, 'when');
      const verdict = conditionsHold(value, scope, place);
      if (!verdict.holds) return skippedOutcome(verdict.failed ?? null);
    }
    const action = actionName(run.task.action);
    if (action === 'include_tasks' || action === 'include_role') return includeOutcome(run, scope);
    return await attempts(run, scope);
  } catch (error) {
    return failureOutcome(run, error, scope);
  }
}

function skippedOutcome(condition: Value): Outcome {
  const registered: Dict = new Map<Value, Value>([
    ['changed', false],
    ['skipped', true],
    ['skip_reason', 'Conditional result was False'],
    ['false_condition', condition],
  ]);
  return {
    result: { status: 'skipped', values: toPlain(registered) as TaskResult['values'], duration: 0 },
    registered,
    includes: [],
  };
}

function includeOutcome(run: TaskRun, scope: VarScope): Outcome {
  const rendered = scope.resolve(run.session.loader.tasks.args(run.task)) as Dict;
  const args: Dict = new Map([...rendered].filter(([, value]) => value !== OMIT));
  const registered: Dict = new Map<Value, Value>([
    ['changed', false],
    ['include_args', args],
  ]);
  const result: TaskResult = { status: 'ok', values: toPlain(registered) as TaskResult['values'], duration: 0 };
  return { result, registered, includes: [{ args, vars: new Map(), item: 0 }] };
}

async function attempts(run: TaskRun, scope: VarScope): Promise<Outcome> {
  const until = run.task.own.get('until');
  const written = run.task.own.get('retries');
  const repeated = until !== undefined || (written !== undefined && written !== null);
  const retries = repeated ? Math.max(0, Number(keywordValue(run.task, 'retries', scope) ?? 3)) : 0;
  const delay = Number(keywordValue(run.task, 'delay', scope) ?? 5);
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(run, scope);
    if (!repeated) return outcome;
    outcome.registered.set('attempts', attempt);
    outcome.result.values['attempts'] = attempt;
    if (outcome.result.status === 'unreachable' || outcome.result.status === 'skipped') return outcome;
    const done =
      until === undefined
        ? outcome.result.status !== 'failed'
        : conditionsHold(until, withRegistered(run, scope, outcome), placeOfValue(run.task.own, 'until')).holds;
    if (done) return outcome;
    if (attempt > retries) {
      outcome.registered.set('failed', true);
      return verdictOf(run, scope, {
        ...outcome,
        result: { ...outcome.result, status: 'failed', values: { ...outcome.result.values, failed: true } },
      });
    }
    run.session.emit({
      type: 'task:retry',
      task: run.session.info(run.task, run.name),
      host: run.state.name,
      attempt,
      left: retries - attempt + 1,
      result: outcome.result,
    });
    await sleep(delay, run.session.signal);
  }
}

/** A scope in which the task's registered name already holds this attempt's result. */
function withRegistered(run: TaskRun, scope: VarScope, outcome: Outcome): VarScope {
  const register = run.task.own.get('register');
  return typeof register === 'string' && register !== ''
    ? scope.with(new Map([[register, outcome.registered]]))
    : scope;
}

async function attemptOnce(run: TaskRun, scope: VarScope): Promise<Outcome> {
  const definition = run.definition!;
  const { session, task, state } = run;
  const keyword = (name: string) => keywordValue(task, name, scope);
  const check = asBoolean(keyword('check_mode') ?? session.options.check ?? false);
  const diff = asBoolean(keyword('diff') ?? session.options.diff ?? false);
  const noLog = asBoolean(keyword('no_log'));
  const delegate = keyword('delegate_to');
  const delegatedTo = delegate === undefined || delegate === null || delegate === '' ? undefined : String(delegate);
  const raw = moduleArgs(run, scope, definition);
  for (const secret of secretTexts(definition.args, raw)) session.redactor.add(secret);
  const { args, problems } = convertArgs(definition, raw);
  if (problems.length > 0) throw new ModuleFailure(problems.join('; '));
  let outcome: Outcome;
  if (check && definition.check === 'skip') {
    outcome = finished({
      changed: false,
      skipped: true,
      values: { msg: `skipped, since ${definition.name} cannot predict in check mode` },
    });
  } else {
    const timeout = Number(keyword('timeout') ?? 0);
    const remote = definition.controllerOnly
      ? noRemote(state.name)
      : bindRemote(run, scope, delegatedTo, { check, diff, timeout });
    const env = moduleEnv(run, scope, raw, remote, { check, diff });
    outcome = await callModule(run, definition, args, env, delegatedTo, scope);
  }
  if (delegatedTo !== undefined) outcome.delegatedTo = delegatedTo;
  outcome = verdictOf(run, scope, outcome);
  return noLog ? censored(outcome) : outcome;
}

async function callModule(
  run: TaskRun,
  definition: ModuleDefinition,
  args: Record<string, unknown>,
  env: ModuleEnv,
  delegatedTo: string | undefined,
  scope: VarScope,
): Promise<Outcome> {
  try {
    const result = await definition.run(args as never, env);
    applyEffects(run, result, delegatedTo, asBoolean(keywordValue(run.task, 'delegate_facts', scope)));
    return finished(result);
  } catch (error) {
    return failureOutcome(run, error, scope);
  }
}

/** A module's result as an outcome. */
function finished(module: ModuleResult): Outcome {
  const values = { ...module.values };
  const registered = fromPlain(values) as Dict;
  registered.set('changed', module.changed);
  if (module.skipped) registered.set('skipped', true);
  if (module.facts) registered.set('ansible_facts', module.facts);
  if (module.diff) registered.set('diff', fromPlain(module.diff.length === 1 ? module.diff[0] : module.diff));
  const failed = asBoolean(registered.get('failed'));
  registered.set('failed', failed);
  const status: Status = failed ? 'failed' : module.skipped ? 'skipped' : module.changed ? 'changed' : 'ok';
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], duration: 0 };
  const msg = registered.get('msg');
  if (typeof msg === 'string') result.msg = msg;
  if (module.diff) result.diff = module.diff;
  return { result, registered, includes: [] };
}

/** changed_when, failed_when, ignore_errors: what the author says of a result. */
function verdictOf(run: TaskRun, scope: VarScope, outcome: Outcome): Outcome {
  const { result, registered } = outcome;
  const { own } = run.task;
  if (result.status !== 'skipped' && result.status !== 'unreachable') {
    const seen = own.has('changed_when') || own.has('failed_when') ? withRegistered(run, scope, outcome) : scope;
    try {
      const failedWhen = own.get('failed_when');
      if (failedWhen !== undefined && failedWhen !== null) {
        const failed = conditionsHold(failedWhen, seen, placeOfValue(own, 'failed_when')).holds;
        registered.set('failed_when_result', failed).set('failed', failed);
      }
      const changedWhen = own.get('changed_when');
      if (changedWhen !== undefined && changedWhen !== null) {
        registered.set('changed', conditionsHold(changedWhen, seen, placeOfValue(own, 'changed_when')).holds);
      }
    } catch (error) {
      const failure = failureOutcome(run, error, scope);
      return { ...failure, registered: new Map([...registered, ...failure.registered]) };
    }
    const failed = registered.get('failed') === true;
    result.status = failed ? 'failed' : registered.get('changed') === true ? 'changed' : 'ok';
    result.values = { ...(toPlain(registered) as TaskResult['values']) };
  }
  if (result.status === 'failed' && asBoolean(keywordValue(run.task, 'ignore_errors', scope))) result.ignored = true;
  if (result.status === 'unreachable' && asBoolean(keywordValue(run.task, 'ignore_unreachable', scope)))
    result.ignored = true;
  return outcome;
}

function censoredValues(status: Status, changed: Value | undefined): TaskResult['values'] {
  const values: TaskResult['values'] = {
    censored: "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
  };
  if (changed !== undefined) values['changed'] = changed === true;
  if (status === 'failed') values['failed'] = true;
  return values;
}

/** no_log: nothing of the result is reported; what is registered stays whole. */
function censored(outcome: Outcome): Outcome {
  const { status, ignored, duration } = outcome.result;
  const result: TaskResult = {
    status,
    values: censoredValues(status, outcome.registered.get('changed')),
    censored: true,
    duration,
  };
  if (ignored) result.ignored = true;
  return { ...outcome, result };
}

/** Any throw as a result; what is none of ours is a bug and says so. */
export function failureOutcome(run: TaskRun, error: unknown, scope?: VarScope): Outcome {
  if (error instanceof Interrupted || run.session.signal.aborted)
    throw error instanceof Interrupted ? error : new Interrupted();
  let status: Status = 'failed';
  let msg: string;
  let extra: Record<string, unknown> = {};
  let explanation: string | undefined;
  const explain = (place: Place | undefined, help: string | undefined) => {
    const where = place ?? run.task.place;
    explanation = where ? describe({ message: msg, place: where, help }) : help;
  };
  if (error instanceof ModuleFailure) {
    msg = error.message;
    extra = error.result;
  } else if (error instanceof UnreachableError) {
    status = 'unreachable';
    msg = error.message;
    explanation = error.help;
  } else if (error instanceof UndefinedError || error instanceof TemplateError) {
    msg = error.message;
    explain(error.place, error.help);
  } else if (error instanceof AuthorError) {
    msg = error.message;
    explanation = error.findings.map(describe).join('\n');
  } else {
    msg = `this is a bug in Troupe: ${error instanceof Error ? error.message : String(error)}`;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    run.session.emit({ type: 'bug', stack, host: run.state.name, task: run.session.info(run.task, run.name) });
  }
  const registered = fromPlain({ ...extra, msg, changed: extra['changed'] ?? false }) as Dict;
  if (status === 'unreachable') registered.set('unreachable', true);
  else registered.set('failed', true);
  const result: TaskResult = { status, values: toPlain(registered) as TaskResult['values'], msg, duration: 0 };
  if (explanation !== undefined) result.explanation = explanation;
  if (scope) {
    const ignore = status === 'unreachable' ? 'ignore_unreachable' : 'ignore_errors';
    if (asBoolean(keywordFor(run, ignore))) result.ignored = true;
    if (asBoolean(keywordFor(run, 'no_log'))) return censored({ result, registered, includes: [] });
  }
  return { result, registered, includes: [] };
}

/** The host that does the work, as the right user, with the task's environment. */
function bindRemote(
  run: TaskRun,
  scope: VarScope,
  delegatedTo: string | undefined,
  mode: { check: boolean; diff: boolean; timeout: number },
): Remote {
  const { session, task } = run;
  const name = delegatedTo ?? run.state.name;
  const known = delegatedTo === undefined ? scope : hostScope(session, run.view, delegatedTo);
  const implicit =
    delegatedTo !== undefined &&
    ['localhost', '127.0.0.1', '::1'].includes(delegatedTo) &&
    !session.inventory.hosts.has(delegatedTo);
  // A task's own variables reach the connection of the host it is delegated to; the inventory's of this host do not.
  const get = (variable: string): Value | undefined => {
    if (delegatedTo === undefined) return scope.value(variable);
    const own = known?.value(variable);
    if (own !== undefined) return own;
    return implicit && variable === 'ansible_connection' ? 'local' : undefined;
  };
  const keyword = (word: string) => (word === 'connection' && implicit ? undefined : keywordValue(task, word, scope));
  const target = connectionTarget(name, get, keyword, session.options);
  if (target.password !== undefined) session.redactor.add(target.password);
  const become = becomeOptions(get, keyword, session.options);
  if (become?.password !== undefined) session.redactor.add(become.password);
  return session.pool.remote(target, {
    become,
    check: mode.check,
    diff: mode.diff,
    environment: environmentOf(task, scope),
    timeout: mode.timeout > 0 ? mode.timeout : undefined,
    signal: session.signal,
    onWarning: (text) => session.warn(text, run.state.name),
  });
}

/** `environment:` of the task and all around it, inner ones winning. */
function environmentOf(task: Task, scope: VarScope): Record<string, string> | undefined {
  const all: Record<string, string> = {};
  for (const { value } of collected(task, 'environment')) {
    const rendered = scope.resolve(value);
    for (const dict of isList(rendered) ? rendered : [rendered]) {
      if (!isDict(dict)) continue;
      for (const [name, item] of dict)
        if (item !== OMIT && item !== null) all[String(name)] = typeof item === 'string' ? item : String(toPlain(item));
    }
  }
  return Object.keys(all).length > 0 ? all : undefined;
}

/** In place of a host for modules that say they need none. */
function noRemote(host: string): Remote {
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
    reset: refuse,
    connect: refuse,
  } as Remote;
}

function moduleEnv(
  run: TaskRun,
  scope: VarScope,
  rawArgs: Dict,
  remote: Remote,
  mode: { check: boolean; diff: boolean },
): ModuleEnv {
  const { session } = run;
  const env: ModuleEnv = {
    remote,
    files: controllerFiles(session, run.view, run.task),
    check: mode.check,
    diff: mode.diff,
    verbosity: session.options.verbosity ?? 0,
    rawArgs,
    variable: (name) => scope.value(name),
    renderFile: (text, path, options, extra) => renderFile(scope, text, path, options, extra),
    evaluate: (expression) => evaluateFor(expression, scope, run.task.place),
    parseData: (text, path) => session.loader.env.parseData(text, path),
    readVariables: (path) => session.loader.env.readYaml(path) as Dict,
    secret: (text) => session.redactor.add(text),
    warn: (text) => session.warn(text, run.state.name),
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
    signal: session.signal,
  };
  return session.options.ask ? { ...env, ask: session.options.ask } : env;
}

function evaluateFor(expression: string | Template | boolean, scope: VarScope, place: Place | undefined): Value {
  if (typeof expression === 'boolean') return expression;
  if (expression instanceof Template) return scope.resolve(expression);
  return scope.resolve(evaluate(parseExpression(expression, place), scope, scope.options));
}

/** Waits, or ends at once when the run is interrupted. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      clearTimeout(timer);
      reject(new Interrupted());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', ended);
      resolve();
    }, seconds * 1000);
    signal.addEventListener('abort', ended, { once: true });
  });
}
