import { posix } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import { quote, quotePath, remotePath } from '../../remote/quote.ts';
import type { Relay, Remote, Reply } from '../../remote/remote.ts';
import { type ArgTypes, bool, int, list, path, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, shell } from '../define.ts';
import { splitWords } from '../parts/output.ts';

const doc = `Makes a folder or file of the host like one of the controller, or the other way round, by rsync.

rsync must be installed on both ends. It speaks through the connection that Troupe has to the host, as the task's user: the host's
key is checked as always, and passwords, ProxyJump and become work. With rsync_path given, become is left to it, as in Ansible.
delegate_to may name the controller, or the host itself, whose rsync then copies between two of its own folders.`;

const internal = 'it is internal to Ansible';

const specs = {
  src: path({ doc: 'What is copied; with a slash at its end, what is in that folder.', required: true }),
  dest: path({ doc: 'Where to.', required: true }),
  mode: str({
    doc: '`push` copies from the controller to the host, `pull` from the host to the controller.',
    choices: ['pull', 'push'],
    default: 'push',
  }),
  archive: bool({ doc: 'recursive, links, perms, times, owner, group, and devices.', default: true }),
  recursive: bool({ doc: 'Folders with what is in them; as archive if not given.' }),
  links: bool({ doc: 'Links as links; as archive if not given.' }),
  perms: bool({ doc: 'Keep modes; as archive if not given.' }),
  times: bool({ doc: 'Keep times; as archive if not given.' }),
  owner: bool({ doc: 'Keep owners; as archive if not given.' }),
  group: bool({ doc: 'Keep groups; as archive if not given.' }),
  checksum: bool({ doc: 'Compare contents, not time and size.', default: false }),
  compress: bool({ doc: 'Compress on the way.', default: true }),
  existing_only: bool({ doc: 'Make no new files.', default: false }),
  delete: bool({ doc: 'Remove what is not in src, after the transfer; needs recursive.', default: false }),
  dirs: bool({ doc: 'Folders without what is in them.', default: false }),
  copy_links: bool({ doc: 'What links point to in their place.', default: false }),
  partial: bool({ doc: 'Keep a part that was transferred.', default: false }),
  delay_updates: bool({ doc: 'Put all files in place at the end.', default: true }),
  link_dest: list(path(), { doc: 'Folders to make hard links to where a file is the same.' }),
  rsync_opts: list(str(), { doc: 'Further options of rsync.', default: [] }),
  rsync_path: str({ doc: "The host's rsync, such as `sudo rsync`; become is then not used for it." }),
  rsync_timeout: int({ doc: 'Seconds without any transfer; 0 for no end.', default: 0 }),
  dest_port: int({ doc: "The host's ssh port; as in the inventory if not given." }),
  private_key: path({ doc: "A key file to log in with; the connection's if not given." }),
  set_remote_user: bool({ doc: "Log in as the task's user; else as ssh's configuration says.", default: true }),
  verify_host: bool({
    doc: "Insist on the host's key even where the inventory says not to. Without it keys are checked as for all tasks.",
    default: false,
  }),
  use_ssh_args: bool({ doc: "Without meaning here: the connection's options hold always.", default: false }),
  ssh_connection_multiplexing: bool({ doc: 'Without meaning here: the one connection is used.', default: false }),
  _local_rsync_path: path({ doc: 'rsync where it is started; ansible_rsync_path wins.', default: 'rsync' }),
  _local_rsync_password: str({ doc: 'Not supported.', secret: true, unsupported: internal }),
  _substitute_controller: bool({ doc: 'Not supported.', unsupported: internal }),
  _ssh_args: str({ doc: 'Not supported.', unsupported: internal }),
};

type Args = ArgTypes<typeof specs>;

/** Marks a line that tells of a change, as Ansible does. */
const MARK = '<<CHANGED>>';

export default defineModule({
  name: 'synchronize',
  doc,
  reference: 'ansible.posix.synchronize',
  args: specs,
  check: 'full',
  returns: {
    cmd: 'The command line of rsync.',
    msg: 'What it printed.',
    stdout_lines: 'Its lines.',
    rc: 'Its exit code.',
  },
  examples: `- name: The site's files, and nothing else
  ansible.posix.synchronize:
    src: site/
    dest: /srv/site
    delete: true
    rsync_opts: ["--exclude=.git"]
  become: true`,
  async run(args, env) {
    const way = ways(args, env);
    const relay = way.host && !isDaemon(args) ? await way.host.relay() : undefined;
    const stop = () => relay?.close();
    env.signal.addEventListener('abort', stop, { once: true });
    try {
      return await transfer(args, env, way, relay);
    } finally {
      env.signal.removeEventListener('abort', stop);
      stop();
    }
  },
});

interface Way {
  /** Where rsync is started. */
  starter: Remote;
  /** The other end; none where both ends are the same system. */
  host?: Remote;
  /** Paths of the starter's own are the controller's: found as files of the project are. */
  onController: boolean;
}

/** Who starts rsync, and which host it speaks to. */
function ways(args: Args, env: ModuleEnv): Way {
  const { remote, ends } = env;
  if (!ends) throw new ModuleFailure('synchronize needs a run: it joins two systems');
  const toItself = ends.delegatedTo !== undefined && !remote.local && ends.isOwn(ends.delegatedTo);
  if (toItself) return { starter: remote, onController: false };
  if (!remote.local && ends.delegatedTo !== undefined) {
    throw new ModuleFailure(
      `synchronize between two hosts (delegate_to: ${ends.delegatedTo}) is not supported: the one would need a login of its own on the other; pull to the controller first, or delegate to the host itself`,
    );
  }
  const host = ends.host({
    // Whoever writes `sudo rsync` is not to become anybody before.
    become: args.rsync_path === undefined,
    ...(args.dest_port === undefined ? {} : { port: args.dest_port }),
    ...(args.private_key === undefined ? {} : { privateKeyFile: env.files.resolve(args.private_key) }),
    ...(args.set_remote_user ? {} : { user: undefined }),
    ...(args.verify_host ? { hostKeyChecking: 'yes' as const } : {}),
  });
  if (host.local) return { starter: remote, onController: true };
  return { starter: ends.controller(), host, onController: true };
}

const daemon = (where: string) => where.startsWith('rsync://');
const isDaemon = (args: Args) => daemon(args.src) || daemon(args.dest);

async function transfer(args: Args, env: ModuleEnv, way: Way, relay: Relay | undefined): Promise<ModuleResult> {
  if (daemon(args.src) && daemon(args.dest))
    throw new ModuleFailure('either src or dest must be a localhost', { rc: 1 });
  const far = args.mode === 'pull' ? 'src' : 'dest';
  const place = (name: 'src' | 'dest') => {
    if (daemon(args[name])) return args[name];
    ownHost(name, args[name]);
    if (relay && name === far) return `${shownName(way.host!.host)}:${args[name]}`;
    return way.onController ? onController(args[name], env) : args[name];
  };
  const [src, dest] = [place('src'), place('dest')];
  const words = [...optionsOf(args, env, dest), ...remoteOptions(args, relay)];
  const extra = splitWords(args.rsync_opts.join(' '));
  if (args.rsync_opts.includes('')) env.warn('an empty text in rsync_opts is left out');
  words.push(...extra, ...lastOptions(args));
  const rsync = String(env.variable('ansible_rsync_path') ?? args._local_rsync_path);
  const cmd = [rsync, ...words, src, dest].map(shown).join(' ');
  const reply = await way.starter.call(
    shell('synchronize', import.meta.url),
    {
      y_rsync: remotePath(rsync),
      y_where: way.onController ? 'the controller' : way.starter.host,
      y_words: words.map(quotePath).join(' '),
      y_src: remotePath(src),
      y_dest: remotePath(dest),
    },
    { anyExit: true, onOutput: (stream, chunk) => env.output(stream, chunk) },
  );
  if (reply.rc !== 0) throw failure(reply, cmd, way);
  return told(reply.bytes('stdout').toString(), cmd, args, env);
}

/** A path that names a host of its own would go past the connection of the task. */
function ownHost(name: string, where: string): void {
  const host = /^([^/]+):/.exec(where)?.[1];
  if (host === undefined) return;
  throw new ModuleFailure(
    `${name} names a host of its own, ${host}: synchronize goes between the controller and the task's host only (write ./${where} for a file of this name)`,
  );
}

/** Absolute, found as `copy` finds its src; what is not there yet is beside the playbook. A slash at the end has a meaning. */
function onController(where: string, env: ModuleEnv): string {
  if (where.startsWith('/') || where.startsWith('$')) return where;
  let found: string;
  try {
    found = env.files.find(where, 'files');
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    found = env.files.resolve(where);
  }
  return where.endsWith('/') && !found.endsWith('/') ? `${found}/` : found;
}

/** rsync only hands the name on, and shows it in messages. */
const shownName = (name: string) => (/^[A-Za-z0-9_][\w.-]*$/.test(name) ? name : 'host');

function optionsOf(args: Args, env: ModuleEnv, dest: string): string[] {
  const words: string[] = args.delay_updates ? ['--delay-updates', '-F'] : [];
  if (args.compress) words.push('--compress');
  if (args.rsync_timeout) words.push(`--timeout=${args.rsync_timeout}`);
  if (env.check) words.push('--dry-run');
  if (args.delete) words.push('--delete-after');
  if (args.existing_only) words.push('--existing');
  if (args.checksum) words.push('--checksum');
  if (args.copy_links) words.push('--copy-links');
  if (args.archive) words.push('--archive');
  for (const name of ['recursive', 'links', 'perms', 'times', 'owner', 'group'] as const) {
    if (args.archive && args[name] === false) words.push(`--no-${name}`);
    if (!args.archive && args[name] === true) words.push(`--${name}`);
  }
  if (args.dirs) words.push('--dirs');
  for (const other of args.link_dest ?? []) noRecursion(other, dest);
  return words;
}

function remoteOptions(args: Args, relay: Relay | undefined): string[] {
  const words: string[] = [];
  const own = args.rsync_opts.some((option) => option.includes('--rsh'));
  if (relay && !own) words.push(`--rsh=${relay.command.map(rshWord).join(' ')}`);
  if (args.rsync_path) words.push(`--rsync-path=${args.rsync_path}`);
  return words;
}

/** rsync splits the command at blanks and knows quotes, in which a quote is written twice. */
const rshWord = (word: string) => (/[\s'"]/.test(word) ? `'${word.replaceAll("'", "''")}'` : word);

function lastOptions(args: Args): string[] {
  const words = args.partial ? ['--partial'] : [];
  if (args.link_dest && args.link_dest.length > 0) {
    // -vv: else rsync does not say that a hard link is one.
    words.push('-H', '-vv', ...args.link_dest.map((other) => `--link-dest=${linkPath(other)}`));
  }
  return [...words, `--out-format=${MARK}%i %n%L`];
}

const linkPath = (other: string) => (other.startsWith('/') ? posix.normalize(other) : other);

function noRecursion(other: string, dest: string): void {
  const folder = posix.normalize(posix.dirname(dest));
  if (!other.startsWith('/') || !folder.startsWith(posix.normalize(other).replace(/\/$/, ''))) return;
  throw new ModuleFailure(`Hardlinking into a subdirectory of the source would cause recursion. ${folder} and ${dest}`);
}

/** A word of a command line as a person would write it. */
const shown = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word));

function told(out: string, cmd: string, args: Args, env: ModuleEnv): ModuleResult {
  const msg = out.replaceAll(MARK, '');
  // With hard links every file has a line; one that begins with a dot is no change.
  const hard = args.link_dest && args.link_dest.length > 0;
  const isChanged = hard ? !out.includes(`${MARK}.`) : out.includes(MARK);
  const values = { msg, rc: 0, cmd, stdout_lines: msg.split('\n').filter((line) => line !== '') };
  return changed(isChanged, values, env.diff ? [{ prepared: msg }] : undefined);
}

/** What rsync said, with what it means where the other end has no rsync. */
function failure(reply: Reply, cmd: string, way: Way): ModuleFailure {
  const said = reply.stderr.toString();
  const missing =
    reply.rc === 127 || /code 127\)/.test(said) || /rsync: (command )?not found|rsync: No such/i.test(said);
  const hint = missing && way.host ? `rsync is not installed on ${way.host.host}: ` : '';
  return new ModuleFailure(`${hint}${said}`, { rc: reply.rc, cmd });
}
