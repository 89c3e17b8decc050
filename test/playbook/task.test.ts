import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { type Project, play } from '../support/play.ts';

const refused = async (files: Project): Promise<string> => {
  try {
    await play(files);
  } catch (error) {
    if (error instanceof AuthorError) return error.message;
    throw error;
  }
  return '';
};

describe('lists of tasks', () => {
  it('have imports in their place, with the keywords of the import', async () => {
    const { lines } = await play({
      'play.yml':
        '- hosts: h1\n  tasks: [{import_tasks: t.yml, when: x == 1, vars: {x: 1}}, {name: b, debug: {msg: b}}]\n',
      't.yml': '- {name: a, debug: {msg: "a{{ x }}"}}\n',
    });
    expect(lines).to.deep.equal(['a | h1 | ok | a1', 'b | h1 | ok | b']);
  });

  it('refuse a file that imports itself, and a loop over an import', async () => {
    expect(
      await refused({
        'play.yml': '- hosts: h1\n  tasks: [{import_tasks: t.yml}]\n',
        't.yml': '- import_tasks: t.yml\n',
      }),
    ).to.match(/^this file imports itself/);
    expect(
      await refused({
        'play.yml': '- hosts: h1\n  tasks: [{import_tasks: t.yml, loop: [1]}]\n',
        't.yml': '- debug:\n',
      }),
    ).to.match(/cannot be looped over/);
  });

  it('refuse keywords that an include has no use for', async () => {
    expect(
      await refused({
        'play.yml': '- hosts: h1\n  tasks: [{include_tasks: t.yml, become: true}]\n',
        't.yml': '- debug:\n',
      }),
    ).to.equal('`include_tasks` has no keyword `become`');
  });

  it('say that a colon is missing, and a rescue without a block', async () => {
    expect(await refused({ 'play.yml': '- hosts: h1\n  tasks: [debug msg=x]\n' })).to.equal('this is not a task');
    expect(await refused({ 'play.yml': '- hosts: h1\n  tasks: [{rescue: [{debug: }]}]\n' })).to.match(
      /needs a `block`/,
    );
  });
});
