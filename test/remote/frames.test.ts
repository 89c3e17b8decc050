import { expect } from 'chai';
import fc from 'fast-check';
import { ModuleFailure } from '../../engine/errors.ts';
import { FrameReader } from '../../engine/remote/shell/frames.ts';
import { parseReply, RestFinder } from '../../engine/remote/shell/reply.ts';

const mark = 'ab'.repeat(16);

function read(chunks: Buffer[]): string[] {
  const seen: string[] = [];
  const reader = new FrameReader(mark, {
    output(chunk) {
      const last = seen.at(-1);
      if (last?.startsWith('out:')) seen[seen.length - 1] = last + chunk.toString('latin1');
      else seen.push(`out:${chunk.toString('latin1')}`);
    },
    mark: (kind, text) => seen.push(`mark:${kind}${text}`),
  });
  for (const chunk of chunks) reader.feed(chunk);
  return seen;
}

describe('frames', () => {
  const whole = Buffer.from(
    `banner\x02${mark}!42\n\x02${mark}<\nout \x02${mark.slice(0, 9)}x\n\x02\x02${mark}=7\nrest`,
    'latin1',
  );
  const expected = [
    'out:banner',
    'mark:!42',
    'mark:<',
    `out:out \x02${mark.slice(0, 9)}x\n\x02`,
    'mark:=7',
    'out:rest',
  ];

  it('are found wherever the chunks are cut', () => {
    expect(read([whole])).to.deep.equal(expected);
    expect(read([...whole].map((byte) => Buffer.from([byte])))).to.deep.equal(expected);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        expect(read(at.slice(1).map((end, i) => whole.subarray(at[i], end)))).to.deep.equal(expected);
      }),
    );
  });

  it('do not hold back output that can be no mark', () => {
    expect(read([Buffer.from('prompt> ')])).to.deep.equal(['out:prompt> ']);
    expect(read([Buffer.from('a\x02b')])).to.deep.equal(['out:a\x02b']);
  });

  it('take time in proportion to the output, however it is cut', () => {
    // Two million chunks that each may be the start of a mark; rescanning would take minutes.
    let count = 0;
    const reader = new FrameReader(mark, { output: (chunk) => (count += chunk.length), mark: () => {} });
    const chunk = Buffer.from(`\x02${mark.slice(0, 20)}`);
    for (let i = 0; i < 200_000; i++) reader.feed(chunk);
    expect(count).to.equal(200_000 * chunk.length - chunk.length);
  });
});

describe('replies', () => {
  const raw = (stdout: string, rc = 0, stderr = '') => ({
    rc,
    stdout: Buffer.from(stdout),
    stderr: Buffer.from(stderr),
  });

  it('the last value of a key, all of them, bytes', () => {
    const reply = parseReply(raw('a\x001\0b\0\0a\x002\0>c\0x\0y\n'));
    expect([reply.get('a'), reply.all('a'), reply.has('b'), reply.get('b')]).to.deep.equal(['2', ['1', '2'], true, '']);
    expect(reply.bytes('c')).to.deep.equal(Buffer.from('x\0y\n'));
    expect([reply.has('d'), reply.get('d'), reply.all('d')]).to.deep.equal([false, '', []]);
  });

  it('a stray line before a value harms nothing', () => {
    expect(parseReply(raw('Warning: something\nchange\0mode\0')).changes).to.deep.equal(['mode']);
  });

  it('any bytes in the rest are no values', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const stdout = Buffer.concat([Buffer.from('k\0v\0>rest\0'), bytes]);
        const reply = parseReply({ rc: 0, stdout, stderr: Buffer.alloc(0) });
        expect(reply.bytes('rest').equals(bytes)).to.equal(true);
        const finder = new RestFinder();
        const parts = [...stdout].map((byte) => finder.feed(Buffer.from([byte]))).filter((part) => part !== undefined);
        expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
      }),
    );
  });

  it('an output cut short by a dying program gives what is whole', () => {
    const reply = parseReply(raw('a\x001\0b\0unfinished', 9), { anyExit: true });
    expect([reply.get('a'), reply.has('b')]).to.deep.equal(['1', false]);
  });

  it('failures', () => {
    expect(() => parseReply(raw('failed\0no\0', 0), { anyExit: true })).to.throw(ModuleFailure, 'no');
    expect(() => parseReply(raw('', 3), { script: 'copy' })).to.throw(ModuleFailure, 'copy ended with exit code 3');
  });
});
