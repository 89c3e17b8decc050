import { expect } from 'chai';
import type { Path } from '../../../engine/run/types.ts';
import { comparePaths } from '../../../engine/run/walk/gate.ts';
import { play } from '../../support/play.ts';

const sortedByTask = (lines: string[]) => {
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const task = line.split(' | ')[0]!;
    groups.set(task, [...(groups.get(task) ?? []), line]);
  }
  return [...groups.values()].flatMap((group) => group.sort());
};

describe('the order of tasks and hosts', () => {
  it('compares paths in document order, a task before what it includes', () => {
    const precedes = (a: Path, b: Path) => expect(comparePaths(a, b)).to.be.lessThan(0);
    precedes([1, 0], [1, 1]);
    precedes([1, 0, 5], [1, 1]);
    precedes([1, 0], [1, 0, 0]);
    precedes([2, { order: 0 }, 3], [2, { order: 1 }, 0]);
  });

  it('linear: every host is at the same task, hosts with a longer way are waited for', async () => {
    const { lines } = await play(`
- hosts: all
  tasks:
    - name: one
      command: "true"
    - name: only h2
      command: sleep 0.2
      when: inventory_hostname == 'h2'
    - name: two
      debug: msg=two
`);
    expect(lines.slice(-3).every((line) => line.startsWith('two |'))).to.equal(true);
    expect(sortedByTask(lines).filter((l) => l.startsWith('only'))).to.deep.equal([
      'only h2 | h1 | skipped',
      'only h2 | h2 | changed',
      'only h2 | h3 | skipped',
    ]);
  });

  it('free: a fast host does not wait', async () => {
    const { lines } = await play(`
- hosts: h1,h2
  strategy: free
  tasks:
    - command: sleep 0.3
      name: slow for h1
      when: inventory_hostname == 'h1'
    - name: end
      command: "true"
`);
    expect(lines.indexOf('end | h2 | changed')).to.be.lessThan(lines.indexOf('slow for h1 | h1 | changed'));
  });

  it('serial: batch after batch, each through the whole play', async () => {
    const { events } = await play(`
- hosts: all
  serial: [1, "100%"]
  tasks: [{name: t, debug: {msg: x}}]
`);
    const starts = events.filter((e) => e.type === 'play:start').map((e) => e.hosts.join(' '));
    expect(starts).to.deep.equal(['h1', 'h2 h3']);
  });

  it('a host in rescue comes after the block, and both meet again behind it', async () => {
    const { order, recap } = await play(`
- hosts: h1,h2
  tasks:
    - block:
        - {name: b1, fail: {msg: no}, when: "inventory_hostname == 'h1'"}
        - {name: b2, debug: {msg: x}}
      rescue:
        - {name: r1, debug: {msg: x}}
      always:
        - {name: a1, debug: {msg: x}}
    - {name: after, debug: {msg: x}}
`);
    expect(order).to.deep.equal(['b1', 'b2', 'r1', 'a1', 'after']);
    expect(recap.hosts['h1']).to.include({ rescued: 1, failed: 0, ok: 3 });
    expect(recap.exitCode).to.equal(0);
  });

  it('an include brings its file for each host that comes, once for those with the same', async () => {
    const { order, events } = await play({
      'play.yml': `
- hosts: all
  tasks:
    - include_tasks: "{{ 'a' if inventory_hostname == 'h3' else 'b' }}.yml"
    - {name: end, debug: {msg: x}}
`,
      'a.yml': '- {name: from a, debug: {msg: x}}\n',
      'b.yml': '- {name: from b, debug: {msg: x}}\n',
    });
    expect(order.slice(1)).to.deep.equal(['from b', 'from a', 'end']);
    const includes = events.filter((e) => e.type === 'include').map((e) => e.hosts.join(' '));
    expect(includes).to.deep.equal(['h1 h2', 'h3']);
  });
});
