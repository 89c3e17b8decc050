import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'acl',
  doc: 'Sets, removes or tells entries of an access control list.',
  reference: 'ansible.posix.acl',
  args: {
    path: path({ doc: 'The file or folder.', required: true, aliases: ['name'] }),
    entry: str({ doc: 'A whole entry: user:name:rw.' }),
    entity: str({ doc: 'Name of the user or group.', default: '' }),
    etype: str({ doc: 'Whom the entry is for.', choices: ['group', 'mask', 'other', 'user'] }),
    permissions: str({ doc: 'Permissions: rwx, r-x ...' }),
    state: str({ doc: 'Whether the entry shall be there.', default: 'query', choices: ['absent', 'present', 'query'] }),
    follow: bool({ doc: 'Follow links.', default: true }),
    default: bool({ doc: 'The default list of a folder.', default: false }),
    recursive: bool({ doc: 'For all below too.', default: false, aliases: ['recurse'] }),
    recalculate_mask: str({ default: 'default', choices: ['default', 'mask', 'no_mask'] }),
    use_nfsv4_acls: bool({ default: false, doc: 'Lists of NFSv4.' }),
  },
  check: 'full',
  returns: { acl: 'The entries.', msg: 'What holds.' },
  examples: `- acl:
    path: /srv/shared
    entity: alice
    etype: user
    permissions: rwx
    state: present
`,
  async run(args, { remote }) {
    if (args.use_nfsv4_acls) throw new ModuleFailure('use_nfsv4_acls is not supported');
    const wish = readEntry(args as Wish);
    const word = wish.etype === undefined ? '' : `${wish.etype}:${wish.entity}`;
    const entry = args.state === 'present' && wish.permissions ? `${word}:${wish.permissions}` : word;
    const masks = { default: '', mask: '--mask', no_mask: '--no-mask' };
    const reply = await remote.call(shell('acl', import.meta.url), {
      path: remotePath(args.path),
      action: args.state === 'query' ? '' : args.state === 'present' ? '-m' : '-x',
      entry,
      default: wish.default,
      recursive: args.recursive,
      physical: args.follow ? '' : '--physical',
      mask: args.state === 'query' ? '' : masks[args.recalculate_mask],
    });
    const lines = reply
      .get('acl')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.trim());
    while (lines.at(-1) === '') lines.pop();
    const msg = args.state === 'query' ? 'current acl' : `${entry} is ${args.state}`;
    return changed(reply.changes.length > 0, { msg, acl: lines });
  },
});

interface Wish {
  entry?: string | undefined;
  entity: string;
  etype?: string | undefined;
  permissions?: string | undefined;
  state: 'absent' | 'present' | 'query';
  default: boolean;
  recursive: boolean;
  recalculate_mask: string;
}

function readEntry(args: Wish): Wish {
  const { state, entry } = args;
  const refuse = (msg: string): never => {
    throw new ModuleFailure(msg);
  };
  if (state === 'query' && args.recursive) refuse("'recursive' MUST NOT be set when 'state=query'.");
  if (state === 'query' && args.recalculate_mask !== 'default')
    refuse("'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'.");
  if (!entry) {
    if (state === 'absent' && args.permissions) refuse("'permissions' MUST NOT be set when 'state=absent'.");
    if (state === 'absent' && !args.entity) refuse("'entity' MUST be set when 'state=absent'.");
    if (state !== 'query' && !args.etype) refuse(`'etype' MUST be set when 'state=${state}'.`);
    return args;
  }
  if (args.etype || args.entity || args.permissions)
    refuse("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.");
  const colons = entry.split(':').length - 1;
  if (state === 'present' && colons !== 2 && colons !== 3)
    refuse("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.");
  if (state === 'absent' && colons !== 1 && colons !== 2)
    refuse("'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'.");
  if (state === 'query') refuse("'entry' MUST NOT be set when 'state=query'.");
  const parts = entry.split(':');
  const isDefault = /^d/i.test(entry);
  if (isDefault) parts.shift();
  const kinds: Record<string, string> = { u: 'user', g: 'group', m: 'mask', o: 'other' };
  const etype = kinds[parts[0]![0]?.toLowerCase() ?? ''];
  if (!etype) refuse(`'entry' begins with neither user, group, mask nor other: ${entry}`);
  return { ...args, etype, entity: parts[1] ?? '', permissions: parts[2], default: isDefault || args.default };
}
