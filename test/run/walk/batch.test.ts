import { expect } from 'chai';
import { batches } from '../../../engine/run/walk/batch.ts';
import { play } from '../../support/play.ts';

describe('batches', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e'];
  const sizes = (...serial: (number | string)[]) => batches(hosts, serial).map((batch) => batch.length);

  it('have the size that serial says, the last size again and again', () => {
    expect(sizes()).to.deep.equal([5]);
    expect(sizes(2)).to.deep.equal([2, 2, 1]);
    expect(sizes(1, 2)).to.deep.equal([1, 2, 2]);
    expect(sizes('40%')).to.deep.equal([2, 2, 1]);
    expect(sizes('1%')).to.deep.equal([1, 1, 1, 1, 1]);
    expect(sizes(0)).to.deep.equal([5]);
    expect(batches([], [2])).to.deep.equal([[]]);
  });

  it('refuse what is no size', () => {
    expect(() => sizes('few')).to.throw('`serial` is few, not a number or a percentage');
  });

  it('that fail whole end the run', async () => {
    const { order, recap } = await play(`
- hosts: all
  serial: 1
  tasks: [{name: f, fail: , when: inventory_hostname == 'h1'}, {name: after, debug: }]
- hosts: all
  tasks: [{name: never, debug: }]
`);
    expect(order).to.deep.equal(['f']);
    expect(recap.exitCode).to.equal(2);
  });
});
