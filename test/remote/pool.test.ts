import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ModuleFailure, UnreachableError } from '../../engine/errors.ts';
import { Pool } from '../../engine/remote/pool.ts';
import type { ConnectionTarget } from '../../engine/remote/target.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, Sshd } from './support/sshd.ts';

const nap = script('nap', 'sleep 1; reply pid $$');
const pid = script('pid', 'reply pid $$; reply n "$n"');

describe('the pool, locally', () => {
  const local = { name: 'localhost', connection: 'local' } as const;
  let pool: Pool;
  beforeEach(() => {
    pool = new Pool();
  });
  afterEach(() => pool.close());

  it('many tasks that are delegated to one host do not wait for each other', async () => {
    const started = Date.now();
    const replies = await Promise.all([...Array(20).keys()].map(() => pool.remote(local).call(nap)));
    expect(new Set(replies.map((reply) => reply.get('pid'))).size).to.equal(20);
    // One after the other they would take 20 s.
    expect(Date.now() - started).to.be.lessThan(15_000);
    // And what is idle is used again.
    const again = await pool.remote(local).call(nap);
    expect(replies.map((reply) => reply.get('pid'))).to.include(again.get('pid'));
  });

  it('a program that the system refuses to start leaves nothing open, which would keep the run from ending', async () => {
    const remote = pool.remote(local);
    await remote.raw('true');
    const open = () => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
    const before = open();
    const error = await rejection(remote.raw(`: ${'x'.repeat(3_000_000)}`));
    expect(error).to.be.instanceOf(ModuleFailure);
    expect(error.message).to.include('could not be started');
    for (let waited = 0; waited < 100 && open() > before; waited++) await sleep(20);
    expect(open()).to.be.at.most(before);
  });

  it('requests that one task writes ahead stay in one shell, in order', async () => {
    const remote = pool.remote(local);
    const replies = await Promise.all([...Array(20).keys()].map((n) => remote.call(pid, { n })));
    expect(new Set(replies.map((reply) => reply.get('pid'))).size).to.equal(1);
    expect(replies.map((reply) => reply.get('n'))).to.deep.equal([...Array(20).keys()].map(String));
  });

  it('each shell has a private folder of its own; what was uploaded is there for all', async () => {
    const nap = script('nap', 'temp_folder; sleep 0.3; reply tmp "$T_TMP"; reply content "$(cat "$path")"');
    const path = await pool.remote(local).upload(Buffer.from('content'));
    const replies = await Promise.all([1, 2, 3].map(() => pool.remote(local).call(nap, { path })));
    expect(new Set(replies.map((reply) => reply.get('tmp'))).size).to.equal(3);
    expect(replies.map((reply) => reply.get('content'))).to.deep.equal(['content', 'content', 'content']);
    pool.close();
    await sleep(300);
    for (const gone of [dirname(path), ...replies.map((reply) => reply.get('tmp'))]) {
      expect(existsSync(gone), gone).to.equal(false);
    }
  });

  it('starts in the folder it is told', async () => {
    pool = new Pool({ localDirectory: () => '/usr' });
    expect((await pool.remote(local).call(script('pwd', 'reply pwd "$(pwd)"'))).get('pwd')).to.equal('/usr');
  });

  it('has the environment it is told', async () => {
    pool = new Pool({ localEnvironment: { PATH: '/usr/bin:/bin', ONLY: 'this' } });
    const reply = await pool.remote(local).call(script('env', 'reply only "$ONLY"; reply user "$USER"'));
    expect([reply.get('only'), reply.get('user')]).to.deep.equal(['this', '']);
  });

  it('a shell that does not exist is said', async () => {
    const error = await rejection(pool.remote({ ...local, shell: '/no/such/shell' }).call(pid));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain('/no/such/shell');
  });

  it('a shell that is ended leaves no temporary files', () => leavesNothing(pool, local));

  it('close rejects what is running', async () => {
    const running = pool.remote(local).call(script('long', 'sleep 20'));
    await sleep(200);
    pool.close();
    expect(await rejection(running)).to.be.instanceOf(UnreachableError);
  });
});

/** A request that has made its folder, and one for a file beside another place, is ended: nothing of it stays. */
async function leavesNothing(pool: Pool, target: ConnectionTarget): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-left-'));
  try {
    const note = join(folder, 'note');
    const aborter = new AbortController();
    const long =
      'temp_folder; : >"$note.new"; printf %s "$note.new" >"$T_TMP/sent.1"; echo "$T_TMP" >"$note"; sleep 76543';
    const running = pool.remote(target, { signal: aborter.signal }).call(script('long', long), { note });
    const ended = rejection(running);
    while (!existsSync(note) || readFileSync(note, 'utf8') === '') await sleep(20);
    const temporary = readFileSync(note, 'utf8').trim();
    expect(existsSync(temporary)).to.equal(true);
    aborter.abort();
    expect((await ended).message).to.equal('interrupted');
    expect(existsSync(temporary), temporary).to.equal(false);
    expect(existsSync(`${note}.new`)).to.equal(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe(`the pool, over ssh${noSshd() ? ` (skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(30000);
  const sshd = new Sshd();
  let pool: Pool;
  before(async function () {
    need(this, noSshd());
    await sshd.start(['UsePAM no']);
    sshd.know();
  });
  beforeEach(() => {
    pool = sshd.pool();
  });
  afterEach(() => pool?.close());
  after(() => sshd.remove());

  it('many tasks on one connection share its shells', async () => {
    const replies = await Promise.all([...Array(30).keys()].map(() => pool.remote(sshd.target()).call(nap)));
    const shells = new Set(replies.map((reply) => reply.get('pid'))).size;
    expect(shells).to.be.greaterThan(3).and.lessThan(9);
    expect(sshd.log.match(/Accepted publickey/g)).to.have.length(1);
  });

  it('a reset drops the connection; the next call opens another', async () => {
    const remote = pool.remote(sshd.target());
    const before = (await remote.call(pid)).get('pid');
    await remote.reset();
    expect((await remote.call(pid)).get('pid')).not.to.equal(before);
  });

  it('a time-out on the host ends what ran there', async () => {
    const remote = pool.remote(sshd.target());
    const error = await rejection(remote.call(script('slow', 'sh -c "sleep 98765"'), {}, { timeout: 0.4 }));
    expect(error).to.be.instanceOf(ModuleFailure);
    const look = script('look', "sleep 0.1; ps -eo args | grep -c '[s]leep 98765'");
    expect((await remote.call(look, {}, { anyExit: true })).stdout.toString()).to.equal('0\n');
  });

  it('a shell that is ended leaves no temporary files', () => leavesNothing(pool, sshd.target()));

  it('an abort ends what runs there', async () => {
    const aborter = new AbortController();
    const running = pool.remote(sshd.target(), { signal: aborter.signal }).call(script('slow', 'sleep 87654'));
    setTimeout(() => aborter.abort(), 700);
    expect((await rejection(running)).message).to.equal('interrupted');
    const look = script('look', "sleep 0.1; ps -eo args | grep -c '[s]leep 87654'");
    const reply = await pool.remote(sshd.target()).call(look, {}, { anyExit: true });
    expect(reply.stdout.toString()).to.equal('0\n');
  });

  it('an abort does not wait for a connection, and close ends the attempts', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const target = sshd.target({ port: (mute.address() as AddressInfo).port, timeout: 60 });
    const aborter = new AbortController();
    const started = Date.now();
    const aborted = pool.remote(target, { signal: aborter.signal }).call(pid);
    const closed = pool.remote({ ...target, name: 'other' }).call(pid);
    setTimeout(() => aborter.abort(), 100);
    expect((await rejection(aborted)).message).to.equal('interrupted');
    pool.close();
    expect(await rejection(closed)).to.be.instanceOf(UnreachableError);
    expect(Date.now() - started).to.be.lessThan(15_000);
    mute.close();
  });

  it('connect tries once, for so many seconds', async () => {
    await pool.remote(sshd.target()).connect(5);
    const started = Date.now();
    const remote = pool.remote(sshd.target({ name: 'other', address: '127.0.0.1', port: 1 }));
    expect(await rejection(remote.connect(60))).to.be.instanceOf(UnreachableError);
    expect(Date.now() - started).to.be.lessThan(15_000);
  });

  it('private folders are gone when the pool has closed', async () => {
    const remote = pool.remote(sshd.target());
    const made = await remote.call(script('tmp', 'temp_folder; reply path "$T_TMP"'));
    pool.close();
    await sleep(700);
    const look = script('look', '[ -e "$path" ] || reply gone 1');
    pool = sshd.pool();
    expect((await pool.remote(sshd.target()).call(look, { path: made.get('path') })).get('gone')).to.equal('1');
  });

  it('ten connections at once: time for the record', async () => {
    const started = Date.now();
    const names = [...Array(10).keys()].map((n) => `host${n}`);
    await Promise.all(names.map((name) => pool.remote(sshd.target({ name })).call(pid)));
    console.log(`      ${Date.now() - started} ms`);
  });
});
