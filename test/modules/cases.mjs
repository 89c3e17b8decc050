// A module case as data, its state before and after: shared by the harness, which runs it here, and by differential.mjs, which
// runs it by stock Ansible. In every string `{d}` is the case's own folder on the host, `{s}` its folder on the controller and
// `{u}` the address of the web server.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Replaces `{d}` and `{s}` in all strings of a value. */
export function place(value, folders) {
  if (typeof value === 'string')
    return value
      .replaceAll('{d}', folders.d)
      .replaceAll('{s}', folders.s)
      .replaceAll('{u}', folders.u ?? '');
  if (Array.isArray(value)) return value.map((item) => place(item, folders));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, place(item, folders)]));
}

/** Makes a folder anew with the entries of a state: `{ path: text | { type, content, base64, mode, uid, gid, to, mtime } }`. */
export function build(folder, state = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, given] of Object.entries(state)) {
    const entry = typeof given === 'string' ? { content: given } : given;
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (entry.type === 'directory') mkdirSync(path, { recursive: true });
    else if (entry.type === 'link') symlinkSync(entry.to.replaceAll('{d}', folder), path);
    else if (entry.type === 'hard') linkSync(join(folder, entry.to), path);
    else writeFileSync(path, entry.base64 === undefined ? (entry.content ?? '') : Buffer.from(entry.base64, 'base64'));
    if (entry.type === 'link') continue;
    if (entry.uid !== undefined || entry.gid !== undefined) lchownSync(path, entry.uid ?? 0, entry.gid ?? 0);
    chmodSync(path, Number.parseInt(entry.mode ?? (entry.type === 'directory' ? '755' : '644'), 8));
  }
  for (const [name, entry] of Object.entries(state)) {
    if (entry.mtime !== undefined) utimesSync(join(folder, name), entry.mtime, entry.mtime);
  }
}

/** What a folder holds: type, mode, owner and content of everything in it, dated names of backups made alike. */
export function scan(folder) {
  const found = {};
  const walk = (relative) => {
    for (const name of readdirSync(Buffer.from(`${folder}/${relative}`, 'latin1'), { encoding: 'latin1' }).sort()) {
      const inside = relative === '' ? name : `${relative}/${name}`;
      const path = Buffer.from(`${folder}/${inside}`, 'latin1');
      const stat = lstatSync(path);
      const entry = { mode: (stat.mode & 0o7777).toString(8), owner: `${stat.uid}:${stat.gid}` };
      if (stat.isDirectory()) entry.type = 'directory';
      else if (stat.isSymbolicLink()) {
        entry.type = 'link';
        entry.to = readlinkSync(path).replaceAll(folder, '{d}');
      } else {
        entry.content = contentOf(readFileSync(path));
        if (stat.nlink > 1) entry.links = stat.nlink;
      }
      found[undated(Buffer.from(inside, 'latin1').toString('utf8'))] = entry;
      if (stat.isDirectory()) walk(inside);
    }
  };
  walk('');
  return found;
}

function contentOf(bytes) {
  if (bytes.length > 2000) return `sha1:${createHash('sha1').update(bytes).digest('hex')}`;
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : `base64:${bytes.toString('base64')}`;
}

/** A backup's name without process number and date. */
export function undated(text) {
  return (
    text
      .replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.BACKUP~')
      // rsync's errors end with its version, and a line of its sources
      .replace(/\((code \d+)\) at (\w+\.c)\(\d+\) \[(\w+)=[\w.]+\]/g, '($1) at $2 [$3]')
  );
}

const dropped = new Set([
  ...[
    'invocation',
    'ansible_facts',
    'deprecations',
    'warnings',
    'exception',
    'diff',
    '_ansible_no_log',
    'failed',
    'msg',
  ],
  ...[
    'module_stderr',
    'module_stdout',
    '_ansible_parsed',
    '_ansible_verbose_always',
    'changed',
    '_ansible_verbose_override',
  ],
  ...['_ansible_delegated_vars', 'skipped', '_ansible_item_label', 'elapsed', 'rc'],
]);
const times = new Set(['atime', 'mtime', 'ctime', 'inode', 'dev']);

/** A result as it is compared: folders, dates and process numbers made alike. */
export function comparable(result, folders, one) {
  const alike = (value, key) => {
    // inline content has no source; Ansible names its temporary file
    if (key === 'src' && value === null) return '{source}';
    if (times.has(key)) return typeof value;
    if (typeof value === 'string') {
      let text = value.replaceAll(folders.d, '{d}').replaceAll(folders.s, '{s}');
      if (folders.u) text = text.replaceAll(folders.u, '{u}');
      text = undated(text).replace(/\/root\/\.ansible\/tmp\/[^\s"']*/g, '{tmp}');
      return key === 'src' && /^(\{s\}|\{tmp\})/.test(text) ? '{source}' : text;
    }
    if (Array.isArray(value)) return value.map((item) => alike(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => [k.replaceAll(folders.d, '{d}'), alike(v, k)]),
    );
  };
  const skip = new Set([...dropped, ...(one.ignore ?? [])]);
  for (const key of one.keep ?? []) skip.delete(key);
  const values = Object.fromEntries(Object.entries(result).filter(([key]) => !skip.has(key)));
  const out = {
    changed: result.changed === true,
    failed: result.failed === true,
    skipped: result.skipped === true,
    msg: typeof result.msg === 'string' ? alike(result.msg) : '',
    values: result.failed ? {} : alike(values),
  };
  if (!result.failed && !one.ignore?.includes('diff')) out.diff = diffs(result.diff).map((diff) => alike(diff));
  return out;
}

/** The parts of a diff that are shown; a dict is shown as sorted JSON. Entries without a difference are not. */
function diffs(diff) {
  if (diff === undefined || diff === null) return [];
  const list = Array.isArray(diff) ? diff : [diff];
  const text = (part) =>
    typeof part === 'object' && part !== null ? `${JSON.stringify(sorted(timeless(part)), null, 4)}\n` : (part ?? '');
  const shown = [];
  for (const one of list) {
    const { before, after } = one;
    const pair = { before: retimed(text(before)), after: retimed(text(after)) };
    if (one.src_binary || one.dst_binary || /appears to be binary/.test(one.prepared ?? ''))
      shown.push({ binary: true });
    else if (pair.before !== pair.after) shown.push(pair);
  }
  return shown;
}

function timeless(part) {
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, times.has(key) ? 0 : value]));
}

const retimed = (text) => text.replace(/"(atime|mtime)": [\d.]+/g, '"$1": 0');

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Tells whether a case is still what was recorded. */
export function hashOf(one) {
  return createHash('sha1')
    .update(JSON.stringify([one.module, one.args, one.before, one.source, one.once, one.ignore, one.environment]))
    .digest('hex')
    .slice(0, 12);
}

/** The runs of a case, in order: predicted, done, done again. */
export function steps(one) {
  return one.once ? ['run'] : ['check', 'run', 'again'];
}
