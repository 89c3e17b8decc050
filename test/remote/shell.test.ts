import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ModuleFailure, UnreachableError } from '../../engine/errors.ts';
import { Pool, type PoolOptions } from '../../engine/remote/pool.ts';
import type { Remote, ShellScript } from '../../engine/remote/remote.ts';
import type { ConnectionTarget, TaskBinding } from '../../engine/remote/target.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, Sshd } from './support/sshd.ts';

const text = (bytes: Buffer) => bytes.toString();

/** Each shell here, by each way to a host: the protocol is the same. */
const kinds = [
  ['dash', 'local'],
  ['bash', 'local'],
  ['busybox', 'local'],
  ['dash', 'ssh'],
  ['dash', 'openssh'],
] as const;

for (const [program, connection] of kinds) {
  describe(`shell on ${program}, ${connection}`, function () {
    this.timeout(30000);
    const folder = mkdtempSync(join(tmpdir(), 'troupe-test-'));
    // `sh` by each name: programs look at the name they are called by.
    const sh = join(folder, 'sh');
    symlinkSync(`/bin/${program}`, sh);
    const sshd = new Sshd();
    let pool: Pool;
    const target = (): ConnectionTarget =>
      connection === 'local'
        ? { name: 'here', connection, shell: sh }
        : { ...sshd.target({ connection }), name: 'here', shell: sh };
    const remote = (task: TaskBinding = {}): Remote => pool.remote(target(), task);
    const newPool = (options: PoolOptions = {}) => (connection === 'local' ? new Pool(options) : sshd.pool(options));

    before(async function () {
      if (connection === 'local') return;
      need(this, noSshd());
      await sshd.start(['UsePAM no']);
      sshd.know();
    });
    beforeEach(() => {
      pool = newPool();
    });
    afterEach(() => pool.close());
    after(async () => {
      await sshd.remove();
      rmSync(folder, { recursive: true });
    });

    it('calls a function with values and reads what it replies', async () => {
      const greet = script(
        'greet',
        'reply said "hello $who"; reply list "$#"; eval "set -- $words"; reply count $#; reply second "$2"; change a b; change a',
      );
      const reply = await remote().call(greet, { who: "it's\n$HOME `x`", words: ['a b', "c'd", ''] });
      expect(reply.get('said')).to.equal("hello it's\n$HOME `x`");
      expect(reply.get('count')).to.equal('3');
      expect(reply.get('second')).to.equal("c'd");
      expect(reply.changes).to.deep.equal(['a', 'b']);
      expect(reply.rc).to.equal(0);
      expect(reply.has('nothing')).to.equal(false);
    });

    it('is one request, the first too', async () => {
      const writes: number[] = [];
      pool = newPool({ onRequest: (_, bytes) => writes.push(bytes) });
      const one = remote();
      await one.call(script('one', ':'));
      await one.call(script('one', ':'));
      expect(pool.requests.get('here')).to.equal(2);
      expect(writes).to.have.length(2);
      expect(writes[1]).to.be.lessThan(300);
    });

    it('takes nothing of the environment for a value that the request leaves out', async () => {
      const environment = { make: '1', given: 'theirs', LOUD: 'x', web_proxy: 'p' };
      const inner: ShellScript = { name: 'inner', needs: [], text: 'do_inner() { reply inner "[$left_out]"; }' };
      const look: ShellScript = {
        name: 'blank',
        needs: [inner],
        text: 'kept_word=ours\ndo_blank() {\n  reply seen "$make|${given}|$LOUD|$web_proxy|$kept_word"\n  do_inner\n}',
      };
      const task = remote({ environment: { ...environment, left_out: 'theirs' } });
      for (let i = 0; i < 2; i++) {
        const reply = await task.call(look, { given: 'ours' });
        expect(reply.get('seen')).to.equal('|ours|x|p|ours');
        expect(reply.get('inner')).to.equal('[]');
      }
      expect((await remote().call(look, {})).get('seen')).to.equal('||||ours');
    });

    it('says what it is told of check mode, diff and environment', async () => {
      const look = script(
        'look',
        'checking && reply check 1; diffing && reply diff 1; reply env "$(printenv GREETING)"',
      );
      const bound = await remote({ check: true, environment: { GREETING: "it's" } }).call(look);
      expect([bound.get('check'), bound.has('diff'), bound.get('env')]).to.deep.equal(['1', false, "it's"]);
      const other = await remote({ diff: true }).call(look);
      expect([other.has('check'), other.get('diff'), other.get('env')]).to.deep.equal([false, '1', '']);
    });

    it('refuses a name that no shell can export', async () => {
      const error = await rejection(remote({ environment: { 'a-b': '1' } }).call(script('x', ':')));
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.contain('"a-b"');
    });

    it('throws what `fail` says, with its further values', async () => {
      const error = await rejection(
        remote().call(script('bad', 'reply dest /x; echo oops >&2; fail "no such user" rc 3 name "a b"; echo never')),
      );
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.equal('no such user');
      expect((error as ModuleFailure).result).to.deep.equal({ rc: 3, name: 'a b', module_stderr: 'oops\n' });
    });

    it('tells what is there of the file that `fail` names', async () => {
      const bad = 'temp_folder; touch "$T_TMP/f"; chmod 604 "$T_TMP/f"; fail "no" dest /nowhere path "$T_TMP/f"';
      const { result } = (await rejection(remote().call(script('bad', bad)))) as ModuleFailure;
      const { uid, gid, mode, size, state } = result;
      expect({ uid, gid, mode, size, state }).to.deep.equal({
        uid: process.getuid!(),
        gid: process.getgid!(),
        mode: '0604',
        size: 0,
        state: 'file',
      });
      const none = (await rejection(remote().call(script('none', 'fail no path /nowhere')))) as ModuleFailure;
      expect(none.result).to.deep.equal({ path: '/nowhere' });
    });

    it('throws a non-zero exit with the text of stderr, unless any exit will do', async () => {
      const bad = script('bad', 'echo "disk on fire" >&2; exit 7');
      const error = (await rejection(remote().call(bad))) as ModuleFailure;
      expect(error.message).to.equal('disk on fire');
      expect(error.result['rc']).to.equal(7);
      const reply = await remote().call(bad, {}, { anyExit: true });
      expect(reply.rc).to.equal(7);
      expect(text(reply.stderr)).to.equal('disk on fire\n');
    });

    for (const [what, body] of Object.entries({
      exit: 'exit 9',
      'set -e': 'set -eu; false',
      cd: 'cd /proc; exit 0',
      'a syntax error in eval': "eval 'if ('",
      'a syntax error in sh -c': "sh -c 'case'",
      'reading stdin': 'cat; read -r line; exit 0',
      'a trap': "trap 'echo gone' EXIT; trap '' TERM; exit 0",
      'closing its streams': 'exec >&- 2>&-; exit 0',
      'an unset of functions': 'unset -f reply; umask 777; PATH=; exit 0',
      'a killed subshell': "sh -c 'kill -9 $PPID'",
    })) {
      it(`${what} in a task does not hurt the next`, async () => {
        const one = remote();
        const before = text((await one.call(script('pwd', 'pwd -P; umask'))).stdout);
        await one.call(script('vandal', body), {}, { anyExit: true });
        expect(text((await one.call(script('pwd', 'pwd -P; umask'))).stdout)).to.equal(before);
        expect((await one.call(script('val', 'reply ok 1'))).get('ok')).to.equal('1');
      });
    }

    it('does not wait for background processes, nor mixes their words into the next answer', async () => {
      const one = remote();
      const started = Date.now();
      await one.call(script('bg', '(sleep 0.2; echo noise; sleep 30) & echo started'));
      expect(Date.now() - started).to.be.lessThan(20_000);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(text((await one.call(script('quiet', 'echo words'))).stdout)).to.equal('words\n');
    });

    it('answers requests that were written ahead in their order', async () => {
      const one = remote();
      const echo = script('echo', 'echo "$n"; [ "$n" -gt 1 ] || sleep 0.1; echo "e$n" >&2');
      const replies = await Promise.all([...Array(50).keys()].map((n) => one.call(echo, { n })));
      expect(replies.map((reply) => text(reply.stdout))).to.deep.equal([...Array(50).keys()].map((n) => `${n}\n`));
      expect(replies.map((reply) => text(reply.stderr))).to.deep.equal([...Array(50).keys()].map((n) => `e${n}\n`));
    });

    it('loads a script and those it needs once', async () => {
      const shared = script('shared', 'printf "[%s]" "$1"');
      const user = script('user', 'do_shared x', [shared]);
      const sizes: number[] = [];
      pool = newPool({ onRequest: (_, bytes) => sizes.push(bytes) });
      const one = remote();
      await one.call(script('start', ':'));
      expect(text((await one.call(user)).stdout)).to.equal('[x]');
      expect(text((await one.call(user)).stdout)).to.equal('[x]');
      expect(sizes[1]! - sizes[2]!).to.equal(`command eval '${shared.text}\n${user.text}\n'\n`.length);
    });

    it('reports a syntax error in a script each time, and goes on', async () => {
      const one = remote();
      const broken: ShellScript = { name: 'broken', text: 'do_broken() { if; }', needs: [] };
      for (const _ of [1, 2]) {
        const error = await rejection(one.call(broken));
        expect(error).to.be.instanceOf(ModuleFailure);
        expect(error.message).to.match(/syntax error/i);
      }
      expect((await one.call(script('fine', 'reply ok 1'))).get('ok')).to.equal('1');
    });

    it('carries any byte in output, a lot of it, and the end of it in the same way', async () => {
      const one = remote();
      const random = await one.call(
        script('rnd', 'reply n 1; reply_rest data; head -c 3000000 /dev/urandom | tee /dev/fd/9 9>&2'),
        {},
        { anyExit: true },
      );
      expect(random.bytes('data').length).to.equal(3000000);
      const big = await one.call(script('big', 'reply_rest data; head -c 30000000 /dev/zero'));
      expect(big.bytes('data').length).to.equal(30000000);
      const tricky = await one.call(script('tricky', "reply a ''; reply_rest data; printf '\\002\\002abc\\0\\002'"));
      expect(tricky.bytes('data')).to.deep.equal(Buffer.from('\x02\x02abc\0\x02'));
      expect(tricky.has('a')).to.equal(true);
    });

    it('lets a task open /dev/stdout and /dev/stderr', async () => {
      const reply = await remote().call(script('dev', 'echo out >/dev/stdout; echo err >/dev/stderr'));
      expect([text(reply.stdout), text(reply.stderr)]).to.deep.equal(['out\n', 'err\n']);
    });

    it('gives live output, without the values before it', async () => {
      const seen: string[] = [];
      const reply = await remote().call(
        script('live', 'reply a 1; reply_rest stdout; echo one; sleep 0.3; echo two; echo err >&2'),
        {},
        { onOutput: (stream, chunk) => seen.push(`${stream}:${chunk}`) },
      );
      expect(seen[0]).to.equal('stdout:one\n');
      expect(seen.slice(1).sort()).to.deep.equal(['stderr:err\n', 'stdout:two\n']);
      expect(reply.get('stdout')).to.equal('one\ntwo\n');
    });

    it('a time-out costs the shell and what ran in it, not the next request', async () => {
      const one = remote();
      const marker = `troupe-${process.pid}-${Math.random()}`;
      const slow = one.call(script('slow', `sh -c 'sleep 30; : ${marker}'`), {}, { timeout: 0.3 });
      const next = one.call(script('next', 'reply ok 1'));
      const error = await rejection(slow);
      expect(error).to.be.instanceOf(ModuleFailure);
      expect(error.message).to.contain('0.3 seconds');
      expect((await next).get('ok')).to.equal('1');
      const left = await one.call(
        script(
          'left',
          `for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$p 2>/dev/null; done | grep -c '[t]${marker.slice(1)}' | grep -v '^0'`,
        ),
        {},
        { anyExit: true },
      );
      expect(text(left.stdout)).to.equal('');
    });

    it('a shell that is killed makes what is pending unreachable, and the next opens a new one', async () => {
      const one = remote();
      const error = await rejection(one.call(script('kill', 'kill -9 $$; sleep 5')));
      expect(error).to.be.instanceOf(UnreachableError);
      // Which signal it was OpenSSH does not tell.
      expect(error.message).to.contain(connection === 'openssh' ? 'was ended by a signal' : 'SIGKILL');
      expect((await one.call(script('next', 'reply ok 1'))).get('ok')).to.equal('1');
    });

    it('removes its private folder when it ends', async () => {
      const one = remote();
      const made = await one.call(
        script('tmp', 'temp_folder; : >"$T_TMP/x"; reply path "$T_TMP"; stat -c %a "$T_TMP" >&2'),
      );
      expect(text(made.stderr)).to.equal('700\n');
      pool.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const gone = await remote().call(script('look', '[ -e "$path" ] || reply gone 1'), { path: made.get('path') });
      expect(gone.get('gone')).to.equal('1');
    });

    it('removes it too where nobody is there to take the answer', async () => {
      const note = join(folder, 'note');
      const long = 'temp_folder; : >"$T_TMP/x"; echo "$T_TMP" >"$note"; sleep 0.5; reply path "$T_TMP"';
      const running = rejection(remote().call(script('gone', long), { note }));
      while (!existsSync(note) || readFileSync(note, 'utf8') === '') await sleep(20);
      const path = readFileSync(note, 'utf8').trim();
      rmSync(note);
      expect(existsSync(path)).to.equal(true);
      pool.close();
      await running;
      for (let tries = 0; existsSync(path) && tries < 300; tries++) await sleep(50);
      expect(existsSync(path)).to.equal(false);
    });

    it('shares a private folder that another shell of its user makes in the same moment, and no other', async () => {
      const reply = await remote().call(
        script(
          'race',
          `race=$T_TMP.race
           mkdir() { command mkdir "$1" && return 1; }
           t_private "$race" && reply shared 1
           unset -f mkdir
           ln -s "$race" "$race.link"; t_private "$race.link" 2>/dev/null || reply refused 1
           rm -r "$race.link" "$race"`,
        ),
      );
      expect([reply.get('shared'), reply.get('refused')]).to.deep.equal(['1', '1']);
    });

    it('makes its private folder where ansible_remote_tmp says', async () => {
      const target = { name: 'here', connection: 'local', shell: sh, temporary: '~/a b/tmp' } as const;
      pool = new Pool({ localEnvironment: { HOME: folder, PATH: '/usr/bin:/bin' } });
      const made = await pool.remote(target).call(script('tmp', 'temp_folder && reply path "$T_TMP"'));
      expect(made.get('path')).to.match(/\/a b\/tmp\/troupe-[0-9a-f]{32}$/);
      expect(statSync(made.get('path')).mode & 0o777).to.equal(0o700);
    });

    it('passes warnings on', async () => {
      const warnings: string[] = [];
      await remote({ onWarning: (words) => warnings.push(words) }).call(script('w', "warn 'look out'"));
      expect(warnings).to.deep.equal(['look out']);
    });

    it('an abort ends what is running', async () => {
      const aborter = new AbortController();
      const running = remote({ signal: aborter.signal }).call(script('long', 'sleep 30'));
      setTimeout(() => aborter.abort(), 100);
      expect((await rejection(running)).message).to.equal('interrupted');
    });
  });
}
