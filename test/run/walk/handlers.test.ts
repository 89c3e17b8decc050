import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('handlers', () => {
  it('run once per flush in the order in which they are written', async () => {
    const { order } = await play(`
- hosts: h1
  tasks:
    - {name: t, command: "true", notify: [two, one]}
    - {name: u, command: "true", notify: one}
    - meta: flush_handlers
    - {name: v, command: "true", notify: two}
  handlers: [{name: one, debug: }, {name: two, debug: }]
`);
    expect(order).to.deep.equal(['t', 'u', 'one', 'two', 'v', 'two']);
  });

  it('that fail keep no other from running with force_handlers', async () => {
    const { lines } = await play(`
- hosts: h1
  force_handlers: true
  tasks: [{name: t, command: "true", notify: [one, two]}]
  handlers: [{name: one, fail: {msg: wrong}}, {name: two, debug: {msg: ran}}]
`);
    expect(lines.slice(1)).to.deep.equal(['one | h1 | failed | wrong', 'two | h1 | ok | ran']);
  });

  it('are notified by a topic, and through a name that is a template', async () => {
    const { order } = await play(`
- hosts: h1
  vars: {n: restart}
  tasks: [{name: t, command: "true", notify: [restart web, all of it]}]
  handlers: [{name: "{{ n }} web", debug: }, {name: other, debug: , listen: all of it}]
`);
    expect(order.slice(1)).to.deep.equal(['restart web', 'other']);
  });
});
