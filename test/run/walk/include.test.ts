import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('includes', () => {
  it('that are not there fail the host, and a rescue takes it up', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - block: [{name: i, include_tasks: "{{ 'gone' }}.yml"}]
      rescue: [{name: r, debug: {msg: "{{ ansible_failed_result.failed }}"}}]
`);
    expect(lines[0]).to.match(/^i \| h1 \| failed \| there is no file of tasks gone.yml/);
    expect(lines[1]).to.match(/^r \| h1 \| ok/);
  });

  it('are fatal to all where any_errors_fatal says so', async () => {
    const { order } = await play(`
- hosts: h1,h2
  any_errors_fatal: true
  tasks:
    - {name: i, include_tasks: "{{ 'gone' }}.yml", when: inventory_hostname == 'h2'}
    - {name: never, debug: }
`);
    expect(order).to.deep.equal(['i']);
  });

  it('hand down what `apply` says, not their own keywords', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1
  tasks: [{include_tasks: {file: t.yml, apply: {vars: {x: applied}, ignore_errors: true}}}]
`,
      't.yml': '- {name: a, fail: {msg: "{{ x }}"}}\n- {name: b, debug: {msg: reached}}\n',
    });
    expect(lines).to.deep.equal(['a | h1 | failed (ignored) | applied', 'b | h1 | ok | reached']);
  });
});
