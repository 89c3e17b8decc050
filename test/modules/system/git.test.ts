import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestHost } from './host.ts';

for (const shell of [['dash'], ['busybox', 'sh']]) {
  describe(`git under ${shell[0]}`, function () {
    this.timeout(60_000);
    const host = new TestHost({
      shell,
      environment: {
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'protocol.file.allow',
        GIT_CONFIG_VALUE_0: 'always',
      },
    });
    const setup = new TestHost({ shell: ['bash'] });
    let dir: string;
    const work = (line: string) =>
      setup.sh(
        `set -e; export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t; cd ${dir}/origin; ${line}`,
      );
    const dest = () => join(dir, 'check out');
    const at = () => setup.sh(`cd '${dest()}'; git rev-parse HEAD`);
    before(async () => {
      dir = mkdtempSync(join(tmpdir(), 'git-'));
      await setup.sh(`git init -q -b main ${dir}/origin`);
      await work(
        'echo one >f; git add f; git commit -qm one; git tag v1; git checkout -qb dev; echo dev >f; git commit -qam dev; git checkout -q main',
      );
    });
    after(() => rmSync(dir, { recursive: true }));

    it('only asks the other side where it may not clone and has no directory', async () => {
      const head = await work('git rev-parse main');
      const result = await host.run('git', { repo: join(dir, 'origin'), clone: false });
      expect(result).to.include({ changed: true });
      expect(result.values).to.include({ after: (head as { stdout?: string }).stdout?.trim() ?? String(head).trim() });
    });

    it('clones, then changes nothing', async () => {
      const args = { repo: join(dir, 'origin'), dest: dest() };
      const head = await work('git rev-parse main');
      const check = await host.run('git', args, { check: true });
      expect(check.values).to.deep.include({ before: null, after: head });
      expect(check.changed).to.equal(true);
      const r = await host.run('git', args);
      expect(r.values.msg).to.equal(undefined);
      expect(r).to.deep.include({ changed: true, requests: 1 });
      expect(r.values).to.deep.equal({ before: null, after: head, remote_url_changed: false });
      const again = await host.run('git', args);
      expect(again).to.deep.include({ changed: false, requests: 1 });
      expect(again.values).to.deep.equal({ before: head, after: head, remote_url_changed: false });
    });
    it('follows the default branch, a branch, a tag, a commit', async () => {
      const repo = join(dir, 'origin');
      await work('echo two >f; git commit -qam two');
      const two = await work('git rev-parse main');
      const check = await host.run('git', { repo, dest: dest() }, { check: true });
      expect([check.changed, check.values.after]).to.deep.equal([true, two]);
      expect((await host.run('git', { repo, dest: dest() })).changed).to.equal(true);
      expect(await at()).to.equal(two);
      for (const [version, ref] of [
        ['dev', 'dev'],
        ['v1', 'v1^{commit}'],
        [await work('git rev-parse dev'), 'dev'],
        ['main', 'main'],
      ]) {
        const want = await work(`git rev-parse '${ref}'`);
        const r = await host.run('git', { repo, dest: dest(), version });
        expect(r.values.msg).to.equal(undefined);
        expect(r.changed, version).to.equal(true);
        expect(await at()).to.equal(want);
        expect((await host.run('git', { repo, dest: dest(), version })).changed, version).to.equal(false);
      }
      expect(await setup.sh(`cd '${dest()}'; git symbolic-ref --short HEAD`)).to.equal('main');
    });
    it('local modifications: refused, or thrown away', async () => {
      const args = { repo: join(dir, 'origin'), dest: dest() };
      await setup.sh(`cd '${dest()}'; echo mine >f; echo new >untracked`);
      const r = await host.run('git', args);
      expect(r.values.msg).to.equal(`Local modifications exist in the destination: ${dest()} (force=no).`);
      expect((await host.run('git', { ...args, force: true })).changed).to.equal(true);
      expect(await setup.sh(`cat '${dest()}/f' '${dest()}/untracked'`)).to.equal('two\nnew');
    });
    it('another address; update: false; depth; bare; archive', async () => {
      await setup.sh(`git clone -q --bare ${dir}/origin ${dir}/second`);
      const args = { repo: join(dir, 'second'), dest: dest() };
      expect((await host.run('git', args, { check: true })).values.remote_url_changed).to.equal(true);
      expect((await host.run('git', args)).values.remote_url_changed).to.equal(true);
      expect((await host.run('git', args)).changed).to.equal(false);
      await work('echo three >f; git commit -qam three');
      const kept = await host.run('git', { repo: join(dir, 'origin'), dest: dest(), update: false });
      expect(kept.changed).to.equal(false);
      const shallow = await host.run('git', { repo: join(dir, 'origin'), dest: join(dir, 'shallow'), depth: 1 });
      expect(shallow.changed).to.equal(true);
      expect(await setup.sh(`cd ${dir}/shallow; git rev-list --count HEAD`)).to.equal('1');
      const bare = { repo: join(dir, 'origin'), dest: join(dir, 'bare'), bare: true };
      expect((await host.run('git', bare)).changed).to.equal(true);
      expect((await host.run('git', bare)).changed).to.equal(false);
      await work('echo four >f; git commit -qam four');
      expect((await host.run('git', bare)).changed).to.equal(true);
      const archive = { repo: join(dir, 'origin'), dest: dest(), archive: join(dir, 'a.tar'), archive_prefix: 'p/' };
      expect((await host.run('git', archive)).changed).to.equal(true);
      expect(await setup.sh(`tar -tf ${dir}/a.tar`)).to.equal('p/\np/f');
      expect((await host.run('git', archive)).changed).to.equal(false);
    });
    it('submodules', async () => {
      await setup.sh(
        `git init -q -b main ${dir}/sub; cd ${dir}/sub; git -c user.name=t -c user.email=t commit -q --allow-empty -m s; echo x >x; git add x; git -c user.name=t -c user.email=t commit -qm x`,
      );
      await work(`git -c protocol.file.allow=always submodule add -q ${dir}/sub sub; git commit -qm sub`);
      const args = { repo: join(dir, 'origin'), dest: join(dir, 'withsub') };
      const r = await host.run('git', args);
      expect(r.values.msg).to.equal(undefined);
      expect(await setup.sh(`cat ${dir}/withsub/sub/x`)).to.equal('x');
      expect((await host.run('git', args)).changed).to.equal(false);
    });
    it('never reads a value as an option or an address as a command', async () => {
      for (const args of [{ repo: '--upload-pack=id' }, { repo: 'ext::sh -c id' }, { repo: 'x', version: '-b' }]) {
        const r = await host.run('git', { dest: join(dir, 'evil'), ...args });
        expect(r.failed).to.equal(true);
      }
      const r = await host.run('git', { repo: join(dir, 'no such'), dest: join(dir, 'evil') });
      expect(r.values.msg).to.match(/^Could not read the remote repository: /);
    });
  });
}
