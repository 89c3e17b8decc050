import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { needLab, useOwnLab } from '../lab/shared.ts';
import { ensureReference, runAnsible, runReference } from './reference.mjs';

describe('the reference', function () {
  this.timeout(60_000);
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    needLab(this);
    await ensureReference();
    folder = mkdtempSync(join(tmpdir(), 'reference-'));
  });
  after(() => rmSync(folder ?? '', { recursive: true, force: true }));

  const lab = useOwnLab({ hosts: 1, image: 'python' });

  it('is ansible-core 2.19', async () => {
    const { stdout } = await runAnsible({ program: 'ansible', args: ['--version'] });
    expect(stdout).to.match(/^ansible \[core 2\.19\./);
  });

  it('renders with Jinja2 what a script asks, from stdin', async () => {
    const script = 'import jinja2, sys; print(jinja2.Template(sys.stdin.read()).render(n=6))';
    const done = await runReference({ argv: ['python3', '-c', script], input: '{{ n * 7 }}' });
    expect(done).to.deep.equal({ rc: 0, stdout: '42\n', stderr: '' });
  });

  it('runs a playbook on a lab host, in a folder that it shares with us', async () => {
    const inventory = lab().inventory(join(folder, 'hosts'));
    const play = join(folder, 'play.yaml');
    writeFileSync(
      play,
      `- hosts: nodes
  gather_facts: false
  tasks:
    - copy: { content: "by Ansible\\n", dest: /root/reference }
    - fetch: { src: /root/reference, dest: fetched, flat: true }
`,
    );
    const done = await runAnsible({ cwd: folder, args: ['-i', inventory, play] });
    expect(done.stdout).to.match(/ok=2 +changed=2 +unreachable=0 +failed=0/);
    expect(readFileSync(join(folder, 'fetched'), 'utf8')).to.equal('by Ansible\n');
    expect((await lab().exec('node-1', 'cat /root/reference')).stdout).to.equal('by Ansible\n');
  });

  it('keeps nothing of what runs write elsewhere, and passes the exit code on', async () => {
    expect((await runReference({ argv: ['touch', '/etc/mark', '/tmp/mark'], cwd: folder })).rc).to.equal(0);
    expect((await runReference({ argv: ['ls', '/etc/mark'], cwd: folder })).rc).to.equal(2);
    expect(readFileSync('/proc/mounts', 'utf8')).not.to.include('reference-mount');
  });
});
