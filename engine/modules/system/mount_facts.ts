import { fnmatch } from '../../python/fnmatch.ts';
import { type Dict, fromPlain } from '../../values.ts';
import { bool, float, list, raw, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { fieldText } from '../parts/mount-table.ts';

const DYNAMIC = ['/etc/mtab', '/proc/mounts', '/etc/mnttab'];
const STATIC = ['/etc/fstab', '/etc/vfstab', '/etc/filesystems'];

type Mount = Record<string, unknown> & { mount: string };

export default defineModule({
  name: 'mount_facts',
  doc: 'Gathers the mounts, as they are and as /etc/fstab wants them, into facts.',
  reference: 'ansible.builtin.mount_facts',
  args: {
    devices: list(str(), { doc: 'Patterns of devices; all if not given.' }),
    fstypes: list(str(), { doc: 'Patterns of file system types; all if not given.' }),
    sources: list(str(), { doc: 'all, static, dynamic, mount, or files.' }),
    mount_binary: raw({ doc: 'Has no effect: `mount` is asked only where it is named as a source.', default: 'mount' }),
    timeout: float({ doc: 'Seconds for a mount that does not answer.' }),
    on_timeout: str({ doc: 'What then.', default: 'error', choices: ['error', 'warn', 'ignore'] }),
    include_aggregate_mounts: bool({ doc: 'Return every mount of every source too.' }),
  },
  check: 'full',
  traits: { observes: true },
  returns: { ansible_facts: '`mount_points` by path, and `aggregate_mounts`.' },
  examples: `- mount_facts:
    fstypes: [ext4, xfs]
- debug:
    msg: "{{ ansible_facts.mount_points | list }}"
`,
  async run(args, { remote, warn }) {
    const sources = (args.sources ?? ['all']).flatMap((s) =>
      s === 'all' ? [...DYNAMIC, ...STATIC] : s === 'dynamic' ? DYNAMIC : s === 'static' ? STATIC : [s],
    );
    const reply = await remote.call(shell('mount_facts', import.meta.url), {
      m_sources: [...new Set(sources)],
      m_timeout: args.timeout ?? 10,
    });
    const sizes = sizesOf(reply.all('statfs'));
    const uuids = uuidsOf(reply.get('uuids'));
    const texts = reply.all('text');
    const mounts: Mount[] = [];
    const wants = (patterns: string[] | undefined, value: string) =>
      !patterns || patterns.some((p) => fnmatch(p).test(value));
    for (const [i, source] of reply.all('source').entries()) {
      for (const line of (texts[i] ?? '').split('\n')) {
        const mount = source === 'mount' ? fromMount(line) : fromTable(line);
        if (!mount || !wants(args.devices, String(mount['device'])) || !wants(args.fstypes, String(mount['fstype'])))
          continue;
        mounts.push({
          ...mount,
          ...sizes.get(mount.mount),
          uuid: uuids.get(String(mount['device'])) ?? null,
          ansible_context: { source, source_data: line },
        });
      }
    }
    for (const late of reply.all('late')) if (args.on_timeout === 'warn') warn(`no answer from the mount ${late}`);
    const points: Record<string, Mount> = {};
    for (const mount of mounts) points[mount.mount] ??= mount;
    const facts = { mount_points: points, aggregate_mounts: args.include_aggregate_mounts ? mounts : [] };
    return { changed: false, values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict };
  },
});

function fromTable(line: string): Mount | undefined {
  const [device, mount, fstype, options, dump, passno] = line
    .replace(/^\s*#.*/, '')
    .trim()
    .split(/\s+/)
    .map(fieldText);
  if (!device || !mount || !fstype) return undefined;
  const numbers = { dump: Number(dump ?? 0), passno: Number(passno ?? 0) };
  return { mount, device, fstype, options: options ?? 'defaults', ...numbers };
}

function fromMount(line: string): Mount | undefined {
  const match = /^(.+?) on (.+?) type (\S+) \((.*)\)/.exec(line);
  return match ? { mount: match[2]!, device: match[1]!, fstype: match[3]!, options: match[4]! } : undefined;
}

function sizesOf(replies: string[]): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const row of replies.join('\n').split('\n')) {
    const parts = row.split('|');
    if (parts.length < 6) continue;
    const [block, total, available, inodes, free] = parts.slice(0, 5).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    found.set(parts.slice(5).join('|'), {
      size_total: block * total,
      size_available: block * available,
      block_size: block,
      block_total: total,
      block_available: available,
      block_used: total - available,
      inode_total: inodes,
      inode_available: free,
      inode_used: inodes - free,
    });
  }
  return found;
}

function uuidsOf(listing: string): Map<string, string> {
  const links = [...listing.matchAll(/ (\S+) -> (?:.*\/)?(\S+)$/gm)];
  return new Map(links.map((link) => [`/dev/${link[2]}`, link[1]!]));
}
