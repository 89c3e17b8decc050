/** S-12, S-13, S-26: what other users of a host may see of us, or lay in our way. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Pool } from '../../engine/remote/pool.ts';
import { shells } from '../modules/harness.ts';
import { rejection, script } from '../remote/support/scripts.ts';
import { need, noSshd, Sshd } from '../remote/support/sshd.ts';
import { play } from '../support/play.ts';

for (const shell of shells())
  describe(`private folders under ${shell.name} (S-12)`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'troupe-private-'));
    let pool: Pool;
    beforeEach(() => {
      pool = new Pool({ localEnvironment: { HOME: folder, PATH: shell.path ?? '/usr/bin:/bin' } });
    });
    afterEach(() => pool.close());
    after(() => rmSync(folder, { recursive: true, force: true }));
    const target = { name: 'here', connection: 'local', shell: shell.program, temporary: join(folder, 'tmp') } as const;

    /** The folder that the shell will make, told before it has. */
    async function planned(): Promise<string> {
      const told = await pool.remote(target).call(script('plan', 'reply path "$T_TMP"'));
      mkdirSync(join(folder, 'tmp'), { recursive: true });
      return told.get('path');
    }
    const use = script('use', 'temp_folder || fail "somebody was here"; : >"$T_TMP/secret"; reply made 1');

    it('are closed to all others', async () => {
      const path = await planned();
      expect((await pool.remote(target).call(use)).get('made')).to.equal('1');
      expect(statSync(path).mode & 0o777).to.equal(0o700);
    });

    it('a link that waits in the place is not followed', async () => {
      const path = await planned();
      const trap = join(folder, 'trap');
      mkdirSync(trap, { recursive: true });
      symlinkSync(trap, path);
      expect((await rejection(pool.remote(target).call(use))).message).to.contain('somebody was here');
      expect(execFileSync('ls', ['-A', trap], { encoding: 'utf8' })).to.equal('');
    });

    it("another user's folder that waits in the place is not used", async function () {
      if (process.getuid!() !== 0) return this.skip();
      const path = await planned();
      mkdirSync(path, { mode: 0o777 });
      execFileSync('chown', ['65534', path]);
      chmodSync(path, 0o777);
      expect((await rejection(pool.remote(target).call(use))).message).to.contain('somebody was here');
      expect(execFileSync('ls', ['-A', path], { encoding: 'utf8' })).to.equal('');
    });
  });

describe('new files (S-13)', () => {
  for (const [umask, modes] of [
    [0o000, '644 644 755'],
    [0o022, '644 644 755'],
    [0o027, '640 640 750'],
    [0o077, '600 600 700'],
  ] as const)
    it(`that get no mode follow the umask, here ${umask.toString(8)}, yet nobody else may ever write them`, async () => {
      const before = process.umask(umask);
      try {
        const { lines } = await play(`
- hosts: h1
  tasks:
    - {name: a, copy: {content: x, dest: "{{ playbook_dir }}/a"}}
    - {name: b, lineinfile: {line: x, create: true, path: "{{ playbook_dir }}/b"}}
    - {name: c, file: {state: directory, path: "{{ playbook_dir }}/c"}}
    - {name: modes, command: stat -c %a a b c, args: {chdir: "{{ playbook_dir }}"}, register: r}
    - {name: told, debug: {msg: "{{ r.stdout_lines | join(' ') }}"}}
`);
        expect(lines.at(-1)).to.equal(`told | h1 | ok | ${modes}`);
      } finally {
        process.umask(before);
      }
    });

  it('that hold a secret and are open to all are warned of', async () => {
    const warnings = async (mode: string) => {
      const { events } = await play(
        {
          'secret.txt': 'word {{ token }}\n',
          'play.yml': `
- hosts: h1
  vars: {token: correct-horse}
  tasks:
    - {name: a, template: {src: secret.txt, dest: "{{ playbook_dir }}/a"${mode}}}
    - {name: b, copy: {content: "nothing", dest: "{{ playbook_dir }}/b"}}
`,
        },
        { secrets: ['correct-horse'] },
      );
      return events.flatMap((event) => (event.type === 'message' && event.level === 'warning' ? [event.text] : []));
    };
    const [warning, ...more] = await warnings('');
    expect(warning).to.match(/\/a holds a secret and everybody on the host may read it \(mode 0644\)/);
    expect(more).to.deep.equal([]);
    expect(await warnings(", mode: '0640'")).to.deep.equal([]);
  });

  it('have the mode they are given', async () => {
    const { lines } = await play({
      'play.yml': `
- hosts: h1
  tasks:
    - {name: closed, copy: {content: x, dest: "{{ playbook_dir }}/closed", mode: '0600'}}
    - {name: open, copy: {content: x, dest: "{{ playbook_dir }}/open", mode: '0664'}}
    - {name: modes, command: "stat -c %a {{ playbook_dir }}/closed {{ playbook_dir }}/open", register: r}
    - {name: told, debug: {msg: "{{ r.stdout_lines | join(' ') }}"}}
`,
    });
    expect(lines.at(-1)).to.equal('told | h1 | ok | 600 664');
  });
});

describe(`the agent${noSshd() ? ` (skipped: ${noSshd()})` : ''}`, () => {
  const sshd = new Sshd();
  after(() => sshd.remove());

  it('is not forwarded: a host cannot log in elsewhere with our keys (S-26)', async function () {
    need(this, noSshd());
    await sshd.start();
    sshd.know();
    sshd.config('ForwardAgent yes\n');
    const out = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' });
    const pool = sshd.pool({ ssh: { agentSocket: /SSH_AUTH_SOCK=([^;]+)/.exec(out)![1]! } });
    try {
      const said = await pool.remote(sshd.target()).call(script('agent', 'reply socket "$SSH_AUTH_SOCK"; reply ok 1'));
      expect([said.get('ok'), said.get('socket')]).to.deep.equal(['1', '']);
    } finally {
      pool.close();
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(out)![1]));
    }
  });
});
