import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('names of the connection that nobody gave', () => {
  it('are those of the host that does the work', async () => {
    const { lines } = await play(
      {
        hosts: 'h1 ansible_connection=local\nh2 ansible_host=192.0.2.7 ansible_user=anna ansible_port=2200\n',
        'play.yml': `
- hosts: h1
  remote_user: "{{ who | default('bob') }}"
  tasks:
    - {name: own, debug: {msg: "{{ ansible_host }} {{ ansible_user }} {{ ansible_connection }}"}}
    - {name: other, debug: {msg: "{{ ansible_host }} {{ ansible_user }} {{ ansible_port }}"}, delegate_to: h2}
    - {name: local, debug: {msg: "{{ ansible_connection }}"}, delegate_to: localhost}
`,
      },
      {},
    );
    expect(lines).to.deep.equal([
      'own | h1 | ok | h1 bob local',
      'other | h1 | ok | 192.0.2.7 anna 2200',
      'local | h1 | ok | local',
    ]);
  });
});
