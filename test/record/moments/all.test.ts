/** A run of forty kinds of tasks, killed at each of its moments in turn, and resumed. Minutes: npm run test:resumes. */
import { expect } from 'chai';
import { requireSame } from '../each_moment.ts';
import { leftAlone } from '../kills.ts';

describe('a run that is killed at each moment', function () {
  this.timeout(3_600_000);

  it('comes to the same end when it is resumed', async () => {
    const whole = await leftAlone();
    expect(whole.moments).to.be.greaterThan(200);
    const wrong: string[] = [];
    let uncertain = 0;
    for (let moment = 1; moment < whole.moments; moment++)
      await requireSame(moment, whole).then(
        (found) => {
          uncertain += found.length > 0 ? 1 : 0;
        },
        (error: Error) => {
          wrong.push(`${moment}: ${error.message}`);
        },
      );
    console.log(`    ${whole.moments - 1} moments; at ${uncertain} of them something was uncertain, and reported`);
    expect(wrong.map((text) => text.slice(0, 3000)).join('\n\n')).to.equal('');
  });
});
