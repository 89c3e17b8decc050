import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('what a task sees', () => {
  it('of the play: its hosts, those still in it, its roles', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: all
  roles: [r]
  tasks:
    - {name: f, fail: {msg: out}, when: inventory_hostname == 'h3'}
    - {name: t, debug: {msg: "{{ ansible_play_hosts_all | join(' ') }}; {{ ansible_play_hosts | join(' ') }}; {{ ansible_role_names }}"}, run_once: true}
`,
      'roles/r/tasks/main.yml':
        '- {name: in, debug: {msg: "{{ role_name }} {{ role_path | basename }}"}, run_once: true}\n',
    });
    expect(lines[0]).to.equal('in | h1 | ok | r r');
    expect(lines.at(-1)).to.equal("t | h1 | ok | h1 h2 h3; h1 h2; ['r']");
  });

  it('of another host: what belongs to the host, nothing of the play', async () => {
    const { lines } = await play(`
- hosts: h1,h2
  vars: {of_play: 1}
  tasks:
    - {name: s, set_fact: {mine: "{{ inventory_hostname }}"}}
    - {name: t, debug: {msg: "{{ hostvars['h2'].mine }} {{ hostvars['h2'].of_play | default('none') }}"}, run_once: true}
`);
    expect(lines.at(-1)).to.equal('t | h1 | ok | h2 none');
  });

  it('of an include: its variables win over those around it', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1
  vars: {x: play}
  tasks:
    - {include_tasks: t.yml, vars: {x: include}, loop: [one], loop_control: {loop_var: it}}
`,
      't.yml': '- {name: t, vars: {x: task}, debug: {msg: "{{ x }} {{ it }}"}}\n',
    });
    expect(lines.at(-1)).to.equal('t | h1 | ok | include one');
  });
});
