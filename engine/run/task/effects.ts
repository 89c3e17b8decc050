/**
 * The one writer of host state. A task's outcome says what it does to hosts, and is applied here: to the task's own host, or
 * for `run_once` to every host of the batch. What the walk of a host comes to is written down here too.
 */
import { UnknownError } from '../../errors.ts';
import type { TaskResult } from '../../events.ts';
import type { ModuleResult } from '../../modules/define.ts';
import type { Task } from '../../playbook/nodes.ts';
import { Undefined } from '../../template/index.ts';
import { type Dict, Float, isDict, isInt, type Value } from '../../values.ts';
import { isRestricted } from '../../vars/restricted.ts';
import { HostRecord, type HostState } from '../host_state.ts';
import type { Session } from '../session.ts';
import type { HostEffect, Outcome, PlayView, TaskRun, Unknown } from '../types.ts';

/** A host of which nothing is known yet. */
export const newHost = (name: string): HostState => new HostRecord(name);

function recordOf(state: HostState): HostRecord {
  if (!(state instanceof HostRecord)) throw new Error(`the state of ${state.name} is not the run's own`);
  return state;
}

/** What a module's result does to hosts, as its outcome carries it. */
export function effectsOf(result: ModuleResult, factsFor: string | undefined): HostEffect[] {
  const effects: HostEffect[] = [...(result.effects ?? [])];
  if (result.facts) effects.unshift({ type: 'facts', values: result.facts });
  return factsFor === undefined ? effects : effects.map((effect) => ({ ...effect, host: factsFor }));
}

/**
 * What a module asks of the inventory. It is no host's state, and whether something is new only the inventory knows: so this
 * is done at once, and `changed` of the result says what came of it.
 */
export function applyToInventory(run: TaskRun, result: ModuleResult): void {
  for (const effect of result.effects ?? []) result.changed = changeInventory(run, effect) ?? result.changed;
}

/** Does to the inventory what an outcome of an earlier run did. */
export function repeatOnInventory(run: TaskRun, outcome: Outcome): void {
  for (const effect of outcome.effects) changeInventory(run, effect);
}

/** Whether anything is new; undefined for what is not the inventory's. */
function changeInventory({ session, view, state }: TaskRun, effect: HostEffect): boolean | undefined {
  if (effect.type === 'group_by') return session.inventory.groupHost(state.name, effect.key, effect.parents);
  if (effect.type !== 'add_host') return undefined;
  const isNew = session.inventory.addHost(effect.name, effect.groups, effect.vars);
  if (isNew && !view.allHosts.includes(effect.name)) view.allHosts.push(effect.name);
  return isNew;
}

/** Applies what a task did to these hosts; `register` is the name that stores its result. */
export function applyOutcome(
  session: Session,
  hosts: readonly HostState[],
  outcome: Outcome,
  register: string | undefined,
): void {
  const { status } = outcome.result;
  // Of a failed or skipped task only the registered result stays, as in Ansible.
  if (status === 'ok' || status === 'changed')
    for (const effect of outcome.effects) applyEffect(session, hosts, effect);
  if (register !== undefined) for (const state of hosts) recordOf(state).variables.set(register, outcome.registered);
  if (outcome.unknown) rememberUnknown(hosts, outcome.unknown, register);
}

/** What only a real run can know: whoever needs it is told so, with the task that it would have come from. */
function rememberUnknown(
  hosts: readonly HostState[],
  { why, place, names }: Unknown,
  register: string | undefined,
): void {
  for (const name of register === undefined ? names : [...names, register]) {
    const error = () => new UnknownError(name, why, place);
    const value = new Undefined(name, error, true) as unknown as Value;
    for (const state of hosts) recordOf(state).variables.set(name, value);
  }
}

function applyEffect(session: Session, hosts: readonly HostState[], effect: HostEffect): void {
  const targets = (effect.host === undefined ? hosts : [session.host(effect.host)]).map(recordOf);
  switch (effect.type) {
    case 'facts':
      for (const target of targets) addFacts(session, target, effect.values);
      return;
    case 'set_fact':
      for (const target of targets) {
        for (const [name, value] of effect.values) target.variables.set(name, value);
        if (effect.cacheable) addFacts(session, target, effect.values);
      }
      return;
    case 'include_vars':
      for (const target of targets) for (const [name, value] of effect.values) target.includedVars.set(name, value);
      return;
    case 'set_stats':
      if (effect.perHost)
        for (const { name } of hosts) setStats(session.statsOf(name), effect.values, effect.aggregate);
      else setStats(session.stats, effect.values, effect.aggregate);
      return;
    default:
      // The inventory has had these already.
      return;
  }
}

/**
 * Facts are in `ansible_facts` without their prefix, and variables under the name that the module gave. Names that say how to
 * connect, or what the run is, never become variables: the host chose them.
 */
function addFacts(session: Session, record: HostRecord, facts: Dict, from = 'the host'): void {
  const refused: string[] = [];
  for (const [key, value] of facts) {
    const name = String(key);
    record.facts.set(shortFact(name), value);
    if (isRestricted(name)) refused.push(`\`${name}\``);
    else record.factVars.set(name, value);
  }
  if (refused.length > 0)
    session.warn(
      `${from} gave facts whose names say how to connect or what the run is, and these are not used: ${refused.join(', ')}`,
      record.name,
    );
  record.cached ||= facts.has('ansible_distribution') || facts.has('distribution');
}

const shortFact = (name: string): string =>
  name.startsWith('ansible_') && name !== 'ansible_local' ? name.slice('ansible_'.length) : name;

/**
 * What the effects of a task that is not over yet make known to its next item, or to its own conditions: they reach the host
 * only when all of it is done.
 */
export function knownBy(effects: readonly HostEffect[], run: TaskRun): Dict {
  const known: Dict = new Map();
  let facts: Dict | undefined;
  for (const effect of effects) {
    if (effect.host !== undefined && effect.host !== run.state.name) continue;
    if (effect.type !== 'facts' && effect.type !== 'set_fact' && effect.type !== 'include_vars') continue;
    for (const [name, value] of effect.values)
      if (effect.type !== 'facts' || !isRestricted(String(name))) known.set(name, value);
    if (effect.type !== 'facts') continue;
    facts ??= new Map(run.state.facts);
    for (const [name, value] of effect.values) facts.set(shortFact(String(name)), value);
  }
  return facts ? known.set('ansible_facts', facts) : known;
}

/** The hosts that a task's outcome is for: its own, or for one that runs once all of the batch that can be reached. */
export function hostsOfOutcome(session: Session, view: PlayView, state: HostState, once: boolean): HostState[] {
  if (!once) return [state];
  const batch = view.batch.map((name) => session.host(name)).filter((each) => each === state || !each.unreachable);
  return batch.includes(state) ? batch : [state, ...batch];
}

/** Facts that an earlier run kept. */
export function recallFacts(session: Session, state: HostState, facts: Dict): void {
  addFacts(session, recordOf(state), facts, 'the fact cache');
  recordOf(state).cached = true;
}

/** Facts that were asked for after the others. */
export function addLateFacts(session: Session, state: HostState, facts: Dict): void {
  addFacts(session, recordOf(state), facts);
}

export function forgetFacts(state: HostState): void {
  recordOf(state).facts.clear();
  recordOf(state).factVars.clear();
}

/** Forgets what belongs to one play. */
export function startPlay(state: HostState): void {
  const record = recordOf(state);
  record.notifications.clear();
  record.notified.clear();
  record.begunRoles.clear();
  record.completedRoles.clear();
  record.ended = false;
}

/** The host has come to a task of this name. */
export function reach(state: HostState, task: string): void {
  recordOf(state).reached = task;
}

export function beginRole(state: HostState, key: string): void {
  recordOf(state).begunRoles.add(key);
}

export function completeRole(state: HostState, key: string): void {
  if (state.begunRoles.has(key)) recordOf(state).completedRoles.add(key);
}

/** The host's way through the play is over. */
export function endHost(state: HostState, how: 'failed' | 'unreachable' | 'ended'): void {
  recordOf(state)[how] = true;
}

/** `meta: clear_host_errors`. */
export function clearErrors(state: HostState): void {
  const record = recordOf(state);
  record.failed = false;
  record.unreachable = false;
}

/** A rescue begins: it knows what failed, and takes back a host that was lost. */
export function beginRescue(state: HostState, failedTask: Dict, failedResult: Value): void {
  const record = recordOf(state);
  record.variables.set('ansible_failed_task', failedTask);
  record.variables.set('ansible_failed_result', failedResult);
  record.unreachable = false;
}

/** Keeps the name that a task notified until handlers are flushed: of handlers that roles bring until then, the last one runs. */
export function notifyName(state: HostState, name: string): void {
  recordOf(state).notifications.add(name);
}

/** A handler is to run in the flush that is under way, or that begins. */
export function notifyHandlers(state: HostState, handlers: readonly Task[]): void {
  for (const handler of handlers) recordOf(state).notified.add(handler);
}

export function clearNotifications(state: HostState): void {
  recordOf(state).notifications.clear();
}

/** Takes a handler that is to run; false if it was not notified. */
export function takeNotified(state: HostState, handler: Task): boolean {
  return recordOf(state).notified.delete(handler);
}

/** Counts a result in the recap, or takes it out again where the debugger runs the task once more. */
export function count(state: HostState, result: TaskResult, changed: boolean, by: 1 | -1 = 1): void {
  const { recap } = recordOf(state);
  if (result.ignored) {
    recap.ok += by;
    recap.ignored += by;
    if (changed) recap.changed += by;
  } else if (result.status === 'failed') recap[result.rescued ? 'rescued' : 'failed'] += by;
  else if (result.status === 'unreachable' || result.status === 'skipped') recap[result.status] += by;
  else {
    recap.ok += by;
    if (result.status === 'changed') recap.changed += by;
  }
}

/** An include that goes on counts as one task that is ok. */
export function countInclude(state: HostState): void {
  recordOf(state).recap.ok++;
}

function setStats(stats: Dict, values: Dict, aggregate: boolean): void {
  for (const [name, value] of values) {
    const before = stats.get(name);
    stats.set(name, aggregate && before !== undefined ? aggregated(before, value) : value);
  }
}

/** Numbers and strings are added, dicts merged, lists joined; a value of another type changes nothing, as set_stats has it. */
function aggregated(before: Value, value: Value): Value {
  if (isDict(before) && isDict(value)) return new Map([...before, ...value]);
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (isInt(before) && isInt(value)) return Number(before) + Number(value);
  if (before instanceof Float && value instanceof Float) return new Float(before.value + value.value);
  return typeof before === 'string' && typeof value === 'string' ? before + value : before;
}
