import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Pool } from '../../../engine/remote/pool.ts';
import type { ConnectionTarget } from '../../../engine/remote/target.ts';
import { type Lab, openLab, startLab } from '../../lab/lab.mjs';
import { needLab } from '../../lab/shared.ts';
import { comparable, place } from '../cases.mjs';
import { compareOutcome, count, runModule, tally, tallyLines } from '../harness.ts';
import { startWeb } from '../web.mjs';
import {
  beforeLine,
  folders,
  type HostCase,
  type HostRecord,
  hostHash,
  layOutScripts,
  loadHostCases,
  probeLine,
  recordFile,
  seen,
  steps,
} from './cases.mjs';

// Packages and units take their time; other tests meet them too (system/apt.test.ts, services.test.ts).
const slow = new Set([
  'apt',
  'systemd_service',
  'service',
  'subversion',
  'expect',
  'wait_for',
  'ansible.posix.synchronize',
]);
const thorough = process.env['TROUPE_HOSTS'] === 'all';
const every = await loadHostCases();
const cases = every.filter((one) => thorough || !slow.has(one.module));
const { by, cases: list } = JSON.parse(readFileSync(recordFile, 'utf8')) as { by: string; cases: HostRecord[] };
const recorded = new Map(list.map((one) => [one.name, one]));

describe(`modules on a host without Python, as ${by} ran them on its twin`, function () {
  this.timeout(60_000);
  let [lab, own]: [Lab | undefined, boolean] = [undefined, false];
  let web: Awaited<ReturnType<typeof startWeb>>;
  let on: { target: ConnectionTarget; pool: Pool };
  before(async function () {
    this.timeout(300_000);
    needLab(this);
    // A host kept for many runs by hand: test/lab/cli.mjs up --name hosts --hosts 1 --image tools
    lab = openLab('hosts');
    own = lab === undefined;
    lab ??= await startLab({ hosts: 1, image: 'tools' });
    web = await startWeb(lab.gateway);
    layOutScripts(lab.root('node-1'), cases);
    const pool = new Pool({
      ssh: { configFile: null, systemConfigFile: null, globalKnownHosts: [lab.knownHostsFile] },
    });
    const { address } = lab.hosts[0]!;
    on = {
      target: { name: 'node-1', connection: 'ssh', address, user: 'root', privateKeyFile: lab.keyFile },
      pool,
    };
    // These modules remove users and files: they must never run on this machine.
    const mark = randomUUID();
    writeFileSync(join(lab.root('node-1'), 'srv/scripts/mark'), mark);
    const where = await runModule('command', { argv: ['cat', '/srv/scripts/mark'] }, { on });
    expect(where.values['stdout'], 'where modules run').to.equal(mark);
  });
  after(async () => {
    on?.pool.close();
    web?.close();
    if (own) await lab?.stop();
    for (const line of tallyLines()) console.log(`    ${line}`);
  });

  it('has a record of every case', () => {
    const missing = every.filter((one) => recorded.get(one.name)?.hash !== hostHash(one));
    expect(missing.map((one) => one.name)).to.deep.equal([]);
  });

  const raw = async (line: string) => {
    const remote = on.pool.remote(on.target, {});
    const { stdout } = await remote.raw(line);
    return seen(stdout.toString());
  };

  for (const [i, one] of cases.entries()) it(one.name, () => compareOnHost(one, i));

  /** As delegate_to with the host's own name. */
  const ends = () => {
    const remote = on.pool.remote(on.target, {});
    return { delegatedTo: 'node-1', isOwn: () => true, host: () => remote, controller: () => remote };
  };

  async function compareOnHost(one: HostCase, i: number) {
    const record = recorded.get(one.name)!;
    const here = folders(web.url);
    const skip = new Set(one.differs?.parts ?? []);
    let last = await raw(`${beforeLine(i)} >&2; ${probeLine(i)}`);
    if (!skip.has('before')) expect(last, 'what was there before').to.equal(seen(record.before));
    for (const step of steps(one)) {
      const run = await runModule(one.module, place(one.args, here), {
        on,
        check: step === 'check',
        ...(one.environment ? { environment: one.environment } : {}),
        ...(one.toItself ? { env: { ends: ends() } } : {}),
      });
      const now = await raw(probeLine(i));
      const theirs = record.steps[step]!;
      const label = `${one.name}, ${step}`;
      tally.calls++;
      if (step === 'check') expect(now, `${label}: changed something`).to.equal(last);
      last = now;
      if (step === 'check' && theirs.skipped && !run.values['skipped']) {
        const why = `Ansible skips ${one.module} in check mode, ours predicts`;
        tally.purpose.set(why, (tally.purpose.get(why) ?? 0) + 1);
        continue;
      }
      const { seen: there, ...outcome } = theirs;
      const ours = comparable(run.values, here, one as never);
      // Ansible predicts with less of a result in some modules; saying more is no difference.
      if (step === 'check') {
        for (const key of Object.keys(ours.values)) if (!(key in outcome.values)) delete ours.values[key];
      }
      compareOutcome(ours, outcome, one, label);
      if (!skip.has('after')) expect(now, `${label}: what is there after`).to.equal(seen(there));
      if (step === 'again' && !ours.changed && !ours.failed)
        expect(run.requests, 'requests of a run that changes nothing').to.be.at.most(one.requests ?? 1);
      if (step !== 'check') count(one.module, run);
    }
  }
});
