import { expect } from 'chai';
import { useLabHost } from './lab-host.ts';

// openssl passwd -6 -salt abcdefgh one; ... two
const hashOne = '$6$abcdefgh$kXjYTSk8.WwTEGlFhp8iB3P3e1l0h6LxNS4oFhJL9G2H6gV5JmWk0n9B7xw8gq1zq6o4sXvJvD3j4mYkq5u3f1';
const hashTwo = '$6$ijklmnop$kXjYTSk8.WwTEGlFhp8iB3P3e1l0h6LxNS4oFhJL9G2H6gV5JmWk0n9B7xw8gq1zq6o4sXvJvD3j4mYkq5u3f1';

describe(`group and user on a plain host`, function () {
  this.timeout(60_000);
  const host = useLabHost();
  const line = (file: string, name: string) => host().sh(`grep '^${name}:' /etc/${file} || true`);
  const clean = async () => {
    for (const u of ['tu1', 'tu2', 'tu3'])
      await host().sh(`userdel -r ${u} 2>/dev/null || deluser --remove-home ${u} 2>/dev/null || true`);
    for (const g of ['tg1', 'tg2', 'tu1', 'tu2', 'tu3'])
      await host().sh(`groupdel ${g} 2>/dev/null || delgroup ${g} 2>/dev/null || true`);
  };
  before(clean);
  after(() => host() && clean());

  it('group: made, changed, removed, each only once', async () => {
    const check = await host().run('group', { name: 'tg1', gid: 2345 }, { check: true });
    expect(check).to.deep.include({ changed: true, requests: 1 });
    expect(await line('group', 'tg1')).to.equal('');
    const made = await host().run('group', { name: 'tg1', gid: 2345 });
    expect(made).to.deep.include({ changed: true, requests: 1 });
    expect(made.values).to.include({ name: 'tg1', state: 'present', gid: 2345, system: false });
    expect(await line('group', 'tg1')).to.match(/^tg1:x?!?:2345:$/);
    const again = await host().run('group', { name: 'tg1', gid: 2345 });
    expect(again).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('group', { name: 'tg1', gid: 2346 })).values.gid).to.equal(2346);
    await host().run('group', { name: 'tg2' });
    const gone = await host().run('group', { name: 'tg1', state: 'absent' });
    expect(gone.changed).to.equal(true);
    expect((await host().run('group', { name: 'tg1', state: 'absent' })).changed).to.equal(false);
    await host().run('group', { name: 'tg1' });
  });

  it('user: made with everything, then unchanged', async () => {
    const args = {
      name: 'tu1',
      uid: 3456,
      comment: "Full 'N' ame",
      shell: '/bin/sh',
      home: '/srv/deep/tu1',
      groups: 'tg1,tg2',
      password: hashOne,
    };
    expect((await host().run('user', args, { check: true })).changed).to.equal(true);
    expect(await line('passwd', 'tu1')).to.equal('');
    const made = await host().run('user', args);
    expect(made.values.msg).to.equal(undefined);
    expect(made).to.deep.include({ changed: true, requests: 1 });
    expect(made.values).to.include({
      uid: 3456,
      comment: "Full 'N' ame",
      home: '/srv/deep/tu1',
      shell: '/bin/sh',
      groups: 'tg1,tg2',
      password: 'NOT_LOGGING_PASSWORD',
      system: false,
      create_home: true,
    });
    expect(await line('passwd', 'tu1')).to.match(/^tu1:x:3456:\d+:Full 'N' ame:\/srv\/deep\/tu1:\/bin\/sh$/);
    expect((await line('shadow', 'tu1')).split(':')[1]).to.equal(hashOne);
    expect((await host().sh('id -Gn tu1')).split(' ')).to.include.members(['tg1', 'tg2']);
    expect(await host().sh('stat -c %U /srv/deep/tu1')).to.equal('tu1');
    const again = await host().run('user', args);
    expect(again).to.deep.include({ changed: false, requests: 1 });
    expect(again.values).to.include({ append: false, move_home: false, uid: 3456 });
  });

  it('user: one difference at a time, predicted by check mode', async () => {
    const steps: Record<string, unknown>[] = [
      { comment: 'Other' },
      { shell: '/bin/bash' },
      { groups: ['tg1'], append: true, comment: 'Other', shell: '/bin/false' },
      { groups: ['tg1'] },
      { groups: [] },
      { uid: 3457 },
      { password: hashTwo },
      { password: hashTwo, password_lock: true },
    ];
    for (const step of steps) {
      const args = { name: 'tu1', ...step };
      const predicted = await host().run('user', args, { check: true });
      expect(predicted.changed, JSON.stringify(step)).to.equal(true);
      const done = await host().run('user', args);
      expect(done.values.msg).to.equal(undefined);
      expect(done.changed).to.equal(true);
      expect((await host().run('user', args)).changed, JSON.stringify(step)).to.equal(false);
    }
    expect(await line('passwd', 'tu1')).to.match(/^tu1:x:3457:\d+:Other:\/srv\/deep\/tu1:\/bin\/false$/);
    expect(await host().sh('id -Gn tu1')).to.not.contain('tg');
    expect((await line('shadow', 'tu1')).split(':')[1]).to.equal(`!${hashTwo}`);
    const kept = await host().run('user', { name: 'tu1', password: hashOne, update_password: 'on_create' });
    expect(kept.changed).to.equal(false);
  });

  it('user: a missing group is refused, a missing home is made', async () => {
    const r = await host().run('user', { name: 'tu1', groups: ['nope'] });
    expect(r.values.msg).to.equal('Group nope does not exist');
    await host().sh('rm -rf /srv/deep/tu1');
    expect((await host().run('user', { name: 'tu1' }, { check: true })).changed).to.equal(true);
    expect((await host().run('user', { name: 'tu1' })).changed).to.equal(true);
    expect(await host().sh('stat -c %U /srv/deep/tu1')).to.equal('tu1');
  });

  it('user: removed', async () => {
    const r = await host().run('user', { name: 'tu1', state: 'absent', remove: true });
    expect(r.values).to.include({ name: 'tu1', state: 'absent', force: false, remove: true });
    expect(await host().sh('ls -d /srv/deep/tu1 || echo gone')).to.equal('gone');
    const again = await host().run('user', { name: 'tu1', state: 'absent' });
    expect(again).to.deep.include({ changed: false, requests: 1, values: { name: 'tu1', state: 'absent' } });
  });
  it('user: expiry, ageing and an ssh key with a passphrase', async () => {
    const args = {
      name: 'tu2',
      expires: 1893456000,
      password_expire_max: 90,
      password_expire_warn: 7,
      create_home: true,
    };
    expect((await host().run('user', args)).changed).to.equal(true);
    expect((await host().run('user', args)).changed).to.equal(false);
    // 2030-01-01 is day 21915
    expect(await line('shadow', 'tu2')).to.match(/:90:7::21915:$/);
    const never = { name: 'tu2', expires: -1 };
    expect((await host().run('user', never)).changed).to.equal(true);
    expect((await host().run('user', never)).changed).to.equal(false);
    const key = {
      name: 'tu2',
      generate_ssh_key: true,
      ssh_key_type: 'ed25519',
      ssh_key_passphrase: 'correct horse',
    };
    const r = await host().run('user', key);
    expect(r.values.ssh_key_file).to.equal('/home/tu2/.ssh/id_ed25519');
    expect(r.values.ssh_public_key).to.match(/^ssh-ed25519 .* ansible-generated on node-1$/);
    expect(r.values.ssh_fingerprint).to.match(/^256 SHA256:/);
    expect(
      await host().sh("ssh-keygen -y -P 'correct horse' -f /home/tu2/.ssh/id_ed25519 >/dev/null && echo opens"),
    ).to.equal('opens');
    expect(await host().sh('stat -c %U:%a /home/tu2/.ssh /home/tu2/.ssh/id_ed25519')).to.equal('tu2:700\ntu2:600');
    expect((await host().run('user', key)).changed).to.equal(false);
  });
  it('a system user without home', async () => {
    const args = {
      name: 'tu3',
      system: true,
      create_home: false,
      shell: '/usr/sbin/nologin',
      home: '/var/lib/tu3',
    };
    const r = await host().run('user', args);
    expect(r.values.uid).to.be.lessThan(1000);
    expect(await host().sh('ls -d /var/lib/tu3 || echo none')).to.equal('none');
    expect((await host().run('user', args)).changed).to.equal(false);
  });
});

describe('group and user where only busybox is', function () {
  this.timeout(60_000);
  const host = useLabHost('busybox');
  it('unchanged works, a change says which tool is missing', async () => {
    expect(await host().run('user', { name: 'root', shell: '/bin/sh' })).to.deep.include({ requests: 1 });
    expect(await host().run('user', { name: 'nobody-here', state: 'absent' })).to.deep.include({ changed: false });
    expect((await host().run('group', { name: 'root', gid: 0 })).changed).to.equal(false);
    expect((await host().run('group', { name: 'tg9' })).values.msg).to.contain('groupadd nor addgroup is on this host');
    expect((await host().run('user', { name: 'tu9' })).values.msg).to.contain('useradd nor adduser is on this host');
  });
});

// Debian's busybox is built without these; they word and do as those of Alpine's busybox, on the host's real files.
const applets: Record<string, string> = {
  addgroup: `gid=; while getopts g:S o; do case $o in g) gid=$OPTARG;; esac; done; shift $((OPTIND - 1))
if [ $# = 2 ]; then
  sed -i "s/^\\($2:x\\?:[0-9]*:\\)\\(.\\)/\\1$1,\\2/; s/^\\($2:x\\?:[0-9]*:\\)$/\\1$1/" /etc/group
else
  if grep -q "^$1:" /etc/group; then echo "addgroup: group '$1' in use" >&2; exit 1; fi
  echo "$1:x:\${gid:-1500}:" >>/etc/group
fi`,
  delgroup: `if [ $# = 2 ]; then sed -i "/^$2:/{s/\\([:,]\\)$1,/\\1/; s/,$1\\$//; s/:$1\\$/:/}" /etc/group
else grep -q "^$1:" /etc/group || { echo "delgroup: unknown group $1" >&2; exit 1; }; sed -i "/^$1:/d" /etc/group; fi`,
  adduser: `uid=1600 group= gecos='Linux User,,,' home= shell=/bin/sh make=1
while getopts Du:G:g:h:s:HSk: o; do case $o in u) uid=$OPTARG;; G) group=$OPTARG;; g) gecos=$OPTARG;; h) home=$OPTARG;; s) shell=$OPTARG;; H) make=;; esac; done
shift $((OPTIND - 1)); home=\${home:-/home/$1}
if grep -q "^$1:" /etc/passwd; then echo "adduser: user '$1' in use" >&2; exit 1; fi
if [ -n "$group" ]; then gid=$(grep "^$group:" /etc/group | cut -d: -f3); else gid=$uid; echo "$1:x:$gid:" >>/etc/group; fi
echo "$1:x:$uid:$gid:$gecos:$home:$shell" >>/etc/passwd; echo "$1:!:19000:0:99999:7:::" >>/etc/shadow
[ -z "$make" ] || { mkdir -p "$home"; chown "$uid:$gid" "$home"; }`,
  deluser: `home=; [ "$1" != --remove-home ] || { home=1; shift; }
[ -z "$home" ] || rm -rf "$(grep "^$1:" /etc/passwd | cut -d: -f6)"
sed -i "/^$1:/d" /etc/passwd /etc/shadow /etc/group`,
};

describe('group and user by the words of busybox, as on Alpine', function () {
  this.timeout(60_000);
  const host = useLabHost('busybox');
  const line = (file: string, name: string) => host().sh(`grep '^${name}:' /etc/${file} || true`);
  const remove = () =>
    host().sh(
      `rm -f ${Object.keys(applets)
        .map((name) => `/usr/sbin/${name}`)
        .join(' ')}; sed -i '/^t[ug][0-9]:/d' /etc/passwd /etc/shadow /etc/group; rm -rf /home/tu1`,
    );
  before(async () => {
    await remove();
    for (const [name, body] of Object.entries(applets))
      await host().sh(
        `cat >/usr/sbin/${name} <<'END'\n#!/bin/sh\n${body.replaceAll('\\$', '$')}\nEND\nchmod 755 /usr/sbin/${name}`,
      );
  });
  after(() => host() && remove());

  it('a group: predicted, made, as it is, with another number, removed', async () => {
    const args = { name: 'tg1', gid: 2345 };
    expect(await host().run('group', args, { check: true })).to.deep.include({ changed: true, requests: 1 });
    expect(await line('group', 'tg1')).to.equal('');
    expect((await host().run('group', args)).values).to.include({ gid: 2345, state: 'present' });
    expect(await line('group', 'tg1')).to.equal('tg1:x:2345:');
    expect(await host().run('group', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('group', { name: 'tg1', gid: 2346 })).changed).to.equal(true);
    expect(await line('group', 'tg1')).to.equal('tg1:x:2346:');
    expect((await host().run('group', { name: 'tg1', state: 'absent' })).changed).to.equal(true);
    expect(await line('group', 'tg1')).to.equal('');
  });

  it('a user: predicted, made with groups, as it is, changed, removed with its home', async () => {
    await host().run('group', { name: 'tg1', gid: 2345 });
    await host().run('group', { name: 'tg2', gid: 2346 });
    const args = { name: 'tu1', uid: 3456, comment: 'A b', shell: '/bin/sh', groups: ['tg1', 'tg2'] };
    expect((await host().run('user', args, { check: true })).changed).to.equal(true);
    expect(await line('passwd', 'tu1')).to.equal('');
    const made = await host().run('user', args);
    expect(made.values.msg).to.equal(undefined);
    expect(made).to.deep.include({ changed: true, requests: 1 });
    expect(await line('passwd', 'tu1')).to.equal('tu1:x:3456:3456:A b:/home/tu1:/bin/sh');
    expect(await line('group', 'tg2')).to.equal('tg2:x:2346:tu1');
    expect(await host().sh('stat -c %u /home/tu1')).to.equal('3456');
    expect(await host().run('user', args)).to.deep.include({ changed: false, requests: 1 });
    expect((await host().run('user', { name: 'tu1', groups: ['tg1'] })).changed).to.equal(true);
    expect(await line('group', 'tg2')).to.equal('tg2:x:2346:');
    expect((await host().run('user', { name: 'tu1', comment: 'Other', shell: '/bin/false' })).changed).to.equal(true);
    expect(await line('passwd', 'tu1')).to.equal('tu1:x:3456:3456:Other:/home/tu1:/bin/false');
    expect((await host().run('user', { name: 'tu1', state: 'absent', remove: true })).changed).to.equal(true);
    expect(await line('passwd', 'tu1')).to.equal('');
    expect(await host().sh('ls /home')).to.not.contain('tu1');
  });
});
