import { createHash } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { pathInfo } from '../parts/attributes.ts';
import { downloadVariables } from '../parts/download.ts';
import { contentVariables } from '../parts/edit.ts';

export default defineModule({
  name: 'authorized_key',
  doc: "Adds or removes keys in a user's authorized_keys.",
  reference: 'ansible.posix.authorized_key',
  args: {
    user: str({ doc: 'The user who may log in with the keys.', required: true }),
    key: str({ doc: 'The keys, one a line; or an address they are at.', required: true }),
    path: path({ doc: 'The file, if it is not ~/.ssh/authorized_keys of the user.' }),
    manage_dir: bool({ doc: "Make the file's folder, and set its owner and mode.", default: true }),
    state: str({ doc: 'Whether they shall be there.', default: 'present', choices: ['absent', 'present'] }),
    key_options: str({ doc: 'Options before the key.' }),
    exclusive: bool({ doc: 'Remove all other keys.', default: false }),
    comment: str({ doc: 'Comment behind the key.' }),
    validate_certs: bool({ doc: "Check the server's certificate.", default: true }),
    follow: bool({ doc: 'Write through a link.', default: false }),
  },
  check: 'full',
  returns: { keyfile: 'The file.' },
  examples: `- authorized_key:
    user: deploy
    key: "{{ lookup('file', 'deploy.pub') }}"
`,
  async run(args, env) {
    const script = shell('authorized_key', import.meta.url);
    const variables: Record<string, ShellValue> = {
      user: args.user,
      file: remotePath(args.path),
      follow: args.follow,
      manage_dir: args.manage_dir,
    };
    const url = /^(https?|file)/.test(args.key) ? args.key.trim() : '';
    const reply = await env.remote.call(script, {
      ...variables,
      key_url: url,
      ...downloadVariables({ ...download, ...args }),
    });
    const before = reply.bytes('content').toString('utf8');
    const keys = (url ? reply.get('keys') : args.key)
      .split(/\r\n|[\n\r]/)
      .filter((line) => line !== '' && !line.startsWith('#'));
    const after = edit(before, keys, args as Wish);
    const values: Record<string, unknown> = { ...args, path: args.path ?? null, keyfile: reply.get('keyfile') };
    for (const name of ['key_options', 'comment']) values[name] ??= null;
    if (after === undefined) return changed(false, { ...values, ...pathInfo(reply) });
    let info = pathInfo(reply);
    if (!env.check) {
      const content = Buffer.from(after, 'utf8');
      const done = await env.remote.call(script, {
        ...variables,
        write: true,
        expected: reply.has('there') ? createHash('sha1').update(reply.bytes('content')).digest('hex') : '',
        ...(await contentVariables(content, '', env.remote)),
      });
      info = pathInfo(done);
    }
    Object.assign(values, info);
    const headers = { before_header: reply.get('keyfile'), after_header: reply.get('target') };
    return changed(true, values, env.diff ? [{ ...headers, before, after }] : undefined);
  },
});

const download = {
  http_agent: 'ansible-httpget',
  use_proxy: true,
  use_netrc: true,
  force_basic_auth: false,
  decompress: true,
  timeout: 10,
};

interface Wish {
  state: 'absent' | 'present';
  exclusive: boolean;
  key_options?: string | undefined;
  comment?: string | undefined;
}

interface Key {
  /** The key itself, or for any other line the line. */
  id: string;
  /** undefined: a line that is no key and stays as it is. */
  type?: string;
  options: Array<[string, string | undefined]>;
  comment: string;
  rank: number;
}

const TYPE =
  /^(?:(?:webauthn-)?sk-(?:ecdsa-sha2-nistp256|ssh-ed25519)(?:-cert-v01)?@openssh\.com|ecdsa-sha2-nistp(?:256|384|521)(?:-cert-v01@openssh\.com)?|ssh-(?:ed25519|rsa|dss)(?:-cert-v01@openssh\.com)?|ssh-xmss(?:-cert-v01)?@openssh\.com|rsa-sha2-(?:256|512)(?:-cert-v01@openssh\.com)?)$/;

function parseKey(line: string, rank: number): Key | undefined {
  const text = line.replaceAll('\\#', '#');
  const words = text.split(/[ \t\r\n]+/).filter((word) => word !== '');
  if (words[0] === '#') return { id: text, options: [], comment: '', rank };
  const at = words.findIndex((word) => TYPE.test(word));
  if (at < 0) return undefined;
  const id = words[at + 1];
  if (id === undefined) throw new ModuleFailure(`invalid key specified: ${line}`);
  return {
    id,
    type: words[at]!,
    options: parseOptions(words.slice(0, at).join(' ')),
    comment: words.slice(at + 2).join(' '),
    rank,
  };
}

/** Options are separated by commas that are not in quotes. */
function parseOptions(text: string): Key['options'] {
  const parts = text.match(/(?:[^,"']|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? [part, undefined] : [part.slice(0, equals), part.slice(equals + 1)];
  });
}

function sameKey(a: Key, b: Key): boolean {
  const options = (key: Key) =>
    JSON.stringify([...key.options].sort((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0)));
  return a.type === b.type && a.comment === b.comment && options(a) === options(b);
}

/** The new text, or undefined if nothing changes. */
function edit(before: string, lines: string[], wish: Wish): string | undefined {
  const existing = new Map<string, Key>();
  const old = before.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  for (const [rank, line] of old.entries()) {
    const key = parseKey(line, rank) ?? { id: line, options: [], comment: '', rank };
    existing.set(key.id, key);
  }
  const highest = existing.size;
  const wanted = new Set<string>();
  let isChanged = false;
  for (const [rank, line] of lines.entries()) {
    const key = parseKey(line, rank);
    if (!key?.type) throw new ModuleFailure(`invalid key specified: ${line}`);
    if (wish.key_options !== undefined) key.options = parseOptions(wish.key_options);
    if (wish.comment !== undefined) key.comment = wish.comment;
    const found = existing.get(key.id);
    if (wish.state === 'absent') {
      isChanged = existing.delete(key.id) || isChanged;
      continue;
    }
    wanted.add(key.id);
    if (found && sameKey(found, key)) continue;
    existing.set(key.id, { ...key, rank: highest + rank });
    isChanged = true;
  }
  if (wish.state === 'present' && wish.exclusive) {
    for (const id of [...existing.keys()]) if (!wanted.has(id)) isChanged = existing.delete(id) || isChanged;
  }
  if (!isChanged) return undefined;
  return [...existing.values()]
    .sort((a, b) => a.rank - b.rank)
    .map(written)
    .join('');
}

function written(key: Key): string {
  if (key.type === undefined) return key.id;
  const options = key.options.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join(',');
  return `${options ? `${options} ` : ''}${key.type} ${key.id} ${key.comment}\n`;
}
