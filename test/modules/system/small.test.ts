import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UnreachableError } from '../../../engine/errors.ts';
import { TestHost } from './host.ts';
import { useLabHost } from './lab-host.ts';

describe('getent', () => {
  const host = new TestHost();
  it('an entry, by its fields, into facts', async () => {
    const r = await host.run('getent', { database: 'passwd', key: 'root' });
    expect(r).to.deep.include({ changed: false, requests: 1 });
    expect(r.facts!['getent_passwd'].root.slice(0, 3)).to.deep.equal(['x', '0', '0']);
    expect(r.values.ansible_facts).to.deep.equal(r.facts);
  });
  it('all of it; blanks separate other databases; several of one key', async () => {
    const r = await host.run('getent', { database: 'group' });
    expect(r.facts!['getent_group']).to.have.property('root');
    const services = await host.run('getent', { database: 'hosts', key: '127.0.0.1' });
    expect(services.facts!['getent_hosts']['127.0.0.1']).to.include('localhost');
  });
  it('what is not there', async () => {
    const r = await host.run('getent', { database: 'passwd', key: 'nobody-of-that-name' });
    expect(r.values.msg).to.equal('One or more supplied key could not be found in the database.');
    const soft = await host.run('getent', { database: 'passwd', key: 'nobody-of-that-name', fail_key: false });
    expect(soft.facts!['getent_passwd']).to.deep.equal({ 'nobody-of-that-name': null });
    const none = await host.run('getent', { database: 'no-database' });
    expect(none.values.msg).to.equal('Missing arguments, or database unknown.');
  });
});

for (const image of ['plain', 'busybox'] as const) {
  describe(`hostname on a ${image} host`, function () {
    this.timeout(60_000);
    const host = useLabHost(image);
    after(() => host()?.run('hostname', { name: 'node-1' }));
    it('is set now and for later, once', async () => {
      const check = await host().run('hostname', { name: 'other.example.org' }, { check: true, diff: true });
      expect(check).to.deep.include({ changed: true, requests: 1 });
      expect(check.diff).to.deep.equal([{ before: 'hostname = node-1\n', after: 'hostname = other.example.org\n' }]);
      expect(await host().sh('cat /proc/sys/kernel/hostname')).to.equal('node-1');
      const r = await host().run('hostname', { name: 'other.example.org' });
      expect(r.values.msg).to.equal(undefined);
      expect(r.changed).to.equal(true);
      expect(r.facts).to.include({ ansible_hostname: 'other', ansible_nodename: 'other.example.org' });
      expect(await host().sh('cat /proc/sys/kernel/hostname /etc/hostname')).to.equal(
        'other.example.org\nother.example.org',
      );
      expect(await host().run('hostname', { name: 'other.example.org' })).to.deep.include({
        changed: false,
        requests: 1,
      });
    });
    it('only one of the two is wrong', async () => {
      await host().sh('echo wrong >/etc/hostname');
      expect((await host().run('hostname', { name: 'other.example.org' })).changed).to.equal(true);
      expect(await host().sh('cat /etc/hostname')).to.equal('other.example.org');
    });
    it('refuses what is no name', async () => {
      expect((await host().run('hostname', { name: '-rf; x' })).failed).to.equal(true);
    });
  });
}

// busybox sh would take its own crontab before the one that plays here.
for (const shell of [['dash'], ['bash', '--posix']]) {
  describe(`cron under ${shell[0]}`, () => {
    let dir: string;
    let host: TestHost;
    before(() => {
      dir = mkdtempSync(join(tmpdir(), 'cron-'));
      // A crontab that keeps each user's table as a file.
      const fake = `#!/bin/sh\nu=root; [ "$1" = -u ] && { u=$2; shift 2; }
case $1 in -l) [ -e ${dir}/tab.$u ] && cat ${dir}/tab.$u || exit 1;; -) cat >${dir}/tab.$u;; esac\n`;
      writeFileSync(join(dir, 'crontab'), fake);
      chmodSync(join(dir, 'crontab'), 0o755);
      host = new TestHost({ shell, fakes: dir });
    });
    after(() => rmSync(dir, { recursive: true }));
    const tab = (user = 'root') => readFileSync(join(dir, `tab.${user}`), 'utf8');

    it('a job: new, unchanged, other times, disabled, gone', async () => {
      const args = { name: 'check dirs', hour: '5,2', job: "ls -l 'a b' > /dev/null", user: 'al' };
      const check = await host.run('cron', args, { check: true, diff: true });
      expect(check).to.deep.include({ changed: true, requests: 1 });
      const text = "#Ansible: check dirs\n* 5,2 * * * ls -l 'a b' > /dev/null\n";
      expect(check.diff![0]).to.include({ before: '', after: text, before_header: 'crontab for user "al"' });
      expect(existsSync(join(dir, 'tab.al'))).to.equal(false);
      const r = await host.run('cron', args);
      expect(r).to.deep.include({ changed: true, requests: 2 });
      expect(r.values).to.deep.equal({ jobs: ['check dirs'], envs: [] });
      expect(tab('al')).to.equal(text);
      expect(await host.run('cron', args)).to.deep.include({ changed: false, requests: 1 });
      await host.run('cron', { ...args, minute: '7', disabled: true });
      expect(tab('al')).to.equal("#Ansible: check dirs\n#7 5,2 * * * ls -l 'a b' > /dev/null\n");
      await host.run('cron', { name: 'check dirs', state: 'absent', user: 'al' });
      expect(tab('al')).to.equal('');
      expect((await host.run('cron', { name: 'check dirs', state: 'absent', user: 'al' })).changed).to.equal(false);
    });
    it('variables before jobs, special times, other lines kept', async () => {
      writeFileSync(join(dir, 'tab.root'), '# mine\n1 2 3 4 5 keep\n');
      await host.run('cron', { name: 'boot', special_time: 'reboot', job: '/run/it' });
      await host.run('cron', { name: 'PATH', env: true, value: '/bin' });
      await host.run('cron', { name: 'MAILTO', env: true, value: '', insertafter: 'PATH' });
      expect(tab()).to.equal('PATH="/bin"\nMAILTO=""\n# mine\n1 2 3 4 5 keep\n#Ansible: boot\n@reboot /run/it\n');
      const r = await host.run('cron', { name: 'PATH', env: true, value: '/bin' });
      expect(r.changed).to.equal(false);
      expect(r.values.envs).to.deep.equal(['PATH', 'MAILTO']);
      await host.run('cron', { name: 'PATH', env: true, state: 'absent' });
      expect(tab()).to.match(/^MAILTO=""\n# mine/);
    });
    it('a job that stands there without a name gets one', async () => {
      writeFileSync(join(dir, 'tab.root'), '0 1 * * * old\n');
      await host.run('cron', { name: 'named', minute: '0', hour: '1', job: 'old' });
      expect(tab()).to.equal('#Ansible: named\n0 1 * * * old\n');
    });
    it('a file of its own, with its user; removed with its last job; backup', async () => {
      const cron_file = join(dir, 'jobs');
      const args = { name: 'j', cron_file, user: 'www', job: 'x' };
      const r = await host.run('cron', args);
      expect(readFileSync(cron_file, 'utf8')).to.equal('#Ansible: j\n* * * * * www x\n');
      expect(r.values.cron_file).to.equal(cron_file);
      const b = await host.run('cron', { ...args, hour: '1', backup: true });
      expect(readFileSync(b.values.backup_file as string, 'utf8')).to.equal('#Ansible: j\n* * * * * www x\n');
      rmSync(b.values.backup_file as string);
      const gone = await host.run('cron', { name: 'j', cron_file, state: 'absent' });
      expect(gone.changed).to.equal(true);
      expect(existsSync(cron_file)).to.equal(false);
      expect((await host.run('cron', { name: 'j', cron_file, state: 'absent' })).changed).to.equal(false);
    });
    it('refuses what makes no sense', async () => {
      const msg = async (args: Record<string, unknown>) => (await host.run('cron', args)).values.msg;
      expect(await msg({ name: 'x' })).to.equal("You must specify 'job' to install a new cron job or variable");
      expect(await msg({ name: 'x', job: 'y', special_time: 'daily', hour: '1' })).to.contain(
        'cannot combine special_time',
      );
      expect(await msg({ name: 'x', job: 'y', cron_file: 'z' })).to.contain('you must specify user');
    });
  });
}

describe('wait_for_connection and reboot', () => {
  class Rebooting extends TestHost {
    override readonly local = false as never;
    fails = 0;
    override async connect() {
      if (this.fails-- > 0) throw new UnreachableError('connection refused');
    }
  }
  it('waits until the host answers', async () => {
    const host = new Rebooting();
    host.fails = 1;
    const r = await host.run('wait_for_connection', { sleep: 1 });
    expect(r.failed).to.equal(false);
    expect(r.values.elapsed).to.equal(1);
    host.fails = 99;
    const late = await host.run('wait_for_connection', { timeout: 1 });
    expect(late.values.msg).to.equal('timed out waiting for ping module test: connection refused');
  });
  it('reboots, waits for another boot id and the test command', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'boot-'));
    writeFileSync(join(dir, 'id'), 'one');
    const host = new Rebooting();
    host.fails = 1;
    const r = await host.run('reboot', {
      reboot_command: `echo two >${dir}/id; echo "$b_msg" >${dir}/msg`,
      boot_time_command: `cat ${dir}/id`,
      test_command: `test -e ${dir}/msg`,
      reboot_timeout: 20,
    });
    expect(r.values.msg).to.equal(undefined);
    expect(r.changed).to.equal(true);
    expect(r.values.rebooted).to.equal(true);
    expect(host.resets).to.be.at.least(2);
    expect(readFileSync(join(dir, 'msg'), 'utf8')).to.equal('Reboot initiated by Ansible\n');
    const same = await host.run('reboot', {
      reboot_command: 'true',
      boot_time_command: 'echo same',
      reboot_timeout: 2,
    });
    expect(same.values.msg).to.contain('timed out waiting for last boot time check');
    rmSync(dir, { recursive: true });
  });
  it('never reboots the controller', async () => {
    const r = await new TestHost().run('reboot', {});
    expect(r.values.msg).to.equal('Running reboot with local connection would reboot the control node.');
  });
});
