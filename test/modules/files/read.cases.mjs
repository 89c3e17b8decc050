import { hostileNames } from './hostile.mjs';

const c =
  (module) =>
  (name, args, before, more = {}) => ({ name: `${module}: ${name}`, module, args, before, ...more });
const s = c('stat');
const dir = { type: 'directory' };
const P = '{d}/x';
const noAttr = { get_attributes: false, get_mime: false };
const slurp = c('slurp');
const find = (name, args, before, more = {}) =>
  c('find')(name, { paths: '{d}', ...args }, before, { once: true, ignore: ['examined'], ...more });
const tree = {
  'a.txt': 'one',
  'b.log': 'two two',
  '.hidden': 'h',
  'sub/c.txt': 'three',
  'sub/deep/d.txt': '4',
  link: { type: 'link', to: 'a.txt' },
};
// Folder order is the file system's; one match a folder keeps the comparison true.
const fetchCase = (name, args, before, more = {}) => c('fetch')(name, args, before, { once: true, ...more });

export default [
  s('a file', { path: P, ...noAttr }, { x: 'text' }),
  s('a folder', { path: P, ...noAttr }, { x: dir }, { ignore: ['size'] }),
  s('nothing', { path: P }, {}),
  s('a link', { path: P, ...noAttr }, { x: { type: 'link', to: 'y' }, y: 'text' }),
  s('a link, followed', { path: P, follow: true, ...noAttr }, { x: { type: 'link', to: 'y' }, y: 'text' }),
  s('a dangling link', { path: P, ...noAttr }, { x: { type: 'link', to: 'nowhere' } }),
  s('a dangling link, followed', { path: P, follow: true, ...noAttr }, { x: { type: 'link', to: 'nowhere' } }),
  s('an executable', { path: P, ...noAttr }, { x: { content: 'x', mode: '4755' } }),
  s('a file of somebody', { path: P, ...noAttr }, { x: { content: 'x', uid: 65534, gid: 1, mode: '2640' } }),
  s('a file of nobody known', { path: P, ...noAttr }, { x: { content: 'x', uid: 12345, gid: 12346 } }),
  s('without checksum', { path: P, get_checksum: false, ...noAttr }, { x: 'x' }),
  s('an empty file', { path: P, ...noAttr }, { x: '' }),
  s('a hard link', { path: P, ...noAttr }, { y: '1', x: { type: 'hard', to: 'y' } }),
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((checksum_algorithm) =>
    s(
      `checksum ${checksum_algorithm}`,
      { path: P, checksum_algorithm, ...noAttr },
      { x: 'text' },
      { tools: [`${checksum_algorithm}sum`] },
    ),
  ),
  s('binary', { path: P, ...noAttr }, { x: { base64: Buffer.from([0, 1, 2, 255, 10, 0]).toString('base64') } }),
  ...hostileNames.map(([kind, name]) =>
    s(`a file called ${kind}`, { path: `{d}/${name}`, ...noAttr }, { [name]: kind }),
  ),

  slurp('a file', { src: P }, { x: 'text\n' }),
  slurp('a file without end of line', { src: P }, { x: 'text' }),
  slurp('an empty file', { src: P }, { x: '' }),
  slurp(
    'binary',
    { src: P },
    { x: { base64: Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64') } },
  ),
  slurp('a link', { src: P }, { y: 'text', x: { type: 'link', to: 'y' } }),
  slurp('nothing', { src: P }, {}),
  slurp('a folder', { src: P }, { x: dir }),
  ...hostileNames.map(([kind, name]) => slurp(`a file called ${kind}`, { path: `{d}/${name}` }, { [name]: kind })),

  find('files', {}, { 'a.txt': 'one' }),
  find('files of a kind', { patterns: '*.txt' }, tree),
  find('several kinds', { patterns: ['*.log', 'nothing'] }, tree),
  find('excludes', { excludes: '*.log' }, tree),
  find('recurse', { patterns: 'd.*', recurse: true }, tree),
  find('recurse to a depth', { patterns: ['c.txt', 'd.txt'], recurse: true, depth: 2 }, tree),
  find('hidden', { patterns: '.h*', hidden: true }, tree),
  find('hidden not', { patterns: '.h*' }, tree),
  find('folders', { file_type: 'directory' }, tree, { ignore: ['examined', 'size', 'nlink'] }),
  find('links', { file_type: 'link' }, tree),
  find('any', { file_type: 'any', patterns: 'link' }, tree),
  find('regex', { use_regex: true, patterns: '^[a].*\\.txt$' }, tree),
  find('regex without end', { use_regex: true, patterns: 'a' }, tree),
  find('regex excludes', { use_regex: true, patterns: '.*', excludes: '.*log' }, tree),
  find('size', { size: '5' }, tree),
  find('size at most', { size: '-4', patterns: 'a*' }, tree),
  find('size with unit', { size: '1k' }, { small: 'x', large: 'y'.repeat(1500) }),
  find('size that is not one', { size: 'big' }, tree),
  find('age', { age: '1d', patterns: 'old' }, { old: { content: '', mtime: 1000000000 }, new: '' }),
  find('age at most', { age: '-1d' }, { old: { content: '', mtime: 1000000000 }, new: '' }),
  find('age that is not one', { age: 'long' }, tree),
  find('contains', { contains: 'tw.*' }, tree),
  find('contains at the start of a line', { contains: 'wo' }, tree),
  find('contains anywhere', { contains: 'wo', read_whole_file: true }, tree),
  find('checksum', { get_checksum: true, patterns: 'a.txt' }, tree),
  find('checksum of a kind', { get_checksum: true, checksum_algorithm: 'sha256', patterns: 'a.txt' }, tree),
  find('mode', { mode: '0600' }, { a: { content: '', mode: '600' }, b: '' }),
  find('mode in part', { mode: '0111', exact_mode: false }, { a: { content: '', mode: '755' }, b: '' }),
  find('symbolic mode', { mode: 'u=rw,go=r' }, { a: { content: '', mode: '600' }, b: '' }),
  find('no folder', { paths: '{d}/nothing' }, tree),
  find('a file for a folder', { paths: '{d}/a.txt' }, tree),
  find('a folder with a slash', { paths: '{d}/sub/' }, tree),
  find('a class in a pattern', { patterns: '[!b]*.???' }, { 'a.txt': '', 'b.txt': '' }),
  find('nothing there', {}, {}),
  ...hostileNames.map(([kind, name]) => find(`a file called ${kind}`, {}, { [name]: kind })),
  ...hostileNames.map(([kind, name]) =>
    find(`a folder called ${kind}`, { paths: [`{d}/${name}`] }, { [`${name}/x`]: kind }),
  ),

  fetchCase('a file', { src: P, dest: '{d}/to/' }, { x: 'text' }, { differs: { why: '', parts: ['after'] } }),
  fetchCase('a file that is there', { src: P, dest: '{d}/to', flat: true }, { x: 'text', to: 'text' }),
  fetchCase('flat', { src: P, dest: '{d}/to', flat: true }, { x: 'text' }),
  fetchCase('flat into a folder', { src: P, dest: '{d}/to/', flat: true }, { x: 'text' }),
  fetchCase('flat over a folder', { src: P, dest: '{d}/to', flat: true }, { x: 'text', to: dir }),
  fetchCase('flat over another content', { src: P, dest: '{d}/to', flat: true }, { x: 'text', to: 'old' }),
  fetchCase('nothing', { src: P, dest: '{d}/to/' }, {}),
  fetchCase('nothing, not minded', { src: P, dest: '{d}/to/', fail_on_missing: false }, {}),
  fetchCase('a folder', { src: P, dest: '{d}/to/' }, { x: dir }),
  fetchCase('a folder, not minded', { src: P, dest: '{d}/to/', fail_on_missing: false }, { x: dir }),
  fetchCase('a link', { src: P, dest: '{d}/to', flat: true }, { y: 'text', x: { type: 'link', to: 'y' } }),
  fetchCase(
    'binary',
    { src: P, dest: '{d}/to', flat: true },
    { x: { base64: Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64') } },
  ),
  ...hostileNames.map(([kind, name]) =>
    fetchCase(`a file called ${kind}`, { src: `{d}/${name}`, dest: '{d}/to/', flat: true }, { [name]: kind }),
  ),
];
