import { expect } from 'chai';
import { AuthorError } from '../../../engine/errors.ts';
import { play } from '../../support/play.ts';

describe('files of variables of a play', () => {
  it('are read for each host, one after the other; a list takes the first that is there', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1,h2
  vars_files: [first.yml, "{{ next }}.yml", [gone.yml, "vars/{{ inventory_hostname }}.yml"]]
  tasks: [{name: t, debug: {msg: "{{ a }} {{ b }} {{ c }}"}}]
`,
      'first.yml': 'a: 1\nnext: second\n',
      'second.yml': 'a: 2\nb: 2\n',
      'vars/h1.yml': 'c: one\n',
      'vars/h2.yml': 'c: two\n',
    });
    expect(lines).to.deep.equal(['t | h1 | ok | 2 2 one', 't | h2 | ok | 2 2 two']);
  });

  it('that are not there are named, with the place of the entry', async () => {
    try {
      await play('- hosts: h1\n  vars_files: ["{{ \'gone\' }}.yml"]\n  tasks: [{debug: {msg: "{{ x }}"}}]\n');
      expect.fail('it ran');
    } catch (error) {
      expect(error).to.be.instanceOf(AuthorError).with.property('message', 'there is no file of variables gone.yml');
    }
  });
});
