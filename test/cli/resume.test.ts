/** `run --resume` at the command line: which run is meant. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from './console.ts';

describe('run --resume', () => {
  const here = project({
    'site.yml':
      '- hosts: localhost\n  gather_facts: false\n  tasks: [{ command: test -e go, args: { chdir: "{{ playbook_dir }}" } }]\n',
    'looks.yml': '- hosts: localhost\n  gather_facts: false\n  tasks: [{ fail: { msg: no } }]\n',
  });
  after(() => here.remove());
  const state = join(here.path, 'state');
  const run = (...args: string[]) => command(args, { cwd: here.path, environment: { TROUPE_STATE: state } });

  it('goes on with the last run that changed hosts: a plan or a check in between is none', async () => {
    expect((await run('site.yml')).code).to.equal(2);
    await run('plan', 'looks.yml', '-o', 'site.plan');
    await run('looks.yml', '--check');
    writeFileSync(join(here.path, 'go'), '');
    const { code, out, err } = await run('--resume');
    expect(code, err).to.equal(0);
    expect(out).to.include('changed: [localhost]').and.not.include('TASK [fail]');
  });

  it('says so where a run that only looked is named, or none is there', async () => {
    await run('looks.yml', '--check');
    const looked = readdirSync(join(state, 'runs')).sort().at(-1)!;
    const named = await run('--resume', looked);
    expect(named.code).to.equal(1);
    expect(named.err).to.include(`the run ${looked} was made to look`);
    const nowhere = await run('--resume', '99999');
    expect(nowhere.code).to.equal(1);
    expect(nowhere.err).to.include('no run of `99999` that was called here has left a record').and.include('RUN-ID');
  });

  it('names the file of a program that exports no plays', async () => {
    writeFileSync(join(here.path, 'five.mjs'), 'export default 5;\n');
    const { code, err } = await run('five.mjs');
    expect(code).to.equal(4);
    expect(err).to.include('five.mjs: a playbook is a list of plays');
  });
});
