// Mocha's spec on the screen, and the counts in the file that TROUPE_TEST_REPORT names, for test/all.mjs to add up.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

export default class Reporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // A failed before-hook hides its suite's tests: they did not run, and nothing else would say so.
    const ran = new Set();
    runner.on('test end', (test) => ran.add(test));
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      let total = 0;
      runner.suite.eachTest(() => {
        total++;
      });
      writeFileSync(
        process.env.TROUPE_TEST_REPORT,
        JSON.stringify({ passes, failures, pending, unreached: total - ran.size }),
      );
    });
  }
}
