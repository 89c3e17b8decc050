/** A run that is killed at some of its moments and resumed; all of them: npm run test:resumes. */

import { requireSame } from './each_moment.ts';
import { leftAlone, type Whole } from './kills.ts';

describe('a run that is killed', function () {
  this.timeout(300_000);
  let whole: Whole;
  before(async () => {
    whole = await leftAlone();
  });

  for (const share of [0.04, 0.21, 0.47, 0.68, 0.93])
    it(`at ${share} of it, and resumed, comes to the same end`, async () => {
      await requireSame(Math.max(1, Math.round(whole.moments * share)), whole);
    });
});
