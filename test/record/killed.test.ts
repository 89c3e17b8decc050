import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventsOf, pastRuns } from '../../engine/record/history.ts';
import { ended, project, start } from '../cli/console.ts';

const play = `- hosts: all
  gather_facts: false
  tasks:
    - {name: First, command: echo one}
    - {name: Second, command: "sh -c 'touch {{ playbook_dir }}/here; sleep 30'"}
`;

describe('the record of a run that did not end well', () => {
  it('is read to its last whole line when the controller was killed', async () => {
    const here = project({ 'p.yml': play, hosts: 'h1 ansible_connection=local\n' });
    try {
      const child = start(['p.yml', '-i', 'hosts'], here.path, { TROUPE_STATE: join(here.path, 'state') });
      const end = ended(child);
      const records = join(here.path, 'state/runs');
      while (!readdirSync(here.path).includes('here')) await new Promise((resolve) => setTimeout(resolve, 50));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect([...pastRuns(records)][0]).to.include({ state: 'running' });
      child.kill('SIGKILL');
      await end;
      const [run] = [...pastRuns(records)];
      expect(run).to.include({ state: 'killed' });
      expect(run!.hosts['h1']).to.include({ ok: 1, changed: 1 });
      expect([...eventsOf(run!.folder)].at(-1)).to.include({ type: 'task:start' });
    } finally {
      here.remove();
    }
  });

  it('ends with a warning where the disk is full, and the run goes on', async () => {
    const here = project({
      'p.yml':
        '- {hosts: all, gather_facts: false, tasks: [{command: "head -c 20000 /dev/zero"}, {command: touch done}]}\n',
      hosts: 'h1 ansible_connection=local\n',
    });
    try {
      const { execFileSync } = await import('node:child_process');
      const { ensureBuilt } = await import('../support/built.mjs');
      const cli = ensureBuilt(() => {});
      const shown = execFileSync(
        'sh',
        ['-c', `ulimit -f 16; exec "$0" "$1" p.yml -i hosts 2>&1`, process.execPath, cli],
        {
          cwd: here.path,
          env: { PATH: process.env['PATH'], HOME: here.path, TROUPE_STATE: join(here.path, 'state') },
          encoding: 'utf8',
        },
      );
      expect(shown).to.match(/\[WARNING\]: the record of this run ends here: \S+: /);
      expect(shown).to.match(/h1 +: ok=2 +changed=2/);
      expect([...pastRuns(join(here.path, 'state/runs'))]).to.have.length(1);
    } finally {
      here.remove();
    }
  });
});
