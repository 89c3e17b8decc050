import { expect } from 'chai';
import { INTERRUPT } from '../../../engine/events.ts';
import pause from '../../../engine/modules/control/pause.ts';
import type { Question } from '../../../engine/modules/define.ts';
import { attempt, failure } from './support.ts';

describe('module pause', () => {
  it('waits for seconds, at least one', async () => {
    const started = Date.now();
    const { result, told } = await attempt(pause, { seconds: 0 });
    expect(Date.now() - started).to.be.at.least(950);
    expect(told).to.deep.equal(['Pausing for 1 seconds']);
    expect(result.values).to.include({ rc: 0, echo: true, user_input: '', stderr: '' });
    expect(result.values['delta']).to.be.at.least(1);
    expect(result.values['stdout']).to.match(/^Paused for [1-9]\d*\.\d+ seconds$/);
    expect(result.values['start']).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  });

  it('asks, hidden where the input must not be shown', async () => {
    const asked: Question[] = [];
    const ask = async (question: Question) => {
      asked.push(question);
      return 'go';
    };
    const { result } = await attempt(pause, { prompt: 'Ready', echo: false }, {}, { ask });
    expect(asked).to.deep.equal([{ text: 'Ready (output is hidden):', secret: true, interruptible: true }]);
    expect(result.values).to.include({ user_input: 'go', echo: false });
    await attempt(pause, {}, {}, { ask });
    expect(asked[1]).to.deep.equal({
      text: 'Press enter to continue, Ctrl+C to interrupt:',
      secret: false,
      interruptible: true,
    });
  });

  for (const [wait, args] of Object.entries({ 'an answer': {}, 'a time': { minutes: 5 } })) {
    it(`with Ctrl-C asks whether to go on, in place of ${wait}`, async () => {
      const keyed = (key: string) => async (question: Question) => (question.keys?.length ? key : INTERRUPT);
      const { result, told } = await attempt(pause, args, {}, { ask: keyed('c') });
      expect(result.values).to.include({ user_input: '', delta: 0 });
      if (wait === 'a time') expect(told[1]).to.include("ctrl+C then 'C' = continue early");
      for (const key of ['a', INTERRUPT])
        expect((await failure(pause, args, {}, { ask: keyed(key) }))['msg']).to.equal('user requested abort!');
    });
  }

  it('goes on with a warning where nobody can answer', async () => {
    const { result, warnings } = await attempt(pause, { prompt: 'hey' });
    expect(warnings).to.deep.equal(['Not waiting for response to prompt as stdin is not interactive']);
    expect(result.values).to.include({ stdout: 'Paused for 0.0 minutes', delta: 0, user_input: '' });
  });

  it('ends when the run does, and not after its five minutes', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect((await failure(pause, { minutes: 5 }, {}, { signal: stop.signal }))['msg']).to.equal(
      'the pause was interrupted',
    );
  });

  it('takes seconds or minutes', async () => {
    expect((await failure(pause, { minutes: 5, seconds: 3 }))['msg']).to.include('exclude each other');
  });
});
