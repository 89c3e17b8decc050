// Mocha's spec on the screen with the files that took longest, and the counts in the file that TROUPE_TEST_REPORT names, for test/all.mjs to add up.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
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
      const files = new Map();
      runner.suite.eachTest((test) => {
        total++;
        const file = relative('.', test.file ?? '');
        files.set(file, (files.get(file) ?? 0) + (test.duration ?? 0));
      });
      const slowest = [...files].sort((a, b) => b[1] - a[1]).slice(0, 12);
      for (const [file, took] of slowest) if (took > 5000) console.log(`  ${Math.round(took / 1000)} s in ${file}`);
      writeFileSync(
        process.env.TROUPE_TEST_REPORT,
        JSON.stringify({ passes, failures, pending, unreached: total - ran.size }),
      );
      // A test that ran out of time may leave something that keeps the process alive.
      setTimeout(() => {
        console.log('  the tests left something running, which is ended now');
        process.exit(1);
      }, 20_000).unref();
    });
  }
}
