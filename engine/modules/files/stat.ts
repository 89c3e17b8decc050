import { remotePath } from '../../remote/quote.ts';
import type { Reply } from '../../remote/remote.ts';
import { bool, path, str } from '../args.ts';
import { defineModule, shell, unchanged } from '../define.ts';
import { exactTime, stateFields } from '../parts/stat-line.ts';

export default defineModule({
  name: 'stat',
  doc: 'Tells all about a file or folder of the host.',
  reference: 'ansible.builtin.stat',
  args: {
    path: path({ doc: 'What to look at.', required: true, aliases: ['dest', 'name'] }),
    follow: bool({ doc: 'Look at what a link points at.', default: false }),
    get_checksum: bool({ doc: 'Compute the checksum of a file.', default: true }),
    get_mime: bool({
      doc: 'Ask `file` for type and encoding, if it is installed.',
      default: true,
      aliases: ['mime', 'mime_type', 'mime-type'],
    }),
    get_attributes: bool({
      doc: 'Ask `lsattr` for flags, if it is installed.',
      default: true,
      aliases: ['attr', 'attributes'],
    }),
    checksum_algorithm: str({
      doc: 'Kind of the checksum.',
      default: 'sha1',
      choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      aliases: ['checksum', 'checksum_algo'],
    }),
  },
  check: 'full',
  traits: { observes: true },
  returns: {
    stat: {
      type: 'dict',
      doc: 'What is there; `stat.exists` is false if nothing is.',
      keys: {
        exists: { type: 'bool' },
        path: { type: 'str', optional: true },
        mode: { type: 'str', optional: true },
        pw_name: { type: 'str', optional: true },
        gr_name: { type: 'str', optional: true },
        lnk_source: { type: 'str', optional: true },
        lnk_target: { type: 'str', optional: true },
        checksum: { type: 'str', optional: true },
        mimetype: { type: 'str', optional: true },
        charset: { type: 'str', optional: true },
        attr_flags: { type: 'str', optional: true },
        version: { type: 'str', optional: true },
        isdir: { type: 'bool', optional: true },
        isreg: { type: 'bool', optional: true },
        islnk: { type: 'bool', optional: true },
        isblk: { type: 'bool', optional: true },
        ischr: { type: 'bool', optional: true },
        isfifo: { type: 'bool', optional: true },
        issock: { type: 'bool', optional: true },
        isuid: { type: 'bool', optional: true },
        isgid: { type: 'bool', optional: true },
        readable: { type: 'bool', optional: true },
        writeable: { type: 'bool', optional: true },
        executable: { type: 'bool', optional: true },
        rusr: { type: 'bool', optional: true },
        wusr: { type: 'bool', optional: true },
        xusr: { type: 'bool', optional: true },
        rgrp: { type: 'bool', optional: true },
        wgrp: { type: 'bool', optional: true },
        xgrp: { type: 'bool', optional: true },
        roth: { type: 'bool', optional: true },
        woth: { type: 'bool', optional: true },
        xoth: { type: 'bool', optional: true },
        uid: { type: 'int', optional: true },
        gid: { type: 'int', optional: true },
        size: { type: 'int', optional: true },
        inode: { type: 'int', optional: true },
        dev: { type: 'int', optional: true },
        nlink: { type: 'int', optional: true },
        blocks: { type: 'int', optional: true },
        block_size: { type: 'int', optional: true },
        device_type: { type: 'int', optional: true },
        atime: { type: 'float', optional: true },
        mtime: { type: 'float', optional: true },
        ctime: { type: 'float', optional: true },
        attributes: { type: 'list', of: { type: 'str' }, optional: true },
      },
    },
  },
  examples: `- stat:
    path: /etc/app/app.conf
  register: config
- debug:
    msg: The configuration is there.
  when: config.stat.exists
`,
  async run(args, { remote }) {
    const reply = await remote.call(shell('stat', import.meta.url), {
      path: remotePath(args.path),
      follow: args.follow,
      get_checksum: args.get_checksum,
      get_mime: args.get_mime,
      get_attributes: args.get_attributes,
      algorithm: args.checksum_algorithm,
    });
    if (!reply.has('stat')) return unchanged({ stat: { exists: false } });
    const stat: Record<string, unknown> = { exists: true, path: reply.get('path'), ...fields(reply.get('stat')) };
    for (const name of ['readable', 'writeable', 'executable']) stat[name] = reply.has(name);
    for (const name of ['lnk_source', 'lnk_target', 'checksum']) if (reply.has(name)) stat[name] = reply.get(name);
    if (args.get_mime) Object.assign(stat, mime(reply));
    if (args.get_attributes) Object.assign(stat, flags(reply.get('flags')));
    return unchanged({ stat });
  },
});

function fields(line: string): Record<string, unknown> {
  // %f %u ... %T:%U:%G:%x:%y:%z, the last three with colons in their times
  const [numbers, owner, group] = line.split(':', 3) as [string, string, string];
  const dates =
    line.slice(numbers.length + owner.length + group.length + 3).match(/[^:]*:\d\d:[^:]*(?:$|(?=:))/g) ?? [];
  const words = numbers.split(' ');
  const [mode, uid, gid, size, inode, dev, nlink, atime, mtime, ctime, blocks, , blockSize, major, minor] = words;
  const device = makeDevice(Number.parseInt(major ?? '0', 16), Number.parseInt(minor ?? '0', 16));
  return {
    ...stateFields(Number.parseInt(mode!, 16), {
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size),
      inode: Number(inode),
    }),
    dev: Number(dev),
    nlink: Number(nlink),
    atime: exactTime(atime!, dates[0]),
    mtime: exactTime(mtime!, dates[1]),
    ctime: exactTime(ctime!, dates[2]),
    blocks: Number(blocks),
    block_size: Number(blockSize),
    device_type: device,
    ...(owner === 'UNKNOWN' ? {} : { pw_name: owner }),
    ...(group === 'UNKNOWN' ? {} : { gr_name: group }),
  };
}

/** Linux's st_rdev of a major and a minor number. */
function makeDevice(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x100000;
}

function mime(reply: Reply): Record<string, unknown> {
  const found = /:\s*([^:;]+);\s*charset=(\S+)\s*$/.exec(reply.get('mime'));
  return { mimetype: found?.[1]?.trim() ?? 'unknown', charset: found?.[2] ?? 'unknown' };
}

const names: Record<string, string> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};

function flags(line: string): Record<string, unknown> {
  const [version, letters] = line.trim().split(/\s+/);
  if (letters === undefined) return { version: null, attributes: [], attr_flags: '' };
  const set = letters.replaceAll('-', '');
  return { version, attributes: [...set].flatMap((letter) => names[letter] ?? []), attr_flags: set };
}
