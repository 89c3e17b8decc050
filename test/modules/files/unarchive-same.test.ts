/** An archive that is unpacked already is known as such in one request, and anything else on the host is noticed. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { listTar } from '../../../engine/modules/files/unarchive/tar-read.ts';
import { closePools, runModule, shells, testFolder } from '../harness.ts';
import { zip } from './archives.mjs';

const long = `${'long-'.repeat(30)}name`;

/** A folder `source` packed by the real tar, in one of its formats. */
function packed(folder: string, ...options: string[]): string {
  const source = join(folder, 'source');
  mkdirSync(join(source, 'top/in'), { recursive: true });
  writeFileSync(join(source, 'top/a b'), 'content\n');
  writeFileSync(join(source, 'top/in/run'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(source, `top/in/${long}`), 'x'.repeat(3000));
  writeFileSync(join(source, 'top/empty'), '');
  symlinkSync('a b', join(source, 'top/link'));
  const archive = join(folder, 'a.tar');
  execFileSync('tar', ['-C', source, ...options, '-cf', archive, 'top']);
  return archive;
}

describe('unarchive: what is there already', function () {
  this.timeout(60_000);
  after(closePools);

  for (const [what, options] of Object.entries({
    'of GNU, gzipped': ['--format=gnu', '-z'],
    'of pax, with parts of seconds': ['--format=pax'],
    'of ustar, with names before the paths': ['--format=ustar', '-z', '--exclude=long*'],
  })) {
    for (const shell of what.includes('GNU') ? shells() : shells().slice(0, 1)) {
      it(`an archive ${what}, under ${shell.name}`, async () => {
        const folder = testFolder();
        const src = packed(folder, ...options);
        const dest = join(folder, 'to');
        mkdirSync(dest);
        const call = (more = {}) => runModule('unarchive', { src, dest, ...more }, { shell });
        expect((await call()).values).to.include({ changed: true });
        const again = await call({ list_files: true });
        expect(again.values, JSON.stringify(again.values)).to.include({ changed: false, dest });
        expect(again.values['files']).to.include.members(['top/', 'top/a b', 'top/link']);
        expect(again.values['handler']).to.equal(options.includes('-z') ? 'TgzArchive' : 'TarArchive');
        expect(again.requests).to.equal(1);
        const old = new Date('2020-01-01T00:00:00Z');
        const tampering: Record<string, () => void> = {
          'other content': () => writeFileSync(join(dest, 'top/a b'), 'CONTENT\n'),
          'a missing file': () => unlinkSync(join(dest, 'top/empty')),
          'another mode': () => chmodSync(join(dest, 'top/in/run'), 0o700),
          'another time': () => utimesSync(join(dest, 'top/in/run'), old, old),
          'another link': () => {
            unlinkSync(join(dest, 'top/link'));
            symlinkSync('empty', join(dest, 'top/link'));
          },
          'a folder instead of a file': () => {
            unlinkSync(join(dest, 'top/empty'));
            mkdirSync(join(dest, 'top/empty'));
          },
        };
        for (const [name, tamper] of Object.entries(tampering)) {
          tamper();
          const run = await call();
          expect(run.values['changed'] || run.values['failed'], name).to.equal(true);
          if (run.values['failed']) rmSync(join(dest, 'top'), { recursive: true });
          if (run.values['failed']) await call();
          expect((await call()).requests, `after ${name}`).to.equal(1);
        }
        expect(readFileSync(join(dest, 'top/a b'), 'utf8')).to.equal('content\n');
        // attributes of the task are looked at too
        expect((await call({ mode: 'go-rwx' })).values).to.include({ changed: true });
        const private_ = await call({ mode: 'go-rwx' });
        expect([private_.values['changed'], private_.requests]).to.deep.equal([false, 1]);
      });
    }
  }

  it('what cannot be asked about is left to the host', async () => {
    const folder = testFolder();
    const hostile = join(folder, 'hostile.tar');
    writeFileSync(join(folder, 'x'), 'x');
    execFileSync('tar', ['-C', folder, '-P', '-cf', hostile, '--transform=s,^,../,', 'x'], { stdio: 'pipe' });
    const run = await runModule('unarchive', { src: hostile, dest: folder });
    expect(run.values['failed']).to.equal(true);
    expect(await listTar(Buffer.from(zip([{ name: 'a', content: 'A' }]), 'base64'), 10)).to.equal(undefined);
    expect(await listTar(Buffer.from('no archive'.repeat(100)), 10)).to.equal(undefined);
    expect(await listTar(Buffer.from('1f8b0800', 'hex'), 10)).to.equal(undefined);
  });
});
