/** Many at once, slow lines, full machines and killed controllers. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Pool, PoolOptions } from '../../engine/remote/pool.ts';
import { lastWords } from '../../engine/remote/shell/channel.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, Sshd } from './support/sshd.ts';

const hello = script('hello', 'reply said hello');

describe(`hard times${noSshd() ? ` (skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(120000);
  const sshd = new Sshd();
  const pools: Pool[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'troupe-hard-'));
  const open = (options: PoolOptions = {}) => {
    const pool = sshd.pool(options);
    pools.push(pool);
    return pool;
  };
  before(async function () {
    need(this, noSshd());
    await sshd.start(['UsePAM no']);
  });
  beforeEach(() => sshd.know());
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  });
  after(async () => {
    await sshd.remove();
    rmSync(folder, { recursive: true });
  });

  for (const connection of ['ssh', 'openssh'] as const)
    it(`--accept-new for many hosts at once: each has its whole line (${connection})`, async () => {
      sshd.know('');
      const pool = open({ ssh: { hostKeyChecking: 'accept-new' } });
      const names = Array.from({ length: connection === 'ssh' ? 40 : 12 }, (_, n) => `new-${n}`);
      const calls = names.map((name) =>
        pool.remote(sshd.target({ name, connection, timeout: 60, sshArgs: `-o HostKeyAlias=${name}` })).call(hello),
      );
      await Promise.all(calls);
      const lines = readFileSync(join(sshd.home, '.ssh/known_hosts'), 'utf8').trim().split('\n').sort();
      expect(lines).to.deep.equal(names.map((name) => `${name} ${sshd.publicHostKey()}`).sort());
    });

  it('two runs at once on one host: neither sees anything of the other, and nothing is left', async () => {
    const work = async (pool: Pool, mark: string) => {
      const remote = pool.remote(sshd.target());
      for (let n = 0; n < 15; n++) {
        const path = await remote.upload(Buffer.from(`${mark}${n}`), { directory: folder, name: 'same' });
        const move = script(
          'move',
          'temp_folder; cp "$path" "$T_TMP/x"; mv "$path" "$to"; reply is "$(cat "$T_TMP/x")"',
        );
        const reply = await remote.call(move, { path, to: join(folder, `to-${mark}`) });
        expect(reply.get('is')).to.equal(`${mark}${n}`);
      }
    };
    await Promise.all([work(open(), 'a'), work(open(), 'b')]);
    expect(readdirSync(folder).sort()).to.deep.equal(['to-a', 'to-b']);
  });

  it('a slow line: what comes in drops is no silence', async () => {
    // 2 KiB each 10 ms: 200 KB a second.
    const drip = createServer((socket) => {
      const other = connect(sshd.port, '127.0.0.1');
      for (const [from, to] of [
        [socket, other],
        [other, socket],
      ] as const) {
        from.on('error', () => {}).on('close', () => to.destroy());
        void (async () => {
          for await (const chunk of from)
            for (let at = 0; at < chunk.length; at += 2048, await sleep(10)) to.write(chunk.subarray(at, at + 2048));
        })().catch(() => {});
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => drip.once('listening', resolve));
    const { port } = drip.address() as AddressInfo;
    sshd.know(`[127.0.0.1]:${port} ${sshd.publicHostKey()}\n`);
    const remote = open().remote(sshd.target({ port, timeout: 30 }));
    expect((await remote.call(hello)).get('said')).to.equal('hello');
    const content = Buffer.alloc(300_000, 'x');
    const path = await remote.upload(content, { directory: folder });
    expect(readFileSync(path)).to.deep.equal(content);
    pools.splice(0)[0]!.close();
    drip.close();
  });

  it('a controller that is killed in the middle of an upload of 100 MB leaves nothing on the host', async () => {
    const program = `
      import { Readable } from 'node:stream';
      import { Pool } from ${JSON.stringify(fileURLToPath(new URL('../../engine/remote/pool.ts', import.meta.url)))};
      const pool = new Pool({ ssh: ${JSON.stringify({ home: sshd.home, systemConfigFile: null, globalKnownHosts: [] })} });
      async function* zeros() {
        for (let sent = 0; sent < 100; sent++) { yield Buffer.alloc(1_000_000); await new Promise((resolve) => setTimeout(resolve, 20)); }
      }
      await pool.remote(${JSON.stringify(sshd.target())}).upload(Readable.from(zeros()), { directory: ${JSON.stringify(folder)}, size: 100_000_000 });
    `;
    const file = join(sshd.folder, 'upload.mts');
    writeFileSync(file, program);
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    for (let round = 0; round < 2; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', file], { stdio: 'ignore', cwd });
      for (let tries = 0; tries < 600 && readdirSync(folder).length === 0; tries++) await sleep(50);
      expect(readdirSync(folder)).to.have.length(1);
      child.kill('SIGKILL');
      for (let tries = 0; tries < 200 && readdirSync(folder).length > 0; tries++) await sleep(50);
      expect(readdirSync(folder)).to.deep.equal([]);
    }
  });

  it('a host without memory: the task fails in words, and the next one goes on', async () => {
    const remote = open().remote(sshd.target());
    const hungry = script(
      'hungry',
      'ulimit -v 30000; x=$(head -c 100000000 /dev/zero | tr "\\0" x); reply size "${#x}"',
    );
    const error = await rejection(remote.call(hungry));
    expect(error.message).not.to.equal('');
    expect((await remote.call(hello)).get('said')).to.equal('hello');
  });

  it('a clock that is set back holds nothing up', async () => {
    const { now } = Date;
    const { PassThrough } = await import('node:stream');
    const stream = new PassThrough();
    stream.resume();
    const waiting = lastWords([stream], new Promise(() => {}), 100);
    Date.now = () => now() - 3_600_000;
    try {
      await waiting;
    } finally {
      Date.now = now;
    }
    expect((await open().remote(sshd.target()).raw('sleep 60 & echo started')).stdout.toString()).to.equal('started\n');
  });
});
