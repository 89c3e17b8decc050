/** What a module asks of the run: facts, variables, hosts, groups. The only writer of host state besides `register`. */
import type { ModuleResult } from '../../modules/define.ts';
import { Float, isDict, isInt, type Value } from '../../values.ts';
import type { TaskRun } from './outcome.ts';

/** Applies facts and effects of a module's result to the run's state; whether a host or group is new, the inventory says. */
export function applyEffects(
  run: TaskRun,
  result: ModuleResult,
  delegatedTo: string | undefined,
  delegateFacts: boolean,
): void {
  const { session, state } = run;
  const owner = delegatedTo !== undefined && delegateFacts ? session.host(delegatedTo) : state;
  if (result.facts) {
    session.keepFactsOf(owner, result.facts);
    owner.cached ||= result.facts.has('ansible_distribution') || result.facts.has('distribution');
  }
  for (const effect of result.effects ?? []) {
    switch (effect.type) {
      case 'set_fact':
        for (const [name, value] of effect.values) {
          owner.variables.set(name, value);
          if (effect.cacheable) session.keepFactsOf(owner, new Map([[name, value]]));
        }
        break;
      case 'include_vars':
        for (const [name, value] of effect.values) owner.includedVars.set(name, value);
        break;
      case 'add_host':
        result.changed = session.inventory.addHost(effect.name, effect.groups, effect.vars);
        if (result.changed && !run.view.allHosts.includes(effect.name)) run.view.allHosts.push(effect.name);
        break;
      case 'group_by':
        result.changed = session.inventory.groupHost(state.name, effect.key, effect.parents);
        break;
      case 'set_stats':
        setStats(run, effect.values, effect.aggregate);
        break;
    }
  }
}

function setStats(run: TaskRun, values: Map<Value, Value>, aggregate: boolean): void {
  const { stats } = run.session;
  for (const [name, value] of values) {
    const before = stats.get(name);
    stats.set(name, aggregate && before !== undefined ? aggregated(before, value) : value);
  }
}

/** Numbers and texts are added, dicts merged, lists joined, as set_stats has it. */
function aggregated(before: Value, value: Value): Value {
  if (isDict(before) && isDict(value)) return new Map([...before, ...value]);
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (isInt(before) && isInt(value)) return Number(before) + Number(value);
  if (before instanceof Float || value instanceof Float || typeof before !== typeof value) return value;
  return typeof before === 'string' ? before + String(value) : value;
}
