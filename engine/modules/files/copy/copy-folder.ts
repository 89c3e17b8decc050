/** Copying a folder of the controller: one question about all its files, and, if any differs, one stream of those that do. */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  type Dirent,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { ModuleFailure } from '../../../errors.ts';
import { remotePath, type ShellValue } from '../../../remote/quote.ts';
import { changed, type ModuleEnv, type ModuleResult, shell } from '../../define.ts';
import type { CopyArgs } from '../../parts/copy-file.ts';
import { symbolicMode } from '../../parts/symbolic-mode.ts';
import { type TarFile, tarSize, tarStream } from './tar-write.ts';

/** What a folder of the controller holds, by paths relative to the destination. */
interface Tree {
  folders: string[];
  files: Array<{ path: string; from: string; stat: Stats }>;
  links: Array<{ path: string; target: string }>;
}

/** Walks a folder; with `follow` what links point at is copied, except a folder that the walk is already in. */
function walkFolder(top: string, prefix: string, follow: boolean): Tree {
  const tree: Tree = { folders: [], files: [], links: [] };
  const walk = (folder: string, under: string, parents: string[]) => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const from = join(folder, entry.name);
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.isSymbolicLink()) walkLink(from, path, parents);
      else if (entry.isDirectory()) enter(from, path, parents);
      else if (isPlain(entry)) tree.files.push({ path, from, stat: lstatSync(from) });
      else throw new ModuleFailure(`${from} is neither a file nor a folder nor a link and cannot be copied`);
    }
  };
  const enter = (folder: string, path: string, parents: string[]) => {
    tree.folders.push(path);
    walk(folder, path, [...parents, realpathSync(folder)]);
  };
  const walkLink = (from: string, path: string, parents: string[]) => {
    const stat = follow ? statOf(from) : undefined;
    if (stat?.isFile()) tree.files.push({ path, from: realpathSync(from), stat });
    else if (stat?.isDirectory() && !parents.includes(realpathSync(from))) enter(realpathSync(from), path, parents);
    else tree.links.push({ path, target: readlinkSync(from) });
  };
  walk(top, prefix, [realpathSync(top)]);
  if (prefix !== '' && (tree.files.length > 0 || tree.links.length > 0 || tree.folders.length > 0))
    tree.folders.unshift(prefix);
  return tree;
}

/** What a link leads to; undefined of one that leads nowhere, or in a circle. */
function statOf(link: string) {
  try {
    return statSync(link, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
}

const isPlain = (entry: Dirent) => entry.isFile();

interface There {
  type: string;
  mode: number;
  uid: string;
  gid: string;
  owner: string;
  group: string;
  sum?: string;
  link?: string;
}

interface FolderArgs extends CopyArgs {
  decrypt: boolean;
  local_follow?: boolean | undefined;
}

interface Loaded extends TarFile {
  path: string;
  sha1: string;
  sourceMode: number;
}

const script = () => shell('copy_folder', import.meta.url);

/** Copies a folder; with a slash at its end what is in it, else the folder itself. */
export async function putFolder(source: string, args: FolderArgs, env: ModuleEnv): Promise<ModuleResult> {
  const prefix = source.endsWith('/') ? '' : basename(source);
  const tree = walkFolder(source, prefix, args.local_follow ?? true);
  const files = await Promise.all(tree.files.map((file) => load(file, args.decrypt, env)));
  const names = [...tree.folders, ...tree.links.map((link) => link.path), ...files.map((file) => file.path)];
  const common = { dest: remotePath(args.dest), backup: args.backup };
  const reply = await env.remote.call(script(), { ...common, names });
  const there = parse(names, reply.get('types'), reply.get('states'), reply.get('sums'), reply.all('link'));
  const plan = new Plan(args, Number.parseInt(reply.get('umask') || '022', 8), there);
  for (const path of tree.folders) plan.folder(path, path === prefix);
  for (const link of tree.links) plan.link(link.path, link.target);
  for (const file of files) plan.file(file);
  const dest = reply.get('dest');
  const result = changed(plan.changed, { dest, src: source });
  if (!plan.changed || env.check) return result;
  const upload = await plan.upload(env, dest);
  await env.remote.call(script(), { ...common, plan: true, upload, ...plan.variables() });
  return result;
}

async function load(file: Tree['files'][number], decrypt: boolean, env: ModuleEnv): Promise<Loaded> {
  const base = { name: '', path: file.path, sourceMode: file.stat.mode & 0o7777 };
  if (file.stat.size > 1024 * 1024) {
    const hash = createHash('sha1');
    for await (const chunk of createReadStream(file.from)) hash.update(chunk as Buffer);
    return { ...base, size: file.stat.size, content: file.from, sha1: hash.digest('hex') };
  }
  const content = decrypt ? await env.files.read(file.from) : await readRaw(file.from);
  return { ...base, size: content.length, content, sha1: createHash('sha1').update(content).digest('hex') };
}

async function readRaw(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parse(names: string[], types: string, states: string, sums: string, links: string[]): Map<string, There> {
  const stateLines = states.split('\n');
  // busybox prints a newline in a name as it is: only lines that begin with a sum count
  const sumLines = sums.match(/^\\?[0-9a-f]{40}(?= {2})/gm) ?? [];
  const found = new Map<string, There>();
  for (const [i, name] of names.entries()) {
    const type = types[i] ?? '-';
    const there: There = { type, mode: 0, uid: '', gid: '', owner: '', group: '' };
    if (type === 'l' || type === 'L') there.link = links.shift() ?? '';
    if (type === 'd' || type === 'f') {
      const [mode, uid, gid, owner, group] = (stateLines.shift() ?? '').split(':');
      Object.assign(there, { mode: Number.parseInt(mode!, 8), uid, gid, owner, group });
    }
    if (type === 'f') there.sum = /[0-9a-f]{40}/.exec(sumLines.shift() ?? '')?.[0] ?? '';
    found.set(name, there);
  }
  return found;
}

/** What is to be done on the host. */
class Plan {
  changed = false;
  readonly #folders: string[] = [];
  readonly #links: string[] = [];
  readonly #place: string[] = [];
  readonly #staged: Loaded[] = [];
  readonly #groups = new Map<string, { where: string; mode: string; owner: string; names: string[] }>();

  constructor(
    private readonly args: FolderArgs,
    private readonly umask: number,
    private readonly there: Map<string, There>,
  ) {}

  /** The folder itself, when it is copied by its name, is only made; those in it are also kept as asked for. */
  folder(path: string, isTop: boolean): void {
    const there = this.there.get(path)!;
    const { directory_mode: mode } = this.args;
    if (there.type === '-') {
      this.changed = true;
      this.#folders.push(
        path,
        mode === undefined ? '' : symbolicMode(mode, 0o777 & ~this.umask, true, this.umask),
        this.#owner(),
      );
    } else if (there.type === 'd' && !isTop) this.#keep(path, there, mode, true);
    else if (there.type !== 'd' && there.type !== 'L')
      throw new ModuleFailure(`${path} already exists in ${this.args.dest} and is not a directory`);
  }

  link(path: string, target: string): void {
    if (this.there.get(path)!.link === target) return;
    this.changed = true;
    this.#links.push(path, target);
  }

  file(file: Loaded): void {
    const there = this.there.get(file.path)!;
    const mode = this.args.mode === 'preserve' ? `0${file.sourceMode.toString(8)}` : this.args.mode;
    if (there.type !== '-' && this.args.force === false) return;
    if (there.type === 'd') throw new ModuleFailure(`${file.path} is a directory in ${this.args.dest}`);
    if (there.type === 'f' && there.sum === file.sha1) {
      this.#keep(file.path, there, mode, false);
      return;
    }
    this.changed = true;
    const number = String(this.#staged.length);
    this.#staged.push({ ...file, name: number });
    this.#place.push(number, file.path);
    const isNew = there.type !== 'f';
    const before = isNew ? 0o666 & ~this.umask : there.mode;
    const wanted = mode === undefined ? before.toString(8) : symbolicMode(mode, before, false, this.umask);
    const { owner = isNew ? '' : there.uid, group = isNew ? '' : there.gid } = this.args;
    this.#group('staged', wanted, owner || group ? `${owner}${group ? `:${group}` : ''}` : '', number);
  }

  /** Owner and mode of what has the right content already. */
  #keep(path: string, there: There, mode: string | undefined, isFolder: boolean): void {
    const { owner, group } = this.args;
    const wanted = mode === undefined ? undefined : symbolicMode(mode, there.mode, isFolder, this.umask);
    const wrongMode = wanted !== undefined && Number.parseInt(wanted, 8) !== there.mode;
    const wrongOwner = owner !== undefined && owner !== there.owner && owner !== there.uid;
    const wrongGroup = group !== undefined && group !== there.group && group !== there.gid;
    if (!wrongMode && !wrongOwner && !wrongGroup) return;
    this.changed = true;
    this.#group('there', wrongMode ? wanted : '', wrongOwner || wrongGroup ? this.#owner() : '', path);
  }

  #owner(): string {
    const { owner = '', group } = this.args;
    return owner + (group === undefined ? '' : `:${group}`);
  }

  #group(where: string, mode: string, owner: string, name: string): void {
    if (mode === '' && owner === '') return;
    const key = `${where} ${mode} ${owner}`;
    const group = this.#groups.get(key) ?? { where, mode, owner, names: [] };
    group.names.push(name);
    this.#groups.set(key, group);
  }

  /** Sends the files that differ as one stream, to a place that will be on the host; undefined if there are none. */
  async upload(env: ModuleEnv, dest: string): Promise<string | undefined> {
    if (this.#staged.length === 0) return undefined;
    const body = Readable.from(tarStream(this.#staged));
    return env.remote.upload(body, { name: `troupe-${basename(dest)}`.slice(0, 40), size: tarSize(this.#staged) });
  }

  variables(): Record<string, ShellValue> {
    const variables: Record<string, ShellValue> = {
      folders: ['', this.args.directory_mode ?? '', this.#owner(), ...this.#folders],
      links: this.#links,
      place: this.#place,
      groups: this.#groups.size,
    };
    for (const [i, group] of [...this.#groups.values()].entries()) {
      variables[`g${i}_where`] = group.where;
      variables[`g${i}_mode`] = group.mode;
      variables[`g${i}_owner`] = group.owner;
      variables[`g${i}_names`] = group.names;
    }
    return variables;
  }
}
