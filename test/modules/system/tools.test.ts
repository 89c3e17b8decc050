import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fakes } from './fakes.ts';
import { TestHost } from './host.ts';

const has = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
};

// Programs that are played keep their state in a file and word their answers as the real ones do.

describe('iptables, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    const body = `shift 2; [ "$1" != -w ] || shift 2; verb=$1; chain=$2; shift; [ $# = 0 ] || shift; rule="$chain $*"; touch "$LOG/rules" "$LOG/chains"
case $verb in
-C) grep -qxF -e "$rule" "$LOG/rules" || { echo 'iptables: Bad rule (does a matching rule exist in that chain?).' >&2; exit 1; };;
-A) echo "$rule" >>"$LOG/rules";; -D) grep -vxF -e "$rule" "$LOG/rules" >"$LOG/r2"; mv "$LOG/r2" "$LOG/rules";;
-P) echo "$1" >"$LOG/policy";;
-N) echo "$chain" >>"$LOG/chains";; -X) : >"$LOG/chains";;
esac; exit 0`;
    // -n -L CHAIN has an option before the chain.
    fakes.set(
      'iptables',
      `case "$*" in *'-n -L INPUT') echo "Chain INPUT (policy $(cat "$LOG/policy" 2>/dev/null || echo ACCEPT))"; exit;;
*'-n -L '*) for c; do :; done; grep -qx "$c" "$LOG/chains" 2>/dev/null || exit 1; exit 0;; --version) echo 'iptables v1.8.9 (nf_tables)'; exit;; esac\n${body}`,
    );
  });
  after(() => fakes.remove());
  it('a rule: in the order Ansible gives its options', async () => {
    const args = {
      chain: 'INPUT',
      protocol: 'tcp',
      source: '!10.0.0.0/8',
      match: ['tcp'],
      destination_ports: ['80', '443', '8081:8083'],
      ctstate: ['NEW', 'ESTABLISHED'],
      syn: 'match',
      jump: 'ACCEPT',
      comment: 'a "b" c',
    };
    const rule =
      '-p tcp ! -s 10.0.0.0/8 -m tcp -j ACCEPT -m multiport --dports 80,443,8081:8083 --syn -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment a "b" c';
    const check = await host.run('iptables', args, { check: true });
    expect(check).to.deep.include({ changed: true, requests: 1 });
    fakes.calls();
    const r = await host.run('iptables', args);
    expect(r.changed).to.equal(true);
    expect(r.values.rule).to.equal(rule);
    expect(fakes.calls()).to.deep.equal([`iptables -t filter -C INPUT ${rule}`, `iptables -t filter -A INPUT ${rule}`]);
    expect(await host.run('iptables', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('iptables', { ...args, state: 'absent' })).changed).to.equal(true);
    expect((await host.run('iptables', { ...args, state: 'absent' })).changed).to.equal(false);
    const insert = { chain: 'INPUT', in_interface: 'lo', jump: 'ACCEPT', action: 'insert', rule_num: '2', wait: '5' };
    fakes.calls();
    await host.run('iptables', insert);
    expect(fakes.calls().at(-1)).to.equal('iptables -t filter -w 5 -I INPUT 2 -j ACCEPT -i lo');
  });
  it('policy, flush, chains', async () => {
    expect((await host.run('iptables', { chain: 'INPUT', policy: 'DROP' })).changed).to.equal(true);
    expect(await host.run('iptables', { chain: 'INPUT', policy: 'DROP' })).to.deep.include({
      changed: false,
      requests: 1,
    });
    expect((await host.run('iptables', { chain: 'NEW', chain_management: true })).changed).to.equal(true);
    expect((await host.run('iptables', { chain: 'NEW', chain_management: true })).changed).to.equal(false);
    expect((await host.run('iptables', { chain: 'NEW', chain_management: true, state: 'absent' })).changed).to.equal(
      true,
    );
    expect((await host.run('iptables', { flush: true })).changed).to.equal(true);
    const r = await host.run('iptables', { chain: 'INPUT', log_prefix: 'x', jump: 'DROP' });
    expect(r.values.msg).to.equal('Logging options can only be used with the LOG jump target.');
  });
});

describe('ufw, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.set(
      'ufw',
      `touch "$LOG/rules"; [ -e "$LOG/on" ] || echo inactive >"$LOG/on"
case "$*" in
'status verbose') echo "Status: $(cat "$LOG/on")"; echo 'Logging: on (low)'; echo 'Default: deny (incoming), allow (outgoing), disabled (routed)'; cat "$LOG/rules";;
'-f enable') echo active >"$LOG/on";; '-f disable') echo inactive >"$LOG/on";;
*) dry=; [ "$1" != --dry-run ] || { dry=1; shift; }
if [ "$1" = delete ]; then shift; grep -qxF "$*" "$LOG/rules" || { echo 'Could not delete non-existent rule'; exit 0; }; [ -n "$dry" ] || { grep -vxF "$*" "$LOG/rules" >"$LOG/r2"; mv "$LOG/r2" "$LOG/rules"; }
elif grep -qxF "$*" "$LOG/rules"; then echo 'Skipping adding existing rule'; echo 'Skipping adding existing rule (v6)'
else [ -n "$dry" ] || echo "$*" >>"$LOG/rules"; echo 'Rule added'; fi;; esac`,
    );
  });
  after(() => fakes.remove());
  it('enabled, a rule, deleted: each once and predicted', async () => {
    expect((await host.run('ufw', { state: 'enabled' }, { check: true })).changed).to.equal(true);
    expect((await host.run('ufw', { state: 'enabled' })).changed).to.equal(true);
    expect(await host.run('ufw', { state: 'enabled' })).to.deep.include({ changed: false, requests: 1 });
    const rule = { rule: 'allow', to_port: '22', proto: 'tcp', from_ip: '10.0.0.0/8', comment: "it's ssh" };
    expect((await host.run('ufw', rule, { check: true })).changed).to.equal(true);
    fakes.calls();
    expect((await host.run('ufw', rule)).changed).to.equal(true);
    expect(fakes.calls(/status/)).to.deep.equal([
      "ufw allow from 10.0.0.0/8 to any port 22 proto tcp comment it's ssh",
    ]);
    expect(await host.run('ufw', rule)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('ufw', rule, { check: true })).changed).to.equal(false);
    expect((await host.run('ufw', { ...rule, delete: true })).changed).to.equal(true);
    expect((await host.run('ufw', { ...rule, delete: true })).changed).to.equal(false);
    expect((await host.run('ufw', { default: 'allow', direction: 'incoming' }, { check: true })).changed).to.equal(
      true,
    );
    expect((await host.run('ufw', { default: 'deny' }, { check: true })).changed).to.equal(false);
  });
});

describe('firewalld, played by a fake', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.set(
      'firewall-cmd',
      `touch "$LOG/state"; where=running; case "$*" in *--permanent*) where=permanent;; esac
for a; do case $a in --query-*) grep -qxF "$where \${a#--query-}" "$LOG/state" && { echo yes; exit 0; }; echo no; exit 1;;
--add-*) echo "$where \${a#--add-}" >>"$LOG/state"; echo success;; --remove-*) grep -vxF "$where \${a#--remove-}" "$LOG/state" >"$LOG/s2"; mv "$LOG/s2" "$LOG/state";;
--get-zones) echo "public $(cat "$LOG/zones" 2>/dev/null)";; --new-zone=*) echo "\${a#*=}" >"$LOG/zones";; esac; done; exit 0`,
    );
  });
  after(() => fakes.remove());
  it('a port for good and now, once', async () => {
    const args = { port: '8081/tcp', permanent: true, immediate: true, zone: 'public', state: 'enabled' };
    expect((await host.run('firewalld', args, { check: true })).changed).to.equal(true);
    const r = await host.run('firewalld', args);
    expect(r.changed).to.equal(true);
    expect(readFileSync(join(fakes.dir, 'state'), 'utf8')).to.equal('permanent port=8081/tcp\nrunning port=8081/tcp\n');
    expect(await host.run('firewalld', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('firewalld', { ...args, state: 'disabled' })).changed).to.equal(true);
    expect((await host.run('firewalld', { ...args, state: 'disabled' })).changed).to.equal(false);
    expect(
      (await host.run('firewalld', { rich_rule: 'rule service name="ftp" drop', state: 'enabled' })).changed,
    ).to.equal(true);
    expect((await host.run('firewalld', { zone: 'mine', permanent: true, state: 'present' })).changed).to.equal(true);
    expect((await host.run('firewalld', { zone: 'mine', permanent: true, state: 'present' })).changed).to.equal(false);
    expect((await host.run('firewalld', { port: '80', state: 'enabled' })).values.msg).to.contain('missing protocol');
  });
});

describe('lvg and lvol, played by fakes', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  before(() => {
    fakes.set(
      'vgs',
      `[ -e "$LOG/vg" ] && case "$*" in *vg_size*) echo '  vg1;10737418240;8589934592;4194304';; *) echo '  vg1;1;1;wz--n-';; esac; exit 0`,
    );
    fakes.set('pvs', `case "$*" in *pv_uuid*) [ -e "$LOG/vg" ] && echo '  /dev/null;vg1;u-u';; esac; exit 0`);
    fakes.set('lvs', `[ -e "$LOG/lv" ] && echo "  lv1;$(cat "$LOG/lv");-wi-a-----"; exit 0`);
    fakes.set('vgcreate', `: >"$LOG/vg"`).set('pvcreate', '').set('vgremove', 'rm "$LOG/vg"');
    fakes
      .set('lvcreate', `echo 1073741824 >"$LOG/lv"`)
      .set('lvextend', `echo 2147483648 >"$LOG/lv"`)
      .set('lvremove', 'rm "$LOG/lv"')
      .set('lvreduce', `echo 1073741824 >"$LOG/lv"`);
  });
  after(() => fakes.remove());
  it('a group and a volume: made, grown, not shrunk unasked, removed', async () => {
    const vg = { vg: 'vg1', pvs: '/dev/null', pesize: '8' };
    expect((await host.run('lvg', vg, { check: true })).changed).to.equal(true);
    fakes.calls();
    expect((await host.run('lvg', vg)).changed).to.equal(true);
    expect(fakes.calls(/^(vgs|pvs) /)).to.deep.equal(['pvcreate -f -- /dev/null', 'vgcreate -s 8M -- vg1 /dev/null']);
    expect(await host.run('lvg', vg)).to.deep.include({ changed: false, requests: 1 });
    const lv = { vg: 'vg1', lv: 'lv1', size: '1g' };
    expect((await host.run('lvol', lv, { check: true })).changed).to.equal(true);
    expect((await host.run('lvol', lv)).changed).to.equal(true);
    expect(fakes.calls(/s /).at(-1)).to.equal('lvcreate -Wy -y -n lv1 -L 1g -- vg1');
    expect(await host.run('lvol', lv)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('lvol', { ...lv, size: '2048' })).changed).to.equal(true);
    expect((await host.run('lvol', { ...lv, size: '2g' })).changed).to.equal(false);
    expect((await host.run('lvol', lv)).values.msg).to.equal('Sorry, no shrinking of lv1 without force=true.');
    expect((await host.run('lvol', { ...lv, shrink: false })).changed).to.equal(false);
    expect((await host.run('lvol', { ...lv, force: true })).changed).to.equal(true);
    expect((await host.run('lvg', { vg: 'vg1', state: 'absent' })).values.msg).to.contain('Refuse to remove non-empty');
    expect((await host.run('lvol', { ...lv, state: 'absent', force: true })).changed).to.equal(true);
    expect((await host.run('lvg', { vg: 'vg1', state: 'absent', force: true })).changed).to.equal(true);
    expect((await host.run('lvg', { vg: 'vg1', state: 'absent' })).changed).to.equal(false);
  });
});

describe('snap, npm, yarn, locale_gen, rpm_key, selinux, played by fakes', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  after(() => fakes.remove());
  it('snap', async () => {
    fakes.set(
      'snap',
      `case $1 in list) echo 'Name  Version  Rev  Tracking  Publisher  Notes'; cat "$LOG/snaps" 2>/dev/null;; get) echo '{"a": {"b": 1}}';;
install) for n; do :; done; echo "$n 1.0 12 latest/stable canonical** -" >>"$LOG/snaps";; remove) : >"$LOG/snaps";; esac`,
    );
    expect((await host.run('snap', { name: 'hello', classic: true }, { check: true })).changed).to.equal(true);
    const r = await host.run('snap', { name: 'hello', classic: true });
    expect(r.values.snaps_installed).to.deep.equal(['hello']);
    expect(await host.run('snap', { name: 'hello' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('snap', { name: 'hello', options: ['a.b=1'] })).changed).to.equal(false);
    expect((await host.run('snap', { name: 'hello', options: ['a.b=2'] })).values.options_changed).to.deep.equal([
      'hello:a.b=2',
    ]);
    expect((await host.run('snap', { name: 'hello', channel: 'edge' })).changed).to.equal(true);
    expect((await host.run('snap', { name: 'hello', state: 'absent' })).changed).to.equal(true);
    expect((await host.run('snap', { name: 'hello', state: 'absent' })).changed).to.equal(false);
  });
  it('npm', async () => {
    fakes.set(
      'npm',
      `case $1 in list) if [ -e "$LOG/npm.on" ]; then echo '{"dependencies": {"express": {"version": "4.18.2"}}}'; else echo '{}'; fi;;
install) : >"$LOG/npm.on";; uninstall) rm "$LOG/npm.on";; outdated) echo '{"express": {"current": "4.18.2", "latest": "5.0.0"}}'; exit 1;; esac`,
    );
    const args = { name: 'express', path: join(fakes.dir, 'app dir') };
    expect((await host.run('npm', args, { check: true })).changed).to.equal(true);
    expect((await host.run('npm', { ...args, version: '4.18.2' })).changed).to.equal(true);
    expect(fakes.calls().at(-1)).to.equal(`npm install express@4.18.2 --prefix ${args.path}`);
    expect(await host.run('npm', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('npm', { ...args, state: 'latest' }, { check: true })).changed).to.equal(true);
    expect((await host.run('npm', { ...args, state: 'absent' })).changed).to.equal(true);
    expect((await host.run('npm', { ...args, state: 'absent' })).changed).to.equal(false);
    expect((await host.run('npm', { name: 'x' })).values.msg).to.equal('path must be specified when not using global');
  });
  it('yarn', async () => {
    fakes.set(
      'yarn',
      `case "$*" in *list*) [ -e "$LOG/yarn.on" ] && echo '{"type":"tree","data":{"trees":[{"name":"left-pad@1.3.0"}]}}';; *add*) : >"$LOG/yarn.on";; *remove*) rm "$LOG/yarn.on";; esac; exit 0`,
    );
    const args = { name: 'left-pad', path: fakes.dir };
    expect((await host.run('yarn', args)).changed).to.equal(true);
    expect(await host.run('yarn', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('yarn', { ...args, version: '1.2.0' }, { check: true })).changed).to.equal(true);
    expect((await host.run('yarn', { ...args, state: 'absent' })).changed).to.equal(true);
  });
  it('rpm_key', async () => {
    fakes.set(
      'rpm',
      `case $1 in -q) cat "$LOG/keys" 2>/dev/null;; --import) echo gpg-pubkey-12345678-5f5e1000 >"$LOG/keys";; --erase) : >"$LOG/keys";; esac`,
    );
    fakes.set(
      'gpg',
      `echo 'pub:-:4096:1:AABBCCDD12345678:1600000000:::-:::scESC::::::23::0:'; echo 'fpr:::::::::0123456789ABCDEF0123AABBCCDD12345678AAAA:'`,
    );
    fakes.put('the.key', 'x');
    const args = { key: join(fakes.dir, 'the.key') };
    expect((await host.run('rpm_key', args, { check: true })).changed).to.equal(true);
    expect((await host.run('rpm_key', { ...args, fingerprint: 'FFFF' })).values.msg).to.contain(
      'does not match the key fingerprint',
    );
    expect((await host.run('rpm_key', args)).changed).to.equal(true);
    expect(await host.run('rpm_key', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('rpm_key', { key: 'AABBCCDD12345678', state: 'absent' })).changed).to.equal(true);
    expect((await host.run('rpm_key', { key: 'AABBCCDD12345678', state: 'absent' })).changed).to.equal(false);
  });
  it('selinux on a host without it: only the file, and a boot is needed', async () => {
    fakes.put('selinux.conf', '# c\nSELINUX=disabled\nSELINUXTYPE=targeted\n');
    const args = { configfile: join(fakes.dir, 'selinux.conf'), policy: 'targeted', state: 'permissive' };
    expect((await host.run('selinux', args, { check: true })).changed).to.equal(true);
    const r = await host.run('selinux', args);
    expect(r.values).to.include({
      reboot_required: true,
      state: 'permissive',
      msg: "Config SELinux state changed from 'disabled' to 'permissive'",
    });
    expect(fakes.get('selinux.conf')).to.equal('# c\nSELINUX=permissive\nSELINUXTYPE=targeted\n');
    expect((await host.run('selinux', args)).changed).to.equal(false);
    expect((await host.run('selinux', { state: 'enforcing', configfile: args.configfile })).values.msg).to.equal(
      "Policy is required if state is not 'disabled'",
    );
  });
});

describe('alternatives', () => {
  it('the real update-alternatives, in folders of its own', async function () {
    if (!has('update-alternatives')) this.skip();
    const dir = mkdtempSync(join(tmpdir(), 'alt-'));
    for (const sub of ['etc', 'admin', 'bin']) mkdirSync(join(dir, sub));
    for (const n of ['one', 'two']) writeFileSync(join(dir, n), '', { mode: 0o755 });
    const fakes = new Fakes();
    fakes.set(
      'update-alternatives',
      `exec $(command -v /usr/bin/update-alternatives) --altdir ${dir}/etc --admindir ${dir}/admin --log ${dir}/log "$@"`,
    );
    const host = fakes.host();
    const one = { name: 'tool', path: join(dir, 'one'), link: join(dir, 'bin/tool') };
    const two = { name: 'tool', path: join(dir, 'two'), priority: 90 };
    expect((await host.run('alternatives', one, { check: true })).changed).to.equal(true);
    expect((await host.run('alternatives', one)).changed).to.equal(true);
    expect(await host.run('alternatives', { name: 'tool', path: one.path })).to.deep.include({
      changed: false,
      requests: 1,
    });
    expect((await host.run('alternatives', { ...two, state: 'present' })).changed).to.equal(true);
    const chosen = () => host.sh(`readlink ${dir}/etc/tool`);
    expect(await chosen()).to.equal(join(dir, 'one'));
    expect((await host.run('alternatives', { ...two, state: 'auto' })).changed).to.equal(true);
    expect(await chosen()).to.equal(join(dir, 'two'));
    expect((await host.run('alternatives', { name: 'tool', path: two.path, state: 'absent' })).changed).to.equal(true);
    expect((await host.run('alternatives', { name: 'tool', path: two.path, state: 'absent' })).changed).to.equal(false);
    expect((await host.run('alternatives', { name: 'new', path: one.path })).values.msg).to.contain('missing the link');
    fakes.remove();
    rmSync(dir, { recursive: true });
  });
});

describe('pip in a virtual environment', function () {
  this.timeout(120_000);
  it('makes it, installs a package of this test, then changes nothing', async function () {
    if (!has('python3')) this.skip();
    const dir = mkdtempSync(join(tmpdir(), 'pip-'));
    const host = new TestHost({ shell: ['dash'] });
    // A wheel is a zip of these files; no index is asked.
    const wheel = `import zipfile,sys
for v in ('1.0','2.0'):
  z=zipfile.ZipFile(sys.argv[1]+'/tpkg_x-%s-py3-none-any.whl'%v,'w'); i='tpkg_x-%s.dist-info/'%v
  z.writestr('tpkg_x.py','v=1'); z.writestr(i+'METADATA','Metadata-Version: 2.1\\nName: tpkg_x\\nVersion: %s\\n'%v)
  z.writestr(i+'WHEEL','Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'); z.writestr(i+'RECORD','tpkg_x.py,,\\n'+i+'METADATA,,\\n'+i+'WHEEL,,\\n'+i+'RECORD,,\\n'); z.close()`;
    writeFileSync(join(dir, 'w.py'), wheel);
    await host.sh(`python3 ${dir}/w.py ${dir}`);
    const local = new TestHost({ shell: ['dash'], environment: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: dir } });
    const args = {
      name: 'tpkg.x',
      version: '1.0',
      virtualenv: join(dir, 'v env'),
      virtualenv_command: 'python3 -m venv',
    };
    expect((await local.run('pip', args, { check: true })).changed).to.equal(true);
    expect(existsSync(args.virtualenv)).to.equal(false);
    const r = await local.run('pip', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r.changed).to.equal(true);
    expect(r.values).to.include({ version: '1.0', state: 'present', virtualenv: args.virtualenv });
    expect(await local.run('pip', args)).to.deep.include({ changed: false, requests: 1 });
    const base = { name: 'tpkg-x', virtualenv: args.virtualenv };
    expect((await local.run('pip', { name: ['tpkg-x>=0.5', '<1.5'], virtualenv: args.virtualenv })).changed).to.equal(
      false,
    );
    expect((await local.run('pip', { ...base, name: 'tpkg-x>=1.5' }, { check: true })).changed).to.equal(true);
    expect((await local.run('pip', { ...base, state: 'latest' })).changed).to.equal(true);
    expect(await local.run('pip', { ...base, state: 'latest' })).to.deep.include({ changed: false, requests: 1 });
    expect((await local.run('pip', { ...base, state: 'absent' })).changed).to.equal(true);
    expect((await local.run('pip', { ...base, state: 'absent' })).changed).to.equal(false);
    const none = await local.run('pip', { ...base, name: 'no-such-thing-x' });
    expect(none.values.msg).to.contain('No matching distribution found');
    rmSync(dir, { recursive: true });
  });
});

describe('apt_key with the real gpg', function () {
  this.timeout(60_000);
  it('from data and file, into a keyring of the test', async function () {
    if (!has('gpg')) this.skip();
    const dir = mkdtempSync(join(tmpdir(), 'key-'));
    const host = new TestHost({ shell: ['dash'] });
    await host.sh(
      `export GNUPGHOME=${dir}/h; umask 077; mkdir $GNUPGHOME; gpg --batch --quiet --passphrase '' --quick-gen-key t@example.org ed25519 sign 2>/dev/null; gpg --armor --export >${dir}/k.asc`,
    );
    const fp = await host.sh(`GNUPGHOME=${dir}/h gpg --with-colons --list-keys | sed -n 's/^fpr:*\\(.*\\):/\\1/p'`);
    const args = { file: join(dir, 'k.asc'), keyring: join(dir, 'ring.gpg') };
    expect((await host.run('apt_key', args, { check: true })).changed).to.equal(true);
    const r = await host.run('apt_key', args);
    expect(r.values.msg).to.equal(undefined);
    expect(r.values).to.include({ fp, key_id: fp.slice(-16), short_id: fp.slice(-8) });
    expect(r.values.after).to.deep.equal([fp]);
    expect(await host.run('apt_key', { ...args, id: fp.slice(-16) })).to.deep.include({ changed: false, requests: 1 });
    const data = readFileSync(args.file, 'utf8');
    expect((await host.run('apt_key', { data, keyring: args.keyring })).changed).to.equal(false);
    const wrong = await host.run('apt_key', { data, keyring: join(dir, 'other.gpg'), id: '0123456789ABCDEF' });
    expect(wrong.values.msg).to.contain('key does not seem to have been added');
    expect((await host.run('apt_key', { id: fp, keyring: args.keyring, state: 'absent' })).changed).to.equal(true);
    expect((await host.run('apt_key', { id: fp, keyring: args.keyring, state: 'absent' })).changed).to.equal(false);
    await host.sh(`GNUPGHOME=${dir}/h gpgconf --kill all 2>/dev/null; rm -rf ${dir}`);
  });
});
