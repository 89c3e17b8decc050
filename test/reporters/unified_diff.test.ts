import { expect } from 'chai';
import fc from 'fast-check';
import { diffLines, unifiedHunks } from '../../engine/reporters/unified_diff.ts';

describe('unified diff', () => {
  // Expected values: difflib.unified_diff of Python 3.11 with n=3.
  it('is what difflib writes', () => {
    expect(unifiedHunks('', 'a\nb\n')).to.deep.equal(['@@ -0,0 +1,2 @@', '+a', '+b']);
    expect(unifiedHunks('a\n', '')).to.deep.equal(['@@ -1 +0,0 @@', '-a']);
    expect(unifiedHunks('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\n')).to.deep.equal([
      '@@ -2,5 +2,5 @@',
      ' b',
      ' c',
      ' d',
      '-e',
      '+E',
      ' f',
    ]);
    expect(unifiedHunks('1\n2\n3\n4\n5\n6\n7\n8\n9\n', 'x\n2\n3\n4\n5\n6\n7\n8\ny\n')).to.deep.equal([
      '@@ -1,4 +1,4 @@',
      '-1',
      '+x',
      ' 2',
      ' 3',
      ' 4',
      '@@ -6,4 +6,4 @@',
      ' 6',
      ' 7',
      ' 8',
      '-9',
      '+y',
    ]);
  });

  it('tells that a last line has no newline', () => {
    expect(unifiedHunks('a\nb', 'a\nb\n')).to.deep.equal([
      '@@ -1,2 +1,2 @@',
      ' a',
      '-b',
      '\\ No newline at end of file',
      '+b',
    ]);
  });

  it('has headers, and nothing for equal texts', () => {
    expect(diffLines({ before: 'a\n', after: 'b\n' }).slice(0, 2)).to.deep.equal(['--- before', '+++ after']);
    expect(diffLines({ before: 'a\n', after: 'a\n' })).to.deep.equal([]);
    expect(diffLines({ prepared: 'x\ny\n' })).to.deep.equal(['x', 'y']);
  });

  it('applied to the first text gives the second, whatever the texts', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 30 })
      .map((l) => l.map((x) => `${x}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(apply(before, unifiedHunks(before, after))).to.equal(after);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a time in proportion to large texts that differ wholly', function () {
    this.timeout(120_000);
    const took = (count: number) => {
      const lines = (prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}\n`).join('');
      const before = process.cpuUsage();
      expect(unifiedHunks(lines('a'), lines('b'))).to.have.length(2 * count + 1);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    took(5000);
    // Eight times as much where it is linear, 64 times where it is quadratic.
    expect(took(40_000) / Math.max(took(5000), 5000)).to.be.lessThan(32);
  });
});

/** A patch program in a few lines: checks positions and context as it goes. */
function apply(before: string, hunks: string[]): string {
  const lines = before.split('\n').slice(0, -1);
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+/.exec(hunk);
    if (head) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      out.push(...lines.slice(at, start));
      at = start;
    } else if (hunk[0] === '+') out.push(hunk.slice(1));
    else {
      expect(lines[at]).to.equal(hunk.slice(1));
      if (hunk[0] === ' ') out.push(lines[at]!);
      at++;
    }
  }
  return [...out, ...lines.slice(at)].map((line) => `${line}\n`).join('');
}
