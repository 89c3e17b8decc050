// Modules around one program: git, svn, setfacl, chattr, terminals, uri; and archives with real tools.
const c = (module, name, args, before, probe, more = {}) => ({
  name: `${module.split('.').at(-1)}: ${name}`,
  module,
  args,
  before,
  probe,
  ...more,
});

// Fixed names and dates make fixed hashes.
const author = `export HOME=/root GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'; git config --global safe.directory '*'; git config --global advice.detachedHead false`;
const origin = `${author}
git init -q -b main o; cd o; echo 1 >a; git add a; git commit -qm one; git tag v1; echo 2 >a; git commit -qam two; git tag -a v2 -m two
git checkout -qb side; echo 3 >b; git add b; git commit -qm three; git checkout -q main; cd ..`;
const clone = `${origin}\ngit clone -q /srv/case/o c`;
const git = (name, args, before = origin, more = {}) =>
  c(
    'git',
    name,
    { repo: '/srv/case/o', dest: '{d}/c', ...args },
    before,
    'ls -A c 2>/dev/null; cat c/a; git -C c rev-parse HEAD; git -C c status -sb | head -3; ls',
    {
      ignore: ['git_executable', 'remote_url_changed'],
      ...more,
    },
  );
const svn = (name, args, before = ':', more = {}) =>
  c(
    'subversion',
    name,
    { repo: 'file:///srv/case/o', dest: '{d}/w', ...args },
    `svnadmin create o; svn -q mkdir -m t file:///srv/case/o/trunk; svn -q co file:///srv/case/o x; echo 1 >x/f; svn -q add x/f; svn -q ci -m one x; rm -r x; ${before}`,
    'ls w; svn info --show-item revision w; svn status w; true',
    { ignore: ['before', 'after', 'diff'], ...more },
  );
const acl = (name, args, before = ':', more = {}) =>
  c(
    'ansible.posix.acl',
    name,
    { path: '{d}/f', ...args },
    `echo x >f; chmod 644 f; mkdir -p d/e; echo y >d/g; ${before}`,
    'getfacl -pnR /srv/case 2>&1',
    more,
  );
// `e` (extents) is left out: whether ext4 can drop it depends on what it had already written.
const attributes = (name, args, before = ':', more = {}) =>
  c(
    'file',
    name,
    { path: '{d}/f', ...args },
    `chattr -i -a /srv/case/f 2>/dev/null; rm -rf /srv/case; mkdir -p /srv/case; cd /srv/case; echo x >f; ${before}`,
    'lsattr f | cut -c1-20 | tr e -; stat -c %A f; chattr -i -a f; true',
    {
      once: true,
      ...more,
    },
  );
const expectCase = (name, args, more = {}) =>
  c(
    'expect',
    name,
    args,
    'printf \'#!/bin/sh\\nprintf "Name? "; read n; printf "Word? "; read w; echo "<$n:$w>"; exit 0\\n\' >ask; chmod 755 ask',
    'ls',
    {
      ignore: ['start', 'end', 'delta'],
      ...more,
    },
  );
const uri = (name, args, more = {}) =>
  c('uri', name, args, ':', 'for f in *; do [ -f "$f" ] && { stat -c "%n %A" "$f"; cat "$f"; }; done; true', {
    // what the server's date is, and what the program that asked says of itself
    ignore: ['date', 'cookies_string', 'elapsed', 'connection', 'keep_alive', 'server'],
    ...more,
  });
const wait = (name, args, before = ':', more = {}) =>
  c('wait_for', name, { timeout: 2, sleep: 1, ...args }, before, ':', more);

const first = {
  differs: {
    why: 'Ansible calls the first run on a clone of somebody else a change though nothing differs',
    parts: ['changed'],
  },
};
const fetched = { differs: { why: 'Ansible fetches in check mode, ours does not', parts: ['after'] } };
const local = { differs: { why: 'Ansible tells of local modifications in msg', parts: ['msg'] } };

const foreseen = {
  differs: { why: 'ours predicts what Ansible does not: another revision, forced', parts: ['changed'] },
};

export default [
  git('cloned', {}),
  git('there, up to date', {}, clone, first),
  git('there, behind', {}, `${clone}\n(cd o; echo 5 >a; git commit -qam five)`, fetched),
  git('a tag', { version: 'v1' }),
  git('an annotated tag', { version: 'v2' }, clone, first),
  git('a branch', { version: 'side' }, clone),
  git('back to a tag', { version: 'v1' }, clone),
  git('not updated', { update: false }, `${clone}\n(cd o; echo 5 >a; git commit -qam five)`),
  git('not cloned', { clone: false }),
  git('changed by hand', { force: false }, `${clone}\necho mine >c/a`),
  git('changed by hand, forced', { force: true }, `${clone}\necho mine >c/a`, local),
  git('bare', { bare: true }, origin, { probe: 'git -C c rev-parse HEAD; ls c | head -3' }),
  git('shallow', { depth: 1, repo: 'file:///srv/case/o' }),
  git('no such version', { version: 'nope' }),
  git('no such repository', { repo: '/srv/case/none' }),
  git('a dest with a blank', { dest: '{d}/a b' }, origin, { probe: 'git -C "a b" rev-parse HEAD' }),
  git('single branch', { single_branch: true, version: 'side' }),

  svn('checked out', {}),
  svn('as it is', {}, 'svn -q co file:///srv/case/o w'),
  svn('a revision', { revision: '1' }),
  svn('another revision', { revision: '1' }, 'svn -q co file:///srv/case/o w', foreseen),
  svn('changed by hand', {}, 'svn -q co file:///srv/case/o w; echo mine >w/f'),
  svn('changed by hand, forced', { force: true }, 'svn -q co file:///srv/case/o w; echo mine >w/f', foreseen),
  svn('exported', { export: true }, ':', { probe: 'ls -A w' }),
  svn('no such repository', { repo: 'file:///srv/case/none' }),

  acl('asked', {}),
  acl('a user', { entity: 'nobody', etype: 'user', permissions: 'rw', state: 'present' }),
  acl(
    'a user as it is',
    { entity: 'nobody', etype: 'user', permissions: 'rw', state: 'present' },
    'setfacl -m u:nobody:rw f',
  ),
  acl('an entry', { entry: 'user:nobody:r-x', state: 'present' }),
  acl('a group', { entity: 'daemon', etype: 'group', permissions: 'rwx', state: 'present' }),
  acl('removed', { entity: 'nobody', etype: 'user', state: 'absent' }, 'setfacl -m u:nobody:rw f'),
  acl('removed, not there', { entity: 'nobody', etype: 'user', state: 'absent' }),
  acl('default of a folder', {
    path: '{d}/d',
    entity: 'nobody',
    etype: 'user',
    permissions: 'rw',
    default: true,
    state: 'present',
  }),
  acl('recursive', {
    path: '{d}/d',
    entity: 'nobody',
    etype: 'user',
    permissions: 'rwX',
    recursive: true,
    state: 'present',
  }),
  acl('the mask', { etype: 'mask', permissions: 'r', state: 'present' }, 'setfacl -m u:nobody:rw f'),
  acl('others', { etype: 'other', permissions: 'rwx', state: 'present' }),
  acl('not there', { path: '{d}/none', entity: 'nobody', etype: 'user', permissions: 'r', state: 'present' }),
  acl('no such user', { entity: 'nobody-here', etype: 'user', permissions: 'r', state: 'present' }),

  attributes('attributes: set', { attributes: '+a' }),
  attributes('attributes: immutable', { attributes: '+i' }),
  attributes('attributes: as it is', { attributes: '+i' }, 'chattr +i f'),
  attributes('attributes: removed', { attributes: '-i' }, 'chattr +i f'),
  attributes('attributes: exactly', { attributes: 'd' }),

  expectCase('answers', { command: '/srv/case/ask', responses: { 'Name\\?': 'Ann', 'Word\\?': 'x y' } }),
  expectCase(
    'answers in turn',
    {
      command: '/bin/sh -c "for i in 1 2; do printf Q; read a; echo; echo got $a; done"',
      responses: { Q: ['one', 'two'] },
    },
    { differs: { why: 'ours gives lines of a terminal without their carriage returns', parts: ['values'] } },
  ),
  expectCase('an answer too few', {
    command: '/bin/sh -c "for i in 1 2; do printf Q; read a; done"',
    responses: { Q: ['one'] },
    timeout: 2,
  }),
  expectCase('no question', { command: 'echo done', responses: { x: 'y' } }),
  expectCase('creates', { command: '/srv/case/ask', creates: '/srv/case/ask', responses: { x: 'y' } }),
  expectCase(
    'times out',
    { command: 'sleep 5', responses: { x: 'y' }, timeout: 1 },
    { differs: { why: 'Ansible calls a command that timed out a change too', parts: ['changed'] } },
  ),
  expectCase('fails', { command: 'false', responses: { x: 'y' } }),

  uri('json', { url: '{u}/json', return_content: true }),
  uri('text', { url: '{u}/file.txt', return_content: true }),
  uri('without content', { url: '{u}/file.txt' }),
  uri('not found', { url: '{u}/none' }),
  uri('not found, wanted', { url: '{u}/none', status_code: 404 }),
  uri('one of several', { url: '{u}/none', status_code: [200, 404] }),
  uri('no content', { url: '{u}/status/204', status_code: [204] }),
  uri('a JSON body', {
    url: '{u}/echo',
    method: 'POST',
    body: { a: [1, 'x'], b: null },
    body_format: 'json',
    return_content: true,
  }),
  uri('a form', {
    url: '{u}/echo',
    method: 'PUT',
    body: { a: 'x y&z', b: ['1', '2'] },
    body_format: 'form-urlencoded',
    return_content: true,
  }),
  uri('a raw body', {
    url: '{u}/echo',
    method: 'POST',
    body: 'plain "text" $(x)',
    return_content: true,
    headers: { 'Content-Type': 'text/plain' },
  }),
  uri('a redirection', { url: '{u}/redirect', return_content: true }),
  uri('a redirection not followed', { url: '{u}/redirect', follow_redirects: 'none', status_code: 302 }),
  uri('user and password', { url: '{u}/auth', url_username: 'user', url_password: 'se cret"\\', return_content: true }),
  uri('a wrong password', { url: '{u}/auth', url_username: 'user', url_password: 'no' }),
  uri('force_basic_auth', {
    url: '{u}/echo',
    url_username: 'user',
    url_password: 'x',
    force_basic_auth: true,
    return_content: true,
  }),
  uri(
    'into a file',
    { url: '{u}/file.txt', dest: '{d}/got', mode: '0600' },
    {
      differs: {
        why: 'Ansible fails the second time: the server says that nothing has changed, which is no failure',
        parts: ['failed', 'msg', 'values', 'diff'],
      },
    },
  ),
  uri('into a folder', { url: '{u}/file.txt', dest: '{d}/' }),
  uri('DELETE', { url: '{u}/echo', method: 'DELETE', return_content: true }),
  uri('HEAD', { url: '{u}/file.txt', method: 'HEAD' }),
  uri('a cookie', { url: '{u}/cookie' }),
  uri('creates', { url: '{u}/file.txt', creates: '/etc/passwd' }),
  uri('an error of the server', { url: '{u}/error', return_content: true }),

  wait('a file', { path: '/etc/passwd' }, ':', {
    differs: { why: 'the twins have not the same accounts, so /etc/passwd has another size', parts: ['values'] },
  }),
  wait('a text in a file', { path: '/etc/passwd', search_regex: '^(ro+t):' }, ':', {
    ignore: [],
    differs: { why: 'the twins have not the same accounts, so /etc/passwd has another size', parts: ['values'] },
  }),
  wait('no file', { path: '/srv/case/none', timeout: 1 }),
  wait('absent', { path: '/srv/case/none', state: 'absent' }),
  wait('a port', { port: 22, host: '127.0.0.1' }),
  wait('a closed port', { port: 3, host: '127.0.0.1', timeout: 1 }),
  wait('a closed port, stopped', { port: 3, host: '127.0.0.1', state: 'stopped' }),
  wait('an own message', { port: 3, host: '127.0.0.1', timeout: 1, msg: 'own words' }),

  c('tempfile', 'a file', { prefix: 'a b', suffix: '.x', path: '/srv/case' }, ':', 'ls | wc -l; stat -c %A *', {
    ignore: ['path'],
    once: true,
  }),
  c('tempfile', 'a folder', { state: 'directory', path: '/srv/case' }, ':', 'stat -c %A *', {
    ignore: ['path'],
    once: true,
  }),
  c('stat', 'a folder', { path: '/srv/case', get_mime: false }, 'chmod 750 .', ':', { keep: [] }),
];
