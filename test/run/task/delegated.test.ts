/** The host that a task is delegated to. */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('delegate_to', () => {
  it('a template that comes to nothing is refused: the task would run on its own host', async () => {
    const { lines, recap } = await play(
      '- hosts: h1\n  vars: { other: "" }\n  tasks: [{ command: "true", delegate_to: "{{ other }}" }]\n',
    );
    expect(lines.join('\n')).to.include('comes to an empty name');
    expect(recap.hosts['h1']).to.include({ failed: 1 });
  });

  it('`omit` is no delegation', async () => {
    const { lines } = await play(
      '- hosts: h1\n  tasks: [{ command: echo here, delegate_to: "{{ other | default(omit) }}" }]\n',
    );
    expect(lines.join('\n')).to.include('h1 | changed');
  });

  it('ansible_delegated_vars has the variables of the other host', async () => {
    const { lines } = await play({
      'play.yml':
        '- hosts: h1\n  tasks: [{ debug: { msg: "{{ ansible_delegated_vars[\'h2\'].colour }}" }, delegate_to: h2 }]\n',
      hosts: 'h1 ansible_connection=local colour=red\nh2 ansible_connection=local colour=blue\n',
    });
    expect(lines.join('\n')).to.include('blue');
  });
});
