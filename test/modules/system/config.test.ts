import { expect } from 'chai';
import { makeRepository } from './apt-repository.ts';
import { useLabHost } from './lab-host.ts';

describe('mount on a plain host', function () {
  this.timeout(60_000);
  const host = useLabHost();
  const fstab = '/tmp/tfstab';
  before(() =>
    host().sh(`umount /mnt/t 2>/dev/null; rm -rf /mnt/t; printf '# head\\n/dev/x / ext4 defaults 0 1\\n' >${fstab}`),
  );
  after(() => host()?.sh(`umount /mnt/t 2>/dev/null; rm -rf /mnt/t ${fstab}`));
  const args = { path: '/mnt/t/a b', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m', fstab };
  const lines = () => host().sh(`cat ${fstab}`);

  it('present writes fstab only', async () => {
    expect((await host().run('mount', { ...args, state: 'present' }, { check: true })).changed).to.equal(true);
    expect(await lines()).to.not.contain('tmpfs');
    const r = await host().run('mount', { ...args, state: 'present' });
    expect(r.changed).to.equal(true);
    expect(r.values).to.include({ name: '/mnt/t/a b', fstab, boot: 'yes', dump: '0', opts: 'size=1m' });
    expect(await lines()).to.equal('# head\n/dev/x / ext4 defaults 0 1\ntmpfs /mnt/t/a\\040b tmpfs size=1m 0 0');
    expect(await host().run('mount', { ...args, state: 'present' })).to.deep.include({ changed: false, requests: 1 });
  });
  it('mounted mounts, once; new options remount', async () => {
    const r = await host().run('mount', { ...args, state: 'mounted' });
    expect(r.values.msg).to.equal(undefined);
    expect(r.changed).to.equal(true);
    expect(await host().sh("grep -c '/mnt/t/a.040b tmpfs' /proc/mounts")).to.equal('1');
    expect(await host().run('mount', { ...args, state: 'mounted' })).to.deep.include({ changed: false, requests: 1 });
    const other = { ...args, opts: 'size=2m', backup: true };
    const again = await host().run('mount', { ...other, state: 'mounted' });
    expect(again.changed).to.equal(true);
    expect(again.values.backup_file).to.match(/^\/tmp\/tfstab\.\d+\./);
    expect(await host().sh('grep a.040b /proc/mounts')).to.contain('size=2048k');
    await host().sh(`rm -f ${fstab}.*`);
  });
  it('unmounted leaves fstab; absent takes both and the folder away', async () => {
    expect((await host().run('mount', { path: args.path, state: 'unmounted', fstab })).changed).to.equal(true);
    expect((await host().run('mount', { path: args.path, state: 'unmounted', fstab })).changed).to.equal(false);
    expect(await lines()).to.contain('tmpfs');
    await host().run('mount', { ...args, state: 'mounted' });
    const r = await host().run('mount', { path: args.path, state: 'absent', fstab });
    expect(r.changed).to.equal(true);
    expect(await lines()).to.equal('# head\n/dev/x / ext4 defaults 0 1');
    expect(await host().sh("ls -d '/mnt/t/a b' 2>/dev/null || echo gone")).to.equal('gone');
    expect((await host().run('mount', { path: args.path, state: 'absent', fstab })).changed).to.equal(false);
  });
  it('what cannot be mounted leaves fstab as it was', async () => {
    const r = await host().run('mount', { ...args, src: '/dev/nope', fstype: 'ext4', state: 'mounted' });
    expect(r.failed).to.equal(true);
    expect(r.values.msg).to.match(/^Error mounting \/mnt\/t\/a b: /);
    expect(await lines()).to.equal('# head\n/dev/x / ext4 defaults 0 1');
  });
});

describe('sysctl on a plain host', function () {
  this.timeout(60_000);
  const host = useLabHost();
  const sysctl_file = '/etc/sysctl.d/t.conf';
  const name = 'net.ipv4.ip_forward';
  // systemd-nspawn mounts it read-only; what is set here belongs to the host's own network namespace.
  before(() =>
    host().sh(`rm -f ${sysctl_file}; mount -o remount,bind,rw /proc/sys; echo 0 >/proc/sys/net/ipv4/ip_forward`),
  );
  after(() =>
    host()?.sh(`rm -f ${sysctl_file}; echo 0 >/proc/sys/net/ipv4/ip_forward; mount -o remount,bind,ro /proc/sys`),
  );
  it('file and running system, once', async () => {
    const args = { name, value: 'yes', sysctl_file, sysctl_set: true };
    expect((await host().run('sysctl', args, { check: true })).changed).to.equal(true);
    expect(await host().sh(`ls ${sysctl_file} 2>/dev/null || echo none; cat /proc/sys/net/ipv4/ip_forward`)).to.equal(
      'none\n0',
    );
    const r = await host().run('sysctl', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r.changed).to.equal(true);
    expect(await host().sh(`cat ${sysctl_file} /proc/sys/net/ipv4/ip_forward`)).to.equal(`${name}=1\n1`);
    expect(await host().run('sysctl', args)).to.deep.include({ changed: false, requests: 1 });
    await host().sh('echo 0 >/proc/sys/net/ipv4/ip_forward');
    expect((await host().run('sysctl', args)).changed).to.equal(true);
    expect(await host().sh('cat /proc/sys/net/ipv4/ip_forward')).to.equal('1');
  });
  it('other lines are kept, doubles are not; absent; what the kernel does not know', async () => {
    await host().sh(`printf '# c\\n${name} = 0\\nnet.ipv4.tcp_syncookies = 1\\n${name}=0\\n' >${sysctl_file}`);
    expect((await host().run('sysctl', { name, value: '1', sysctl_file, reload: false })).changed).to.equal(true);
    expect(await host().sh(`cat ${sysctl_file}`)).to.equal(`# c\n${name}=1\nnet.ipv4.tcp_syncookies=1`);
    expect((await host().run('sysctl', { name, state: 'absent', sysctl_file, reload: false })).changed).to.equal(true);
    expect((await host().run('sysctl', { name, state: 'absent', sysctl_file, reload: false })).changed).to.equal(false);
    const bad = await host().run('sysctl', { name: 'net.no.such', value: '1', sysctl_file });
    expect(bad.values.msg).to.match(/^Failed to reload sysctl: /);
  });
});

describe('apt_repository and deb822_repository on a plain host', function () {
  this.timeout(120_000);
  const host = useLabHost();
  before(async () => {
    await makeRepository(host(), [['tfoo', '1.0']]);
    await host().sh('rm -rf /srv/repo2; cp -r /srv/repo /srv/repo2');
  });
  after(() => host()?.sh('rm -rf /srv/repo2 /etc/apt/sources.list.d/*'));
  const repo = 'deb [trusted=yes]  file:/srv/repo2   ./';
  const file = '/etc/apt/sources.list.d/file_srv_repo2.list';

  it('a line: added, unchanged, enabled again, removed', async () => {
    const check = await host().run('apt_repository', { repo }, { check: true, diff: true });
    expect(check).to.deep.include({ changed: true, requests: 1 });
    expect(check.diff![0]).to.include({
      before_header: '/dev/null',
      after_header: file,
      after: 'deb [trusted=yes] file:/srv/repo2 ./\n',
    });
    const r = await host().run('apt_repository', { repo });
    expect(r.values.msg).to.equal(undefined);
    expect(r.values.sources_added).to.deep.equal([file]);
    expect(await host().sh(`stat -c %a ${file}; ls /var/lib/apt/lists | grep -c repo2`)).to.equal('644\n1');
    expect(await host().run('apt_repository', { repo })).to.deep.include({ changed: false, requests: 1 });
    await host().sh(`sed -i 's/^/# /' ${file}`);
    expect((await host().run('apt_repository', { repo, update_cache: false })).changed).to.equal(true);
    expect(await host().sh(`cat ${file}`)).to.equal('deb [trusted=yes] file:/srv/repo2 ./');
    const gone = await host().run('apt_repository', { repo, state: 'absent' });
    expect(gone.values.sources_removed).to.deep.equal([file]);
    expect(await host().sh(`ls ${file} 2>/dev/null || echo gone`)).to.equal('gone');
    expect((await host().run('apt_repository', { repo, state: 'absent' })).changed).to.equal(false);
  });
  it('a source that cannot be read is taken back', async () => {
    const r = await host().run('apt_repository', {
      repo: 'deb [trusted=yes] file:/srv/none ./',
      filename: 'x',
      update_cache_retries: 1,
    });
    expect(r.values.msg).to.match(/^Failed to update apt cache: /);
    expect(await host().sh('ls /etc/apt/sources.list.d/x.list 2>/dev/null || echo gone')).to.equal('gone');
    expect((await host().run('apt_repository', { repo: 'nonsense' })).values.msg).to.equal(
      'Invalid repository string: nonsense',
    );
  });
  it('deb822: file and key, as Ansible orders the fields', async () => {
    await host().sh("printf -- '-----BEGIN PGP PUBLIC KEY BLOCK-----\\nx\\n' >/srv/key.asc");
    const args = {
      name: 'My Repo_x',
      types: ['deb'],
      uris: 'http://example.org/debian',
      suites: ['stable', 'testing'],
      components: 'main',
      allow_insecure: false,
      signed_by: '/srv/key.asc',
    };
    // Field order and names: X-Repolib-Name stands where `name` sorts.
    const text =
      'Allow-Insecure: no\nComponents: main\nX-Repolib-Name: My Repo_x\nSigned-By: /srv/key.asc\nSuites: stable testing\nTypes: deb\nURIs: http://example.org/debian\n';
    const check = await host().run('deb822_repository', args, { check: true });
    expect(check).to.deep.include({ changed: true, requests: 1 });
    const r = await host().run('deb822_repository', args);
    expect(r.values).to.deep.include({
      mode: '0644',
      state: 'file',
      size: text.length,
      repo: text,
      dest: '/etc/apt/sources.list.d/my-repo-x.sources',
      key_filename: '/srv/key.asc',
    });
    expect(`${await host().sh('cat /etc/apt/sources.list.d/my-repo-x.sources')}\n`).to.equal(text);
    expect(await host().run('deb822_repository', args)).to.deep.include({ changed: false, requests: 1 });
    const url = { ...args, signed_by: 'file:///srv/key.asc' };
    const k = await host().run('deb822_repository', url);
    expect(k.values.key_filename).to.equal('/etc/apt/keyrings/my-repo-x.asc');
    expect(k.values.repo).to.contain('X-Repolib-Name: My Repo_x\nSigned-By: /etc/apt/keyrings/my-repo-x.asc\nSuites:');
    expect(await host().run('deb822_repository', url)).to.deep.include({ changed: false, requests: 1 });
    const inline = await host().run('deb822_repository', { ...args, signed_by: '-----BEGIN\n\nabc\n-----END\n' });
    expect(inline.values.repo).to.contain('Signed-By:\n    -----BEGIN\n    .\n    abc\n    -----END\nSuites');
    expect((await host().run('deb822_repository', { name: 'My Repo_x', state: 'absent' })).changed).to.equal(true);
    expect((await host().run('deb822_repository', { name: 'My Repo_x', state: 'absent' })).changed).to.equal(false);
  });
});

describe('debconf, dpkg_selections, timezone, service_facts, package_facts, mount_facts on a plain host', function () {
  this.timeout(60_000);
  const host = useLabHost();
  it('debconf', async () => {
    const args = { name: 'tpkg', question: 'tpkg/which', vtype: 'string', value: 'a b: c' };
    expect((await host().run('debconf', args, { check: true })).changed).to.equal(true);
    const r = await host().run('debconf', args);
    expect(r.values.msg).to.equal('');
    expect(r.changed).to.equal(true);
    expect(await host().run('debconf', args)).to.deep.include({ changed: false, requests: 1 });
    expect(await host().sh("echo 'get tpkg/which' | debconf-communicate tpkg")).to.equal('0 a b: c');
    const secret = { name: 'tpkg', question: 'tpkg/pw', vtype: 'password', value: 's3cret' };
    expect((await host().run('debconf', secret)).changed).to.equal(true);
    expect((await host().run('debconf', secret)).changed).to.equal(false);
    const yes = { name: 'tpkg', question: 'tpkg/yes', vtype: 'boolean', value: true };
    expect((await host().run('debconf', yes)).changed).to.equal(true);
    expect((await host().run('debconf', yes)).changed).to.equal(false);
  });
  it('dpkg_selections', async () => {
    await host().sh('echo tar install | dpkg --set-selections');
    const args = { name: 'tar', selection: 'hold' };
    expect((await host().run('dpkg_selections', args)).values).to.deep.equal({ before: 'install', after: 'hold' });
    expect(await host().run('dpkg_selections', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('dpkg_selections', { name: 'tar', selection: 'install' })).changed).to.equal(true);
    expect((await host().run('dpkg_selections', { name: 'nope', selection: 'hold' })).values.msg).to.match(
      /^Failed to find package/,
    );
  });
  it('timezone', async () => {
    const zones = await host().sh('ls /usr/share/zoneinfo/Europe/Berlin 2>/dev/null || true');
    if (zones === '')
      await host().sh(
        'mkdir -p /usr/share/zoneinfo/Europe; printf TZif2 >/usr/share/zoneinfo/Europe/Berlin; printf TZif2 >/usr/share/zoneinfo/UTC',
      );
    await host().run('timezone', { name: 'UTC' });
    const r = await host().run('timezone', { name: 'Europe/Berlin' }, { diff: true });
    expect(r.changed).to.equal(true);
    expect(r.diff![0]!.after).to.equal('{\n    "name": "Europe/Berlin"\n}\n');
    expect(await host().sh('readlink /etc/localtime')).to.contain('zoneinfo/Europe/Berlin');
    expect(await host().run('timezone', { name: 'Europe/Berlin' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('timezone', { name: 'No/Where' })).values.msg).to.equal(
      'given timezone "No/Where" is not available',
    );
    await host().run('timezone', { name: 'UTC' });
  });
  it('the facts modules', async () => {
    const services = await host().run('service_facts');
    expect(services.requests).to.equal(1);
    expect(services.facts!['services']['ssh.service']).to.deep.equal({
      name: 'ssh.service',
      state: 'running',
      status: 'enabled',
      source: 'systemd',
    });
    const packages = await host().run('package_facts');
    expect(packages.requests).to.equal(1);
    expect(packages.facts!['packages'].bash[0]).to.include({
      name: 'bash',
      arch: 'amd64',
      source: 'apt',
      category: 'shells',
    });
    const mounts = await host().run('mount_facts', { fstypes: 'overlay' });
    expect(mounts.requests).to.equal(1);
    expect(Object.keys(mounts.facts!['mount_points'])).to.deep.equal(['/']);
    expect(mounts.facts!['mount_points']['/'].size_total).to.be.above(1_000_000);
  });
});
