import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runPlaybook } from '../../engine/index.ts';
import { localHosts, withProject } from '../support/play.ts';

const asks = '- hosts: h1\n  tasks: [{name: see, assert: {that: ansible_facts.system == "Linux", quiet: true}}]\n';

/** Names of the tasks of one run. */
async function tasksOf(folder: string, more: object): Promise<string[]> {
  const options = {
    playbook: 'play.yml',
    inventory: 'hosts',
    cwd: folder,
    gathering: 'smart',
    environment: { PATH: process.env['PATH'] },
  };
  const run = runPlaybook({ ...options, ...more } as Parameters<typeof runPlaybook>[0]);
  const names: string[] = [];
  for await (const event of run) if (event.type === 'task:start') names.push(event.task.name);
  expect((await run.recap).exitCode).to.equal(0);
  return names;
}

describe('facts kept between runs', () => {
  it('are gathered once, found again by the next run, and forgotten when asked', async () => {
    await withProject({ hosts: localHosts('h1'), 'play.yml': asks }, async (folder) => {
      const factCache = { folder: 'facts' };
      expect(await tasksOf(folder, { factCache })).to.deep.equal(['Gathering Facts', 'see']);
      expect(readdirSync(join(folder, 'facts'))).to.deep.equal(['h1']);
      expect(JSON.parse(readFileSync(join(folder, 'facts', 'h1'), 'utf8'))).to.include({ ansible_system: 'Linux' });
      expect(await tasksOf(folder, { factCache })).to.deep.equal(['see']);
      expect(await tasksOf(folder, { factCache, flushCache: true })).to.deep.equal(['Gathering Facts', 'see']);
      expect(await tasksOf(folder, { factCache, gathering: 'implicit' })).to.deep.equal(['Gathering Facts', 'see']);
    });
  });

  it('smart gathers once in a run of several plays', async () => {
    await withProject({ hosts: localHosts('h1'), 'play.yml': asks + asks }, async (folder) => {
      expect(await tasksOf(folder, {})).to.deep.equal(['Gathering Facts', 'see', 'see']);
    });
  });
});
