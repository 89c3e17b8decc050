import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import {
  field,
  operations,
  permission,
  permissionsOf,
  type There,
  type Wanted,
} from '../../../engine/modules/etcd/etcd_auth/auth-operations.ts';

const there = (more: Partial<There> = {}): There => ({
  enabled: false,
  users: new Map(),
  roles: new Map(),
  passwords: undefined,
  ...more,
});
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  roles: [],
  users: [],
  enabled: undefined,
  rootPassword: 'secret',
  ...more,
});
const app = { name: 'app', permissions: [permission('readwrite', '/app/', { prefix: true })], absent: false };
const words = (w: Wanted, t: There) => operations(w, t).map((one) => one.words.join(' '));

describe('etcd_auth', () => {
  it('reads permissions as etcdctl prints them', () => {
    // As etcdctl 3.5 printed them for `readwrite /app/ --prefix` and `read ""  --prefix`.
    const printed = {
      perm: [
        { permType: 2, key: 'L2FwcC8=', range_end: 'L2FwcDA=' },
        { key: 'AA==', range_end: 'AA==' },
      ],
    };
    expect(permissionsOf(printed)).to.deep.equal([app.permissions[0], permission('read', '', { prefix: true })]);
  });

  it('counts the end of a prefix as etcd does', () => {
    const end = (key: string) => permission('read', key, { prefix: true }).end.toString();
    expect(end('/app/')).to.equal('/app0');
    expect(end('')).to.equal('\0');
  });

  it('makes roles before the users that get them, and turns authentication on last', () => {
    const users = [{ name: 'app', password: 'pw', roles: ['app'], absent: false }];
    expect(words(wanted({ roles: [app], users, enabled: true }), there())).to.deep.equal([
      'role-add app',
      'role-grant app readwrite /app/ --prefix',
      'user-add app  pw',
      'user-grant app  app',
      'enable   secret',
    ]);
  });

  it('does nothing where all is as it should be, and only what differs elsewhere', () => {
    const users = [{ name: 'app', password: 'pw', roles: ['app'], absent: false }];
    const all = there({
      enabled: true,
      users: new Map([['app', ['app']]]),
      roles: new Map([['app', app.permissions]]),
      passwords: new Set(['app']),
    });
    expect(words(wanted({ roles: [app], users, enabled: true }), all)).to.deep.equal([]);
    expect(words(wanted({ users }), { ...all, passwords: new Set() })).to.deep.equal(['user-passwd app  pw']);
    const less = {
      ...app,
      permissions: [permission('read', '/app/', { prefix: true }), permission('read', 'x', { end: 'zz' })],
    };
    expect(words(wanted({ roles: [less] }), all)).to.deep.equal([
      'role-grant app read /app/ --prefix',
      'role-grant app read x zz',
    ]);
    expect(words(wanted({ roles: [{ ...app, permissions: [] }] }), all)).to.deep.equal([
      'role-revoke app readwrite /app/ --prefix',
    ]);
    expect(words(wanted({ enabled: false, users: [{ ...users[0]!, absent: true }] }), all)).to.deep.equal([
      'disable',
      'user-delete app',
    ]);
  });

  it('writes fields that every shell’s printf turns back', () => {
    const values = ['/app/', 'a b\'c"$(x)\\n', 'ü€', '--x', ''];
    for (const shell of ['dash', 'bash', 'busybox sh']) {
      const [program, ...args] = shell.split(' ') as [string, ...string[]];
      const script = `read -r f; v=$(printf '%b.' "$f"); printf %s "\${v%.}"`;
      for (const value of values)
        expect(
          execFileSync(program, [...args, '-c', script], { input: `${field(value)}\n` }).toString(),
          shell,
        ).to.equal(value);
    }
  });
});
