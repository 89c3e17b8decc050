/** `npm run demo -- --keep`: the hosts stay, what it recommends works, and a second one says how to end the first. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openLab } from './lab.mjs';
import { needLab } from './shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...words: string[]) => spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });

describe('the demo', function () {
  this.timeout(900_000);
  const name = `demo-${process.pid}`;
  before(function () {
    needLab(this);
  });
  after(() => openLab(name) && node('test/lab/cli.mjs', 'down', name));

  it('keeps its hosts, and says what to try on them and how to end them', () => {
    const first = node('test/lab/demo.mjs', '--keep', '--name', name);
    expect(first.stderr).to.equal('');
    expect(first.status).to.equal(0);
    const [, inventory, variables] = /npx run status\.yaml -i (\S+) -e @(\S+)/.exec(first.stdout)!;
    for (const file of [inventory!, variables!]) expect(existsSync(file) && statSync(file).isFile()).to.equal(true);
    const status = node('dist/cli.js', 'status.yaml', '-i', inventory!, '-e', `@${variables}`);
    expect(status.stdout + status.stderr).to.include('node-3');
    expect(status.status).to.equal(0);
    const again = node('test/lab/demo.mjs', '--keep', '--name', name);
    expect(again.stderr).to.match(/^demo: the hosts of an earlier .* are still running; end them with:\n/);
    expect(again.stderr).to.include(`node test/lab/cli.mjs down ${name}`);
    expect(again.status).to.equal(1);
    expect(node('test/lab/cli.mjs', 'down', name).status).to.equal(0);
    expect(openLab(name)).to.equal(undefined);
  });
});
