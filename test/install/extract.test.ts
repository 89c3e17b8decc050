/** Hostile archives: nothing of them is left, and nothing outside of the directory is touched (SECURITY S-20 to S-22). */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { unpack } from '../../engine/install/extract.ts';
import { archive, type Entry } from './archive.ts';

async function unpacked(
  bytes: Buffer,
  options = {},
): Promise<{ said: string; left: string[]; beside: string[]; folder: string }> {
  const outer = mkdtempSync(join(tmpdir(), 'troupe-extract-'));
  const folder = join(outer, 'into');
  mkdirSync(folder);
  let said = '';
  try {
    await unpack(bytes, folder, { name: 'the role x', ...options });
  } catch (error) {
    said = (error as Error).message;
  }
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const beside = readdirSync(outer);
  return { said, left, beside, folder: outer };
}

const HOSTILE: [what: string, said: RegExp, entries: Entry[]][] = [
  ['a name with ..', /"a\/..\/..\/evil", which leads out/, [{ name: 'a/../../evil' }]],
  ['an absolute name', /"\/tmp\/troupe-evil", which leads out/, [{ name: '/tmp/troupe-evil' }]],
  ['a drive', /"C:evil", which leads out/, [{ name: 'C:evil' }]],
  ['a backslash', /leads out/, [{ name: 'a\\..\\evil' }]],
  ['setuid', /with setuid or setgid/, [{ name: 'program', mode: 0o4755 }]],
  ['setgid of a directory', /with setuid or setgid/, [{ name: 'd', type: 'directory', mode: 0o2755 }]],
  ['a device', /that is a character-device/, [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }]],
  ['a block device', /that is a block-device/, [{ name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }]],
  ['a pipe', /that is a fifo/, [{ name: 'pipe', type: 'fifo' }]],
  [
    'a link out of it',
    /"a" to "..\/..\/etc", out of the directory/,
    [{ name: 'a', type: 'symlink', linkname: '../../etc' }],
  ],
  [
    'an absolute link',
    /to "\/etc\/passwd", out of the directory/,
    [{ name: 'a', type: 'symlink', linkname: '/etc/passwd' }],
  ],
  [
    'a link, and a file through it',
    /below one that is no directory/,
    [
      { name: 'a', type: 'symlink', linkname: '.' },
      { name: 'a/evil', content: 'x' },
    ],
  ],
  [
    'a link in the place of a file, twice named',
    /twice/,
    [
      { name: 'a', type: 'symlink', linkname: 'b' },
      { name: 'a', content: 'x' },
    ],
  ],
  [
    'a chain of links that leads out where no name does',
    /leads out of the directory|leads to nothing/,
    [
      { name: 'd', type: 'directory' },
      { name: 'd/up', type: 'symlink', linkname: '..' },
      { name: 'd/out', type: 'symlink', linkname: 'up/../into2' },
      { name: 'e', type: 'symlink', linkname: 'd/up/../../into' },
    ],
  ],
  ['a link to nothing', /leads to nothing/, [{ name: 'a', type: 'symlink', linkname: 'nowhere' }]],
  [
    'links in a circle',
    /leads to nothing/,
    [
      { name: 'a', type: 'symlink', linkname: 'b' },
      { name: 'b', type: 'symlink', linkname: 'a' },
    ],
  ],
  [
    'a hard link out of it',
    /which is no file before it/,
    [{ name: 'a', type: 'link', linkname: '../../../etc/passwd' }],
  ],
  [
    'a hard link to a link',
    /which is no file before it/,
    [
      { name: 'a', type: 'symlink', linkname: 'b' },
      { name: 'c', type: 'link', linkname: 'a' },
    ],
  ],
  [
    'a file and a directory of one name',
    /below one that is no directory/,
    [
      { name: 'a', content: 'x' },
      { name: 'a/b', content: 'x' },
    ],
  ],
];

describe('an archive (S-20, S-21)', () => {
  it('that is right is unpacked: names, contents, what may be executed, links inside', async () => {
    const bytes = await archive(
      { name: 'role-1.0/', type: 'directory' },
      { name: 'role-1.0/tasks/main.yml', content: '- debug:\n' },
      { name: 'role-1.0/files/run.sh', content: '#!/bin/sh\n', mode: 0o777 },
      { name: 'role-1.0/files/again', type: 'link', linkname: 'role-1.0/files/run.sh' },
      { name: 'role-1.0/files/same', type: 'symlink', linkname: 'run.sh' },
    );
    for (const each of [bytes, gzipSync(bytes)]) {
      const { said, left, folder } = await unpacked(each, { strip: 1 });
      expect(said).to.equal('');
      expect(left).to.deep.equal(['files', 'files/again', 'files/run.sh', 'files/same', 'tasks', 'tasks/main.yml']);
      expect(lstatSync(join(folder, 'into/files/run.sh')).mode & 0o7777).to.equal(0o755);
      expect(lstatSync(join(folder, 'into/tasks/main.yml')).mode & 0o7777).to.equal(0o644);
      expect(readFileSync(join(folder, 'into/files/same'), 'utf8')).to.equal('#!/bin/sh\n');
      rmSync(folder, { recursive: true });
    }
  });

  for (const [what, pattern, entries] of HOSTILE)
    it(`with ${what} is refused`, async () => {
      const { said, beside, folder } = await unpacked(await archive({ name: 'first', content: 'x' }, ...entries));
      expect(said)
        .to.match(/^the role x was not installed: its archive /)
        .and.match(pattern);
      expect(beside).to.deep.equal(['into']);
      expect(existsSync('/tmp/troupe-evil')).to.equal(false);
      rmSync(folder, { recursive: true });
    });

  it('that is a bomb, broken, empty, or has too many entries is refused', async () => {
    const limits = { entries: 3, bytes: 4 * 1024 * 1024, ratio: 2 };
    const cases: [RegExp, Buffer, object?][] = [
      [
        /holds more than 4194304 bytes/,
        gzipSync(await archive({ name: 'a', content: Buffer.alloc(5 * 1024 * 1024) })),
        { limits },
      ],
      [
        /grows to more than 2 times/,
        gzipSync(await archive({ name: 'a', content: Buffer.alloc(12 * 1024 * 1024) })),
        { limits: { ...limits, bytes: 1e9 } },
      ],
      [/has more than 3 entries/, await archive(...['a', 'b', 'c', 'd'].map((name) => ({ name }))), { limits }],
      [/cannot be read/, Buffer.from('no archive at all'.repeat(100))],
      [/cannot be read/, gzipSync(await archive({ name: 'a', content: 'x'.repeat(5000) })).subarray(0, 60)],
      [/is empty/, await archive()],
    ];
    for (const [pattern, bytes, options] of cases) {
      const { said, folder } = await unpacked(bytes, options);
      expect(said).to.match(pattern);
      rmSync(folder, { recursive: true });
    }
  });
});
