import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from './console.ts';

const site = `- hosts: all
  gather_facts: false
  tasks:
    - name: Say {{ word | default('x') }}
      command: echo {{ word | default('one') }}
    - name: Only then
      ping:
      when: word is defined
    - name: Break
      fail: {msg: broken}
      when: inventory_hostname == 'h2' and word is defined
`;

describe('run history, diff and report', () => {
  const here = project({ 'site.yml': site, hosts: 'h1 ansible_connection=local\nh2 ansible_connection=local\n' });
  after(() => here.remove());
  const state = join(here.path, 'state');
  const run = (...args: string[]) =>
    command(args, { cwd: here.path, environment: { TROUPE_STATE: state, USER: 'me' } });
  const ids = () => readdirSync(join(state, 'runs')).sort();

  before(async () => {
    expect((await run('site.yml', '-i', 'hosts')).code).to.equal(0);
    // The first is given an earlier day.
    const [first] = ids();
    const { renameSync } = await import('node:fs');
    renameSync(join(state, 'runs', first!), join(state, 'runs', `20200101-000000-${first!.slice(-5)}`));
    const file = join(state, 'runs', ids()[0]!, 'run.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(first!, ids()[0]!));
    expect((await run('site.yml', '-i', 'hosts', '-e', 'word=two')).code).to.equal(2);
    expect((await run('site.yml', '-i', 'hosts', '--no-record')).code).to.equal(0);
  });

  it('lists the runs, the newest first; --no-record leaves none', async () => {
    const { out, code } = await run('history');
    expect(code).to.equal(0);
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head!.split(/\s{2,}/)).to.deep.equal([
      'RUN',
      'BEGAN',
      'BY',
      'PLAYBOOK',
      'HOSTS',
      'CHANGED',
      'FAILED',
      'TIME',
      'ENDED',
    ]);
    expect(rows).to.have.length(2);
    expect(rows[0]).to.match(/site\.yml +2 +2 +1 +\S+s {2}failed$/);
    expect(rows[1]).to.match(/^20200101-000000-\S+ .* site\.yml +2 +2 +0 +\S+s {2}ok$/);
  });

  it('of one host, in words and as JSON', async () => {
    const { out } = await run('history', '--host', 'h2');
    expect(out.split('\n')[1]).to.match(/site\.yml +2 +1 +1 +0 {2}failed$/);
    expect((await run('history', '--host', 'h9')).err).to.equal('no record of a run on h9\n');
    const lines = (await run('history', '--json', '-n', '1')).out.trimEnd().split('\n');
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0]!)).to.include({ state: 'failed', exitCode: 2 });
  });

  it('compares two runs: what each has alone, and what came of the rest', async () => {
    const { out } = await run('diff', '2020', 'last');
    expect(out).to.contain('Only then  (site.yml:6)\n  h1: skipped -> ok\n');
    expect(out).to.contain(`Say x  (site.yml:4)\n  only in ${ids()[0]}: h1, h2\n`);
    expect(out).to.contain('  h2: skipped -> failed\n');
    expect((await run('diff', 'last', 'last')).out).to.equal('the two runs did the same, with the same results\n');
  });

  it('shows a run again: as a page in its record, in a file, or by another reporter', async () => {
    const { out } = await run('report');
    const page = join(state, 'runs', ids()[1]!, 'report.html');
    expect(out).to.equal(`${page}\n`);
    expect(readFileSync(page, 'utf8')).to.contain('id="run">');
    expect((statSync(page).mode & 0o777).toString(8)).to.equal('600');
    rmSync(page);
    expect((await run('report', '2020', '-o', 'here.html')).out).to.equal(`${join(here.path, 'here.html')}\n`);
    const again = await run('report', 'last', '--reporter', 'default');
    expect(again.out)
      .to.contain('fatal: [h2]: FAILED!')
      .and.to.match(/h1 +: ok=2 +changed=1/);
    expect(again.out).not.to.contain('.html');
  });

  it('names the nearest run for one that is not there', async () => {
    const { err, code } = await run('report', '20200102-000000-00000');
    expect(code).to.equal(5);
    expect(err).to.match(/there is no run `20200102-000000-00000`\nhelp: did you mean 20200101-/);
  });
});
