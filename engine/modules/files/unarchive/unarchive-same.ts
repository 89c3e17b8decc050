/** Whether an archive of the controller is unpacked on a host already: one question about its members, nothing is sent. */
import type { ShellValue } from '../../../remote/quote.ts';
import type { Reply } from '../../../remote/remote.ts';
import type { Attributes } from '../../parts/attributes.ts';
import { symbolicMode } from '../../parts/symbolic-mode.ts';
import { listTar, type TarListing, type TarMember } from './tar-read.ts';

/** So many members, and bytes of their names, can be asked about in one request. */
const MEMBERS = 4000;
const NAMES = 100_000;

/** What is in the archive, if the host can be asked about it: any other archive is unpacked as before, which judges by itself. */
export async function askable(source: string | Buffer): Promise<TarListing | undefined> {
  const listing = await listTar(source, MEMBERS);
  if (!listing) return undefined;
  const names = new Set(listing.members.map((member) => below(member.name)));
  const links = new Set(listing.members.filter(({ type }) => type === 'link').map(({ name }) => below(name)));
  const odd = ({ name, mode, type }: TarMember) =>
    /^\/|^$|(^|\/)\.\.(\/|$)|[\n\ufffd]/.test(name) ||
    (type !== 'directory' && (mode & 0o6000) !== 0) ||
    parents(below(name)).some((parent) => links.has(parent));
  const length = listing.members.reduce((sum, { name }) => sum + name.length, 0);
  if (names.size < listing.members.length || length > NAMES || listing.members.some(odd)) return undefined;
  return listing;
}

const below = (name: string) => name.replace(/^(\.\/+)+/, '').replace(/\/+$/, '') || '.';

function parents(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** The members' paths, and those of the folders above them in the archive that get their attributes too. */
function pathsOf(listing: TarListing): string[] {
  const names = listing.members.map(({ name }) => below(name));
  const tops = names.filter((name) => name.includes('/')).map((name) => name.split('/')[0]!);
  return [...new Set([...names, ...tops])];
}

/** Variables of the request that asks. */
export function question(listing: TarListing): Record<string, ShellValue> {
  const files = listing.members.filter(({ type }) => type === 'file' || type === 'hard');
  const links = listing.members.filter(({ type }) => type === 'link');
  const path = ({ name }: TarMember) => `./${below(name)}`;
  return {
    names: pathsOf(listing).map((name) => `./${name}`),
    sums: files.map(path),
    links: links.map(path),
  };
}

interface There {
  bits: number;
  uid: string;
  gid: string;
  owner: string;
  group: string;
  mtime: number;
  nanoseconds: string;
}

/** Whether the host's answer is what unpacking would leave; false in doubt. */
export function isUnpacked(listing: TarListing, reply: Reply, args: Attributes): boolean {
  if (!reply.has('states')) return false;
  const paths = pathsOf(listing);
  const lines = reply.get('states').split('\n');
  const sums = reply.get('sums') === '' ? [] : reply.get('sums').split('\n');
  if (lines.length !== paths.length) return false;
  const there = new Map(paths.map((path, i) => [path, stateOf(lines[i]!)]));
  const targets = reply.all('link');
  const root = reply.get('me') === '0';
  const umask = Number.parseInt(reply.get('umask'), 8);
  const contents = new Map(listing.members.map((member) => [below(member.name), member.sha1]));
  for (const member of listing.members) {
    const state = there.get(below(member.name));
    if (!state || !sameState(member, state, args, root)) return false;
    if (member.type === 'link' && targets.shift() !== member.target) return false;
    if (member.type !== 'file' && member.type !== 'hard') continue;
    const wanted = member.type === 'hard' ? contents.get(below(member.target)) : member.sha1;
    if (/^\\?([0-9a-f]{40})/.exec(sums.shift() ?? '')?.[1] !== wanted) return false;
  }
  return [...there.values()].every((state) => hasAttributes(state, args, umask));
}

function stateOf(line: string): There {
  const [bits, uid, gid, owner, group, mtime, ...rest] = line.split(':') as [string, ...string[]];
  const nanoseconds = /\.(\d+)/.exec(rest.join(':'))?.[1] ?? '';
  return {
    bits: Number.parseInt(bits, 16),
    uid: uid!,
    gid: gid!,
    owner: owner!,
    group: group!,
    mtime: Number(mtime),
    nanoseconds: nanoseconds.padEnd(9, '0').slice(0, 9),
  };
}

const kinds = { file: 0o100000, hard: 0o100000, directory: 0o040000, link: 0o120000 };

function sameState(member: TarMember, state: There, args: Attributes, root: boolean): boolean {
  if ((state.bits & 0o170000) !== kinds[member.type]) return false;
  if (root && args.owner === undefined && !sameName(member.owner, member.uid, state.owner, state.uid)) return false;
  if (root && args.group === undefined && !sameName(member.group, member.gid, state.group, state.gid)) return false;
  if (member.type === 'link' || member.type === 'hard') return true;
  if (args.mode === undefined && (state.bits & 0o7777) !== member.mode) return false;
  if (member.type === 'directory') return true;
  return state.mtime === member.mtime && state.nanoseconds === member.nanoseconds;
}

/** tar gives a file to the owner of that name, and where the host knows none to that number. */
function sameName(name: string, id: number, thereName: string, thereId: string): boolean {
  if (name !== '' && name === thereName) return true;
  return String(id) === thereId && (name === '' || thereName === 'UNKNOWN' || thereName === thereId);
}

function hasAttributes(state: There, { owner, group, mode }: Attributes, umask: number): boolean {
  if (owner !== undefined && owner !== state.owner && owner !== state.uid) return false;
  if (group !== undefined && group !== state.group && group !== state.gid) return false;
  const kind = state.bits & 0o170000;
  if (mode === undefined || kind === kinds.link) return true;
  const bits = state.bits & 0o7777;
  return Number.parseInt(symbolicMode(mode, bits, kind === kinds.directory, umask), 8) === bits;
}
