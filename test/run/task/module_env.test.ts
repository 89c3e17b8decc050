/** What a module gets for a task: environment, the host that it is delegated to. */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('the surroundings of a module', () => {
  it('environment: the task, its blocks, its play; inner ones win, `omit` and null give nothing, numbers and booleans are texts', async () => {
    const { events } = await play(`- hosts: h1
  environment: { A: play, B: play, N: 7, T: true }
  tasks:
    - environment: [{ B: block }, { C: block }]
      block:
        - shell: echo "$A $B $C $N $T \${X-unset} \${Y-unset}"
          environment: { C: task, X: "{{ omit }}", Y: }
`);
    const result = events.findLast((event) => event.type === 'task:result');
    expect(result?.type === 'task:result' && result.result.values['stdout']).to.equal(
      'play block task 7 True unset unset',
    );
  });

  it('delegated: the variables are the own host’s, the connection the other’s', async () => {
    const { events } = await play({
      'play.yml': `- hosts: h1
  tasks:
    - command: echo {{ inventory_hostname }} {{ mine }}
      delegate_to: h2
`,
      hosts: 'h1 ansible_connection=ssh ansible_host=192.0.2.1 mine=one\nh2 ansible_connection=local mine=two\n',
    });
    const result = events.findLast((event) => event.type === 'task:result');
    expect(result?.type === 'task:result' && result.result.values['stdout']).to.equal('h1 one');
    expect(result?.type === 'task:result' && result.delegatedTo).to.equal('h2');
  });
});
