/** What a host may cost the controller: its memory, and the time for each piece of what it says. */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { ModuleFailure } from '../../engine/errors.ts';
import { Pool, type PoolOptions } from '../../engine/remote/pool.ts';
import type { Remote } from '../../engine/remote/remote.ts';
import { FrameReader } from '../../engine/remote/shell/frames.ts';
import { RestFinder } from '../../engine/remote/shell/reply.ts';
import { rejection, script } from './support/scripts.ts';
import { noSshd, Sshd } from './support/sshd.ts';

const MiB = 1024 * 1024;
const kinds = ['local', ...(noSshd() ? [] : ['ssh', 'openssh'])] as const;

/** The most memory that this process took beyond what it had. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return most;
}

describe(`the output of a task${noSshd() ? ` (over ssh skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(120000);
  const sshd = new Sshd();
  before(async () => {
    if (noSshd()) return;
    await sshd.start(['UsePAM no']);
    sshd.know();
  });
  after(() => sshd.remove());

  for (const kind of kinds) {
    describe(kind, () => {
      let pool: Pool;
      const remote = (options: PoolOptions = {}): Remote => {
        pool?.close();
        pool = kind === 'local' ? new Pool(options) : sshd.pool(options);
        return pool.remote(
          kind === 'local' ? { name: 'here', connection: 'local' } : sshd.target({ connection: kind as 'ssh' }),
        );
      };
      afterEach(() => pool?.close());

      it('without an end, or of 600 MB, ends the task at 64 MiB, and the memory of the controller stays (S-38)', async () => {
        const one = remote();
        await one.call(script('warm', ':'));
        for (const [what, body] of [
          ['yes', 'reply_rest stdout; yes'],
          ['600 MB', 'reply_rest stdout; head -c 600000000 /dev/zero; sleep 45678'],
          ['stderr', 'yes >&2'],
          ['values', 'value=$(printf %1000000s x); while :; do reply key "$value"; done'],
        ]) {
          let error: Error | undefined;
          const most = await memoryOf(async () => {
            error = await rejection(one.call(script('much', body!)));
          });
          expect(error, what).to.be.instanceOf(ModuleFailure);
          expect(error!.message, what).to.contain('its output is more than 64 MiB');
          console.log(`        ${what}: at most ${Math.round(most / MiB)} MiB more`);
          expect(most, what).to.be.lessThan(320 * MiB);
        }
        expect((await one.call(script('ok', 'reply ok 1'))).get('ok')).to.equal('1');
        expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.to.contain('sleep 45678');
      });

      it('of a raw command and of a terminal has the limit too, which is a setting', async () => {
        const one = remote({ outputLimit: MiB });
        const raw = await rejection(one.raw('head -c 20000000 /dev/zero'));
        expect(raw.message).to.contain('more than 1 MiB');
        const terminal = await rejection(one.terminal('head -c 20000000 /dev/zero', { onOutput: () => {} }));
        expect(terminal.message).to.contain('more than 1 MiB');
        const call = await rejection(one.call(script('two', 'head -c 2000000 /dev/zero')));
        expect(call.message).to.contain('more than 1 MiB');
        expect((await one.call(script('less', 'head -c 1000000 /dev/zero'))).stdout.length).to.equal(1_000_000);
        // What is not kept has none.
        let size = 0;
        for await (const part of await one.download(await one.upload(Buffer.alloc(3_000_000))))
          size += (part as Buffer).length;
        expect(size).to.equal(3_000_000);
      });
    });
  }
});

describe('a piece of output takes the same time, whatever came before', () => {
  /** Bytes that were copied or looked at: those that Buffer.concat, the one way to copy here, was given. */
  function copied(work: () => void): number {
    const { concat } = Buffer;
    let bytes = 0;
    Buffer.concat = (list, length) => {
      const made = concat(list, length);
      bytes += made.length;
      return made;
    };
    try {
      work();
    } finally {
      Buffer.concat = concat;
    }
    return bytes;
  }
  const chunk = Buffer.alloc(1024, 'x');

  it('in a frame that does not end', () => {
    let output = 0;
    const reader = new FrameReader('a'.repeat(32), {
      output: (part) => {
        output += part.length;
      },
      mark: () => expect.fail('there is no mark'),
    });
    const bytes = copied(() => {
      reader.feed(Buffer.from(`\x02${'a'.repeat(32)}`));
      for (let i = 0; i < 2000; i++) reader.feed(chunk);
    });
    expect(bytes).to.be.lessThan(10 * 1024);
    expect(output).to.equal(33 + 2000 * 1024);
  });

  it('before the rest of a reply', () => {
    const finder = new RestFinder();
    const bytes = copied(() => {
      for (let i = 0; i < 2000; i++) expect(finder.feed(chunk)).to.equal(undefined);
    });
    expect(bytes).to.equal(0);
  });

  it('and the rest is found wherever the pieces are cut', () => {
    const whole = Buffer.from('key\0value\nwith > a sign\0noise\n>not\0>x\0stray line\n>rest\0>the rest\0\n');
    // The first key that begins with the sign, in its last line.
    for (let size = 1; size <= whole.length; size++) {
      const finder = new RestFinder();
      const found: Buffer[] = [];
      for (let at = 0; at < whole.length; at += size) {
        const part = finder.feed(whole.subarray(at, at + size));
        if (part) found.push(part);
      }
      expect(Buffer.concat(found).toString(), `pieces of ${size}`).to.equal('>x\0stray line\n>rest\0>the rest\0\n');
    }
  });
});
