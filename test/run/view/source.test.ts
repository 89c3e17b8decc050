/** The lines of a task, as events quote them. */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

async function sources(text: string): Promise<(string | undefined)[]> {
  const { events } = await play(text);
  return events.flatMap((event) => (event.type === 'task:start' ? [event.source] : []));
}

describe('the source of a task', () => {
  it('is its own lines, without their common indentation', async () => {
    const [first, second] = await sources(`- hosts: h1
  tasks:
    - name: One
      debug:
        msg: a
      when: true

    - block:
        - debug: { msg: b }
`);
    expect(first).to.equal('- name: One\n  debug:\n    msg: a\n  when: true');
    expect(second).to.equal('- debug: { msg: b }');
  });

  it('is not quoted where the task may hold what is not to be logged', async () => {
    const quoted = await sources(`- hosts: h1
  tasks:
    - debug: { msg: a }
      no_log: true
    - debug: { msg: b }
      no_log: "{{ false }}"
`);
    expect(quoted).to.deep.equal([undefined, undefined]);
  });
});
