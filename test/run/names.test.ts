/** Names that nothing defines: what the look for them costs. */
import { expect } from 'chai';
import { play } from '../support/play.ts';

const PLAY = `
- hosts: h1
  tasks:
    - {name: a, debug: {msg: "{{ nowhere }}"}, when: false}
    - {name: b, debug: {msg: "{{ elsewhere }}"}, ignore_errors: true}
    - {name: c, debug: {msg: "{{ nosuchname }}"}}
`;

describe('names that nothing defines', () => {
  it('are looked for in files of any content, in time that grows with their length', async () => {
    // Each would take hours with an expression that tries a word's every end.
    const files = {
      'play.yml': PLAY,
      'one-word': 'a'.repeat(500_000),
      blanks: ' '.repeat(500_000),
      'words.txt': 'word '.repeat(100_000),
      commas: ','.repeat(500_000),
      quotes: `"${'a'.repeat(250_000)}`.repeat(2),
      'encoded.b64': Buffer.alloc(370_000, 'x1-').toString('base64'),
    };
    const { events } = await play(files);
    const warnings = events.flatMap((event) =>
      event.type === 'message' && event.level === 'warning' ? [event.text.split('\n')[0]] : [],
    );
    expect(warnings.join()).to.match(/`nosuchname` is defined nowhere/);
  });
});
