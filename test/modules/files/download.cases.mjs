import { contents } from '../web.mjs';
import { tar } from './archives.mjs';
import { hostileNames } from './hostile.mjs';

const P = '{d}/x';
const dir = { type: 'directory' };
const g = (name, args, before = {}, more = {}) => ({
  name: `get_url: ${name}`,
  module: 'get_url',
  args: { url: '{u}/file.txt', dest: P, ...args },
  before,
  ignore: ['src', 'elapsed', 'checksum_src', 'diff'],
  ...more,
});
const once = { once: true };
// busybox's wget takes secrets as arguments only, and no file: addresses
const curl = { once: true, tools: ['curl'] };
const why = 'Ansible predicts by the sum of an empty answer';
const u = (name, args, entries, before = {}, more = {}) => ({
  name: `unarchive: ${name}`,
  module: 'unarchive',
  args: { src: '{d}/a.tar', dest: '{d}/to', remote_src: true, ...args },
  before: { to: dir, 'a.tar': { base64: tar(entries, more.gzip === undefined ? {} : { gzip: more.gzip }) }, ...before },
  ignore: ['extract_results', 'size', 'diff'],
  ...more,
});
const plain = [
  { name: 'top/', type: 'directory' },
  { name: 'top/a', content: 'A\n' },
  { name: 'top/run', content: '#!\n', mode: 0o755 },
];

export default [
  g('a file', {}),
  g('a file that is there', {}, { x: contents.body.toString() }),
  g(
    'a file that is there and older',
    {},
    { x: { content: 'old', mtime: 1000000000 } },
    { differs: { why, parts: [] } },
  ),
  g('a file that is there and newer', {}, { x: 'mine' }),
  g('forced', { force: true }, { x: 'mine' }, once),
  g('mode and owner', { mode: '0600', owner: 'nobody' }, {}),
  g('mode of what is there, not modified', { mode: '0600' }, { x: contents.body.toString() }),
  g('a checksum that fits', { checksum: `sha256:${contents.sha256}` }),
  g('a checksum that fits what is there', { checksum: `sha256:${contents.sha256}` }, { x: contents.body.toString() }),
  g(
    'a checksum that fits what is there, with mode',
    { checksum: `sha256:${contents.sha256}`, mode: '0600' },
    { x: contents.body.toString() },
  ),
  g('a checksum that fits not what is there', { checksum: `sha256:${contents.sha256}` }, { x: 'other' }),
  g('a checksum in capitals', { checksum: `sha256:${contents.sha256.toUpperCase()}` }),
  g('a sha1', { checksum: `sha1:${contents.sha1}` }),
  g('an md5', { checksum: `md5:${contents.md5}` }),
  g('a checksum that does not fit', { checksum: `sha256:${'0'.repeat(64)}` }, { x: 'old' }, once),
  g('a checksum without a kind', { checksum: contents.sha256 }, {}, once),
  g('a checksum that is none', { checksum: 'sha256:xyz' }, {}, once),
  ...['', '.binary', '.dot', '.bsd'].map((end) =>
    g(`a list of checksums${end}`, { checksum: `sha256:{u}/SHA256SUMS${end}` }),
  ),
  g('a list of checksums, what is there fits', { checksum: 'sha256:{u}/SHA256SUMS' }, { x: contents.body.toString() }),
  g('a list of one checksum', { checksum: 'sha256:{u}/file.txt.sha256' }),
  g('a list without this file', { checksum: 'sha256:{u}/SHA256SUMS.none' }, {}, once),
  g('a list that is not there', { checksum: 'sha256:{u}/nothing' }, {}, once),
  g('into a folder', { dest: '{d}' }, {}, { differs: { why, parts: [] } }),
  g('into a folder, named by the server', { url: '{u}/named', dest: '{d}' }, {}, { once: true }),
  g('into a folder, named by a hostile server', { url: '{u}/evil', dest: '{d}/in' }, { in: dir }, once),
  g('after a redirection', { url: '{u}/redirect' }, {}, once),
  g('into a folder after a redirection', { url: '{u}/redirect', dest: '{d}' }, {}, once),
  g('not found', { url: '{u}/nothing' }, { x: 'old' }, once),
  g('an error of the server', { url: '{u}/error' }, { x: 'old' }, once),
  g('nobody there', { url: 'http://127.0.0.1:1/x' }, {}, once),
  g('a cut connection', { url: '{u}/cut', timeout: 3 }, { x: 'old' }, once),
  g('an empty file', { url: '{u}/empty' }, {}, once),
  g('binary', { url: '{u}/binary' }, {}, once),
  g('no folder above', { dest: '{d}/no/x' }, {}, once),
  g('backup', { force: true, backup: true }, { x: 'old' }, once),
  g('over a link', { force: true }, { y: 'old', x: { type: 'link', to: 'y' } }, once),
  g(
    'a password',
    { url: '{u}/auth', url_username: 'user', url_password: 'se cret"\\', force_basic_auth: true },
    {},
    curl,
  ),
  g('a password when asked', { url: '{u}/auth', url_username: 'user', url_password: 'se cret"\\' }, {}, curl),
  g(
    'a wrong password',
    { url: '{u}/auth', url_username: 'user', url_password: 'wrong', force_basic_auth: true },
    {},
    curl,
  ),
  g('a header', { url: '{u}/header', headers: { 'X-Test': 'a "b" \\c $(touch owned)' } }, {}, curl),
  g('an agent', { url: '{u}/agent', http_agent: 'me "too"' }, {}, once),
  g('the usual agent', { url: '{u}/agent' }, {}, once),
  g(
    'a file of the host',
    { url: 'file://{d}/y' },
    { y: 'text' },
    {
      ...curl,
      ignore: ['src', 'elapsed', 'msg', 'status_code', 'diff'],
      differs: { why: 'a file: address has no headers to count bytes by', parts: ['msg'] },
    },
  ),
  g('tmp_dest', { tmp_dest: '{d}/t' }, { t: dir }, once),
  g('tmp_dest that is not there', { tmp_dest: '{d}/t' }, {}, once),
  ...hostileNames.map(([kind, name]) =>
    g(`dest: ${kind}`, { dest: `{d}/${name}`, checksum: `sha256:${contents.sha256}` }),
  ),

  u('tar.gz', {}, plain),
  u('tar', {}, plain, {}, { gzip: false }),
  u('that is unpacked', {}, plain, {
    'to/top/a': { content: 'A\n', mtime: 1577836800 },
    'to/top/run': { content: '#!\n', mode: '755', mtime: 1577836800 },
    'to/top': { type: 'directory', mtime: 1577836800 },
  }),
  u('a file that differs', {}, plain, { 'to/top/a': { content: 'B\n', mtime: 1577836800 } }),
  u('a file with another time', {}, plain, { 'to/top/a': 'A\n' }),
  u('list_files', { list_files: true }, plain),
  u('exclude', { exclude: ['top/run'], list_files: true }, plain),
  u('include', { include: ['top/a'], list_files: true }, plain),
  u(
    'strip',
    { extra_opts: ['--strip-components=1'], list_files: true },
    plain,
    {},
    {
      differs: { why: "busybox's tar does not list names as it strips them", parts: ['values'] },
    },
  ),
  u('owner', { owner: 'nobody', group: 'nogroup' }, plain),
  u('mode', { mode: '0700' }, plain),
  u('creates that is there', { creates: '{d}/here' }, plain, { here: '' }, { differs: { why: '', parts: ['msg'] } }),
  u('creates that is not', { creates: '{d}/here' }, plain),
  u(
    'keep_newer',
    { keep_newer: true },
    plain,
    { 'to/top/a': 'newer' },
    {
      differs: {
        why: 'Ansible fails where a newer file is kept',
        parts: ['changed', 'failed', 'values', 'diff', 'msg', 'after'],
      },
    },
  ),
  u('a link in it', {}, [...plain, { name: 'top/l', type: 'link', to: 'a' }]),
  u('dest that is not there', { dest: '{d}/none' }, plain, {}, once),
  u('src that is not there', { src: '{d}/none' }, plain, {}, once),
  u('an empty file', { src: '{d}/empty' }, plain, { empty: '' }, once),
  u('no archive', { src: '{d}/text' }, plain, { text: 'just text\n' }, once),
  u(
    'of the controller',
    { src: '{s}/c.tgz', remote_src: false },
    plain,
    {},
    { source: { 'c.tgz': { base64: tar(plain) } }, requests: 3, ignore: ['extract_results', 'size', 'diff', 'src'] },
  ),
  u('from an address', { src: '{u}/nothing.tgz' }, plain, {}, once),
  ...hostileNames
    .filter(([kind]) => !['newline', 'unicode', 'backslash', 'tab', 'dash'].includes(kind))
    .map(([kind, name]) => u(`a member called ${kind}`, { list_files: true }, [{ name, content: kind }])),
  ...hostileNames.map(([kind, name]) =>
    u(
      `dest: ${kind}`,
      { dest: `{d}/${name}` },
      plain,
      { [name]: dir },
      kind === 'backslash'
        ? {
            differs: {
              why: 'tar reads escapes in the name that Ansible gives it',
              parts: ['changed', 'failed', 'values', 'diff', 'msg', 'after'],
            },
          }
        : {},
    ),
  ),
];
