import { expect } from 'chai';
import type { Task } from '../../../engine/playbook/nodes.ts';
import { FreeGate, LinearGate } from '../../../engine/run/walk/gate.ts';

const task = (id: string) => ({ id }) as Task;
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

function watched(settle: (waiting: readonly string[]) => string[] = () => []) {
  const opened: string[] = [];
  const watch = {
    opening: (each: Task, hosts: string[]) => void opened.push(`${each.id}: ${hosts.join(' ')}`),
    rank: (host: string) => 'abc'.indexOf(host),
    settle,
  };
  return { opened, watch };
}

describe('the linear gate', () => {
  it('lets nobody through while a host is still walking', async () => {
    const { opened, watch } = watched();
    const gate = new LinearGate(watch);
    gate.enter();
    gate.enter();
    void gate.arrive('b', [0], task('one'));
    await turn();
    expect(opened).to.deep.equal([]);
    void gate.arrive('a', [0], task('other'));
    await turn();
    expect(opened).to.have.length(1);
  });

  it('lets the earliest task through, for all hosts that wait at it, in the order of the play', async () => {
    const { opened, watch } = watched();
    const gate = new LinearGate(watch);
    const [one, two] = [task('one'), task('two')];
    for (const _ of 'abc') gate.enter();
    void gate.arrive('c', [1], one);
    void gate.arrive('b', [2], two);
    const group = await gate.arrive('a', [1], one);
    expect(group.hosts).to.deep.equal(['a', 'c']);
    expect(opened).to.deep.equal(['one: a c']);
    gate.leave();
    gate.leave();
    await turn();
    expect(opened).to.deep.equal(['one: a c', 'two: b']);
  });

  it('turns away whom the failures of others end, before anything opens', async () => {
    let first = true;
    const { opened, watch } = watched((waiting) => (first ? waiting.filter((host) => host === 'a') : []));
    const gate = new LinearGate(watch);
    gate.enter();
    gate.enter();
    const away = gate.arrive('a', [0], task('one'));
    void gate.arrive('b', [0], task('one'));
    await away;
    expect(opened).to.deep.equal([]);
    first = false;
    gate.leave();
    await turn();
    expect(opened).to.deep.equal(['one: b']);
  });
});

describe('the free gate', () => {
  it('is always open, and announces a task once for each place', async () => {
    const { opened, watch } = watched();
    const gate = new FreeGate(watch);
    const one = task('one');
    expect((await gate.arrive('a', [0], one)).hosts).to.deep.equal(['a']);
    await gate.arrive('b', [0], one);
    await gate.arrive('a', [1], one);
    expect(opened).to.deep.equal(['one: a', 'one: a']);
  });
});
