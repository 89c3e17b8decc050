/** What Ansible's record can't tell: hostile archives and hosts, secrets, temporary files, what is asked of the host. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { build, scan } from '../cases.mjs';
import { closePools, put, runModule, shells, testFolder } from '../harness.ts';
import { startWeb } from '../web.mjs';
import { tar, zip } from './archives.mjs';

const root = process.getuid?.() === 0;

/** Names that are not in the way of anybody: no temporary file may be left. */
function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.troupe/.test(name));
}

/** A folder with links to some of the system's tools, to be a PATH. */
function tools(...names: string[]): string {
  const folder = testFolder();
  for (const name of names) {
    const real = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((dir) => join(dir, name))
      .find((path) => existsSync(path));
    if (real) symlinkSync(real, join(folder, name));
  }
  return folder;
}

const basic = [
  'stat',
  'mktemp',
  'mv',
  'rm',
  'chmod',
  'chown',
  'cp',
  'cat',
  'id',
  'touch',
  'sha1sum',
  'sha256sum',
  'md5sum',
  'date',
  'mkdir',
  'tail',
  'tr',
];

describe('modules of files, by themselves', function () {
  this.timeout(60000);
  after(closePools);

  for (const shell of shells()) {
    describe(`under ${shell.name}`, () => {
      describe('unarchive refuses (S-20, S-21)', () => {
        const plain = { name: 'a', content: 'A' };
        const hostile: Record<string, Parameters<typeof tar>[0]> = {
          'an absolute name': [plain, { name: '/tmp/troupe-owned', content: 'x' }],
          'a name with ..': [plain, { name: '../owned', content: 'x' }],
          'a name with .. inside': [plain, { name: 'a/../../owned', content: 'x' }],
          'a link to the root': [{ name: 'l', type: 'link', to: '/' }],
          'a link that leads out': [{ name: 'd/l', type: 'link', to: '../../out' }],
          'a name through a link': [
            { name: 'l', type: 'link', to: 'd' },
            { name: 'd/', type: 'directory' },
            { name: 'l/x', content: 'x' },
          ],
          'a hard link that leads out': [{ name: 'h', type: 'hard', to: '../../etc/passwd' }],
          'a hard link to the root': [{ name: 'h', type: 'hard', to: '/etc/passwd' }],
          'a character device': [{ name: 'c', type: 'char' }],
          'a block device': [{ name: 'b', type: 'block' }],
          'a setuid program': [{ name: 's', content: 'x', mode: 0o4755 }],
          'a setgid program': [{ name: 's', content: 'x', mode: 0o2755 }],
        };
        for (const [what, entries] of Object.entries(hostile)) {
          it(what, async () => {
            const folder = testFolder();
            build(folder, { to: { type: 'directory' }, 'a.tgz': { base64: tar(entries) }, keep: 'kept' });
            const before = scan(folder);
            const run = await runModule(
              'unarchive',
              { src: join(folder, 'a.tgz'), dest: join(folder, 'to'), remote_src: true },
              { shell },
            );
            expect(run.values, JSON.stringify(run.values)).to.include({ failed: true });
            expect(scan(folder), 'nothing is unpacked').to.deep.equal(before);
            expect(existsSync('/tmp/troupe-owned')).to.equal(false);
          });
        }
        for (const [what, entries] of Object.entries({
          'a zip with an absolute name': [{ name: '/tmp/troupe-owned', content: 'x' }],
          'a zip with ..': [{ name: '../owned', content: 'x' }],
          'a zip with a link that leads out': [{ name: 'l', to: '../../out' }],
        })) {
          it(what, async function () {
            if (shell.name !== 'busybox' && !existsSync('/usr/bin/unzip')) this.skip();
            const folder = testFolder();
            build(folder, { to: { type: 'directory' }, 'a.zip': { base64: zip(entries) } });
            const run = await runModule(
              'unarchive',
              { src: join(folder, 'a.zip'), dest: join(folder, 'to'), remote_src: true },
              { shell },
            );
            expect(run.values, JSON.stringify(run.values)).to.include({ failed: true });
            expect(readdirSync(join(folder, 'to'))).to.deep.equal([]);
            expect(readdirSync(folder).sort()).to.deep.equal(['a.zip', 'to']);
          });
        }
      });

      it('unarchive unpacks a zip, and finds it unpacked', async function () {
        if (shell.name !== 'busybox' && !existsSync('/usr/bin/unzip')) this.skip();
        const folder = testFolder();
        const entries = [
          { name: 'top/', mode: 0o755 },
          { name: 'top/a b', content: 'A' },
          { name: 'top/run', content: '#!', mode: 0o755 },
        ];
        build(folder, { to: { type: 'directory' }, 'a.zip': { base64: zip(entries) } });
        const args = { src: join(folder, 'a.zip'), dest: join(folder, 'to'), remote_src: true, list_files: true };
        const predicted = await runModule('unarchive', args, { shell, check: true });
        expect(predicted.values).to.include({ changed: true, handler: 'ZipArchive' });
        expect(readdirSync(join(folder, 'to'))).to.deep.equal([]);
        expect((await runModule('unarchive', args, { shell })).values).to.include({ changed: true });
        expect(readFileSync(join(folder, 'to/top/a b'), 'utf8')).to.equal('A');
        expect(leftovers(folder)).to.deep.equal([]);
        const again = await runModule('unarchive', args, { shell });
        expect(again.values, JSON.stringify(again.values)).to.include({ changed: false });
        writeFileSync(join(folder, 'to/top/run'), 'other');
        expect((await runModule('unarchive', args, { shell })).values).to.include({ changed: true });
        expect(readFileSync(join(folder, 'to/top/run'), 'utf8')).to.equal('#!');
      });

      it('copy: the content is in a file of mode 0600 until it has its place (S-13)', async () => {
        const folder = testFolder();
        const seen = join(folder, 'seen');
        const validate = `sh -c 'stat -c %a "$0" >"$1"' %s ${seen}`;
        const run = await runModule(
          'copy',
          { content: 'secret', dest: join(folder, 'x'), mode: '0644', validate },
          { shell },
        );
        expect(run.values, JSON.stringify(run.values)).to.include({ changed: true });
        expect(readFileSync(seen, 'utf8').trim()).to.equal('600');
        expect((statSync(join(folder, 'x')).mode & 0o777).toString(8)).to.equal('644');
      });

      it('a new file has the mode asked for, whatever the folder gives its files; the folder gives its group', async function () {
        if (!root || !existsSync('/usr/bin/setfacl')) this.skip();
        const folder = testFolder();
        chownSync(folder, 0, 12345);
        chmodSync(folder, 0o2755);
        execFileSync('setfacl', ['-d', '-m', 'u:nobody:rwx,o::rw', folder]);
        const content = 'secret\n';
        const calls: [string, Record<string, unknown>][] = [
          ['copy', { content, mode: '0640' }],
          ['copy', { content, mode: 'u=rw,g=,o=' }],
          ['lineinfile', { line: 'x', create: true, mode: '0600' }],
        ];
        for (const [i, [module, args]] of calls.entries()) {
          const dest = join(folder, `f${i}`);
          const run = await runModule(module, { dest, ...args }, { shell });
          expect(run.values, JSON.stringify(run.values)).to.include({ changed: true });
          const found = statSync(dest);
          const wanted = [0o640, 0o600, 0o600][i]!;
          expect(found.mode & 0o7777, `${module} ${args['mode']}`).to.equal(wanted);
          expect(found.gid).to.equal(12345);
          if (module === 'copy') expect(run.values).to.include({ gid: 12345, mode: `0${wanted.toString(8)}`, size: 7 });
          const again = await runModule(module, { dest, ...args }, { shell });
          expect(again.values).to.include({ changed: false });
        }
        expect(leftovers(folder)).to.deep.equal([]);
      });

      it('copy: a large file is checked before it is sent, and leaves nothing behind', async () => {
        const [folder, source] = [testFolder(), testFolder()];
        const content = Buffer.alloc(9 * 1024 * 1024, 'some bytes\0');
        put(source, 'large', content);
        const args = { src: join(source, 'large'), dest: join(folder, 'x') };
        const first = await runModule('copy', args, { shell });
        expect(first.values).to.include({ changed: true });
        expect(readFileSync(join(folder, 'x')).equals(content)).to.equal(true);
        const again = await runModule('copy', args, { shell });
        expect(again.values).to.include({ changed: false });
        expect(again.requests).to.equal(1);
        expect(readdirSync(folder)).to.deep.equal(['x']);
      });

      it('copy: validation that fails leaves the old file and nothing else', async () => {
        const folder = testFolder();
        put(folder, 'x.conf', 'old');
        const run = await runModule(
          'copy',
          { content: 'new', dest: join(folder, 'x.conf'), validate: 'test ! -s %s' },
          { shell },
        );
        expect(run.values).to.include({ failed: true, msg: 'failed to validate' });
        expect(scan(folder)['x.conf']).to.include({ content: 'old' });
        expect(readdirSync(folder)).to.deep.equal(['x.conf']);
      });

      it('copy: validation sees the ending of the name', async () => {
        const folder = testFolder();
        const validate = `sh -c 'case $0 in *.service) ;; *) exit 1 ;; esac' %s`;
        const run = await runModule('copy', { content: 'x', dest: join(folder, 'x.service'), validate }, { shell });
        expect(run.values, JSON.stringify(run.values)).to.include({ changed: true });
      });

      it('copy: a folder that contains itself by a link is copied once', async () => {
        const [folder, source] = [testFolder(), testFolder()];
        build(join(source, 'top'), {
          a: 'A',
          'sub/b': 'B',
          'sub/up': { type: 'link', to: '..' },
          self: { type: 'link', to: '.' },
        });
        const args = { src: join(source, 'top'), dest: folder };
        expect((await runModule('copy', args, { shell })).values).to.include({ changed: true });
        expect(scan(folder)['top/sub/up']).to.include({ type: 'link', to: '..' });
        expect(scan(folder)['top/sub/b']).to.include({ content: 'B' });
        const again = await runModule('copy', args, { shell });
        expect(again.values).to.include({ changed: false });
        expect(again.requests).to.equal(1);
      });

      it('copy: 300 files go as one stream', async () => {
        const [folder, source] = [testFolder(), testFolder()];
        for (let i = 0; i < 300; i++) put(source, `top/${i % 10}/${i}`, `file ${i}\n`);
        const args = { src: `${join(source, 'top')}/`, dest: folder, mode: '0640' };
        const run = await runModule('copy', args, { shell });
        expect(run.values).to.include({ changed: true });
        expect(run.requests, 'question, stream, answer').to.be.at.most(3);
        expect(Object.keys(scan(folder))).to.have.length(310);
        expect(scan(folder)['7/277']).to.include({ content: 'file 277\n', mode: '640' });
        const age = Date.now() - statSync(join(folder, '7/277')).mtimeMs;
        expect(age, 'as new as it is').to.be.within(-5000, 60_000);
        expect((await runModule('copy', args, { shell })).values).to.include({ changed: false });
      });

      it('tempfile: a file and a folder of nobody else', async () => {
        const folder = testFolder();
        for (const [state, mode] of [
          ['file', '600'],
          ['directory', '700'],
        ] as const) {
          const run = await runModule('tempfile', { state, path: folder, prefix: 'a b$', suffix: '.x y' }, { shell });
          const path = String(run.values['path']);
          expect(path).to.match(/\/a b\$[A-Za-z0-9]{8}\.x y$/);
          expect(run.values).to.include({ changed: true, mode: `0${mode}`, state });
          expect((statSync(path).mode & 0o777).toString(8)).to.equal(mode);
        }
        expect((await runModule('tempfile', { path: join(folder, 'no') }, { shell })).values).to.include({
          failed: true,
        });
      });

      it('fetch writes below dest, whatever the host is called (S-15)', async () => {
        const [folder, source] = [testFolder(), testFolder()];
        put(folder, 'x', 'text');
        const args = { src: join(folder, 'x'), dest: 'to' };
        const good = await runModule('fetch', args, { shell, source, host: 'web 1' });
        expect(good.values['dest']).to.equal(join(source, 'to/web 1', folder, 'x'));
        expect(readFileSync(String(good.values['dest']), 'utf8')).to.equal('text');
        const again = await runModule('fetch', args, { shell, source, host: 'web 1' });
        expect(again.values).to.include({ changed: false });
        for (const host of ['..', '.', '../../etc', '/etc', '']) {
          const run = await runModule('fetch', args, { shell, source, host });
          expect(run.values, host).to.include({ failed: true });
        }
        const up = (src: string) => runModule('fetch', { src, dest: 'to' }, { shell, source, host: 'web 1' });
        const inside = await up(`${folder}/../${folder.split('/').at(-1)}/x`);
        expect(inside.values['dest']).to.equal(join(source, 'to/web 1', folder, 'x'));
        expect((await up(`${'/..'.repeat(9)}${folder}/x`)).values).to.include({ failed: true });
        expect((await up(`$HOME/../..${folder}/x`)).values).to.include({ failed: true });
      });

      it('lineinfile: what somebody else has changed meanwhile is not lost', async () => {
        const folder = testFolder();
        const file = put(folder, 'x', 'one\n');
        // the validation command stands for the other: it runs between the look and the replacement of a second module
        const other = await runModule(
          'lineinfile',
          { path: file, line: 'two', validate: `sh -c 'echo mine >>"$0"; :' ${file} %s` },
          { shell },
        );
        expect(other.values).to.include({ changed: true });
        const run = await runModule('lineinfile', { path: file, line: 'three' }, { shell });
        expect(run.values).to.include({ changed: true });
        expect(readFileSync(file, 'utf8')).to.equal('one\ntwo\nthree\n');
      });

      it('file: a mode for 200 files is three processes, not 200', async () => {
        const folder = testFolder();
        for (let i = 0; i < 200; i++) put(folder, `x/${i}`, '');
        const args = { path: join(folder, 'x'), state: 'directory', recurse: true, mode: 'u=rwX,go=' };
        expect((await runModule('file', args, { shell })).values).to.include({ changed: true });
        const again = await runModule('file', args, { shell });
        expect(again.values).to.include({ changed: false });
        expect(scan(folder)['x/77']).to.include({ mode: '600' });
      });
    });
  }

  describe('get_url', () => {
    it('shows no password, header or address to other users of the host (S-10)', async () => {
      const web = await startWeb();
      const folder = testFolder();
      const path = tools(...basic, 'head', 'sh');
      const seen = join(folder, 'seen');
      const curl = '/usr/bin/curl';
      writeFileSync(
        join(path, 'curl'),
        `#!/bin/sh\nprintf '%s\\n' "$@" >>'${seen}'\nenv >>'${seen}'\nexec ${curl} "$@"\n`,
      );
      chmodSync(join(path, 'curl'), 0o755);
      symlinkSync('/usr/bin/env', join(path, 'env'));
      const args = {
        url: `${web.url}/auth?token=canary-url`,
        dest: join(folder, 'x'),
        url_username: 'user',
        url_password: 'se cret"\\',
        force_basic_auth: true,
        headers: { 'X-Test': 'canary-header' },
      };
      const shell = { name: 'fake-curl', program: '/bin/sh', path };
      const run = await runModule('get_url', args, { shell });
      web.close();
      expect(run.values, JSON.stringify(run.values)).to.include({ changed: true });
      expect(readFileSync(seen, 'utf8'))
        .to.contain('-K')
        .and.not.match(/canary|cret/);
    });

    it('says what to install where there is neither curl nor wget', async () => {
      const folder = testFolder();
      const shell = { name: 'no-curl', program: '/bin/sh', path: tools(...basic) };
      const run = await runModule('get_url', { url: 'http://127.0.0.1:1/x', dest: join(folder, 'x') }, { shell });
      expect(run.values).to.include({ failed: true });
      expect(run.values['msg']).to.match(/neither curl nor wget .* install/);
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it('works with wget alone', async function () {
      if (!existsSync('/usr/bin/wget')) this.skip();
      const web = await startWeb();
      const folder = testFolder();
      const shell = { name: 'wget', program: '/bin/sh', path: tools(...basic, 'wget') };
      const get = (args: object) =>
        runModule('get_url', { url: `${web.url}/file.txt`, dest: join(folder, 'x'), ...args }, { shell });
      expect((await get({})).values).to.include({ changed: true, status_code: 200, msg: 'OK (9 bytes)' });
      expect((await get({})).values).to.include({ changed: false, status_code: 304 });
      const secret = { url: `${web.url}/auth`, url_username: 'user', url_password: 'se cret"\\', force: true };
      expect((await get({ ...secret, force_basic_auth: true })).values).to.include({ changed: true });
      expect(readFileSync(join(folder, 'x'), 'utf8')).to.equal('let in\n');
      expect((await get({ url: `${web.url}/nothing`, force: true })).values).to.include({
        failed: true,
        msg: 'Request failed',
      });
      expect((await get({ url: `${web.url}/cut`, force: true, timeout: 3 })).values).to.include({ failed: true });
      expect(readdirSync(folder)).to.deep.equal(['x']);
      web.close();
    });
  });

  it('ini_file: names that are too long for a regular expression', async () => {
    const [path, long] = [join(testFolder(), 'f.ini'), 'a('.repeat(1 << 19)];
    const run = () => runModule('ini_file', { path, section: long, option: `o${long}`, value: 'v' });
    expect((await run()).values).to.include({ changed: true, msg: 'section and option added' });
    expect(readFileSync(path, 'utf8')).to.contain(`[${long}]\no${long} = v\n`);
    expect((await run()).values).to.include({ changed: false });
  });

  it('a path that no system takes is refused before a host is asked', async () => {
    const run = await runModule('file', { path: `/${'x'.repeat(4095)}`, state: 'touch' });
    expect(run.requests).to.equal(0);
    expect(run.values['msg']).to.equal('`file`: `path` has 4096 bytes; a path can have at most 4095');
  });

  it('a plain user may not take what is not his, and says so', async function () {
    if (!root) this.skip();
    const folder = testFolder();
    mkdirSync(join(folder, 'd'), { mode: 0o755 });
    const run = await runModule('copy', { content: 'x', dest: join(folder, 'd/x'), owner: 'no-such-user' });
    expect(run.values).to.include({ failed: true });
    expect(readdirSync(join(folder, 'd'))).to.deep.equal([]);
  });
});
