import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { afterListening, Clock } from '../../engine/remote/ssh/clock.ts';

/** Keeps this process from doing anything else. */
function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

describe('the time that a host has', () => {
  it('does not pass while this process is too busy to listen', async () => {
    let over = false;
    const stop = afterListening(1, () => {
      over = true;
    });
    await sleep(50);
    busy(1500);
    await sleep(0);
    expect(over).to.equal(false);
    while (!over) await sleep(20);
    stop();
  });

  it('does not pass while a person is asked', async () => {
    const clock = new Clock(0.2);
    clock.start('log in');
    await clock.pausedFor(sleep(600));
    expect(clock.signal.aborted).to.equal(false);
    while (!clock.signal.aborted) await sleep(20);
    expect((clock.signal.reason as Error).message).to.equal('it did not log in within 0.2 seconds');
  });
});
