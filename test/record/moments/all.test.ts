/** A run of forty kinds of tasks, killed at each of its moments in turn, and resumed. Minutes: npm run test:resumes. */
import { expect } from 'chai';
import { requireSame } from '../each_moment.ts';
import { leftAlone } from '../kills.ts';

describe('a run that is killed at each moment', function () {
  this.timeout(3_600_000);

  it('comes to the same end when it is resumed', async () => {
    const whole = await leftAlone();
    expect(whole.moments).to.be.greaterThan(200);
    // `TROUPE_MOMENTS=2/5`: every fifth, from the second on.
    const [first = 1, step = 1] = (process.env['TROUPE_MOMENTS'] ?? '1/1').split('/').map(Number);
    const wrong: string[] = [];
    let tried = 0;
    let uncertain = 0;
    for (let moment = first; moment < whole.moments; moment += step) {
      tried++;
      await requireSame(moment, whole).then(
        (found) => {
          if (found.length > 0) uncertain++;
        },
        (error: Error) => {
          wrong.push(`${moment}: ${error.message}`.slice(0, 3000));
          console.log(`    ${wrong.at(-1)}`);
        },
      );
      if (tried % 10 === 0) console.log(`    ${moment} of ${whole.moments}, ${wrong.length} wrong`);
    }
    console.log(`    ${tried} moments; at ${uncertain} of them something was uncertain, and reported`);
    expect(wrong.join('\n\n')).to.equal('');
  });
});
