import { expect } from 'chai';
import { makeRepository } from './apt-repository.ts';
import { Fakes } from './fakes.ts';
import { useLabHost } from './lab-host.ts';

describe('package on a Debian host', function () {
  this.timeout(60_000);
  const host = useLabHost();
  before(() => makeRepository(host(), [['tfoo', '1.0']]));
  after(() => host()?.sh('dpkg --purge tfoo >/dev/null 2>&1; true'));
  it('finds apt by itself: one request, once', async () => {
    const args = { name: 'tfoo', state: 'present' };
    expect((await host().run('package', args, { check: true })).changed).to.equal(true);
    const r = await host().run('package', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r).to.deep.include({ changed: true, requests: 1 });
    expect(await host().run('package', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('package', { name: 'tfoo', state: 'absent' })).changed).to.equal(true);
    // Arguments that only apt has are apt's, checked as apt checks them.
    const more = { ...args, install_recommends: false, update_cache: false };
    expect(await host().run('package', more)).to.deep.include({ changed: true, requests: 2 });
    expect((await host().run('package', { ...more, use: 'ansible.builtin.apt' })).values).to.include({
      cache_updated: false,
    });
    // Ansible's documentation calls both required; its package managers do not.
    expect(await host().run('package', { name: 'tfoo' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('package', { use: 'apt', update_cache: true })).failed).to.equal(false);
    const odd = await host().run('package', { ...args, enablerepo: 'epel' });
    expect(odd.values.msg).to.contain('`apt` has no argument `enablerepo`');
    const none = await host().run('package', { ...args, use: 'nopm' });
    expect(none.values.msg).to.contain('Could not find a matching action for the "nopm" package manager');
  });
});

// No system of these families can be had here: the programs are played, with answers worded as dnf 4, apk 2, pacman 6 and
// zypper 1.14 word them.
describe('dnf, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.put('installed', 'bash\n');
    fakes.set(
      'rpm',
      `for n; do :; done; grep -qx "$n" "$LOG/installed" || { echo "package $n is not installed"; exit 1; }`,
    );
    fakes.set(
      'dnf',
      `for n; do :; done; n=\${n%%-[0-9]*}
case "$*" in
  *--assumeno*install*) printf 'Dependencies resolved.\\nInstalling:\\n %s\\nTransaction Summary\\n' "$n"; echo 'Operation aborted.' >&2; printf 'Operation aborted.\\n'; exit 1;;
  *install*nope*) echo 'Error: Unable to find a match: nope' >&2; exit 1;;
  *install*bash*) printf 'Package bash-5.2.26-3.fc40.x86_64 is already installed.\\nDependencies resolved.\\nNothing to do.\\nComplete!\\n';;
  *install*) echo "$n" >>"$LOG/installed"; printf 'Running transaction\\n\\nInstalled:\\n  %s-1.0-1.x86_64          %s-libs-1.0-1.x86_64\\n\\nComplete!\\n' "$n" "$n";;
  *remove*) grep -vx "$n" "$LOG/installed" >"$LOG/i2"; mv "$LOG/i2" "$LOG/installed"; printf 'Removed:\\n  %s-1.0-1.x86_64\\n\\nComplete!\\n' "$n";;
esac`,
    );
  });
  after(() => fakes.remove());
  it('present, unchanged, latest, absent', async () => {
    expect((await host.run('dnf', { name: 'htop' }, { check: true })).changed).to.equal(true);
    fakes.calls();
    const r = await host.run('dnf', { name: ['htop', 'bash'], enablerepo: 'extra', disable_gpg_check: true });
    expect(r).to.deep.include({ changed: true, requests: 1 });
    expect(r.values.results).to.deep.equal(['Installed: htop-1.0-1.x86_64', 'Installed: htop-libs-1.0-1.x86_64']);
    expect(fakes.calls(/^rpm/)).to.deep.equal(['dnf -y --nogpgcheck --enablerepo=extra install htop']);
    const again = await host.run('dnf', { name: ['htop', 'bash'] });
    expect(again).to.deep.include({ changed: false, requests: 1 });
    expect(again.values).to.include({ msg: 'Nothing to do', rc: 0 });
    expect(fakes.calls(/^rpm/)).to.deep.equal([]);
    expect((await host.run('yum', { name: 'bash', state: 'latest', use_backend: 'dnf' })).changed).to.equal(false);
    expect((await host.run('dnf', { name: 'htop', state: 'removed' })).changed).to.equal(true);
    expect((await host.run('dnf', { name: 'htop', state: 'absent' })).changed).to.equal(false);
  });
  it('what cannot be found fails with what dnf said; names are never shell', async () => {
    const r = await host.run('dnf', { name: 'nope' });
    expect(r.values.msg).to.contain('Unable to find a match: nope');
    expect(r.values.rc).to.equal(1);
    expect((await host.run('dnf', { name: 'a;id' })).values.msg).to.contain('invalid package name');
  });
});

describe('apk, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.put('installed', 'busybox\n');
    fakes.set(
      'apk',
      `case "$*" in
info*) shift 2; for n; do grep -x "$n" "$LOG/installed"; done; exit 0;;
update*) echo 'OK: 24177 distinct packages available'; exit;;
esac
for n; do :; done
case "$*" in
add*nope*) echo 'ERROR: unable to select packages:
  nope (no such package):
    required by: world[nope]'; exit 1;;
add*--upgrade*) echo 'OK: 8 MiB in 15 packages';;
add*--simulate*) echo "(1/1) Installing $n (8.8.0-r0)"; echo 'OK: 8 MiB in 15 packages';;
add*) echo "$n" >>"$LOG/installed"; echo "(1/1) Installing $n (8.8.0-r0)"; echo 'OK: 13 MiB in 24 packages';;
del*) grep -vx "$n" "$LOG/installed" >"$LOG/i2"; mv "$LOG/i2" "$LOG/installed"; echo "(1/1) Purging $n (8.8.0-r0)";;
esac`,
    );
  });
  after(() => fakes.remove());
  it('present, unchanged, latest, absent', async () => {
    expect((await host.run('apk', { name: 'curl' }, { check: true })).changed).to.equal(true);
    const r = await host.run('apk', { name: 'curl,busybox', update_cache: true });
    expect(r).to.deep.include({ changed: true, requests: 1 });
    expect(r.values.packages).to.deep.equal(['curl']);
    expect(await host.run('apk', { name: ['curl', 'busybox'] })).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('apk', { name: 'curl', state: 'latest' })).changed).to.equal(false);
    expect((await host.run('apk', { name: 'curl', state: 'absent' })).changed).to.equal(true);
    expect((await host.run('apk', { name: 'nope' })).values.msg).to.contain('no such package');
    expect((await host.run('package', { name: 'curl', state: 'present', use: 'apk' })).changed).to.equal(true);
  });
});

describe('pacman, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.put('installed', 'bash\n');
    fakes.set(
      'pacman',
      `for n; do :; done
case "$*" in
'--query --quiet') cat "$LOG/installed";;
--query\\ --groups*|--deptest*) exit 1;;
*--print-format*nope*) echo 'error: target not found: nope' >&2; exit 1;;
*--print-format*bash) echo ' there is nothing to do';;
*--print-format*) echo "$n";;
--sync*) echo "$n" >>"$LOG/installed"; echo "installing $n...";;
--remove*) : >"$LOG/installed";;
esac`,
    );
  });
  after(() => fakes.remove());
  it('present, unchanged, latest, absent', async () => {
    expect((await host.run('pacman', { name: 'vim' }, { check: true })).changed).to.equal(true);
    expect((await host.run('pacman', { name: 'vim' })).changed).to.equal(true);
    expect(await host.run('pacman', { name: 'vim' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('pacman', { name: 'bash', state: 'latest' })).changed).to.equal(false);
    expect((await host.run('pacman', { name: 'vim', state: 'absent' })).changed).to.equal(true);
    expect((await host.run('pacman', { name: 'nope' })).values.msg).to.contain('target not found: nope');
  });
});

describe('zypper, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.put('installed', 'bash\n');
    fakes.set('rpm', `for n; do :; done; grep -qx "$n" "$LOG/installed"`);
    fakes.set(
      'zypper',
      `for n; do :; done
case "$*" in *nope*) echo "Package 'nope' not found."; exit 104;; *--dry-run*) echo "The following NEW package is going to be installed: $n"; exit 0;;
*remove*) : >"$LOG/installed";; *install*) echo "$n" >>"$LOG/installed"; echo 'The following NEW package is going to be installed:';; esac`,
    );
  });
  after(() => fakes.remove());
  it('present, unchanged, absent, not found', async () => {
    expect((await host.run('zypper', { name: 'nmap' }, { check: true })).changed).to.equal(true);
    expect((await host.run('zypper', { name: 'nmap', force: true })).changed).to.equal(true);
    expect(fakes.calls(/^rpm/).at(-1)).to.equal(
      'zypper --quiet --non-interactive --no-refresh install --type package --auto-agree-with-licenses --no-recommends --force -- nmap',
    );
    expect(await host.run('zypper', { name: 'nmap' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('zypper', { name: 'nmap', state: 'absent' })).changed).to.equal(true);
    const r = await host.run('zypper', { name: 'nope' });
    expect(r.values.rc).to.equal(104);
  });
});
