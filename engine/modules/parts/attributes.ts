/** What every module that writes files shares on the controller: the arguments for owner, mode and labels, and what is reported back. */
import type { Diff } from '../../events.ts';
import type { ShellValue } from '../../remote/quote.ts';
import type { Reply } from '../../remote/remote.ts';
import { bool, fileMode, str } from '../args.ts';

/** Arguments of every module that sets attributes of files. */
export const attributeArgs = {
  mode: fileMode({ doc: 'Permissions: "0644", "u=rw,g=r,o=" ...' }),
  owner: str({ doc: 'Name or number of the user who owns the file.' }),
  group: str({ doc: 'Name or number of the group.' }),
  seuser: str({ doc: 'User part of the SELinux label; `_default` takes it from the policy.' }),
  serole: str({ doc: 'Role part of the SELinux label.' }),
  setype: str({ doc: 'Type part of the SELinux label.' }),
  selevel: str({ doc: 'Level part of the SELinux label.' }),
  attributes: str({ doc: 'Flags as for chattr.', aliases: ['attr'] }),
  unsafe_writes: bool({ doc: 'Write in place where the file cannot be replaced atomically.', default: false }),
} as const;

export interface Attributes {
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
  seuser?: string | undefined;
  serole?: string | undefined;
  setype?: string | undefined;
  selevel?: string | undefined;
  attributes?: string | undefined;
  unsafe_writes?: boolean | undefined;
}

/** The variables that files.sh reads; `mode` may be replaced (preserve). */
export function attributeVariables(args: Attributes, mode = args.mode): Record<string, ShellValue> {
  const { owner, group, seuser, serole, setype, selevel, attributes, unsafe_writes } = args;
  return { mode, owner, group, seuser, serole, setype, selevel, attributes, unsafe_writes };
}

/** '0644' of what stat calls 644. */
export function modeText(octal: string): string {
  return `0${octal.replace(/^0+(?=.)/, '').padStart(3, '0')}`;
}

/** uid, gid, owner, group, mode, state and size of the path that `files_info` or `files_tell` looked at. */
export function pathInfo(reply: Reply): Record<string, unknown> {
  if (!reply.has('info')) return {};
  const [state, mode, uid, gid, size, owner, group] = reply.get('info').split(':') as [string, ...string[]];
  return {
    uid: Number(uid),
    gid: Number(gid),
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    mode: modeText(mode!),
    state,
    size: Number(size),
    ...(reply.has('secontext') ? { secontext: reply.get('secontext') } : {}),
  };
}

const numeric = new Set(['owner', 'group', 'mtime', 'atime']);

function noted(name: string, text: string): unknown {
  if (numeric.has(name)) return Number(text);
  if (name === 'mode') return modeText(text);
  return name === 'secontext' ? text.split(':') : text;
}

/** What `files_note` told, as the two dicts of Ansible's diff of a file's state. */
export function stateDiff(
  reply: Reply,
  path: string | undefined,
  more: { before?: object; after?: object } = {},
): Diff {
  const before: Record<string, unknown> = path === undefined ? {} : { path };
  const after: Record<string, unknown> = path === undefined ? {} : { path };
  for (const name of ['state', 'src', 'secontext', 'owner', 'group', 'mode', 'attributes', 'mtime', 'atime']) {
    if (!reply.has(`before_${name}`)) continue;
    before[name] = noted(name, reply.get(`before_${name}`));
    after[name] = noted(name, reply.get(`after_${name}`));
  }
  return { before: stateText({ ...before, ...more.before }), after: stateText({ ...after, ...more.after }) };
}

/** A dict of a diff as Ansible shows it: sorted JSON, indented by four. */
export function stateText(state: object): string {
  return `${JSON.stringify(sorted(state), null, 4)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** Text of a file for a diff, or undefined if it is binary. */
export function diffText(content: Buffer): string | undefined {
  return content.includes(0) ? undefined : content.toString('utf8');
}
