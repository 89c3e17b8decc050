/** Repositories: read by the program git, with nothing of the repository executed: no hooks, no filters, no submodules, no helpers. */
import { execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { mistake } from '../errors.ts';

export interface GitEnvironment {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal | undefined;
}

/** What an address may begin with; `ext::` and the like would run a program. */
const ADDRESS = /^(?:https?|ssh|git|file):\/\/[^-]|^[\w.-]+@[\w.-]+:[^-]|^[./~]/;
const MOST = 256 * 1024 * 1024;

const SAFE = [
  ...[
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'protocol.ext.allow=never',
    '-c',
    'core.symlinks=false',
  ],
  ...[
    '-c',
    'submodule.recurse=false',
    '-c',
    'core.attributesFile=/dev/null',
    '-c',
    'gc.auto=0',
    '-c',
    'advice.detachedHead=false',
  ],
];

function git(words: readonly string[], { cwd, environment, signal }: GitEnvironment): Promise<Buffer> {
  const env = {
    ...environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_TEMPLATE_DIR: '',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
  };
  return new Promise((done, failed) => {
    execFile(
      'git',
      [...SAFE, ...words],
      { cwd, env, signal, encoding: 'buffer', maxBuffer: MOST },
      (error, stdout, stderr) => {
        if (!error) return done(stdout);
        const { code } = error as NodeJS.ErrnoException;
        const said = stderr.toString().trim().split('\n').at(-1) ?? '';
        failed(
          code === 'ENOENT'
            ? mistake('the program `git` is not installed', undefined, 'install it, or require archives')
            : new Error(said || error.message),
        );
      },
    );
  });
}

/** The address as git takes it; throws on one that could mean something else. */
export function gitAddress(source: string, cwd: string): string {
  if (!ADDRESS.test(source))
    throw mistake(
      `\`${source}\` is not an address of a repository`,
      undefined,
      'write https://..., ssh://..., user@host:path, or a path',
    );
  return /^\.{1,2}\//.test(source) || isAbsolute(source) ? resolve(cwd, source) : source;
}

/** Fetches all of a repository into an empty directory. */
export async function fetchRepository(address: string, into: string, where: GitEnvironment): Promise<void> {
  const inside = { ...where, cwd: into };
  await git(['init', '--bare', '--quiet', '--template='], inside);
  await git(
    [
      'fetch',
      '--quiet',
      '--no-recurse-submodules',
      '--',
      address,
      '+refs/heads/*:refs/heads/*',
      '+refs/tags/*:refs/tags/*',
      '+HEAD:refs/remote/HEAD',
    ],
    inside,
  );
}

/** The commit that a tag, a branch or the beginning of a hash names; undefined where there is none. */
export async function commitOf(
  version: string | undefined,
  repository: string,
  where: GitEnvironment,
): Promise<string | undefined> {
  const names =
    version === undefined
      ? ['refs/remote/HEAD']
      : [`refs/tags/${version}`, `refs/heads/${version}`, ...(/^[0-9a-f]{7,40}$/.test(version) ? [version] : [])];
  for (const name of names) {
    const found = await git(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`], {
      ...where,
      cwd: repository,
    }).catch(() => undefined);
    if (found) return found.toString().trim();
  }
  return undefined;
}

/** The files of a commit, or of a directory in it, as an archive. */
export async function archiveOf(
  commit: string,
  directory: string | undefined,
  repository: string,
  where: GitEnvironment,
): Promise<Buffer> {
  const tree = directory ? `${commit}:${directory}` : commit;
  return git(['archive', '--format=tar', tree], { ...where, cwd: repository });
}

/** Tags and branches of a repository and their commits, without fetching it. */
export async function refsOf(
  address: string,
  where: GitEnvironment,
): Promise<{ tags: Map<string, string>; heads: Map<string, string>; head: string | undefined }> {
  const lines = (await git(['ls-remote', '--', address], where)).toString().trim().split('\n');
  const tags = new Map<string, string>();
  const heads = new Map<string, string>();
  let head: string | undefined;
  for (const line of lines) {
    const [commit = '', name = ''] = line.split('\t');
    if (name === 'HEAD') head = commit;
    // What an annotated tag points at comes behind it.
    else if (name.startsWith('refs/tags/')) tags.set(name.slice('refs/tags/'.length).replace(/\^\{\}$/, ''), commit);
    else if (name.startsWith('refs/heads/')) heads.set(name.slice('refs/heads/'.length), commit);
  }
  return { tags, heads, head };
}
