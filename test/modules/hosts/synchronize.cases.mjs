// rsync on one host, from folder to folder: `delegate_to` names the host itself. What lies between two hosts is not rsync's but ours:
// test/modules/files/synchronize.test.ts.
const tree = `mkdir -p s/sub t; echo one >s/a; echo two >'s/sub/b c'; ln -s a s/l; chmod 640 s/a; ln s/a s/h
touch -d 2020-01-01T00:00:00Z s/a s/sub/* s/sub s; touch -hd 2020-01-01T00:00:00Z s/l`;
const sync = (name, args, more = {}) => ({
  name: `synchronize: ${name}`,
  module: 'ansible.posix.synchronize',
  args: { src: '{d}/s/', dest: '{d}/t', ...args },
  before: `${tree}\n${more.also ?? ':'}`,
  probe: "find t -mindepth 1 -printf '%P %y %m %l\\n' | sort; cat t/a",
  ...(more.differs ? { differs: more.differs } : {}),
  toItself: true,
  ignore: ['cmd'],
});

export default [
  sync('a folder', {}),
  sync('the folder itself', { src: '{d}/s' }),
  sync('one file', { src: '{d}/s/a', dest: '{d}/t/new' }),
  sync('not recursive', { recursive: false }),
  sync('dirs', { recursive: false, dirs: true }),
  sync('no links, no perms, no times', { links: false, perms: false, times: false, owner: false, group: false }),
  sync('no archive', { archive: false }),
  sync('no archive, with what is asked for', {
    archive: false,
    recursive: true,
    links: true,
    times: true,
    perms: true,
  }),
  sync('what links point to', { copy_links: true }),
  sync('delete', { delete: true }, { also: 'mkdir t/x; echo 1 >t/x/y; echo 2 >t/old' }),
  sync(
    'delete, not what is excluded',
    { delete: true, rsync_opts: ['--exclude=/old'] },
    { also: 'echo 2 >t/old; echo 3 >t/x' },
  ),
  sync('only what is there', { existing_only: true }, { also: 'echo 1 >t/a' }),
  sync('by checksum', { checksum: true }, { also: 'echo one >t/a' }),
  sync('not by checksum', { checksum: false }, { also: 'echo eno >t/a; touch -d 2020-01-01T00:00:00Z t/a' }),
  sync('options, with quotes', { rsync_opts: ['--exclude=l', "--exclude='b c' --chmod=F600"] }),
  sync('partial, at once, plain', { partial: true, delay_updates: false, compress: false, rsync_timeout: 20 }),
  sync('pull', { mode: 'pull' }),
  sync(
    'link_dest',
    { link_dest: ['{d}/o'] },
    {
      also: 'cp -a s o',
      differs: {
        why: 'rsync -vv counts the bytes it sent to itself, which no two runs need agree on',
        parts: ['msg', 'values'],
      },
    },
  ),
  sync('link_dest around dest', { dest: '{d}/t/u/v', link_dest: ['{d}/t'] }),
  sync('no such source', { src: '{d}/none/' }),
  sync('a bad option', { rsync_opts: ['--no-such-option'] }),
  sync('a bad mode', { mode: 'both' }),
];
