/** Whatever a login shell does, a shell is opened or the reason is told in time. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UnreachableError } from '../../engine/errors.ts';
import type { Pool, PoolOptions } from '../../engine/remote/pool.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, noUsers, Sshd, TestUser } from './support/sshd.ts';

const missing = noSshd() ?? noUsers();
const work = script('work', 'reply a "1 2"; echo oops >&2; reply_rest out; printf out; exit 3');
const plain = script('plain', 'reply user "$(id -un)"');

describe(`login shells${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(90000);
  const sshd = new Sshd();
  const users: TestUser[] = [];
  const pools: Pool[] = [];
  const warnings: string[] = [];
  const open = (options: PoolOptions = {}) => {
    const pool = sshd.pool({ onWarning: (_, text) => warnings.push(text), ...options });
    pools.push(pool);
    return pool;
  };
  const user = (suffix: string, shell: string, password?: string) => {
    const made = new TestUser(suffix, shell, password);
    users.push(made);
    return made;
  };
  let bash: TestUser;
  const startup = (text: string) => writeFileSync(`/home/${bash.name}/.bashrc`, text);
  const remote = (who = bash.name, connection: 'ssh' | 'openssh' = 'ssh') =>
    open().remote(sshd.target({ user: who, connection, timeout: 4 }));

  before(async function () {
    need(this, missing);
    bash = user('bash', '/bin/bash');
    bash.sudoers('ALL=(ALL) NOPASSWD: ALL');
    await sshd.start(['UsePAM no']);
    sshd.know();
  });
  beforeEach(() => {
    warnings.length = 0;
  });
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
  });
  after(async () => {
    for (const one of users) one.remove();
    await sshd.remove();
  });

  for (const connection of ['ssh', 'openssh'] as const) {
    it(`that joins stderr to stdout: tasks run, and what happened is said (${connection})`, async () => {
      startup('exec 2>&1\n');
      const one = remote(bash.name, connection);
      for (let i = 0; i < 2; i++) {
        const reply = await one.call(work, {}, { anyExit: true });
        expect([reply.get('a'), reply.rc, reply.get('out')]).to.deep.equal(['1 2', 3, 'out']);
      }
      expect(warnings.join()).to.contain('joins stderr to stdout');
    });

    it(`that sends stderr nowhere: tasks run without it (${connection})`, async () => {
      startup('exec 2>/dev/null\n');
      const one = remote(bash.name, connection);
      for (let i = 0; i < 2; i++) {
        const reply = await one.call(work, {}, { anyExit: true });
        expect([reply.get('a'), reply.rc, reply.stderr.toString()]).to.deep.equal(['1 2', 3, '']);
      }
      expect(warnings.join()).to.contain('redirects stderr');
    });
  }

  for (const [what, text] of Object.entries({
    'prints on both streams': 'echo hello; echo "$PS1" >&2; printf "no end"',
    'sets a terminal up that is not there': 'stty erase ^H; tset; bind "set bell-style none"',
    'reads a line': 'read -r line',
    'has another umask, and fails': 'umask 0777; umask 022; false',
    'ignores signals': "trap '' TERM HUP PIPE",
    'prints a mark of control bytes':
      "printf '\\002\\002abc\\n'; printf '\\002%s!1\\n' 0123456789abcdef0123456789abcdef",
  })) {
    it(`that ${what}: tasks run`, async () => {
      startup(`${text}\n`);
      expect((await remote().call(plain)).get('user')).to.equal(bash.name);
    });
  }

  it('that gives no shell: the reason is told in time, whatever it does', async () => {
    const cases = [
      ['exits', 'echo "not today"; exit 7', /the login shell ended with exit code 7: not today/],
      ['becomes something else', 'exec cat', /did not answer within 30 seconds/],
      ['waits for input', 'cat >/dev/null', /did not answer within 30 seconds|ended/],
      ['sends stdout to stderr', 'exec 1>&2', /sends stdout to stderr/],
      ['sends stdout nowhere', 'exec >/dev/null', /did not answer within 30 seconds/],
      ['talks without end', 'yes', /did not answer within 30 seconds; it said: .*y/s],
    ] as const;
    // All at once: half a minute is what an answer may take.
    await Promise.all(
      cases.map(async ([what, text, reason], n) => {
        const own = user(`odd${n}`, '/bin/bash');
        writeFileSync(`/home/${own.name}/.bashrc`, `${text}\n`);
        const error = await rejection(
          open()
            .remote(sshd.target({ user: own.name, name: what }))
            .call(plain),
        );
        expect(error, what).to.be.instanceOf(UnreachableError);
        expect(error.message, what).to.match(reason);
        expect(error.message.length, what).to.be.lessThan(6000);
      }),
    );
  });

  it('that talks without end, with become: the reason is told in time', async () => {
    startup('yes\n');
    const become = { method: 'su', user: 'root', password: 'x', timeout: 3 };
    const error = await rejection(
      open()
        .remote(sshd.target({ user: bash.name }), { become })
        .call(plain),
    );
    expect(error.message).to.contain('timed out after 3 seconds while becoming root');
    startup('');
  });

  for (const [name, shell] of [
    ['fish', '/usr/bin/fish'],
    ['csh', '/bin/tcsh'],
  ] as const) {
    describe(`${name}`, () => {
      let login: TestUser;
      before(function () {
        need(this, existsSync(shell) ? undefined : `no ${shell}`);
        login = user(name, shell);
        login.sudoers('ALL=(ALL) ALL');
      });

      for (const connection of ['ssh', 'openssh'] as const) {
        it(`runs tasks, uploads, raw commands and terminals (${connection})`, async () => {
          const pool = open();
          const target = sshd.target({ user: login.name, connection });
          const one = pool.remote(target);
          const reply = await one.call(work, {}, { anyExit: true });
          expect([reply.get('a'), reply.rc, reply.stderr.toString()]).to.deep.equal(['1 2', 3, 'oops\n']);
          const path = await one.upload(Buffer.from("it's"));
          expect((await one.call(script('cat', 'cat "$path"'), { path })).stdout.toString()).to.equal("it's");
          expect((await one.raw('echo raw')).stdout.toString()).to.equal('raw\n');
          const asked = "printf 'it is > '; read -r x; printf '<%s>' \"$x\"; exit 4";
          const typed = await one.terminal(asked, { onOutput: (text, write) => text.includes('> ') && write('yes\n') });
          expect(typed).to.deep.equal({ rc: 4, output: 'it is > <yes>' });
          const become = { method: 'sudo', user: 'root', password: login.password };
          expect((await pool.remote(target, { become }).call(plain)).get('user')).to.equal('root');
          const su = { method: 'su', user: login.name, password: login.password };
          expect(
            (await pool.remote(sshd.target({ user: bash.name, connection }), { become: su }).call(plain)).get('user'),
          ).to.equal(login.name);
        });
      }
    });
  }
});
