/** One request, every module: counted by the shell that carries them. `npx mocha` prints the table; docs/performance.md keeps it. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ownModules } from '../../engine/modules/find.ts';
import { calls } from './costs.calls.ts';
import { type Cost, costLine, costs } from './costs.ts';
import { closePools } from './harness.ts';

/** Processes that an unchanged call may take at most: what most playbooks are made of. */
const few: Record<string, number> = {
  ping: 1,
  command: 2,
  shell: 2,
  file: 2,
  copy: 2,
  template: 2,
  lineinfile: 2,
  blockinfile: 2,
  replace: 2,
  ini_file: 2,
  slurp: 2,
  systemd: 3,
  service: 3,
};
/** The same where everything is still to do. */
const fewFirst: Record<string, number> = { file: 3, copy: 3, template: 3, lineinfile: 3, blockinfile: 3 };

describe('what an unchanged task costs', function () {
  this.timeout(120_000);
  const rows = new Map<string, Cost>();
  after(() => {
    closePools();
    const head = `${'module'.padEnd(24)}unchanged    first\n${''.padEnd(24)}req. proc. req. proc.`;
    const print = (text: string) => process.stdout.write(`${text.replace(/^/gm, '      ')}\n`);
    print(`requests, and processes on the host, of one call\n${head}`);
    for (const row of rows.values()) print(costLine(row));
  });

  it('there is a call of every module, and none of what is no module', () => {
    expect(Object.keys(calls).sort()).to.deep.equal([...ownModules().keys()].sort());
  });

  for (const module of [...ownModules().keys()].sort()) {
    it(module, async function () {
      const [row] = await costs([module]);
      rows.set(module, row!);
      if (row!.requests === undefined) this.skip();
      expect(row!.requests, 'requests').to.equal(row!.expected);
      if (row!.processes !== undefined && few[module]) expect(row!.processes).to.be.at.most(few[module]);
      if (row!.first?.processes && fewFirst[module]) expect(row!.first.processes).to.be.at.most(fewFirst[module]);
    });
  }

  it('docs/performance.md has a row for every module', () => {
    const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    for (const module of ownModules().keys()) expect(page).to.contain(`\n| ${module} |`);
  });
});
