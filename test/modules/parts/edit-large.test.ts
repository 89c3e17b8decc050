/** Files that are edited as streams: every case that stock Ansible was recorded with, as if its file were too large to be held. */
import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { streaming } from '../../../engine/modules/parts/edit-large.ts';
import { build, comparable, place, scan, steps } from '../cases.mjs';
import { canRun, closePools, loadFamily, put, runModule, shells, testFolder } from '../harness.ts';

const { cases, recorded } = await loadFamily('files');
const editing = cases.filter(
  (one) => ['lineinfile', 'replace'].includes(one.module) && !one.differs?.parts.some((part) => part !== 'diff'),
);

describe('a large file', function () {
  this.timeout(120_000);
  const usual = streaming.above;
  before(function () {
    if (process.getuid?.() !== 0) this.skip();
  });
  afterEach(() => {
    streaming.above = usual;
  });
  after(closePools);

  for (const shell of shells().slice(0, 1))
    for (const one of editing)
      it(`${one.module}, ${one.name}, under ${shell.name}`, async function () {
        if (!canRun(one, shell)) this.skip();
        streaming.above = -1;
        const { steps: theirs, after } = recorded.get(one.name)!;
        const root = testFolder();
        const folders = { d: join(root, 'd'), s: join(root, 's') };
        build(folders.d, one.before);
        build(folders.s, one.source);
        for (const step of steps(one)) {
          const check = step === 'check';
          const untouched = check && scan(folders.d);
          const run = await runModule(one.module, place(one.args, folders), { shell, check, source: folders.s });
          const ours = comparable(run.values, folders, one);
          if (untouched) expect(scan(folders.d)).to.deep.equal(untouched);
          const pick = ({ changed, failed, msg }: typeof ours) => ({ changed, failed, msg: failed ? '' : msg });
          expect(pick(ours), `${step}: ${ours.msg}`).to.deep.equal(pick(theirs[step]!));
        }
        if (!one.differs?.parts.includes('after')) expect(scan(folders.d)).to.deep.equal(after);
        rmSync(root, { recursive: true, force: true });
      });

  it('of 100 MB is not held, of which everything together would take four times as much: a line in its middle, one at its end, a replacement, and what is the same', async () => {
    const folder = testFolder();
    const line = 'a line of a file that is larger than one may want to hold 0123456789\n';
    const half = line.repeat(50_000_000 / line.length);
    const path = put(folder, 'large', '');
    for (const text of [half, 'port = 1\n', half]) appendFileSync(path, text);
    const sum = async (of: AsyncIterable<Buffer> | string[]) => {
      const hash = createHash('sha1');
      for await (const piece of of) hash.update(piece);
      return hash.digest('hex');
    };
    const shell = shells()[0]!;
    const held = () => process.memoryUsage.rss();
    const start = held();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, held());
    }, 20);
    const edit = async (module: string, args: Record<string, unknown>) =>
      (await runModule(module, { path, ...args }, { shell, diff: false })).values['changed'];
    expect(await edit('lineinfile', { regexp: '^port', line: 'port = 22' })).to.equal(true);
    expect(await edit('lineinfile', { regexp: '^port', line: 'port = 22' })).to.equal(false);
    expect(await edit('lineinfile', { line: 'the end' })).to.equal(true);
    expect(await edit('replace', { regexp: '^port = (\\d+)$', replace: 'listen = \\1' })).to.equal(true);
    clearInterval(watch);
    expect(statSync(path).size).to.equal(2 * half.length + 'listen = 22\nthe end\n'.length);
    expect(await sum(createReadStream(path))).to.equal(await sum([half, 'listen = 22\n', half, 'the end\n']));
    rmSync(path);
    expect(most - start, 'bytes more than before').to.be.below(180_000_000);
  });
});
