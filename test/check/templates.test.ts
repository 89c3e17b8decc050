/** Syntax of templates and conditions; what may never be rendered is a warning. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

describe('templates before the run', () => {
  it('are read in arguments, keywords and conditions', async () => {
    expect(await found('- debug: {msg: "{{ a b }}"}')).to.deep.equal([
      'error: expected the end of the expression, found `b` @play.yml:3:26',
    ]);
    expect(await found('- {debug: , environment: {a: "{{ a b }}"}}')).to.have.length(1);
    expect(await found('- {debug: , when: a b}')).to.deep.equal(['error: unexpected `b` @play.yml:3:25']);
    expect(await found('- {debug: , when: [x, a b]}')).to.deep.equal(['later: unexpected `b` @play.yml:3:29']);
    expect(await found('- {debug: , changed_when: a b}')).to.match(/^error/);
    expect(await found('- {block: [{debug: , when: a b}], when: x}')).to.match(/^later/);
    expect(await found('- assert: {that: [a, b c]}')).to.match(/^error: unexpected `c`/);
  });

  it('are a warning in variables, which nobody may ask for', async () => {
    const files = {
      'play.yml':
        '- hosts: h1\n  vars: {a: "{{ a b }}"}\n  roles: [r]\n  tasks:\n    - {debug: , vars: {c: "{{ c d }}"}}\n    - {block: [], vars: {e: "{{ e f }}"}}\n',
      'roles/r/tasks/main.yml': '- debug:\n',
      'roles/r/defaults/main.yml': 'g: "{{ g h }}"\n',
      'roles/r/vars/main.yml': 'i: "{{ i j }}"\n',
    };
    const lines = await found(files);
    expect(lines.every((line) => line.startsWith('later: '))).to.equal(true);
    expect(lines.map((line) => line.replace(/.*found `(.)`.*/, '$1')).sort()).to.deep.equal(['b', 'd', 'h', 'j']);
  });

  it('name every filter and test that there is not, and not only the first', async () => {
    const lines = await found('- debug: {msg: "{{ 1 | nofilter | other }} {{ 1 is notest }}"}');
    expect(lines.map((line) => line.replace(/ @.*/, ''))).to.deep.equal([
      'error: unknown filter `nofilter`',
      'error: unknown filter `other`',
      'error: unknown test `notest`',
    ]);
    expect(await found('- {debug: {msg: "{{ 1 | my.own.filter }}"}, when: x}')).to.deep.equal([
      'later: unknown filter `my.own.filter` @play.yml:3:29',
    ]);
  });

  it('are read in files of the module template, but not with a header of their own', async () => {
    const files = (text: string) => ({ 'play.yml': onH1('- template: {src: a.j2, dest: /x}'), 'a.j2': text });
    expect(await found(files('{{ a b }}\n'))).to.deep.equal([
      'error: expected the end of the expression, found `b` @a.j2:1:6',
    ]);
    expect(await found(files('#jinja2: variable_start_string:"<"\n{{ a b }}\n'))).to.deep.equal([]);
  });
});
