/** module_defaults: names as they are loaded, arguments where a task may meet them. */
import { expect } from 'chai';
import { found } from './found.ts';

const play = (defaults: string) =>
  found({ 'play.yml': `- hosts: h1\n  module_defaults: ${defaults}\n  tasks: [{debug: }]\n` });

describe('module_defaults', () => {
  it('of modules and groups that there are not', async () => {
    expect(await play('{coppy: {a: 1}}')).to.match(/^error: there is no module `coppy`/);
    expect(await play('{group/nope: {a: 1}}')).to.match(/^error: there is no group of modules `nope`/);
    expect(await play('{a.b.copy: {a: 1}, group/aws: {a: 1}}')).to.match(/^warning: there is no module `a.b.copy`/);
  });

  it('with arguments that the module does not have: no task here has it', async () => {
    expect(await play('{copy: {bogus: 1}}')).to.deep.equal(['later: `copy` has no argument `bogus` @play.yml:2:28']);
    expect(await play('{copy: {mode: "0600"}, ansible.builtin.service: "{{ x }}"}')).to.deep.equal([]);
  });
});
