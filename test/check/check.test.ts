/** Who is checked, and how severely: what Ansible refuses when it loads is refused behind any guard. */
import { expect } from 'chai';
import { play } from '../support/play.ts';
import { found, onH1 } from './found.ts';

const first = async (tasks: string) => (await found(tasks)).map((line) => line.replace(/: .*/, '')).join(' ');

describe('checks before the run', () => {
  it('refuse behind any guard what Ansible refuses when it loads', async () => {
    for (const task of [
      '{debug: , when: false, vars: {a-b: 1}}',
      '{debug: , when: false, register: a-b}',
      '{debug: , when: false, loop: [1], loop_control: {foo: 1}}',
      '{debug: , when: false, with_foo: [1]}',
      '{debug: [1], when: false}',
      '{debug: , when: false, module_defaults: {copyy: {}}}',
      '{debug: , when: false, module_defaults: {group/nope: {}}}',
      '{debug: , args: [1], when: false}',
      '{block: [{debug: }], when: false, vars: {a-b: 1}}',
    ])
      expect(await first(`- ${task}`), task).to.equal('error');
  });

  it('do so in included files too, where the include is sure to be reached', async () => {
    const inner = { 't.yml': '- {debug: , register: a-b}\n' };
    expect(await found({ 'play.yml': onH1('- include_tasks: t.yml'), ...inner })).to.deep.equal([
      'error: Invalid variable name in `register`: `a-b` @t.yml:1:23',
    ]);
    const guarded = onH1('- {include_tasks: t.yml, when: false}');
    expect(await found({ 'play.yml': guarded, ...inner })).to.deep.equal([
      'later: Invalid variable name in `register`: `a-b` @t.yml:1:23',
    ]);
    const { lines } = await play({
      'play.yml': onH1('- block: [{include_tasks: "{{ t }}.yml"}]\n  vars: {t: t}\n  rescue: [{debug: }]'),
      ...inner,
    });
    expect(lines.join('\n'))
      .to.match(/include_tasks \| h1 \| failed .*Invalid variable name/)
      .and.match(/debug \| h1 \| ok/);
  });

  it('warn of what is wrong with a name that is only shown', async () => {
    expect(await found('- {name: "{{ a b }}", debug: }')).to.deep.equal([
      'warning: expected the end of the expression, found `b` @play.yml:3:20',
    ]);
  });

  it('find a mistake in an included file once, and one that is imported in several plays', async () => {
    const task = { 't.yml': '- {file: {path: /x, nonsense: 1}}\n' };
    const playbook = `${onH1('- import_tasks: t.yml')}${onH1('- import_tasks: t.yml')}`;
    expect(await found({ 'play.yml': playbook, ...task })).to.deep.equal([
      'error: `file` has no argument `nonsense` @t.yml:1:21',
    ]);
  });
});
