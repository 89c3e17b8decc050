import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { type Input, QuestionEnded, Questions } from '../../engine/cli/questions.ts';
import { INTERRUPT } from '../../engine/events.ts';

function terminal(isTTY: boolean) {
  const input = new PassThrough() as PassThrough & Input & { modes: boolean[] };
  input.modes = [];
  input.isTTY = isTTY;
  input.setRawMode = (raw: boolean) => input.modes.push(raw);
  const stop = new AbortController();
  let written = '';
  let interrupts = 0;
  const questions = new Questions(
    input,
    (text) => {
      written += text;
    },
    stop.signal,
    () => {
      interrupts++;
      stop.abort();
    },
  );
  return { input, questions, stop, written: () => written, interrupts: () => interrupts };
}

describe('questions', () => {
  it('read a line; the next question gets the next one', async () => {
    const { input, questions, written } = terminal(false);
    const answers = [questions.ask({ text: 'a? ' }), questions.ask({ text: 'b? ', secret: true })];
    input.write('one\ntwo\n');
    expect(await Promise.all(answers)).to.deep.equal(['one', 'two']);
    expect(written()).to.equal('a? b? ');
  });

  it('hide a secret: raw mode, nothing echoed, mistakes taken back', async () => {
    const { input, questions, written } = terminal(true);
    const answer = questions.ask({ text: 'Password: ', secret: true });
    input.write('wrong\x15pax');
    input.write('\x7fssé\r');
    expect(await answer).to.equal('passé');
    expect(written()).to.equal('Password: \n');
    expect(input.modes).to.deep.equal([true, false]);
  });

  it('leave echo to the terminal where nothing is secret', async () => {
    const { input, questions } = terminal(true);
    const answer = questions.ask({ text: 'Name: ' });
    input.write('me\n');
    expect(await answer).to.equal('me');
    expect(input.modes).to.deep.equal([]);
  });

  it('take Ctrl-C as an answer where it may be one, and show what is typed themselves', async () => {
    const { input, questions, written, interrupts } = terminal(true);
    const first = questions.ask({ text: 'a? ', interruptible: true });
    input.write('yax\x7f\x7fes\r');
    expect(await first).to.equal('yes');
    expect(written()).to.equal('a? yax\b \b\b \bes\n');
    const second = questions.ask({ text: 'b? ', interruptible: true });
    input.write('more\x03');
    expect(await second).to.equal(INTERRUPT);
    expect(interrupts()).to.equal(0);
    expect(input.modes).to.deep.equal([true, false, true, false]);
  });

  it('of keys take one of them without Enter, and nothing else', async () => {
    const { input, questions } = terminal(true);
    const answer = questions.ask({ text: 'c or a? ', keys: ['c', 'a'] });
    input.write('x\rC');
    expect(await answer).to.equal('c');
    const none = questions.ask({ text: '', keys: [], timeout: 20 });
    input.write('typed\r');
    expect(await none).to.equal('');
  });

  it('end with Ctrl-C, and give the terminal back', async () => {
    const { input, questions, interrupts } = terminal(true);
    const answer = questions.ask({ text: 'Password: ', secret: true });
    input.write('abc\x03');
    const error = await answer.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).to.be.instanceOf(QuestionEnded);
    expect(interrupts()).to.equal(1);
    expect(input.modes).to.deep.equal([true, false]);
    expect(questions.asking).to.equal(false);
  });

  it('are asked again until two answers agree', async () => {
    const { input, questions, written } = terminal(false);
    const answer = questions.ask({ text: 'New: ', confirm: true });
    input.write('a\nb\nc\nc\n');
    expect(await answer).to.equal('c');
    expect(written()).to.equal('New: confirm New: the two answers differ; once more\nNew: confirm New: ');
  });

  it('take the default for an empty answer and at the end of the input', async () => {
    const { input, questions } = terminal(false);
    const first = questions.ask({ text: '? ', default: 'x' });
    input.write('\n');
    expect(await first).to.equal('x');
    input.end();
    expect(await questions.ask({ text: '? ', default: 'y' })).to.equal('y');
    expect(await questions.ask({ text: '? ' })).to.equal('');
  });

  it('end by themselves after their time', async () => {
    const { questions } = terminal(false);
    expect(await questions.ask({ text: '? ', timeout: 20 })).to.equal('');
  });
});
