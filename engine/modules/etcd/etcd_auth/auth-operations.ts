/** What differs between the users and roles that there are and those that are wanted, as operations of etcdctl. */

export type Access = 'read' | 'write' | 'readwrite';

interface Permission {
  type: Access;
  key: Buffer;
  /** Empty for one key. */
  end: Buffer;
}

interface WantedRole {
  name: string;
  permissions: Permission[];
  absent: boolean;
}

interface WantedUser {
  name: string;
  /** undefined: a user that is known by the common name of its certificate alone. */
  password: string | undefined;
  roles: string[];
  absent: boolean;
}

export interface Wanted {
  roles: WantedRole[];
  users: WantedUser[];
  enabled: boolean | undefined;
  rootPassword: string;
}

/** What there is; `passwords` holds the users whose password is the wanted one, undefined where that cannot be tried. */
export interface There {
  enabled: boolean;
  users: Map<string, string[] | undefined>;
  roles: Map<string, Permission[] | undefined>;
  passwords: Set<string> | undefined;
}

/** One operation: its line for the host, and what is told about it. */
interface Operation {
  words: string[];
  says: string;
}

const NUL = Buffer.from([0]);
const ACCESS: readonly Access[] = ['read', 'write', 'readwrite'];

/** A permission as it is written: a key, a prefix, or a range. */
export function permission(type: Access, key: string, { prefix = false, end = '' } = {}): Permission {
  const from = Buffer.from(key);
  if (!prefix) return { type, key: from, end: Buffer.from(end) };
  return key === '' ? { type, key: NUL, end: NUL } : { type, key: from, end: prefixEnd(from) };
}

/** The end of the range of all keys with a prefix, as etcd counts it. */
function prefixEnd(key: Buffer): Buffer {
  const end = Buffer.from(key);
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i]! === 0xff) continue;
    end[i]!++;
    return end.subarray(0, i + 1);
  }
  return Buffer.from([0]);
}

/** The permissions in etcdctl's answer to `role get -w json`. */
export function permissionsOf(answer: unknown): Permission[] {
  const rows = (answer as { perm?: { permType?: number; key?: string; range_end?: string }[] }).perm ?? [];
  return rows.map((row) => ({
    type: ACCESS[row.permType ?? 0] ?? 'read',
    key: Buffer.from(row.key ?? '', 'base64'),
    end: Buffer.from(row.range_end ?? '', 'base64'),
  }));
}

const same = (a: Permission, b: Permission) => a.type === b.type && a.key.equals(b.key) && a.end.equals(b.end);
const where = ({ key, end }: Permission) => `${key.toString()}${end.length > 0 ? ' to a range' : ''}`;

/** The operations, in an order in which none is refused: roles, users, then the switch. */
export function operations(wanted: Wanted, there: There): Operation[] {
  const found = [
    ...wanted.roles.filter((role) => !role.absent).flatMap((role) => roleOperations(role, there)),
    ...wanted.users.flatMap((user) => userOperations(user, there, wanted.enabled !== false)),
    ...wanted.roles
      .filter((role) => role.absent && there.roles.has(role.name))
      .map((role) => ({ words: ['role-delete', role.name], says: `role ${role.name} removed` })),
  ];
  if (wanted.enabled === true && !there.enabled)
    found.push({ words: ['enable', '', '', wanted.rootPassword], says: 'authentication on' });
  if (wanted.enabled === false && there.enabled) found.unshift({ words: ['disable'], says: 'authentication off' });
  return found;
}

function roleOperations({ name, permissions }: WantedRole, there: There): Operation[] {
  const has = there.roles.get(name);
  const found: Operation[] = has ? [] : [{ words: ['role-add', name], says: `role ${name} added` }];
  const words = (one: Permission) => [one.type, isEverything(one) ? '' : bytes(one.key), rangeWord(one)];
  // Granting another type replaces the one before; a revocation is for what goes.
  for (const one of has ?? [])
    if (!permissions.some((other) => other.key.equals(one.key) && other.end.equals(one.end)))
      found.push({ words: ['role-revoke', name, ...words(one)], says: `role ${name}: ${where(one)} revoked` });
  for (const one of permissions)
    if (!has?.some((other) => same(one, other)))
      found.push({ words: ['role-grant', name, ...words(one)], says: `role ${name}: ${one.type} ${where(one)}` });
  return found;
}

/** All keys: etcd writes the empty prefix so. */
const isEverything = ({ key, end }: Pick<Permission, 'key' | 'end'>) => key.equals(NUL) && end.equals(NUL);

function rangeWord({ key, end }: Permission): string {
  if (end.length === 0) return '';
  if (isEverything({ key, end }) || end.equals(prefixEnd(key))) return '--prefix';
  return end.equals(NUL) ? '--from-key' : bytes(end);
}

/** While authentication is off a password cannot be compared: it is set before it counts again (`renew`). */
function userOperations(user: WantedUser, there: There, renew: boolean): Operation[] {
  const { name, password, roles } = user;
  const has = there.users.get(name);
  if (user.absent) return has ? [{ words: ['user-delete', name], says: `user ${name} removed` }] : [];
  const found: Operation[] = [];
  if (!has)
    found.push({
      words: password === undefined ? ['user-add-without', name] : ['user-add', name, '', password],
      says: `user ${name} added`,
    });
  else if (password !== undefined && (there.passwords ? !there.passwords.has(name) : renew))
    found.push({ words: ['user-passwd', name, '', password], says: `password of ${name} set` });
  for (const role of roles)
    if (!has?.includes(role))
      found.push({ words: ['user-grant', name, '', role], says: `user ${name}: role ${role} granted` });
  for (const role of has ?? [])
    if (!roles.includes(role))
      found.push({ words: ['user-revoke', name, '', role], says: `user ${name}: role ${role} revoked` });
  return found;
}

const bytes = (data: Buffer) => data.toString('latin1');

/** A field as one word that printf's %b turns back: every byte beyond letters, digits and a few signs as \0NNN. */
export function field(text: string, binary = false): string {
  const data = Buffer.from(text, binary ? 'latin1' : 'utf8');
  if (data.length === 0) return '\\c';
  return [...data]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9/._-]/.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
}
