import { expect } from 'chai';
import { makeRepository } from './apt-repository.ts';
import { useLabHost } from './lab-host.ts';

describe('apt on a plain host', function () {
  this.timeout(120_000);
  const host = useLabHost();
  const version = (name: string) =>
    host().sh(`dpkg-query -W -f '\${db:Status-Abbrev}\${Version}' ${name} 2>/dev/null || true`);
  before(async () => {
    await host().sh('dpkg --purge tbar tfoo tprov tdep 2>/dev/null; true');
    await makeRepository(host(), [
      ['tfoo', '1.0'],
      ['tfoo', '2.0'],
      ['tbar', '1.0', 'Depends: tfoo\\n'],
      ['tprov', '1.0', 'Provides: tvirt\\n'],
      ['tdep', '1.0', 'Depends: tgone\\n'],
    ]);
  });
  after(() => host()?.sh('dpkg --purge tbar tfoo tprov tdep >/dev/null 2>&1; true'));

  it('present: an exact version, predicted, made, unchanged', async () => {
    const args = { name: 'tfoo=1.0' };
    const check = await host().run('apt', args, { check: true, diff: true });
    expect(check).to.deep.include({ changed: true, requests: 1 });
    expect(check.diff?.[0]?.prepared).to.contain('The following NEW packages will be installed:\n  tfoo');
    expect(await version('tfoo')).to.equal('');
    const r = await host().run('apt', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r).to.deep.include({ changed: true, requests: 1 });
    expect(r.values.stdout).to.contain('Setting up tfoo (1.0)');
    expect(await version('tfoo')).to.equal('ii 1.0');
    for (const name of ['tfoo=1.0', 'tfoo', 'tfoo=1.*', 'tfoo>=0.9', 'tfoo:all']) {
      const again = await host().run('apt', { name });
      expect(again, name).to.deep.include({ changed: false, requests: 1 });
      expect(again.values).to.have.property('cache_update_time').above(1_600_000_000);
      expect(again.values).to.not.have.property('stdout');
    }
  });
  it('latest and >= upgrade', async () => {
    expect((await host().run('apt', { name: 'tfoo>=1.5' }, { check: true })).changed).to.equal(true);
    expect((await host().run('apt', { name: 'tfoo', state: 'latest' })).changed).to.equal(true);
    expect(await version('tfoo')).to.equal('ii 2.0');
    expect(await host().run('apt', { name: 'tfoo', state: 'latest' })).to.deep.include({ changed: false, requests: 1 });
    const down = await host().run('apt', { name: 'tfoo=1.0' });
    expect(down.failed).to.equal(true);
    expect(down.values.rc).to.equal(100);
    expect((await host().run('apt', { name: 'tfoo=1.0', allow_downgrade: true })).changed).to.equal(true);
  });
  it('several, with dependencies, and what was automatic becomes manual', async () => {
    await host().run('apt', { name: 'tfoo', state: 'absent', purge: true });
    expect((await host().run('apt', { name: ['tbar', 'tprov'] })).changed).to.equal(true);
    expect(await host().sh('apt-mark showauto')).to.contain('tfoo');
    expect((await host().run('apt', { name: 'tfoo' })).changed).to.equal(false);
    expect(await host().sh('apt-mark showauto')).to.not.contain('tfoo');
  });
  it('a virtual package that something provides is there', async () => {
    expect((await host().run('apt', { name: 'tvirt' })).changed).to.equal(false);
  });
  it('names that match, and names that do not', async () => {
    expect((await host().run('apt', { name: 'tpro*' })).changed).to.equal(false);
    const none = await host().run('apt', { name: 'no-such-package-x' });
    expect(none.failed).to.equal(true);
    expect(none.values.msg).to.equal("No package matching 'no-such-package-x' is available");
    const evil = await host().run('apt', { name: '$(touch /tmp/evil)' });
    expect(evil.values.msg).to.contain('invalid package name');
  });
  it('dependencies that cannot be met leave nothing behind', async () => {
    const r = await host().run('apt', { name: 'tdep' });
    expect(r.failed).to.equal(true);
    expect(await version('tdep')).to.equal('');
  });
  it('absent keeps configuration, purge does not', async () => {
    expect((await host().run('apt', { name: 'tprov', state: 'absent' }, { check: true })).changed).to.equal(true);
    expect((await host().run('apt', { name: 'tprov', state: 'absent' })).changed).to.equal(true);
    expect(await version('tprov')).to.equal('rc 1.0');
    expect(await host().run('apt', { name: 'tprov', state: 'absent' })).to.deep.include({
      changed: false,
      requests: 1,
    });
    expect((await host().run('apt', { name: 'tprov', state: 'absent', purge: true })).changed).to.equal(true);
    expect(await version('tprov')).to.equal('');
  });
  it('an age of the lists alone, and nothing at all', async () => {
    expect(await host().run('apt', { update_cache: true })).to.deep.include({ failed: false });
    const aged = await host().run('apt', { cache_valid_time: 14_400 });
    expect(aged).to.deep.include({ failed: false, changed: false });
    expect(aged.values['cache_updated']).to.equal(false);
    expect(await host().run('apt', {})).to.deep.include({ failed: false, changed: false });
  });

  it('autoremove, clean', async () => {
    await host().sh('apt-mark auto tfoo >/dev/null; apt-get -qq -y remove tbar >/dev/null');
    expect((await host().run('apt', { autoremove: true })).changed).to.equal(true);
    expect(await version('tfoo')).to.match(/^(rc 2.0)?$/);
    expect((await host().run('apt', { autoremove: true })).changed).to.equal(false);
    expect((await host().run('apt', { clean: true })).changed).to.equal(true);
  });
  it('a package file, with its dependency', async () => {
    const args = { deb: '/srv/repo/tbar_1.0_all.deb' };
    expect((await host().run('apt', args, { check: true })).changed).to.equal(true);
    const r = await host().run('apt', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r.changed).to.equal(true);
    expect(await version('tfoo')).to.equal('ii 2.0');
    expect((await host().run('apt', args)).changed).to.equal(false);
  });
  it('update_cache with cache_valid_time, and a source that fails', async () => {
    const valid = await host().run('apt', { update_cache: true, cache_valid_time: 100_000_000 });
    expect(valid).to.deep.include({ changed: false, requests: 1 });
    expect(valid.values.cache_updated).to.equal(false);
    await host().sh('touch -d 2020-01-01 /var/lib/apt/lists');
    const old = await host().run('apt', { update_cache: true, cache_valid_time: 3600 });
    expect(old.requests).to.equal(1);
    expect(old.values.cache_update_time).to.be.above(1_600_000_000);
    // Lists that are young enough are not fetched again.
    const young = await host().run('apt', { update_cache: true, cache_valid_time: 3600 });
    expect(young).to.deep.include({ changed: false, requests: 1 });
    expect(young.values.cache_updated).to.equal(false);
    await host().sh("echo 'deb [trusted=yes] file:/srv/nowhere ./' >/etc/apt/sources.list.d/bad.list");
    const bad = await host().run('apt', { update_cache: true, update_cache_retries: 1 });
    expect(bad.failed).to.equal(true);
    expect(bad.values.msg).to.match(/^Failed to update apt cache after 1 retries: /);
    await host().sh('rm /etc/apt/sources.list.d/bad.list');
  });
});
