import { expect } from 'chai';
import type { ModuleResult } from '../../../engine/modules/define.ts';
import type { Task } from '../../../engine/playbook/nodes.ts';
import type { HostState } from '../../../engine/run/host_state.ts';
import type { Session } from '../../../engine/run/session.ts';
import * as effects from '../../../engine/run/task/effects.ts';
import type { HostEffect, Outcome, PlayView, TaskRun } from '../../../engine/run/types.ts';
import type { Dict, Value } from '../../../engine/values.ts';

const dict = (entries: Record<string, Value>): Dict => new Map(Object.entries(entries));

function hosts(...names: string[]) {
  const states = new Map(names.map((name) => [name, effects.newHost(name)]));
  const warnings: string[] = [];
  const hostStats = new Map<string, Dict>();
  const session = {
    host: (name: string) => states.get(name)!,
    warn: (text: string) => void warnings.push(text),
    stats: new Map(),
    hostStats,
    statsOf: (host: string) => {
      if (!hostStats.has(host)) hostStats.set(host, new Map());
      return hostStats.get(host)!;
    },
  } as unknown as Session;
  return { session, warnings, of: (name: string): HostState => states.get(name)!, all: [...states.values()] };
}

function outcome(list: HostEffect[], status: Outcome['result']['status'] = 'ok'): Outcome {
  return {
    result: { status, values: {}, duration: 0 },
    registered: dict({ changed: false }),
    effects: list,
    includes: [],
  };
}

describe('what a task does to hosts', () => {
  it('reaches every host that it is for: facts, variables, files of variables, the result', () => {
    const { session, all, of } = hosts('a', 'b');
    const list: HostEffect[] = [
      { type: 'facts', values: dict({ ansible_system: 'Linux', services: 1 }) },
      { type: 'set_fact', values: dict({ x: 1 }), cacheable: false },
      { type: 'include_vars', values: dict({ y: 2 }) },
    ];
    effects.applyOutcome(session, all, outcome(list), 'r');
    for (const name of ['a', 'b']) {
      expect([...of(name).facts]).to.deep.equal([
        ['system', 'Linux'],
        ['services', 1],
      ]);
      expect(of(name).factVars.get('ansible_system')).to.equal('Linux');
      expect([...of(name).variables.keys()]).to.deep.equal(['x', 'r']);
      expect(of(name).includedVars.get('y')).to.equal(2);
    }
  });

  it('is only what it registers where it failed or was skipped', () => {
    for (const status of ['failed', 'skipped', 'unreachable'] as const) {
      const { session, all, of } = hosts('a');
      const list: HostEffect[] = [{ type: 'set_fact', values: dict({ x: 1 }), cacheable: false }];
      effects.applyOutcome(session, all, outcome(list, status), 'r');
      expect([...of('a').variables.keys()], status).to.deep.equal(['r']);
    }
  });

  it('goes to the host delegated to where the effect names it', () => {
    const { session, of } = hosts('a', 'b');
    const list = effects.effectsOf({ changed: false, values: {}, facts: dict({ f: 1 }) } as ModuleResult, 'b');
    effects.applyOutcome(session, [of('a')], outcome(list), undefined);
    expect(of('a').facts.size).to.equal(0);
    expect(of('b').facts.get('f')).to.equal(1);
  });

  it('of set_stats counts for the run, or for each host apart', () => {
    const { session, all } = hosts('a', 'b');
    const stats = (perHost: boolean, value: Value): HostEffect => ({
      type: 'set_stats',
      values: dict({ n: value }),
      perHost,
      aggregate: true,
    });
    effects.applyOutcome(
      session,
      all,
      outcome([stats(true, 1), stats(true, 2), stats(false, 'x'), stats(false, 5)]),
      undefined,
    );
    expect(session.hostStats).to.deep.equal(
      new Map([
        ['a', dict({ n: 3 })],
        ['b', dict({ n: 3 })],
      ]),
    );
    // A value of another type changes nothing, as in Ansible.
    expect(session.stats.get('n')).to.equal('x');
  });

  it('keeps names out that say how to connect', () => {
    const { session, all, of, warnings } = hosts('a');
    effects.applyOutcome(session, all, outcome([{ type: 'facts', values: dict({ ansible_host: 'evil' }) }]), undefined);
    expect(of('a').factVars.has('ansible_host')).to.equal(false);
    expect(warnings).to.have.length(1);
  });

  it('is known to the next item before the host has it', () => {
    const { of } = hosts('a');
    const run = { state: of('a') } as TaskRun;
    const known = effects.knownBy(
      [
        { type: 'set_fact', values: dict({ x: 1 }), cacheable: false },
        { type: 'facts', values: dict({ ansible_y: 2 }) },
        { type: 'set_fact', values: dict({ z: 1 }), cacheable: false, host: 'other' },
      ],
      run,
    );
    expect(known.get('x')).to.equal(1);
    expect(known.get('ansible_y')).to.equal(2);
    expect((known.get('ansible_facts') as Dict).get('y')).to.equal(2);
    expect(known.has('z')).to.equal(false);
  });

  it('that runs once is for all of the batch that can be reached', () => {
    const { session, of } = hosts('a', 'b', 'c');
    effects.endHost(of('b'), 'failed');
    effects.endHost(of('c'), 'unreachable');
    const view = { batch: ['a', 'b', 'c'] } as unknown as PlayView;
    const names = (once: boolean) => effects.hostsOfOutcome(session, view, of('a'), once).map(({ name }) => name);
    expect(names(true)).to.deep.equal(['a', 'b']);
    expect(names(false)).to.deep.equal(['a']);
  });
});

describe('the state of a host', () => {
  it('counts results, and takes one out again', () => {
    const state = effects.newHost('a');
    const result = (status: Outcome['result']['status'], more = {}) => ({ status, values: {}, duration: 0, ...more });
    effects.count(state, result('changed'), true);
    effects.count(state, result('failed', { ignored: true }), true);
    effects.count(state, result('failed', { rescued: true }), false);
    effects.count(state, result('failed'), false);
    effects.count(state, result('failed'), false, -1);
    effects.count(state, result('skipped'), false);
    effects.count(state, result('unreachable'), false);
    effects.countInclude(state);
    expect(state.recap).to.deep.equal({
      ok: 3,
      changed: 2,
      unreachable: 1,
      failed: 0,
      skipped: 1,
      rescued: 1,
      ignored: 1,
    });
  });

  it('forgets at a new play what belongs to one, and no failure', () => {
    const state = effects.newHost('a');
    const handler = {} as Task;
    effects.notifyName(state, 'h');
    effects.notifyHandlers(state, [handler]);
    effects.completeRole(state, 'r');
    effects.endHost(state, 'ended');
    effects.endHost(state, 'failed');
    effects.startPlay(state);
    expect([state.notifications.size, state.notified.size, state.completedRoles.size]).to.deep.equal([0, 0, 0]);
    expect([state.ended, state.failed, state.active]).to.deep.equal([false, true, false]);
    effects.clearErrors(state);
    expect(state.active).to.equal(true);
  });

  it('gives a notified handler once', () => {
    const state = effects.newHost('a');
    const handler = {} as Task;
    effects.notifyHandlers(state, [handler, handler]);
    expect([effects.takeNotified(state, handler), effects.takeNotified(state, handler)]).to.deep.equal([true, false]);
  });

  it('of a host that was lost is taken back by a rescue, which knows what failed', () => {
    const state = effects.newHost('a');
    effects.endHost(state, 'unreachable');
    effects.beginRescue(state, dict({ name: 't' }), 'result');
    expect(state.unreachable).to.equal(false);
    expect([...state.variables.keys()]).to.deep.equal(['ansible_failed_task', 'ansible_failed_result']);
  });

  it('holds no facts any more after clear_facts', () => {
    const { session, of } = hosts('a');
    effects.recallFacts(session, of('a'), dict({ ansible_distribution: 'Debian' }));
    expect(of('a').cached).to.equal(true);
    effects.forgetFacts(of('a'));
    expect([of('a').facts.size, of('a').factVars.size]).to.deep.equal([0, 0]);
  });
});
