/** vars_prompt. */
import { expect } from 'chai';
import type { Question } from '../../engine/index.ts';
import { play } from '../support/play.ts';

const asking = (entry: string) => `- hosts: h1
  vars_prompt:
    - ${entry.split('\n').join('\n      ')}
  tasks:
    - debug: { msg: "{{ word }}" }
`;

describe('vars_prompt', () => {
  async function answered(entry: string, answer: string, options = {}) {
    const questions: Question[] = [];
    const ask = async (question: Question) => {
      questions.push(question);
      return answer;
    };
    const { lines, events } = await play(asking(entry), { ask, ...options });
    return { lines, events, questions };
  }

  it('asks by the text or the name, hidden unless `private: no`, and hides the answer then', async () => {
    const hidden = await answered('name: word', 'sesame-street');
    expect(hidden.questions).to.deep.equal([{ text: 'word: ', secret: true, confirm: false }]);
    expect(JSON.stringify(hidden.events)).not.to.include('sesame-street');
    const shown = await answered('name: word\nprompt: Say it\nprivate: false', 'sesame-street');
    expect(shown.questions).to.deep.equal([{ text: 'Say it: ', secret: false, confirm: false }]);
    expect(shown.lines.join('\n')).to.include('sesame-street');
  });

  it('takes the default for an empty answer, and where nobody is there to ask', async () => {
    const entry = 'name: word\ndefault: usual\nprivate: false';
    const empty = await answered(entry, '');
    expect(empty.questions[0]!.text).to.equal('word [usual]: ');
    expect(empty.lines.join('\n')).to.include('usual');
    expect((await play(asking(entry))).lines.join('\n')).to.include('usual');
  });

  it('asks nothing that -e has answered', async () => {
    const given = await answered('name: word\nprivate: false', 'unused', { extraVars: new Map([['word', 'given']]) });
    expect(given.questions).to.deep.equal([]);
    expect(given.lines.join('\n')).to.include('given');
  });

  it('keeps an answer as a hash where it is to be encrypted', async () => {
    const entry = 'name: word\nencrypt: md5_crypt\nsalt: abcdefgh\nprivate: false';
    const { lines } = await answered(entry, 'sesame');
    expect(lines.join('\n'))
      .to.match(/\$1\$abcdefgh\$[./\w]{22}/)
      .and.not.include('sesame');
  });

  it('says how to answer where nobody is there and nothing is usual', async () => {
    const failure = await play(asking('name: word')).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure?.message).to.include('the play asks for `word`, and nobody is there to answer');
    expect(JSON.stringify(failure)).to.include('-e word=');
  });
});
