/** Arguments as they are written: a dict, words, a command line with words of the module's, `args:` beside them, one template. */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

describe('written arguments', () => {
  const ran = async (tasks: string) => {
    const { events } = await play(`- hosts: h1\n  vars: { all: { msg: whole } }\n  tasks:\n${tasks}`);
    return events.flatMap((event) =>
      event.type === 'task:result' ? [event.result.values['stdout'] ?? event.result.values['msg']] : [],
    );
  };

  it('mean the same in every form', async () => {
    expect(
      await ran(`    - debug: { msg: x y }
    - debug: msg="x y"
    - debug:
      args: { msg: x y }
    - { debug: msg='x y', args: { msg: overruled } }
    - debug: "{{ all }}"
`),
    ).to.deep.equal(['x y', 'x y', 'x y', 'x y', 'whole']);
  });

  it('keep the spaces of a command line, and take out the words that are arguments', async () => {
    expect(
      await ran(`    - shell: chdir=/ pwd;  echo 'a   b' c=d
    - command: echo creates
      args: { chdir: / }
`),
    ).to.deep.equal(['/\na   b c=d', 'creates']);
  });
});
