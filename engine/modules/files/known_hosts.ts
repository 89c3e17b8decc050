import { createHmac, randomBytes } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { fnmatch } from '../../python/fnmatch.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { readFile, writeFile } from '../parts/edit.ts';

export default defineModule({
  name: 'known_hosts',
  doc: "Adds or removes a host's key in a known_hosts file.",
  reference: 'ansible.builtin.known_hosts',
  args: {
    name: str({ doc: 'The host; with a port as [name]:port.', required: true, aliases: ['host'] }),
    key: str({ doc: 'The line for the file, beginning with the host.' }),
    path: path({ doc: 'The file.', default: '~/.ssh/known_hosts' }),
    hash_host: bool({ doc: 'Store a hash of the name.', default: false }),
    state: str({ doc: 'Whether it shall be there.', default: 'present', choices: ['absent', 'present'] }),
  },
  check: 'full',
  returns: { path: 'The file.' },
  examples: `- known_hosts:
    name: git.example.com
    key: git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtTqj0ocmYGs6V0EBEUyEyBwqoRWoRKXM0yv9jHCrhB
`,
  async run(args, env) {
    const host = args.name.toLowerCase();
    if (!args.key && args.state === 'present') throw new ModuleFailure('No key specified when adding a host');
    let key = args.key || undefined;
    if (key !== undefined && args.hash_host) key = hashHost(host, key);
    if (key !== undefined && !key.endsWith('\n')) key += '\n';
    checkKey(host, key);
    const edit = { path: args.path, backup: false, replaceLink: true };
    const file = await readFile(edit, env.remote);
    const before = file.content.toString('utf8');
    const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const after = (args.state === 'present' ? add(lines, host, key!) : remove(lines, host, key)).join('');
    const isChanged = after !== before;
    const written = await writeFile(file, isChanged ? Buffer.from(after) : undefined, edit, env);
    const header = { before_header: file.exists ? file.path : '/dev/null', after_header: file.path };
    const values = {
      name: args.name,
      key: args.key ?? null,
      path: file.path,
      hash_host: args.hash_host,
      state: args.state,
      ...written.info,
      diff: { ...header, before, after },
    };
    return changed(isChanged, values, env.diff ? [values.diff] : undefined);
  },
});

interface Entry {
  marker: string;
  host: string;
  type: string;
  key: string;
}

function parse(line: string): Entry | undefined {
  const words = line.trim().split(/\s+/);
  if (words[0] === '' || words[0]!.startsWith('#')) return undefined;
  const marker = words[0]!.startsWith('@') ? words.shift()! : '';
  if (words.length < 3) return undefined;
  return { marker, host: words[0]!, type: words[1]!, key: words[2]! };
}

/** Whether a line's host field, plain, with patterns or hashed, stands for a host. */
function matches(field: string, host: string): boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(field);
  if (hashed) return createHmac('sha1', Buffer.from(hashed[1]!, 'base64')).update(host).digest('base64') === hashed[2];
  let found = false;
  for (const pattern of field.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    const plain = negated ? pattern.slice(1) : pattern;
    const hit = plain === host || (/[*?]/.test(plain) && fnmatch(plain.replaceAll('[', '[[]')).test(host));
    if (hit && negated) return false;
    found ||= hit;
  }
  return found;
}

function checkKey(host: string, key: string | undefined): void {
  if (key === undefined) return;
  if (/\S+\s*,/.test(host)) {
    throw new ModuleFailure(
      'Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.',
    );
  }
  const entry = parse(key);
  if (!entry || !matches(entry.host, host))
    throw new ModuleFailure('Host parameter does not match hashed host field in supplied key');
}

function hashHost(host: string, key: string): string {
  const salt = randomBytes(20);
  const hash = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host).digest('base64')}`;
  const words = key.trim().split(/\s+/);
  words[words[0]!.startsWith('@') ? 1 : 0] = hash;
  return words.join(' ');
}

/** The line that is this key already, or the one of the same type that it replaces. */
function locate(lines: string[], host: string, key: string): { same: number; replaced: number } {
  const wanted = parse(key)!;
  for (const [i, line] of lines.entries()) {
    const entry = parse(line);
    if (!entry || !matches(entry.host, host)) continue;
    const sameHost = entry.host === wanted.host || (entry.host.startsWith('|1|') && wanted.host.startsWith('|1|'));
    const same = sameHost && entry.marker === wanted.marker && entry.type === wanted.type && entry.key === wanted.key;
    if (same) return { same: i, replaced: -1 };
    if (!/^@(cert-authority|revoke)/.test(entry.marker) && entry.type === wanted.type) return { same: -1, replaced: i };
  }
  return { same: -1, replaced: -1 };
}

function add(lines: string[], host: string, key: string): string[] {
  const { same, replaced } = locate(lines, host, key);
  if (same >= 0) return lines;
  const kept = lines.filter((_, i) => i !== replaced);
  // a last line without an end must not run into the new one
  if (kept.length > 0 && !kept.at(-1)!.endsWith('\n')) kept[kept.length - 1] += '\n';
  return [...kept, key];
}

function remove(lines: string[], host: string, key: string | undefined): string[] {
  if (key !== undefined) {
    // As Ansible: also another key of the same type, or the same under a hashed name.
    const { same, replaced } = locate(lines, host, key);
    return lines.filter((_, i) => i !== same && i !== replaced);
  }
  return lines.filter((line) => {
    const entry = parse(line);
    return !entry || !matches(entry.host, host);
  });
}
