/** What a start costs right after `npm ci` in a fresh clone: what the command costs by itself, and npm's own start. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freshCopy } from './copy.ts';

const TIMES = 10;

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('a start right after `npm ci`', function () {
  this.timeout(600_000);
  let copy: ReturnType<typeof freshCopy>;
  const at = (...names: string[]) => join(copy.path, ...names);
  let said: string;

  before(() => {
    copy = freshCopy();
    const done = spawnSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: copy.path,
      encoding: 'utf8',
    });
    said = done.stdout + done.stderr;
    expect(done.status, said).to.equal(0);
    mkdirSync(at('empty'));
    writeFileSync(
      at('empty/package.json'),
      '{ "name": "empty", "version": "1.0.0", "bin": { "empty": "empty.js" } }\n',
    );
    writeFileSync(at('empty/empty.js'), '#!/usr/bin/env node\n', { mode: 0o755 });
  });
  after(() => copy.remove());

  it('npm has built dist/, and warns of no install script', () => {
    expect(said).not.to.match(/warn.*script/i);
    expect(statSync(at('dist/cli.js')).isFile()).to.equal(true);
  });

  it('builds nothing, and costs what the command and npm cost', () => {
    // What npx keeps is in npm's cache; this one has seen nothing yet.
    const cache = { npm_config_cache: at('cache'), npm_config_update_notifier: 'false' };
    const timed = (file: string, words: string[], cwd: string) => {
      const begun = performance.now();
      execFileSync(file, words, { cwd, stdio: 'pipe', env: { ...process.env, ...cache } });
      return performance.now() - begun;
    };
    const builds = () => readdirSync(at('dist')).map((name) => `${name} ${statSync(at('dist', name)).mtimeMs}`);
    const before = builds();
    const first = timed('npx', ['run', '--version'], copy.path);
    timed('npx', ['empty'], at('empty'));
    const took = { npx: [] as number[], node: [] as number[], npm: [] as number[], nothing: [] as number[] };
    // In turn, so that what else the machine does falls on all alike.
    for (let i = 0; i < TIMES; i++) {
      took.npx.push(timed('npx', ['run', '--version'], copy.path));
      took.node.push(timed(process.execPath, ['dist/cli.js', '--version'], copy.path));
      took.npm.push(timed('npx', ['empty'], at('empty')));
      took.nothing.push(timed(process.execPath, ['empty.js'], at('empty')));
    }
    const [npx, node, npm, nothing] = [took.npx, took.node, took.npm, took.nothing].map(median) as [
      number,
      number,
      number,
      number,
    ];
    const show = (milliseconds: number) => `${Math.round(milliseconds)} ms`;
    console.log(
      `      npx run --version ${show(npx)} (the first time ${show(first)}), node dist/cli.js --version ${show(node)}, ` +
        `npx of a program that does nothing ${show(npm)}, node with it ${show(nothing)}; medians of ${TIMES}`,
    );
    expect(builds()).to.deep.equal(before);
    // A build would take some ten times as long as all of it.
    expect(npx / (npm - nothing + node)).to.be.lessThan(3);
  });
});
