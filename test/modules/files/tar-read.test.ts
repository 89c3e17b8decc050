/** Archives of the real tar, in its formats, read to the last field; and what is no archive, or not all of one. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { listTar } from '../../../engine/modules/files/unarchive/tar-read.ts';

describe('what a tar archive holds', () => {
  const long = `${'long-'.repeat(30)}name`;
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-tar-'));
    mkdirSync(join(folder, 'top'));
    writeFileSync(join(folder, 'top/ü'), 'content\n', { mode: 0o640 });
    writeFileSync(join(folder, `top/${long}`), 'x'.repeat(200_000));
    symlinkSync(long, join(folder, 'top/soft'));
    linkSync(join(folder, 'top/ü'), join(folder, 'top/ühard'));
    utimesSync(join(folder, 'top/ü'), 1_577_836_800.5, 1_577_836_800.5);
  });
  after(() => rmSync(folder, { recursive: true }));

  const pack = (...options: string[]) => {
    execFileSync('tar', ['-C', folder, '--sort=name', ...options, '-cf', join(folder, 'a.tar'), 'top']);
    return join(folder, 'a.tar');
  };
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

  for (const options of [['--format=gnu'], ['--format=pax'], ['--format=gnu', '-z'], ['--format=pax', '-z']]) {
    it(`of tar ${options.join(' ')}`, async () => {
      const path = pack('--owner=alice:7', '--group=staff:8', ...options);
      const listing = await listTar(path, 10);
      expect(listing?.gzip).to.equal(options.includes('-z'));
      expect(listing?.members.map(({ name, type, target }) => [name, type, target])).to.deep.equal([
        ['top/', 'directory', ''],
        [`top/${long}`, 'file', ''],
        ['top/soft', 'link', long],
        ['top/ü', 'file', ''],
        ['top/ühard', 'hard', 'top/ü'],
      ]);
      const half = options.includes('--format=pax') ? '500000000' : '000000000';
      const owners = { uid: 7, gid: 8, owner: 'alice', group: 'staff' };
      const file = { mode: 0o640, mtime: 1_577_836_800, nanoseconds: half, size: 8, sha1: sha1('content\n') };
      expect(listing?.members[3]).to.include({ ...owners, ...file });
      expect(listing?.members[1]).to.include({ size: 200_000, sha1: sha1('x'.repeat(200_000)) });
      expect(await listTar(readFileSync(path), 10)).to.deep.equal(listing);
      expect(await listTar(path, 4), 'more than asked for').to.equal(undefined);
    });
  }

  it('is not known of one that is cut, or that changes what follows for all', async () => {
    const path = pack();
    for (const length of [700, 5000, 200_000]) {
      writeFileSync(join(folder, 'cut.tar'), readFileSync(path).subarray(0, length));
      expect(await listTar(join(folder, 'cut.tar'), 10), String(length)).to.equal(undefined);
    }
    expect(await listTar(pack('--format=pax', '--pax-option=globexthdr.comment=x,uid=5'), 10)).to.equal(undefined);
  });

  it('is not known of what is no archive', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(10_240), Buffer.from('text'), Buffer.from([0x1f, 0x8b, 1])])
      expect(await listTar(bytes, 10)).to.equal(undefined);
    expect(await listTar(join(folder, 'missing'), 10)).to.equal(undefined);
  });
});
