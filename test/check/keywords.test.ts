/** Values of keywords: what Ansible reads only when it needs it is a warning behind a guard. */
import { expect } from 'chai';
import { found } from './found.ts';

const severity = async (keywords: string) => (await found(`- {debug: , ${keywords}}`)).join().split(':')[0];

describe('values of keywords', () => {
  it('of a few words, of numbers and of yes and no', async () => {
    for (const keyword of [
      'connection: bogus',
      'become_method: bogus',
      'debugger: bogus',
      'become: maybe',
      'retries: many',
    ]) {
      expect(await severity(keyword), keyword).to.equal('error');
      expect(await severity(`${keyword}, when: x`), keyword).to.equal('later');
    }
    expect(await severity('become: "{{ x }}", become_method: community.general.sudo')).to.equal('');
  });

  it('of a loop: the loop itself is no guard', async () => {
    expect(await found('- {debug: , loop: 5}')).to.match(/^error: `loop` needs a list/);
    expect(await found('- {debug: , loop: 5, when: x}')).to.match(/^later: `loop` needs a list/);
    expect(await found('- {debug: , with_foo: [1]}')).to.match(/^error: there is no lookup `foo`/);
    expect(await found('- {debug: , with_foo: [1], when: x}')).to.match(/^error: there is no lookup `foo`/);
    expect(await found('- {debug: , with_a.b.foo: [1]}')).to.match(/^error: there is no lookup `a.b.foo`/);
    expect(await found('- {debug: , with_a.b.foo: [1], when: x}')).to.match(/^later: there is no lookup `a.b.foo`/);
  });

  it('of plays: batches, order, questions', async () => {
    const play = (keywords: string) => found({ 'play.yml': `- {hosts: h1, ${keywords}, tasks: [{debug: }]}\n` });
    expect(await play('serial: bogus')).to.match(/^error: `serial` is bogus/);
    expect(await play('order: bogus')).to.match(/^error: there is no order/);
    expect(await play('vars_prompt: [{name: a, foo: 1}]')).to.match(/^error: an entry of `vars_prompt` has no key/);
    expect(await play('serial: ["{{ x }}", 30%], order: sorted')).to.deep.equal([]);
  });
});
