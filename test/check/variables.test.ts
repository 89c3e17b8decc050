/** Names that variables can't have. */
import { expect } from 'chai';
import { found } from './found.ts';

describe('names of variables', () => {
  it('are refused in vars of plays, blocks, tasks and uses of roles, as Ansible does, and not in files of roles', async () => {
    const lines = await found({
      'play.yml':
        '- hosts: h1\n  vars: {a-a: 1}\n  roles: [{role: r, vars: {b-b: 1}, c-c: 1}]\n  tasks:\n    - {block: [{debug: , vars: {2d: 1}}], vars: {yes: 1}}\n',
      'roles/r/tasks/main.yml': '- debug:\n',
      'roles/r/vars/main.yml': 'e-e: 1\n',
      'roles/r/defaults/main.yml': 'f-f: 1\n',
    });
    expect(lines.map((line) => line.replace(/ @.*/, '')).sort()).to.deep.equal(
      ['2d', 'a-a', 'b-b', 'true'].map((name) => `error: \`${name}\` can't be the name of a variable`),
    );
  });

  it('that a module defines are judged where the task is reached, and templates among them in the run', async () => {
    expect(await found('- set_fact: {a-b: 1}')).to.match(/^error: `a-b`/);
    expect(await found('- {set_fact: {a-b: 1}, when: x}')).to.match(/^later: `a-b`/);
    expect(await found('- set_fact: {"{{ x }}": 1}')).to.deep.equal([]);
  });

  it('that templates have for functions are warned of', async () => {
    const lines = await found('- {set_fact: {range: 1}, vars: {lipsum: a, name: b}}');
    expect(lines.map((line) => line.replace(/ @.*/, '')).sort()).to.deep.equal(
      ['lipsum', 'range'].map((name) => `warning: Found variable using reserved name '${name}'`),
    );
  });
});
