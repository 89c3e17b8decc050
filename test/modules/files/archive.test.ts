import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from '../cases.mjs';
import { closePools, put, runModule, shells, testFolder } from '../harness.ts';

describe('archive', function () {
  this.timeout(30000);
  after(closePools);

  for (const shell of shells()) {
    it(`packs a folder, and finds it packed, under ${shell.name}`, async () => {
      const folder = testFolder();
      build(join(folder, 'src'), { 'a b': 'A', 'sub/$(touch owned)': 'B', 'sub/skip.tmp': 'C' });
      const dest = join(folder, 'out.tgz');
      const args = { path: join(folder, 'src'), dest, exclusion_patterns: ['*.tmp'], mode: '0600' };
      expect((await runModule('archive', args, { shell, check: true })).values).to.include({ changed: true });
      expect(readdirSync(folder)).to.deep.equal(['src']);
      const run = await runModule('archive', args, { shell });
      expect(run.values, JSON.stringify(run.values)).to.include({
        changed: true,
        dest,
        dest_state: 'archive',
        mode: '0600',
      });
      const names = execFileSync('tar', ['-tzf', dest], { encoding: 'utf8' }).trim().split('\n');
      expect(names.map((name) => name.replace(/\/$/, '')).sort()).to.deep.equal(
        ['src/a b', 'src/sub', 'src/sub/$(touch owned)'].sort(),
      );
      const again = await runModule('archive', args, { shell });
      expect(again.values).to.include({ changed: false });
      expect(again.requests).to.equal(1);
      put(folder, 'src/a b', 'other');
      expect((await runModule('archive', args, { shell })).values).to.include({ changed: true });
    });

    it(`compresses a single file, and removes it if asked, under ${shell.name}`, async () => {
      const folder = testFolder();
      const path = put(folder, 'x', 'text\n');
      const run = await runModule('archive', { path, remove: true }, { shell });
      expect(run.values, JSON.stringify(run.values)).to.include({
        changed: true,
        dest: `${path}.gz`,
        dest_state: 'compress',
      });
      expect(readdirSync(folder)).to.deep.equal(['x.gz']);
      expect(execFileSync('gzip', ['-dc', `${path}.gz`], { encoding: 'utf8' })).to.equal('text\n');
    });
  }
});
