import { posix } from 'node:path';
import { ModuleFailure } from '../../../errors.ts';
import { fnmatch } from '../../../python/fnmatch.ts';
import { quoteWords, remotePath, type ShellValue } from '../../../remote/quote.ts';
import type { Remote, Reply } from '../../../remote/remote.ts';
import { bool, int, list, path, raw, str } from '../../args.ts';
import { defineModule, shell, unchanged } from '../../define.ts';
import { pythonRegex } from '../../parts/python-regex.ts';
import { stateFields } from '../../parts/stat-line.ts';
import { symbolicMode } from '../../parts/symbolic-mode.ts';
import { grepSuperset, nameTests } from './find-content.ts';

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

export default defineModule({
  name: 'find',
  doc: 'Lists files of the host by name, age, size, content or mode.',
  reference: 'ansible.builtin.find',
  args: {
    paths: list(path(), { doc: 'The folders to look in.', required: true, aliases: ['name', 'path'] }),
    patterns: list(str(), {
      doc: 'Names wanted, as shell patterns or regular expressions.',
      default: [],
      aliases: ['pattern'],
    }),
    excludes: list(str(), { doc: 'Names not wanted.', aliases: ['exclude'] }),
    contains: str({ doc: 'Regular expression that a line of the file must match at its start.' }),
    read_whole_file: bool({ doc: 'Search `contains` in the whole content instead.', default: false }),
    file_type: str({ doc: 'Kind of entries.', default: 'file', choices: ['any', 'directory', 'file', 'link'] }),
    age: str({ doc: 'At least this old (2d); with a minus at most.' }),
    age_stamp: str({ doc: 'Which time counts as age.', default: 'mtime', choices: ['atime', 'ctime', 'mtime'] }),
    size: str({ doc: 'At least this large (10m); with a minus at most.' }),
    recurse: bool({ doc: 'Look in folders below too.', default: false }),
    hidden: bool({ doc: 'Names that begin with a dot too.', default: false }),
    follow: bool({ doc: 'Follow links to folders.', default: false }),
    get_checksum: bool({ doc: 'Compute checksums.', default: false }),
    checksum_algorithm: str({ default: 'sha1', choices: algorithms, aliases: ['checksum', 'checksum_algo'] }),
    use_regex: bool({ doc: 'Patterns are regular expressions (Python syntax).', default: false }),
    depth: int({ doc: 'How deep to look with recurse.' }),
    mode: raw({ doc: 'Permissions, octal or symbolic.' }),
    exact_mode: bool({ doc: 'The mode must be exactly this; else one bit suffices.', default: true }),
    encoding: str({ doc: "The files' encoding for `contains`." }),
    limit: int({ doc: 'Stop after so many.' }),
  },
  check: 'full',
  traits: { observes: true },
  returns: {
    files: {
      type: 'list',
      doc: 'What was found.',
      of: {
        type: 'dict',
        keys: {
          path: { type: 'str' },
          size: { type: 'int' },
          mode: { type: 'str' },
          uid: { type: 'int' },
          gid: { type: 'int' },
          mtime: { type: 'float' },
          atime: { type: 'float' },
          ctime: { type: 'float' },
          isdir: { type: 'bool' },
          isreg: { type: 'bool' },
          islnk: { type: 'bool' },
          checksum: { type: 'str', doc: 'With `get_checksum`.', optional: true },
        },
      },
    },
    matched: { type: 'int', doc: 'How many.' },
    examined: { type: 'int', doc: 'How many were looked at.' },
    skipped_paths: { type: 'dict', doc: 'Why folders were left out.' },
  },
  examples: `- find:
    paths: /var/log/app
    patterns: "*.log"
    age: 7d
  register: old
- file:
    path: "{{ item.path }}"
    state: absent
  loop: "{{ old.files }}"
`,
  async run(args, { remote, warn }) {
    if (args.mode !== undefined && args.mode !== null && typeof args.mode !== 'string') {
      throw new ModuleFailure("argument 'mode' is not a string and conversion is not allowed");
    }
    if (args.limit !== undefined && args.limit <= 0)
      throw new ModuleFailure(`limit cannot be ${args.limit} (use None for unlimited)`);
    const wanted = filter(args as Wanted);
    const together = oneRequest(args as Wanted);
    const deepest = args.recurse ? (args.depth ? Math.max(1, args.depth) : undefined) : 1;
    const variables: Record<string, ShellValue> = {
      ...together,
      count: args.paths.length,
      follow: args.follow,
      depth: deepest === undefined ? '' : `-maxdepth ${deepest}`,
      // What is one deeper is examined, and never found.
      look: deepest === undefined ? '' : `-maxdepth ${args.recurse ? deepest + 1 : 1}`,
    };
    for (const [i, folder] of args.paths.entries()) variables[`p${i}`] = remotePath(folder.replace(/(?!^)\/+$/, ''));
    const script = shell('find', import.meta.url);
    const reply = await remote.call(script, variables);
    const skipped: Record<string, string> = {};
    for (const folder of reply.all('missing')) {
      skipped[folder] = `'${folder}' is not a directory`;
      warn(`Skipped '${folder}' path due to this access issue: ${skipped[folder]}`);
    }
    const { entries, rest } = readEntries(reply);
    const reached = (entry: Entry) => deepest === undefined || entry.level <= deepest;
    for (const entry of args.recurse ? entries : [])
      if (entry.closed && reached(entry)) {
        const { path: folder } = entry.values;
        skipped[folder] = `[Errno 13] Permission denied: '${folder}'`;
        warn(`Skipped '${folder}' path due to this access issue: ${skipped[folder]}`);
      }
    let found = entries.filter((entry) => reached(entry) && wanted(entry, Number(reply.get('now'))));
    if (args.contains !== undefined && args.file_type === 'file')
      found =
        (together?.lines && matchingLines(found, rest, args.contains, reply.has('nul'))) ||
        (await containing(found, args as Wanted, remote, (path, why) => {
          const top = args.paths.find((one) => path.startsWith(`${one.replace(/\/+$/, '')}/`)) ?? path;
          skipped[top] = why;
          warn(`Skipped '${top}' path due to this access issue: ${why}`);
          return top;
        }));
    let msg =
      Object.keys(skipped).length > 0 ? 'Not all paths examined, check warnings for details' : 'All paths examined';
    if (args.limit !== undefined && found.length >= args.limit) {
      found = found.slice(0, args.limit);
      msg = 'Limit of matches reached';
    }
    if (args.get_checksum && !(together?.algorithm && sumsOf(found, reply)))
      await addChecksums(found, args.checksum_algorithm, remote);
    return unchanged({
      files: found.map((entry) => entry.values),
      msg,
      matched: found.length,
      examined: entries.length,
      skipped_paths: skipped,
    });
  },
});

interface Wanted {
  patterns: string[];
  excludes?: string[];
  contains?: string;
  read_whole_file: boolean;
  file_type: 'any' | 'directory' | 'file' | 'link';
  age?: string;
  age_stamp: 'atime' | 'ctime' | 'mtime';
  size?: string;
  hidden: boolean;
  use_regex: boolean;
  mode?: string;
  exact_mode: boolean;
  encoding?: string;
  get_checksum: boolean;
  checksum_algorithm: string;
}

interface Entry {
  name: string;
  /** How deep it is below the folder that is searched: what is in that itself is 1. */
  level: number;
  /** A folder that may not be read. */
  closed: boolean;
  values: Record<string, unknown> & { path: string };
}

type Numbers = Record<'size' | 'atime' | 'mtime' | 'ctime', number>;

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const sizes: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** A number with a unit; the sign is kept even of zero. */
function measure(what: 'age' | 'size', text: string | undefined, table: Record<string, number>): number | undefined {
  if (text === undefined) return undefined;
  const found = /^(-?\d+)([a-z])?$/.exec(text.toLowerCase());
  const unit = found?.[2] === undefined ? 1 : table[found[2]];
  if (!found || unit === undefined) throw new ModuleFailure(`failed to process ${what}`, { [what]: text });
  return Number(found[1]) * unit;
}

function filter(args: Wanted): (entry: Entry, now: number) => boolean {
  const age = measure('age', args.age, units);
  const size = measure('size', args.size, sizes);
  const matchers = (list: string[]) =>
    list.map((pattern) => (args.use_regex ? pythonRegex(pattern, {}, 'y') : fnmatch(pattern)));
  const patterns = matchers(args.patterns.length > 0 ? args.patterns : [args.use_regex ? '.*' : '*']);
  const excludes = matchers(args.excludes ?? []);
  const hits = (list: RegExp[], name: string) =>
    list.some((one) => {
      one.lastIndex = 0;
      return one.test(name);
    });
  const mode = args.mode ? Number.parseInt(symbolicMode(args.mode, 0, false, 0o022), 8) : undefined;
  return ({ name, values }, now) => {
    if (name.startsWith('.') && !args.hidden) return false;
    if (args.file_type === 'directory' && !values['isdir']) return false;
    if (args.file_type === 'file' && !values['isreg']) return false;
    if (args.file_type === 'link' && !values['islnk']) return false;
    if (!hits(patterns, name) || hits(excludes, name)) return false;
    const numbers = values as unknown as Numbers;
    const old = now - numbers[args.age_stamp];
    if (age !== undefined && (age >= 0 ? old < age : old > -age)) return false;
    if (size !== undefined && values['isreg'] && (size >= 0 ? numbers.size < size : numbers.size > -size)) return false;
    const bits = Number.parseInt(values['mode'] as string, 8);
    return mode === undefined || (args.exact_mode ? bits === mode : (bits & mode) !== 0);
  };
}

/** The entries in the order of Python's os.walk: of each folder first its files, then its folders, then what is in these. */
function readEntries(reply: Reply): { entries: Entry[]; rest: string[] } {
  const fields = reply.bytes('entries').toString('utf8').split('\0');
  const entries: Entry[] = [];
  let at = 0;
  for (const top of reply.all('top')) {
    const inside = new Map<string, Entry[]>();
    while (at < fields.length && fields[at] !== '') {
      const below = fields[at]!.replace(/^\/+/, '');
      const line = fields[at + 1]!.trim();
      const closed = line.startsWith('!');
      const entry = {
        name: posix.basename(below),
        level: below.split('/').length,
        closed,
        values: { path: posix.normalize(`${top}/${below}`), ...state(closed ? line.slice(1) : line) },
      };
      const parent = posix.dirname(below);
      const siblings = inside.get(parent) ?? [];
      siblings.push(entry);
      inside.set(parent, siblings);
      at += 2;
    }
    at++;
    const walk = (folder: string) => {
      const here = inside.get(folder) ?? [];
      const folders = here.filter((entry) => entry.values['isdir']);
      entries.push(...here.filter((entry) => !entry.values['isdir']), ...folders);
      for (const { name } of folders) walk(folder === '.' ? name : `${folder}/${name}`);
    };
    walk('.');
  }
  return { entries, rest: fields.slice(at) };
}

const letters: Record<string, number> = {
  d: 0o040000,
  f: 0o100000,
  l: 0o120000,
  p: 0o010000,
  s: 0o140000,
  b: 0o060000,
  c: 0o020000,
};

function state(line: string): Record<string, unknown> {
  const [type, bits, uid, gid, size, inode, dev, nlink, atime, mtime, ctime, owner, group] = line.split(':');
  const mode = bits === '' ? Number.parseInt(type!, 16) : (letters[type!] ?? 0) | Number.parseInt(bits!, 8);
  const known = (name: string | undefined) =>
    name === undefined || name === 'UNKNOWN' || /^\d+$/.test(name) ? '' : name;
  const numbers = {
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    inode: Number(inode),
    dev: Number(dev),
    nlink: Number(nlink),
  };
  const times = { atime: Number(atime), mtime: Number(mtime), ctime: Number(ctime) };
  return { ...stateFields(mode, { ...numbers, ...times }), gr_name: known(group), pw_name: known(owner) };
}

const script = () => shell('find', import.meta.url);

/**
 * What the host adds to its first reply: lines that `contains` may match, checksums. Only where names alone decide which files
 * are wanted, or it would read files for nothing.
 */
function oneRequest(args: Wanted): { lines?: string; algorithm?: string; tests?: string } | undefined {
  const asked = args.contains !== undefined && args.file_type === 'file';
  if (!asked && !args.get_checksum) return undefined;
  const others = [args.age, args.size, args.mode].some((one) => one !== undefined && one !== null);
  const tests = others || args.use_regex ? undefined : nameTests(args.patterns, args.hidden);
  if (!tests) return undefined;
  const lines =
    asked && !args.read_whole_file && args.encoding === undefined ? grepSuperset(args.contains!) : undefined;
  if (asked && lines === undefined) return undefined;
  return {
    ...(lines === undefined ? {} : { lines }),
    ...(args.get_checksum ? { algorithm: args.checksum_algorithm } : {}),
    tests: quoteWords(tests),
  };
}

/** The files of which one of the lines that the host found matches; undefined where a name can't be told from its line. */
function matchingLines(found: Entry[], rest: string[], contains: string, nul: boolean): Entry[] | undefined {
  const strange = nul ? /\/\// : /[:\n]|\/\//;
  if (found.some((entry) => strange.test(entry.values.path))) return undefined;
  const expression = pythonRegex(contains, {}, 'y');
  const hits = new Set<string>();
  const look = (path: string, line: string) => {
    expression.lastIndex = 0;
    if (expression.test(`${line}\n`)) hits.add(posix.normalize(path));
  };
  if (nul) {
    // name NUL line LF name NUL line LF ...; a line may hold NUL bytes itself, a name no LF that could end one
    const text = rest.join('\0');
    for (const match of text.matchAll(/([^\0]*)\0([^\n]*)\n/g)) look(match[1]!, match[2]!);
  } else {
    for (const line of rest.join('\0').split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) look(line.slice(0, colon), line.slice(colon + 1));
    }
  }
  return found.filter((entry) => hits.has(posix.normalize(entry.values.path)));
}

/** Takes the checksums from the first reply; false where they are not all there. */
function sumsOf(found: Entry[], reply: Reply): boolean {
  const sums = new Map<string, string>();
  for (const match of reply.get('sums').matchAll(/^([0-9a-f]+) [ *](.*)$/gm))
    sums.set(posix.normalize(match[2]!), match[1]!);
  const files = found.filter((entry) => entry.values['isreg']);
  const plain = (entry: Entry) => !/[\n\\]/.test(entry.values.path);
  if (!files.every((entry) => plain(entry) && sums.has(posix.normalize(entry.values.path)))) return false;
  for (const entry of files) entry.values['checksum'] = sums.get(posix.normalize(entry.values.path));
  return true;
}

async function addChecksums(found: Entry[], algorithm: string, remote: Remote): Promise<void> {
  const files = found.filter((entry) => entry.values['isreg']);
  if (files.length === 0) return;
  const reply = await remote.call(script(), { names: files.map((entry) => entry.values.path), algorithm });
  for (const [i, sum] of reply.all('sum').entries()) files[i]!.values['checksum'] = sum;
}

/** `unreadable` is told of a file that is not of the encoding, and names the path whose search ends with it. */
async function containing(
  found: Entry[],
  args: Wanted,
  remote: Remote,
  unreadable: (path: string, why: string) => string,
): Promise<Entry[]> {
  if (found.length === 0) return found;
  const reply = await remote.call(script(), { names: found.map((entry) => entry.values.path) });
  const all = reply.bytes('content');
  const expression = pythonRegex(args.contains!, {}, args.read_whole_file ? '' : 'y');
  let at = 0;
  const unknown = args.encoding !== undefined && decoderOf(args.encoding.replaceAll('_', '-')) === undefined;
  const texts = reply.all('size').map((size) => {
    const text = unknown ? undefined : decode(all.subarray(at, at + Number(size)), args.encoding);
    at += Number(size);
    return text;
  });
  const ended: string[] = [];
  return found.filter(({ values: { path } }, i) => {
    if (ended.some((top) => path.startsWith(`${top.replace(/\/+$/, '')}/`))) return false;
    if (texts[i] === undefined) {
      const why = unknown
        ? `unknown encoding: ${args.encoding}`
        : `Failed to read the file ${path} due to an encoding error. current encoding: ${args.encoding}`;
      ended.push(unreadable(path, why));
      return false;
    }
    if (args.read_whole_file) return expression.test(texts[i]!);
    return (texts[i]!.match(/[^\n]*\n|[^\n]+$/g) ?? []).some((line) => {
      expression.lastIndex = 0;
      return expression.test(line);
    });
  });
}

/** Text of a file; undefined if it is not of the encoding that was named. */
function decode(content: Buffer, encoding: string | undefined): string | undefined {
  const decoder = encoding === undefined ? undefined : decoderOf(encoding.replaceAll('_', '-'));
  if (!decoder) return content.toString('utf8');
  try {
    return decoder.decode(content);
  } catch {
    return undefined;
  }
}

/** Python also writes latin-1 and utf-8 without, and other names with, their hyphens. */
function decoderOf(name: string): TextDecoder | undefined {
  for (const label of [name, name.replaceAll('-', '')]) {
    try {
      return new TextDecoder(label, { fatal: true, ignoreBOM: true });
    } catch {}
  }
  return undefined;
}
