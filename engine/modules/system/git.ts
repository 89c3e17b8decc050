import { ModuleFailure } from '../../errors.ts';
import { quote, remotePath } from '../../remote/quote.ts';
import { atMostOneOf, bool, int, list, path, raw, requiredBy, requiredIf, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'git',
  doc: 'Keeps a checkout of a git repository at a version.',
  reference: 'ansible.builtin.git',
  args: {
    repo: str({ doc: 'Address of the repository.', required: true, aliases: ['name'] }),
    dest: path({ doc: 'The directory on the host; needed unless `clone` is false.' }),
    version: str({ doc: 'Branch, tag or commit.', default: 'HEAD' }),
    accept_hostkey: bool({ doc: 'Accept any host key of the server: insecure.', default: false }),
    accept_newhostkey: bool({ doc: 'Accept the key of a server that is not known yet.', default: false }),
    ssh_opts: str({ doc: 'Options of ssh.' }),
    key_file: path({ doc: 'Private key, on the host.' }),
    reference: str({ doc: 'A repository on the host to share objects with.' }),
    remote: str({ doc: 'Name of the remote.', default: 'origin' }),
    refspec: str({ doc: 'Further refs to fetch.' }),
    force: bool({ doc: 'Throw local modifications away.', default: false }),
    depth: int({ doc: 'Fetch this many commits of history only.' }),
    clone: bool({ doc: 'Clone if it is not there.', default: true }),
    update: bool({ doc: 'Fetch new commits.', default: true }),
    executable: path({ doc: 'Path of git.' }),
    bare: bool({ doc: 'A repository without a checkout.', default: false }),
    umask: raw({ doc: 'umask for it, a quoted octal number.' }),
    recursive: bool({ doc: 'With submodules.', default: true }),
    single_branch: bool({ doc: 'Clone this branch only.', default: false }),
    track_submodules: bool({ doc: 'Follow the branches of submodules.', default: false }),
    verify_commit: bool({ doc: 'The commit or tag must be signed by a known key.', default: false }),
    archive: path({ doc: 'Write an archive of the version there.' }),
    archive_prefix: str({ doc: 'Folder inside that archive.' }),
    separate_git_dir: path({ doc: 'Where the repository itself is kept.' }),
    gpg_allowlist: list(str(), { doc: 'Fingerprints that may sign.', default: [], aliases: ['gpg_whitelist'] }),
  },
  rules: [
    atMostOneOf('separate_git_dir', 'bare'),
    atMostOneOf('accept_hostkey', 'accept_newhostkey'),
    requiredBy('archive_prefix', ['archive']),
    requiredIf('clone', true, ['dest']),
  ],
  check: 'full',
  returns: {
    before: 'Commit until now.',
    after: 'Commit now.',
    remote_url_changed: 'Whether the address was changed.',
  },
  examples: `- git:
    repo: https://example.com/app.git
    dest: /opt/app
    version: v2.1
`,
  async run(args, { remote }) {
    refuse(args);
    const reply = await remote.call(shell('git', import.meta.url), {
      g_repo: /^[~/$]/.test(args.repo) ? remotePath(args.repo) : args.repo,
      g_dest: remotePath(args.dest?.replace(/(?<=.)\/+$/, '')),
      g_version: args.version,
      g_remote: args.remote,
      g_refspec: args.refspec,
      g_force: args.force,
      g_depth: args.depth,
      g_clone: args.clone,
      g_update: args.update,
      g_executable: remotePath(args.executable),
      g_bare: args.bare,
      g_umask: args.umask === undefined || args.umask === null ? '' : String(args.umask),
      g_recursive: args.recursive,
      g_single_branch: args.single_branch,
      g_track: args.track_submodules,
      g_verify: args.verify_commit,
      g_archive: remotePath(args.archive),
      g_prefix: args.archive_prefix,
      g_separate: remotePath(args.separate_git_dir),
      g_reference: args.reference,
      g_allowlist: args.gpg_allowlist.join(' '),
      g_ssh: sshCommand(args),
    });
    return changed(reply.changes.length > 0, {
      before: reply.get('before') || null,
      after: reply.get('after') || null,
      ...(args.clone || reply.has('before') ? { remote_url_changed: reply.has('remote_url_changed') } : {}),
      ...(reply.has('submodules_changed') ? { submodules_changed: true } : {}),
    });
  },
});

interface Given {
  repo: string;
  version: string;
  remote: string;
  refspec?: string | undefined;
  reference?: string | undefined;
  ssh_opts?: string | undefined;
  key_file?: string | undefined;
  accept_hostkey: boolean;
  accept_newhostkey: boolean;
  umask?: unknown;
  gpg_allowlist: string[];
}

/** A value that git would read as an option, or an address that names a command, is never passed on. */
function refuse(args: Given): void {
  for (const name of ['repo', 'version', 'remote', 'refspec', 'reference'] as const) {
    if (args[name]?.startsWith('-')) throw new ModuleFailure(`git: ${name} may not begin with '-': ${args[name]}`);
  }
  if (/^(ext|fd)::/.test(args.repo))
    throw new ModuleFailure(`git: the address ${args.repo} runs a command and is refused`);
  if (args.umask !== undefined && args.umask !== null && !/^[0-7]{1,4}$/.test(String(args.umask))) {
    throw new ModuleFailure('umask must be an octal integer');
  }
  if (args.gpg_allowlist.some((key) => !/^[0-9A-Fa-f]+$/.test(key)))
    throw new ModuleFailure('gpg_allowlist holds fingerprints only');
}

function sshCommand(args: Given): string {
  const words: string[] = [];
  if (args.key_file !== undefined) words.push('-i', quote(args.key_file), '-o', 'IdentitiesOnly=yes');
  if (args.ssh_opts) words.push(args.ssh_opts);
  const decided = /StrictHostKeyChecking/.test(args.ssh_opts ?? '');
  if (args.accept_hostkey && !decided) words.push('-o', 'StrictHostKeyChecking=no');
  if (args.accept_newhostkey && !decided) words.push('-o', 'StrictHostKeyChecking=accept-new');
  return words.length === 0 ? '' : ['ssh', '-o', 'BatchMode=yes', ...words].join(' ');
}
