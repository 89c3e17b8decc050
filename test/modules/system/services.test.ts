import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestHost } from './host.ts';
import { useLabHost } from './lab-host.ts';

describe('systemd and service on a plain host', function () {
  this.timeout(60_000);
  const host = useLabHost();
  const unit =
    '[Unit]\nDescription=test\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
  before(async () => {
    await host().sh(
      `systemctl stop tsleep 2>/dev/null; systemctl unmask tsleep 2>/dev/null; systemctl disable tsleep 2>/dev/null; true`,
    );
    await host().sh(`printf '${unit}' >/etc/systemd/system/tsleep.service; systemctl daemon-reload`);
  });
  after(async () => {
    await host()?.sh(
      'systemctl stop tsleep; systemctl disable tsleep; rm -f /etc/systemd/system/tsleep.service; systemctl daemon-reload',
    );
  });
  const is = (what: string) => host().sh(`systemctl is-${what} tsleep || true`);

  for (const module of ['systemd', 'service']) {
    it(`${module}: started and enabled, then unchanged, then not`, async () => {
      const args = { name: 'tsleep', state: 'started', enabled: true };
      const check = await host().run(module, args, { check: true });
      expect(check).to.deep.include({ changed: true, requests: 1 });
      expect(await is('active')).to.equal('inactive');
      const r = await host().run(module, args);
      expect(r).to.deep.include({ changed: true, requests: 1 });
      expect(r.values).to.include({ name: 'tsleep', state: 'started', enabled: true });
      expect(r.values.status).to.include({ Id: 'tsleep.service', ActiveState: 'inactive', UnitFileState: 'disabled' });
      expect([await is('active'), await is('enabled')]).to.deep.equal(['active', 'enabled']);
      const again = await host().run(module, args);
      expect(again).to.deep.include({ changed: false, requests: 1 });
      expect(again.values.status.ActiveState).to.equal('active');
      const pid = await host().sh('systemctl show -p MainPID tsleep');
      const reloaded = await host().run(module, { name: 'tsleep', state: 'reloaded' });
      expect(reloaded.changed).to.equal(true);
      expect(await host().sh('systemctl show -p MainPID tsleep')).to.equal(pid);
      expect((await host().run(module, { name: 'tsleep', state: 'restarted' })).values.state).to.equal('started');
      expect(await host().sh('systemctl show -p MainPID tsleep')).to.not.equal(pid);
      const off = await host().run(module, { name: 'tsleep', state: 'stopped', enabled: false });
      expect(off.changed).to.equal(true);
      expect([await is('active'), await is('enabled')]).to.deep.equal(['inactive', 'disabled']);
      expect((await host().run(module, { name: 'tsleep', state: 'stopped', enabled: false })).changed).to.equal(false);
    });
  }
  it('masked', async () => {
    await host().sh('mv /etc/systemd/system/tsleep.service /lib/systemd/system/; systemctl daemon-reload');
    const args = { name: 'tsleep', masked: true };
    expect((await host().run('systemd', args, { check: true })).changed).to.equal(true);
    expect((await host().run('systemd', args)).changed).to.equal(true);
    expect(await is('enabled')).to.equal('masked');
    expect(await host().run('systemd', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('systemd', { name: 'tsleep', masked: false })).changed).to.equal(true);
    await host().sh('mv /lib/systemd/system/tsleep.service /etc/systemd/system/; systemctl daemon-reload');
  });
  it('a unit that is not there', async () => {
    for (const module of ['systemd', 'service']) {
      const r = await host().run(module, { name: 'no-such-unit', state: 'started' });
      expect(r.values.msg).to.equal('Could not find the requested service no-such-unit: host');
    }
    const stopped = await host().run('systemd', { name: 'no-such-unit', state: 'stopped' });
    expect(stopped.failed).to.equal(true);
  });
  it('daemon_reload alone changes nothing it reports; a broken start says why', async () => {
    const r = await host().run('systemd', { daemon_reload: true });
    expect(r).to.deep.include({ changed: false, requests: 1 });
    expect(r.values).to.deep.include({ name: null, status: {} });
    await host().sh(`printf '[Service]\nType=oneshot\nExecStart=/bin/false\n' >/run/systemd/system/tbad.service`);
    const bad = await host().run('systemd', { name: 'tbad', state: 'started', daemon_reload: true });
    expect(bad.failed).to.equal(true);
    expect(bad.values.msg).to.match(/^Unable to start service tbad: Job for tbad.service failed/);
    await host().sh('rm /run/systemd/system/tbad.service; systemctl daemon-reload');
  });
  it('a user manager without a session says so', async () => {
    const r = await host().run('systemd', { name: 'x', state: 'started', scope: 'user' });
    expect(r.failed).to.equal(true);
  });
});

describe('SysV scripts and OpenRC (through commands that play them)', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'rc-'));
    const fake = (name: string, text: string) => writeFileSync(join(dir, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
    fake(
      'svc',
      `case $1 in status) [ -e ${dir}/on ] && echo "svc is running" || { echo "svc is stopped"; exit 3; };;
start) : >${dir}/on;; stop) rm ${dir}/on;; reload) echo again;; esac`,
    );
  });
  after(() => rmSync(dir, { recursive: true }));

  it('sysvinit by the path of a script', async () => {
    const host = new TestHost({});
    const name = join(dir, 'svc');
    const r = await host.run('sysvinit', { name, state: 'started' });
    expect(r.changed).to.equal(true);
    expect(r.values.status.started).to.include({ changed: true, rc: 0 });
    const again = await host.run('sysvinit', { name, state: 'started' });
    expect(again).to.deep.include({ changed: false, requests: 1 });
    expect(again.values.status.enabled).to.deep.equal({ changed: false, rc: null, stdout: null, stderr: null });
    expect((await host.run('sysvinit', { name, state: 'reloaded' })).values.status.reloaded.stdout).to.equal('again');
    expect((await host.run('sysvinit', { name, state: 'stopped' }, { check: true })).changed).to.equal(true);
    expect((await host.run('sysvinit', { name, state: 'stopped' })).changed).to.equal(true);
    expect((await host.run('sysvinit', { name, state: 'stopped' })).changed).to.equal(false);
    const missing = await host.run('sysvinit', { name: '/nope/svc', state: 'stopped' });
    expect(missing.values.msg).to.equal('Could not find the requested service /nope/svc: ');
  });
});
