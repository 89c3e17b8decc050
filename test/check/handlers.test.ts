/** Names that `notify` uses: a handler that is not there is warned of, and fails the task that changes something. */
import { expect } from 'chai';
import { play } from '../support/play.ts';
import { found } from './found.ts';

const PLAY = (notify: string, more = '') =>
  `- hosts: h1\n  tasks:\n    - {name: a, command: "true", notify: ${notify}${more}}\n    - {name: end, debug: }\n  handlers:\n    - {name: restart web, listen: topic, debug: }\n    - {name: other, debug: }\n`;

describe('handlers before the run', () => {
  it('that are not there are a warning at their place, with a near name and no list', async () => {
    expect(await found({ 'play.yml': PLAY('nowhere') })).to.deep.equal([
      'later: there is no handler `nowhere` @play.yml:3:42',
    ]);
    expect(await found({ 'play.yml': PLAY('[other, topic, restart web, gone]') })).to.deep.equal([
      'later: there is no handler `gone` @play.yml:3:70',
    ]);
    expect(await found({ 'play.yml': PLAY('"{{ x }}"') })).to.deep.equal([]);
  });

  it('fail the task that notifies them and has changed something, whatever ignores its errors', async () => {
    const { lines, recap } = await play(PLAY('nowhere', ', ignore_errors: true'));
    expect(lines).to.deep.equal(['a | h1 | failed | there is no handler `nowhere`']);
    expect(recap.exitCode).to.equal(2);
  });

  it('are not asked for by a task that changes nothing, or is skipped', async () => {
    for (const more of [', changed_when: false', ', when: false']) {
      const { recap } = await play(PLAY('nowhere', more));
      expect(recap.exitCode, more).to.equal(0);
    }
  });

  it('are told by their place where the name comes from a variable', async () => {
    const { events } = await play(PLAY('"{{ h }}", vars: {h: nowhere}'));
    const failed = events.flatMap((e) => (e.type === 'task:result' && e.result.status === 'failed' ? [e.result] : []));
    expect(failed[0]?.explanation).to.include('play.yml:3:42');
  });
});
