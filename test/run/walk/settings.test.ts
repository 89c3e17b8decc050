import { expect } from 'chai';
import { AuthorError } from '../../../engine/errors.ts';
import { play } from '../../support/play.ts';

const failure = async (text: string): Promise<string> => {
  try {
    await play(text);
  } catch (error) {
    if (error instanceof AuthorError) return error.message;
    throw error;
  }
  return 'no failure';
};

describe('what the keywords of a play come to', () => {
  it('is rendered when the play starts, with what the play before it has set', async () => {
    const { lines } = await play(`
- hosts: localhost
  tasks: [{name: s, set_fact: {size: 1}}]
- hosts: all
  serial: "{{ hostvars['localhost'].size }}"
  order: "{{ 'reverse_' ~ 'sorted' }}"
  tasks: [{name: t, debug: {msg: "{{ ansible_play_batch }}"}}]
`);
    expect(lines.slice(1).map((line) => line.split(' | ')[1])).to.deep.equal(['h3', 'h2', 'h1']);
  });

  it('that no strategy or order has is refused with the nearest one', async () => {
    const strategy = `- {hosts: all, strategy: "{{ 'lineer' }}", tasks: [{debug: }]}\n`;
    expect(await failure(strategy)).to.equal('there is no strategy `lineer`');
    expect(await failure(`- {hosts: all, order: "{{ 'sort' }}", tasks: [{debug: }]}\n`)).to.equal(
      'there is no order `sort`',
    );
  });

  it('that is of the wrong kind is refused by the keyword’s name', async () => {
    expect(await failure(`- {hosts: all, max_fail_percentage: "{{ 'few' }}", tasks: [{debug: }]}\n`)).to.equal(
      '`max_fail_percentage` is `few`, not a percentage',
    );
    expect(await failure(`- {hosts: all, force_handlers: "{{ 'perhaps' }}", tasks: [{debug: }]}\n`)).to.match(
      /yes or no/,
    );
  });
});
