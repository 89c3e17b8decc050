import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('loops', () => {
  it('see what the items before have set and registered', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: s, set_fact: {sum: "{{ (sum | default(0)) + item }}"}, loop: [1, 2, 3]}
    - {name: r, command: "echo {{ r.stdout | default('') }}{{ item }}", loop: [a, b], register: r}
    - {name: see, debug: {msg: "{{ sum }} {{ r.results[1].stdout }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | 6 ab');
  });

  it('that fail set nothing', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: s, set_fact: {x: "{{ item }}"}, loop: [1, 2], failed_when: item == 2, ignore_errors: true}
    - {name: see, debug: {msg: "{{ x | default('none') }}"}}
`);
    expect(lines.at(-1)).to.equal('see | h1 | ok | none');
  });

  it('name their variables, count, and end early', async () => {
    const { lines } = await play(`
- hosts: h1
  tasks:
    - name: t
      debug: {msg: "{{ it }} {{ i }} {{ ansible_loop.last }}"}
      loop: [a, b, c]
      register: r
      loop_control: {loop_var: it, index_var: i, extended: true, break_when: it == 'b', label: "<{{ it }}>"}
`);
    expect(lines.slice(0, 2)).to.deep.equal(['t (<a>) | h1 | ok | a 0 False', 't (<b>) | h1 | ok | b 1 False']);
    expect(lines).to.have.length(3);
  });

  it('over what is no list say what to do', async () => {
    const { lines } = await play(`
- hosts: h1
  vars: {d: {a: 1}}
  tasks: [{name: t, debug: , loop: "{{ d }}"}]
`);
    expect(lines[0]).to.equal('t | h1 | failed | `loop` needs a list, but this is a dict');
  });
});
