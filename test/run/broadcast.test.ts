/** One stream of events for many readers. */
import { expect } from 'chai';
import { Broadcast } from '../../engine/run/broadcast.ts';

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of stream) all.push(event);
  return all;
}

describe('broadcast', () => {
  it('gives every reader the whole stream, each at its own pace, also one that comes in the middle', async () => {
    const stream = new Broadcast<number>();
    const early = read(stream);
    for (const event of [1, 2, 3]) stream.emit(event);
    const late = read(stream);
    stream.emit(4);
    stream.end();
    expect(await early).to.deep.equal([1, 2, 3, 4]);
    expect(await late).to.deep.equal([1, 2, 3, 4]);
    expect(await read(stream)).to.deep.equal([1, 2, 3, 4]);
  });

  it('keeps nothing that was read for those who come after a thousand events', async () => {
    const stream = new Broadcast<number>();
    const reader = stream[Symbol.asyncIterator]();
    for (let event = 0; event < 1001; event++) stream.emit(event);
    for (let event = 0; event < 1001; event++) expect((await reader.next()).value).to.equal(event);
    const late = read(stream);
    stream.emit(-1);
    stream.end();
    expect(await late).to.deep.equal([-1]);
  });

  it('ends with its error, for every reader', async () => {
    const stream = new Broadcast<number>();
    stream.emit(1);
    stream.end(new Error('no more'));
    for (let reader = 0; reader < 2; reader++) {
      const seen: number[] = [];
      let said = '';
      try {
        for await (const event of stream) seen.push(event);
      } catch (error) {
        said = (error as Error).message;
      }
      expect(seen).to.deep.equal([1]);
      expect(said).to.equal('no more');
    }
  });
});
