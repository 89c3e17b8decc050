// Repositories of yum and dnf: a file of sections that the module writes; neither program is needed.
const repo = (name, args, before = ':', more = {}) => ({
  name: `yum_repository: ${name}`,
  module: 'yum_repository',
  args: { name: 'epel', reposdir: '{d}/repos', ...args },
  before: `mkdir repos; ${before}`,
  probe: 'cd repos && for f in *; do [ -f "$f" ] && { stat -c "%n %A %U" "$f"; cat "$f"; }; done; true',
  ...more,
});
const there = { description: 'EPEL', baseurl: 'https://example.org/epel/' };
const file = (text, name = 'epel') => `printf '${text}' >repos/${name}.repo`;
const two = file(
  '# a remark\\n[other]\\nname = Other\\nbaseurl=https://example.org/o\\n\\n[epel]\\nname = EPEL\\nbaseurl = https://example.org/epel/\\n',
  'all',
);

export default [
  repo('made', there),
  repo('as it is', there, file('[epel]\\nbaseurl = https://example.org/epel/\\nname = EPEL\\n\\n')),
  repo(
    'as it is, written otherwise',
    there,
    file('# mine\\n[epel]\\nNAME=EPEL\\nbaseurl: https://example.org/epel/\\n'),
  ),
  repo('changed', { ...there, enabled: false }, file('[epel]\\nname = EPEL\\ncost = 5\\n')),
  repo('with lists, booleans and choices', {
    ...there,
    baseurl: ['https://a.example.org', 'https://b.example.org'],
    gpgkey: ['https://a.example.org/k1', 'https://a.example.org/k2'],
    gpgcheck: true,
    repo_gpgcheck: false,
    exclude: ['kernel*', 'glibc'],
    includepkgs: ['a', 'b'],
    keepcache: '1',
    failovermethod: 'priority',
    metadata_expire: '6h',
    priority: '10',
    sslverify: false,
    async: true,
  }),
  repo('lists as text', { ...there, exclude: 'a b,c', gpgkey: 'x,y' }),
  repo(
    'read with lists',
    { ...there, gpgkey: ['k1', 'k2'] },
    file('[epel]\\nbaseurl = https://example.org/epel/\\ngpgkey = k1\\n\\tk2\\nname = EPEL\\n\\n'),
  ),
  repo('in another file', { ...there, file: 'all', description: 'New' }, two),
  repo(
    'a second one of a file',
    { name: 'third', file: 'all', description: 'Third', mirrorlist: 'https://example.org/m' },
    two,
  ),
  repo('removed, of a file of two', { file: 'all', state: 'absent' }, two),
  repo('removed, the last one', { state: 'absent' }, file('[epel]\\nname = EPEL\\n')),
  repo('removed, not there', { state: 'absent' }),
  repo('removed, not in the file', { state: 'absent' }, file('[x]\\nname = x\\n')),
  repo('a mode and an owner', { ...there, mode: '0600', owner: 'daemon' }),
  repo(
    'a mode of what is there',
    { ...there, mode: '0640' },
    file('[epel]\\nbaseurl = https://example.org/epel/\\nname = EPEL\\n\\n'),
  ),
  repo('without an address', { description: 'EPEL' }),
  repo('without a description', { baseurl: 'https://example.org/' }),
  repo('no folder', { ...there, reposdir: '{d}/none' }),
  repo('an empty value', { ...there, proxy: '', cost: '' }),
  repo('a password', { ...there, username: 'u', password: 'p%40' }, ':', {
    differs: { why: 'what is secret is replaced where results are reported, which is not here', parts: ['diff'] },
  }),
  repo(
    'the first of two in a file',
    { name: 'other', file: 'all', description: 'New', metalink: 'https://example.org/' },
    two,
  ),
  repo('a broken file', there, file('name = x\\n[epel\\n')),
  repo('a percent sign', { ...there, baseurl: 'https://example.org/%20/$releasever' }),
];
