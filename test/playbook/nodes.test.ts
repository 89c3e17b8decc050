import { expect } from 'chai';
import { asList, type Node, tasksIn } from '../../engine/playbook/nodes.ts';

const task = (id: string) => ({ kind: 'task', id }) as Node;
const block = (parts: object) => ({ kind: 'block', block: [], rescue: [], always: [], ...parts }) as unknown as Node;

describe('nodes', () => {
  it('give their tasks in document order, rescue and always too', () => {
    const nodes = [
      task('a'),
      block({ block: [task('b'), block({ always: [task('c')] })], rescue: [task('d')] }),
      task('e'),
    ];
    expect([...tasksIn(nodes)].map(({ id }) => id)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('take one value for a list of it, and nothing for an empty one', () => {
    expect([asList('a'), asList(['a', 'b']), asList(null), asList(undefined)]).to.deep.equal([
      ['a'],
      ['a', 'b'],
      [],
      [],
    ]);
  });
});
