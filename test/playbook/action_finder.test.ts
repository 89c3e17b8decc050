import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { play } from '../support/play.ts';

const findings = async (task: string): Promise<string[]> => {
  try {
    await play(`- hosts: h1\n  tasks:\n    - ${task}\n`);
  } catch (error) {
    if (error instanceof AuthorError) return error.findings.filter((f) => !f.warning).map(({ message }) => message);
    throw error;
  }
  return [];
};

describe('which module a task has', () => {
  it('is its one key that is no keyword, or stands in action', async () => {
    for (const task of [
      'debug: {msg: x}',
      'action: debug msg=x',
      'action: {module: debug msg=x}',
      'local_action: debug',
    ])
      expect(await findings(task), task).to.deep.equal([]);
  });

  it('may be chosen by a template with blanks in it', async () => {
    const { lines } = await play(`- hosts: h1
  tasks: [{name: t, action: "{{ 'de' ~ 'bug' }} msg='two words'"}]
`);
    expect(lines).to.deep.equal(['t | h1 | ok | two words']);
  });

  it('is one: none and two are refused', async () => {
    expect(await findings('{name: t}')).to.deep.equal(['this task has no module']);
    expect(await findings('{debug: , command: x}')).to.deep.equal([
      'a task has one module; here are `debug` and `command`',
    ]);
  });

  it('that is not there is refused, and fails only when it is reached behind a condition', async () => {
    expect((await findings('nosuchmodule: {a: 1}'))[0]).to.match(/there is no module or keyword `nosuchmodule`/);
    expect(await findings('{name: t, a.b.nosuch: , when: false}')).to.deep.equal([]);
  });
});
