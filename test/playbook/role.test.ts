import { expect } from 'chai';
import { type Project, play } from '../support/play.ts';

const messages = async (files: Project) =>
  (await play(files)).lines.map((line) => line.split(' | ').slice(2).join(' '));

describe('roles', () => {
  it('run their dependencies first, each once for the same parameters', async () => {
    const said = await messages({
      'play.yml': '- hosts: h1\n  roles: [{role: a, p: 1}, {role: a, p: 1}, {role: a, p: 2}]\n',
      'roles/a/meta/main.yml': 'dependencies: [b]\n',
      'roles/a/tasks/main.yml': '- debug: {msg: "a{{ p }}"}\n',
      'roles/b/tasks/main.yml': '- debug: {msg: b}\n',
    });
    expect(said).to.deep.equal(['ok b', 'ok a1', 'ok a2']);
  });

  it('take what is no keyword for a parameter, as Ansible does: max_fail_percentage is the play’s alone', async () => {
    const said = await messages({
      'play.yml': '- hosts: h1\n  roles: [{role: a, max_fail_percentage: 10}]\n',
      'roles/a/tasks/main.yml': '- debug: {msg: "p{{ max_fail_percentage }}"}\n',
    });
    expect(said).to.deep.equal(['ok p10']);
  });

  it('may be taken from another file, with its own variables', async () => {
    const said = await messages({
      'play.yml':
        '- hosts: h1\n  tasks: [{include_role: {name: a, tasks_from: other, vars_from: other, defaults_from: more}}]\n',
      'roles/a/tasks/other.yml': '- debug: {msg: "{{ x }} {{ y }}"}\n',
      'roles/a/vars/other.yml': 'x: vars\n',
      'roles/a/defaults/more.yml': 'y: defaults\n',
    });
    expect(said.at(-1)).to.equal('ok vars defaults');
  });

  it('have their arguments checked where they say what they take', async () => {
    const { lines } = await play({
      'play.yml': '- hosts: h1\n  roles: [{role: a, n: many}]\n',
      'roles/a/meta/argument_specs.yml': 'argument_specs: {main: {options: {n: {type: int}}}}\n',
      'roles/a/tasks/main.yml': '- debug: {msg: never}\n',
    });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^Validating arguments against arg spec 'main' \| h1 \| failed/);
  });
});
