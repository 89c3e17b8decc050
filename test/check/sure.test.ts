/** What is certain to be reached: there a mistake refuses the run, everywhere else it is a warning that keeps its place. */
import { expect } from 'chai';
import { found, onH1 } from './found.ts';

const BAD = 'file: {path: /tmp/x, nonsense: 1}';
const severity = async (files: Parameters<typeof found>[0], options = {}) =>
  (await found(files, options)).map((line) => line.split(':')[0]).join(' ');

describe('what is sure to be reached', () => {
  it('is a plain task, in a block too, and in its always', async () => {
    for (const tasks of [
      `- ${BAD}`,
      `- block: [{${BAD}}]`,
      `- block: [{debug: }]\n  always: [{${BAD}}]`,
      `- {${BAD}, ignore_errors: false}`,
      `- {${BAD}, tags: [a, b], register: r}`,
      `- {${BAD}, async: 10}`,
    ])
      expect(await severity(tasks), tasks).to.equal('error');
  });

  it('is nothing that has a guard, or is in something that has one', async () => {
    for (const guard of [
      'when: x',
      'when: false',
      'loop: [1]',
      'with_items: [1]',
      'tags: never',
      'tags: [a, never]',
      'ignore_errors: true',
      'ignore_unreachable: true',
      'failed_when: false',
      'failed_when: r.x',
      'until: r is success',
      'async: 9, poll: 0',
    ]) {
      expect(await severity(`- {${BAD}, ${guard}}`), guard).to.equal('later');
      if (!/with_|loop|until|failed_when|poll/.test(guard))
        expect(await severity(`- {block: [{block: [{${BAD}}]}], ${guard}}`), guard).to.equal('later');
    }
    expect(await severity(`- block: [{${BAD}}]\n  rescue: [{debug: }]`)).to.equal('later');
    expect(await severity(`- block: [{debug: }]\n  rescue: [{${BAD}}]`)).to.equal('later');
  });

  it('is no handler, and nothing in a file that is included', async () => {
    const handler = `- hosts: h1\n  tasks: []\n  handlers: [{name: h, ${BAD}}]\n`;
    expect(await severity({ 'play.yml': handler })).to.equal('later');
    expect(await severity({ 'play.yml': onH1('- include_tasks: t.yml'), 't.yml': `- ${BAD}\n` })).to.equal('later');
    expect(await severity({ 'play.yml': onH1('- import_tasks: t.yml'), 't.yml': `- ${BAD}\n` })).to.equal('error');
  });

  it('is nothing whose result is asked for its failure later', async () => {
    expect(await severity(`- {${BAD}, register: r}\n- {debug: , when: r is failed}`)).to.equal('later');
    expect(await severity(`- {${BAD}, register: r}\n- {assert: {that: r.failed}}`)).to.equal('later');
    expect(await severity(`- {${BAD}, register: r}\n- {debug: , when: r is changed}`)).to.equal('error');
  });

  it('is nothing behind what may end the play', async () => {
    for (const word of ['end_play', 'end_host', 'end_batch', '"{{ x }}"'])
      expect(await severity(`- meta: ${word}\n- ${BAD}`), word).to.equal('later');
    expect(await severity(`- meta: flush_handlers\n- ${BAD}`)).to.equal('error');
    const files = { 'play.yml': onH1(`- include_tasks: t.yml\n- ${BAD}`), 't.yml': '- meta: end_host\n' };
    expect(await severity(files)).to.equal('later');
  });

  it('depends on hosts, the limit, tags and where the run starts', async () => {
    const nowhere = (hosts: string) => ({ 'play.yml': onH1(`- ${BAD}`).replace('h1', hosts) });
    expect(await severity(nowhere('nowhere'))).to.match(/^later/);
    expect(await severity(nowhere('"{{ unknown }}"'))).to.match(/later/);
    expect(await severity(nowhere('"{{ \'h1\' }}"'))).to.equal('error');
    expect(await severity(`- ${BAD}`, { limit: 'h2' })).to.match(/later/);
    expect(await severity(`- {${BAD}, tags: a}`, { tags: ['b'] })).to.equal('later');
    expect(await severity(`- {${BAD}, tags: a}`, { skipTags: ['a'] })).to.equal('later');
    expect(await severity(`- {${BAD}, name: a}`, { startAtTask: 'b' })).to.equal('later');
  });
});
