/** Installs roles and collections: fetched, unpacked beside their place, compared with the lock, then renamed. Nothing of them is run. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { mistake, reasonOf } from '../errors.ts';
import { isDict, Source, toPlain } from '../values.ts';
import { parseYaml } from '../yaml/index.ts';
import { contentHash } from './content_hash.ts';
import { unpack } from './extract.ts';
import { archiveOf, commitOf, fetchRepository, type GitEnvironment, gitAddress } from './git.ts';
import { isSame, type Lock, type Locked, partOf } from './lock.ts';
import type { Requirement } from './requirements.ts';
import { download, published, requireHash } from './web.ts';

export interface InstallOptions extends GitEnvironment {
  /** Directory of the file of requirements: paths in it are relative to that. */
  base: string;
  roles: string;
  /** The directory that has `ansible_collections`. */
  collections: string;
  server: string;
  /** Only what is locked, and nothing else. */
  frozen: boolean;
  /** Take what is there now, and lock it again. */
  update: boolean;
  /** Replace what somebody else put there, or changed. */
  force: boolean;
}

type Installed = { requirement: Requirement; what: 'installed' | 'there already'; locked: Locked };

/** Installs one requirement and notes it in the lock; throws AuthorError, with nothing changed. */
export async function install(requirement: Requirement, lock: Lock, options: InstallOptions): Promise<Installed> {
  const part = partOf(lock, requirement.kind);
  const known = lockedAs(requirement, part);
  const before = known && isSame(requirement, known) ? known : undefined;
  if (options.frozen && !before)
    throw mistake(
      `the ${requirement.kind} \`${requirement.name || requirement.source}\` is not locked as it is required, and --frozen takes only what is`,
      requirement.place,
      'run `run install` without it, and keep troupe.lock',
    );
  const expected = options.update && !options.frozen ? undefined : before;
  if (expected && requirement.name !== '') {
    const place = placeOf(requirement, options);
    if (existsSync(place) && contentHash(place) === expected.hash)
      return { requirement, what: 'there already', locked: expected };
  }
  const work = workFolder(requirement, options);
  try {
    const { content, ...fetched } = await fetchContent(requirement, expected, work, options);
    const name = requirement.name || collectionName(content, requirement);
    const hash = contentHash(content);
    const found = { ...requirement, name };
    requireLocked(found, expected, hash, fetched);
    put(content, found, lockedAs(found, part), hash, options);
    const { from, source, directory, version: wanted } = requirement;
    part[name] = { from, source, directory, wanted, ...fetched, hash };
    return { requirement: found, what: 'installed', locked: part[name] };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What the lock has of it: by its name, or where that is only known from its content by its source. */
function lockedAs({ name, source, directory }: Requirement, part: Record<string, Locked>): Locked | undefined {
  if (name !== '') return Object.hasOwn(part, name) ? part[name] : undefined;
  return Object.values(part).find((locked) => locked.source === source && locked.directory === directory);
}

function requireLocked(
  { kind, name, place, version }: Requirement,
  expected: Locked | undefined,
  hash: string,
  fetched: Fetched,
): void {
  if (!expected || expected.hash === hash) return;
  const moved = expected.commit !== undefined && fetched.commit !== expected.commit;
  const why = moved
    ? `\`${version ?? 'HEAD'}\` is now commit ${fetched.commit}, and was ${expected.commit} when it was locked`
    : `its content is not what was locked (${hash}, not ${expected.hash})`;
  throw mistake(
    `the ${kind} \`${name}\` was not installed: ${why}`,
    place,
    'find out why it changed; to take it as it is now, run `run install --update`',
  );
}

type Fetched = Pick<Locked, 'version' | 'commit'>;

/** Fetches and unpacks into the work directory. */
async function fetchContent(
  requirement: Requirement,
  expected: Locked | undefined,
  work: string,
  options: InstallOptions,
): Promise<Fetched & { content: string }> {
  const content = join(work, 'content');
  mkdirSync(content);
  const what = `${requirement.kind} ${requirement.name || requirement.source}`;
  const { source, directory, version, place } = requirement;
  if (requirement.from === 'git') {
    const repository = join(work, 'repository');
    mkdirSync(repository);
    try {
      await fetchRepository(gitAddress(source, options.base), repository, options);
    } catch (error) {
      if (error instanceof Error && error.name === 'AuthorError') throw error;
      throw mistake(`the ${what} cannot be fetched from ${source}: ${reasonOf(error)}`, place);
    }
    const commit = await commitOf(version, repository, options);
    // A tag that was moved is told from one whose commit is still there.
    if (!commit) throw mistake(`${source} has no tag, branch or commit \`${version ?? 'HEAD'}\``, place);
    if (expected?.commit && isTag(version) && commit !== expected.commit)
      requireLocked(requirement, expected, '', { commit });
    // A branch goes on; what was locked of it is what is installed.
    const taken = expected?.commit ?? commit;
    const archive = await archiveOf(taken, safeDirectory(directory, requirement), repository, options).catch(() => {
      throw mistake(
        taken === commit
          ? `${source} has no directory \`${directory}\``
          : `${source} no longer has the commit ${taken} that was locked`,
        place,
      );
    });
    await unpack(archive, content, { name: `the ${what}` });
    return { content, version: version ?? 'HEAD', commit: taken };
  }
  const index =
    requirement.from === 'index'
      ? await published({ ...requirement, version: expected?.version ?? version }, requirement.server ?? options.server)
      : undefined;
  const address = index?.address ?? source;
  const archive = /^https?:/.test(address)
    ? await download(address, what)
    : readArchive(resolve(options.base, address.replace(/^file:\/\//, '')), requirement);
  requireHash(archive, index?.sha256, `the ${what}`);
  // The archive of a collection has its files at the top; that of a role a directory around them.
  await unpack(archive, content, { name: `the ${what}`, strip: requirement.kind === 'role' ? 1 : 0 });
  return { content, version: index?.version ?? version };
}

const isTag = (version: string | undefined): boolean => version !== undefined && /\d/.test(version);

function safeDirectory(directory: string | undefined, { place }: Requirement): string | undefined {
  if (directory === undefined) return undefined;
  const parts = directory.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || parts.some((part) => part.startsWith('-') || part.includes('\0')))
    throw mistake(`\`${directory}\` is not a directory of a repository`, place);
  return parts.join('/');
}

function readArchive(path: string, { place }: Requirement): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw mistake(`cannot read ${path}: ${reasonOf(error)}`, place);
  }
}

/** `namespace.name`, from what a collection says of itself. */
function collectionName(content: string, { source, place }: Requirement): string {
  const read = (name: string) => {
    const file = join(content, name);
    return existsSync(file) ? parseYaml(new Source(file, readFileSync(file, 'utf8')), { trusted: false }) : undefined;
  };
  const manifest = read('MANIFEST.json');
  const info = isDict(manifest) ? manifest.get('collection_info') : read('galaxy.yml');
  const [namespace, name] = isDict(info)
    ? [String(toPlain(info.get('namespace') ?? '')), String(toPlain(info.get('name') ?? ''))]
    : [];
  if (namespace && name && /^\w+$/.test(namespace) && /^\w+$/.test(name)) return `${namespace}.${name}`;
  throw mistake(`${source} is not a collection: it has no MANIFEST.json or galaxy.yml that names one`, place);
}

function placeOf({ kind, name }: Requirement, { roles, collections }: InstallOptions): string {
  return kind === 'role' ? join(roles, name) : join(collections, 'ansible_collections', ...name.split('.'));
}

/** Beside the place, so that a rename is all that is left to do. */
function workFolder(requirement: Requirement, options: InstallOptions): string {
  const parent = requirement.kind === 'role' ? options.roles : join(options.collections, 'ansible_collections');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, '.installing-'));
}

function put(
  content: string,
  requirement: Requirement,
  known: Locked | undefined,
  hash: string,
  options: InstallOptions,
): void {
  const place = placeOf(requirement, options);
  mkdirSync(dirname(place), { recursive: true });
  const old = join(dirname(content), 'old');
  if (existsSync(place)) {
    const there = contentHash(place);
    if (there === hash) return;
    if (there !== known?.hash && !options.force)
      throw mistake(
        `${place} is there already, and ${known ? 'was changed since it was installed' : 'was not installed by this command'}`,
        requirement.place,
        'move it away, or replace it with --force',
      );
    renameSync(place, old);
  }
  renameSync(content, place);
}
