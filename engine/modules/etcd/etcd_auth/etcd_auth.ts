import { ModuleFailure } from '../../../errors.ts';
import { remotePath } from '../../../remote/quote.ts';
import type { Reply } from '../../../remote/remote.ts';
import type { Dict } from '../../../values.ts';
import { bool, dict, int, list, path, str } from '../../args.ts';
import { changed, defineModule, shell } from '../../define.ts';
import {
  type Access,
  field,
  operations,
  permission,
  permissionsOf,
  type There,
  type Wanted,
} from './auth-operations.ts';

const permissionKeys = {
  type: str({
    doc: 'read, write or readwrite.',
    choices: ['read', 'write', 'readwrite'] as const,
    default: 'readwrite',
  }),
  key: str({ doc: 'The key; with `prefix` all keys that begin so.', required: true }),
  prefix: bool({ doc: 'All keys that begin so.', default: false }),
  range_end: str({ doc: 'The first key after the range.', default: '' }),
};
const state = str({ doc: 'present or absent.', choices: ['present', 'absent'] as const, default: 'present' });

export default defineModule({
  name: 'etcd_auth',
  doc: `Makes roles and users of etcd, and turns its authentication on and off.

Roles and users that are named become what is written here; others are left alone. Passwords travel in no argument. Where, with
authentication on, the host can no longer work on the cluster, it is turned off again.`,
  args: {
    endpoints: list(str(), { doc: 'Client URLs of the members.', required: true }),
    cacert: path({ doc: "CA file of the servers' certificates." }),
    cert: path({ doc: "File with the client's certificate." }),
    key: path({ doc: "File with the client's key." }),
    etcdctl: path({ doc: 'The program.', default: '/usr/local/bin/etcdctl' }),
    timeout: int({ doc: 'Seconds for each answer.', default: 10 }),
    enabled: bool({ doc: 'Whether authentication is to be on; left as it is if not given.' }),
    root_password: str({ doc: 'Of the user root.', secret: true }),
    roles: list(
      dict({
        keys: {
          name: str({ required: true }),
          state,
          permissions: list(dict({ keys: permissionKeys })),
        },
      }),
      { doc: 'Roles and what they may do.' },
    ),
    users: list(
      dict({
        keys: { name: str({ required: true }), state, password: str({ secret: true }), roles: list(str()) },
      }),
      { doc: 'Users and their roles; without a password a user is who has that common name in its certificate.' },
    ),
  },
  check: 'full',
  returns: { operations: 'What was done, or would be.', enabled: 'Whether authentication was on before.' },
  async run(args, { remote, check, secret }) {
    const wanted = wantedOf(args);
    for (const { password } of wanted.users) if (password) secret(password);
    const settings = {
      endpoints: args.endpoints.join(','),
      cacert: remotePath(args.cacert),
      cert: remotePath(args.cert),
      key: remotePath(args.key),
      etcdctl: remotePath(args.etcdctl),
      timeout: args.timeout,
    };
    const script = shell('etcd_auth', import.meta.url);
    const patience = { timeout: args.timeout * (4 + 2 * (wanted.roles.length + wanted.users.length)) + 30 };
    const reply = await remote.call(
      script,
      {
        phase: 'look',
        ...settings,
        wanted_roles: wanted.roles.map(({ name }) => name).join('\n'),
        wanted_users: wanted.users.map(({ name }) => name).join('\n'),
        passwords: withPassword(wanted)
          .map(({ name, password }) => `${name} ${password}`)
          .join('\n'),
      },
      patience,
    );
    const there = thereOf(reply, wanted);
    const todo = operations(wanted, there);
    if (todo.length > 0 && !check) {
      const lines = todo.map(({ words: [what, a = '', b = '', c = '', d = ''] }) => {
        const binary = what === 'role-grant' || what === 'role-revoke';
        return [what, field(a), b || '-', field(c, binary), field(d, binary && !d.startsWith('--'))].join(' ');
      });
      await remote.call(script, { ...settings, phase: 'apply', operations: lines.join('\n') }, patience);
    }
    return changed(todo.length > 0, { operations: todo.map(({ says }) => says), enabled: there.enabled });
  },
});

interface Given {
  enabled?: boolean | undefined;
  root_password?: string | undefined;
  roles?: Dict[] | undefined;
  users?: Dict[] | undefined;
}

function wantedOf(args: Given): Wanted {
  const users = (args.users ?? []).map((row) => ({
    name: nameOf(row, 'user'),
    password: row.get('password') === undefined ? undefined : passwordOf(row),
    roles: textList(row.get('roles')),
    absent: row.get('state') === 'absent',
  }));
  const rootPassword = args.root_password ?? '';
  if (rootPassword) {
    checkPassword(rootPassword, 'root');
    users.unshift({ name: 'root', password: rootPassword, roles: ['root'], absent: false });
  } else if (args.enabled) throw new ModuleFailure('`enabled` needs `root_password`: etcd wants a user root');
  return {
    enabled: args.enabled,
    rootPassword,
    users,
    roles: (args.roles ?? []).map((row) => ({
      name: nameOf(row, 'role'),
      absent: row.get('state') === 'absent',
      permissions: ((row.get('permissions') as Dict[] | undefined) ?? []).map((one) =>
        permission(String(one.get('type') ?? 'readwrite') as Access, String(one.get('key') ?? ''), {
          prefix: one.get('prefix') === true,
          end: String(one.get('range_end') ?? ''),
        }),
      ),
    })),
  };
}

function nameOf(row: Dict, kind: string): string {
  const name = String(row.get('name') ?? '');
  if (/^[^\s:,\p{Cc}]+$/u.test(name)) return name;
  throw new ModuleFailure(
    `the name of a ${kind} is \`${name}\`; it must not be empty or have spaces, colons or commas`,
  );
}

function passwordOf(row: Dict): string {
  const password = String(row.get('password') ?? '');
  checkPassword(password, String(row.get('name')));
  return password;
}

/** etcdctl reads a password up to the first space. */
function checkPassword(password: string, user: string): void {
  if (/^[^\s\p{Cc}]+$/u.test(password)) return;
  throw new ModuleFailure(`the password of ${user} is empty or has spaces, which etcdctl does not take`);
}

const textList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const withPassword = (wanted: Wanted) =>
  wanted.users.filter(({ password, absent }) => password !== undefined && !absent);

/** The answers in the order in which they were asked for. */
function thereOf(reply: Reply, wanted: Wanted): There {
  const enabled = (json(reply.get('status'), 'auth status') as { enabled?: boolean }).enabled === true;
  const users = (json(reply.get('users'), 'user list') as { users?: string[] }).users ?? [];
  const roles = (json(reply.get('roles'), 'role list') as { roles?: string[] }).roles ?? [];
  const told = { role: reply.all('role'), user: reply.all('user'), password: reply.all('password') };
  const pick = <T>(names: string[], there: string[], answers: string[], read: (answer: unknown) => T) =>
    new Map(
      names.flatMap((name, i) => (there.includes(name) ? [[name, read(json(answers[i] ?? '', name))] as const] : [])),
    );
  return {
    enabled,
    roles: pick(
      wanted.roles.map(({ name }) => name),
      roles,
      told.role,
      permissionsOf,
    ),
    users: pick(
      wanted.users.map(({ name }) => name),
      users,
      told.user,
      (answer) => (answer as { roles?: string[] }).roles ?? [],
    ),
    passwords: enabled
      ? new Set(
          withPassword(wanted)
            .filter((_, i) => told.password[i] === 'right')
            .map(({ name }) => name),
        )
      : undefined,
  };
}

function json(text: string, what: string): unknown {
  const line = text.split('\n').find((one) => one.startsWith('{'));
  try {
    return JSON.parse(line ?? '');
  } catch {
    throw new ModuleFailure(`etcdctl ${what}: ${text.split('\n').at(-1) || 'no answer'}`);
  }
}
