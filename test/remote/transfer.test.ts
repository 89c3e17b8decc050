import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ModuleFailure, UnreachableError } from '../../engine/errors.ts';
import { Pool } from '../../engine/remote/pool.ts';
import { remotePath } from '../../engine/remote/quote.ts';
import type { Remote } from '../../engine/remote/remote.ts';
import { rejection, script } from './support/scripts.ts';
import { need, noSshd, Sshd, TcpProxy } from './support/sshd.ts';

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
async function read(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Made on the fly, so that nothing holds it as a whole. */
async function* zeros(count: number, chunk = 1 << 20) {
  for (let sent = 0; sent < count; sent += chunk) yield Buffer.alloc(Math.min(chunk, count - sent));
}

const shells = ['dash', 'bash', 'busybox'];
const sshd = new Sshd();
const kinds = [...shells.map((name) => `local ${name}`), ...(noSshd() ? [] : ['ssh', 'openssh'])];

describe(`transfers${noSshd() ? ` (over ssh skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(60000);
  before(async () => {
    if (noSshd()) return;
    await sshd.start(['UsePAM no']);
    sshd.know();
  });
  after(() => sshd.remove());

  for (const kind of kinds) {
    describe(kind, () => {
      const folder = mkdtempSync(join(tmpdir(), 'troupe-transfer-'));
      let pool: Pool;
      let remote: Remote;
      before(() => {
        const shell = join(folder, 'sh');
        if (!kind.endsWith('ssh')) symlinkSync(`/bin/${kind.split(' ')[1]}`, shell);
      });
      beforeEach(() => {
        mkdirSync(join(folder, 'to'));
        if (kind === 'ssh' || kind === 'openssh') {
          pool = sshd.pool();
          remote = pool.remote(sshd.target({ connection: kind }));
        } else {
          pool = new Pool();
          remote = pool.remote({ name: 'here', connection: 'local', shell: join(folder, 'sh') });
        }
      });
      afterEach(() => {
        pool.close();
        rmSync(join(folder, 'to'), { recursive: true });
      });
      after(() => rmSync(folder, { recursive: true }));

      it('an upload arrives byte for byte, in a new file of 0600 beside its place', async () => {
        for (const size of [0, 1, 70_000, 5_000_000]) {
          const content = randomBytes(size);
          const path = await remote.upload(content, { directory: join(folder, 'to'), name: 'etcd.conf' });
          expect(path).to.match(/\/to\/\.etcd\.conf\.[0-9a-f]{12}$/);
          expect(statSync(path).mode & 0o777).to.equal(0o600);
          expect(sum(readFileSync(path))).to.equal(sum(content));
        }
      });

      it('a stream, with its size and without', async () => {
        const content = randomBytes(3_000_000);
        for (const size of [content.length, undefined]) {
          const stream = Readable.from([content.subarray(0, 1000), content.subarray(1000)]);
          const path = await remote.upload(stream, {
            directory: join(folder, 'to'),
            ...(size === undefined ? {} : { size }),
          });
          expect(sum(readFileSync(path))).to.equal(sum(content));
        }
        expect((await remote.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
      });

      it('without a folder, into a private one that goes with the shell', async () => {
        const path = await remote.upload(Buffer.from('x'));
        expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700);
        pool.close();
        await sleep(500);
        expect(existsSync(path)).to.equal(false);
        expect(existsSync(join(path, '..'))).to.equal(false);
      });

      it('a folder given as a path with ~', async () => {
        const path = await remote.upload(Buffer.from('x'), { directory: remotePath('~'), name: 'troupe-test' });
        expect(readFileSync(path, 'utf8')).to.equal('x');
        rmSync(path);
      });

      it('into a folder that is not there: says so, and the next goes on', async () => {
        const error = await rejection(remote.upload(Buffer.alloc(3_000_000), { directory: '/no/such' }));
        expect(error).to.be.instanceOf(ModuleFailure);
        expect(error.message).to.contain('the folder /no/such does not exist');
        expect((await remote.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
      });

      it('on a full disk: says so, and leaves nothing', async function () {
        if (process.getuid?.() !== 0) return this.skip();
        const error = await rejection(
          remote.upload(Buffer.alloc(100_000_000), { directory: '/dev/shm/../shm/troupe-none' }),
        );
        expect(error).to.be.instanceOf(ModuleFailure);
        const full = await rejection(
          remote.call(script('limit', 'ulimit -f 1000; head -c 3000000 /dev/zero >"$to/f" || fail "no room"'), {
            to: join(folder, 'to'),
          }),
        );
        expect(full).to.be.instanceOf(ModuleFailure);
      });

      it('content that is shorter or longer than it said leaves nothing', async () => {
        for (const size of [5, 2000]) {
          const error = await rejection(
            remote.upload(Readable.from([Buffer.alloc(1000)]), { directory: join(folder, 'to'), size }),
          );
          expect(error).to.be.instanceOf(ModuleFailure);
        }
        await sleep(300);
        expect(readdirSync(join(folder, 'to'))).to.deep.equal([]);
        expect((await remote.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
      });

      it('a download is byte for byte, small and large', async () => {
        for (const size of [0, 1, 5_000_000]) {
          const content = randomBytes(size);
          writeFileSync(join(folder, 'to', "it's"), content);
          const stream = await remote.download(join(folder, 'to', "it's"));
          expect(sum(await read(stream))).to.equal(sum(content));
        }
      });

      it('a download of what is not there, or a folder, says so', async () => {
        for (const [path, why] of [
          ['/no/such/file', 'does not exist'],
          ['/etc', 'is a folder'],
        ] as const) {
          const error = await rejection(remote.download(path));
          expect(error).to.be.instanceOf(ModuleFailure);
          expect(error.message).to.contain(why);
        }
      });

      it('a slow reader holds the host back; memory stays flat; others go on in the meantime', async () => {
        const size = kind.endsWith('ssh') || kind === 'local dash' ? 100_000_000 : 10_000_000;
        const { path } = { path: join(folder, 'to', 'big') };
        await remote.call(script('big', 'head -c "$size" /dev/zero >"$path"'), { path, size });
        const before = process.memoryUsage().rss;
        const stream = await remote.download(path);
        await sleep(200);
        expect((await remote.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
        let count = 0;
        let most = 0;
        for await (const part of stream) {
          count += (part as Buffer).length;
          most = Math.max(most, process.memoryUsage().rss - before);
        }
        expect(count).to.equal(size);
        expect(most).to.be.lessThan(90_000_000);
      });

      it('a download that is given up costs nothing but itself', async () => {
        const path = join(folder, 'to', 'big');
        await remote.call(script('big', 'head -c 50000000 /dev/zero >"$path"'), { path });
        const stream = await remote.download(path);
        stream.destroy();
        expect((await remote.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
      });

      it('a large upload keeps memory flat', async () => {
        const size = kind.endsWith('ssh') || kind === 'local dash' ? 100_000_000 : 10_000_000;
        const before = process.memoryUsage().rss;
        let most = 0;
        const watch = setInterval(() => {
          most = Math.max(most, process.memoryUsage().rss - before);
        }, 20);
        const path = await remote.upload(Readable.from(zeros(size)), { directory: join(folder, 'to'), size });
        clearInterval(watch);
        expect(statSync(path).size).to.equal(size);
        expect(most).to.be.lessThan(100_000_000);
      });

      it('a raw command: exit code, both streams, no standard input', async () => {
        const result = await remote.raw('cat; printf out; printf err >&2; exit 3');
        expect([result.rc, result.stdout.toString(), result.stderr.toString()]).to.deep.equal([3, 'out', 'err']);
        const large = await remote.raw('head -c 30000000 /dev/zero');
        expect(large.stdout.length).to.equal(30_000_000);
        const error = await rejection(remote.raw('sleep 20', { timeout: 0.3 }));
        expect(error.message).to.contain('timed out after 0.3 seconds');
      });

      it('a program on a terminal', async function () {
        if (kind.endsWith('ssh'))
          need(this, process.getuid?.() !== 0 ? 'an sshd of another user than root gives no terminal' : undefined);
        const result = await remote.terminal(
          '[ -t 0 ] && [ -t 1 ] && printf "it\'s \\\\ > "; read -r x; echo "<$x>"; exit 4',
          {
            onOutput: (text, write) => text.includes('> ') && write('yes\n'),
          },
        );
        expect(result).to.deep.equal({ rc: 4, output: "it's \\ > <yes>\r\n" });
      });
    });
  }

  describe('a connection that is cut', () => {
    before(function () {
      need(this, noSshd());
    });

    it('in the middle of an upload leaves no file behind', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'troupe-cut-'));
      for (const size of [50_000_000, undefined]) {
        const proxy = await new TcpProxy().start(sshd.port);
        sshd.know(`[127.0.0.1]:${proxy.port} ${sshd.publicHostKey()}\n`);
        const pool = sshd.pool();
        async function* cutInTheMiddle() {
          for await (const part of zeros(20_000_000)) {
            yield part;
            await sleep(5);
          }
          proxy.cut();
          yield Buffer.alloc(30_000_000);
        }
        const remote = pool.remote(sshd.target({ port: proxy.port }));
        const error = await rejection(
          remote.upload(Readable.from(cutInTheMiddle()), { directory: folder, ...(size ? { size } : {}) }),
        );
        expect(error).to.be.instanceOf(UnreachableError);
        for (let tries = 0; tries < 50 && readdirSync(folder).length > 0; tries++) await sleep(100);
        expect(readdirSync(folder)).to.deep.equal([]);
        pool.close();
        await proxy.stop();
      }
      rmSync(folder, { recursive: true });
    });

    it('1,000 small uploads and downloads, many at once, leave no open channels (S-28)', async function () {
      this.timeout(120000);
      sshd.know();
      const folder = mkdtempSync(join(tmpdir(), 'troupe-many-'));
      const pool = sshd.pool();
      const target = sshd.target();
      const server = await pool.remote(target).call(script('server', 'ps -o ppid= -p $$'));
      const id = server.stdout.toString().trim();
      const children = `/proc/${id}/task/${id}/children`;
      // Each channel is a process below the connection's; where the kernel does not tell, they are not counted.
      const channels = () => (existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ').length : 0);
      let most = 0;
      const one = async (n: number) => {
        const remote = pool.remote(target);
        const path = await remote.upload(Buffer.from(`${n}`), { directory: folder });
        expect((await read(await remote.download(path))).toString()).to.equal(`${n}`);
        most = Math.max(most, channels());
      };
      for (let batch = 0; batch < 10; batch++)
        await Promise.all([...Array(100).keys()].map((n) => one(batch * 100 + n)));
      expect(most).to.be.lessThan(9);
      expect(readdirSync(folder)).to.have.length(1000);
      const count = await pool.remote(target).call(script('count', 'ps -o pid= --ppid "$(ps -o ppid= -p $$)" | wc -l'));
      expect(Number(count.stdout.toString())).to.be.lessThan(9);
      pool.close();
      rmSync(folder, { recursive: true });
    });
  });
});
