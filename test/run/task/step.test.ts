import { expect } from 'chai';
import { Stepping } from '../../../engine/run/task/step.ts';
import type { Group } from '../../../engine/run/types.ts';
import { Interrupted } from '../../../engine/run/walk/signals.ts';

const group = (): Group => ({ hosts: ['h1'] }) as unknown as Group;
const thrown = (stepping: Stepping) => Promise.resolve(stepping.allows(group(), 'x')).catch((error: unknown) => error);

describe('--step', () => {
  it('is interrupted as a run is where the user ends the question, so that the recap is told', async () => {
    const gone = async () => {
      throw new Error('the question ended');
    };
    expect(await thrown(new Stepping(gone, AbortSignal.abort()))).to.be.instanceOf(Interrupted);
    expect(await thrown(new Stepping(gone, new AbortController().signal))).to.have.property(
      'message',
      'the question ended',
    );
  });

  it('asks no more after `c`, and takes anything but y for no', async () => {
    const answers = ['n', '', 'yes', 'c'];
    const stepping = new Stepping(async () => answers.shift()!, new AbortController().signal);
    const allowed: boolean[] = [];
    for (let i = 0; i < 6; i++) allowed.push(await stepping.allows(group(), 'x'));
    expect(allowed).to.deep.equal([false, false, true, true, true, true]);
    expect(answers).to.deep.equal([]);
  });
});
