/** A file of the host that is edited on the controller: one request reads it, and only a change needs a second one. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ModuleFailure } from '../../errors.ts';
import type { Diff } from '../../events.ts';
import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { INLINE_LIMIT, type Remote, type Reply } from '../../remote/remote.ts';
import { bool, path, str } from '../args.ts';
import { type ModuleEnv, shell } from '../define.ts';
import { type Attributes, attributeArgs, attributeVariables, pathInfo, stateDiff } from './attributes.ts';
import { splitWords } from './output.ts';

/** Arguments of every module that edits a file. */
export const editArgs = {
  path: path({ doc: 'The file.', required: true, aliases: ['dest', 'destfile', 'name'] }),
  backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
  validate: str({ doc: 'Command that must succeed before the file is put in place; `%s` is the new file.' }),
  ...attributeArgs,
} as const;

export interface EditArgs extends Attributes {
  path: string;
  backup: boolean;
  /** A link is replaced by a file instead of written through. */
  replaceLink?: boolean | undefined;
  validate?: string | undefined;
  /** A folder that has to be there already, and what to say where it is not. */
  folder?: { path: string; missing: string } | undefined;
}

/** What was read: the file's expanded path, its content if it is there. */
export interface EditedFile {
  path: string;
  exists: boolean;
  content: Buffer;
  /** Bytes of a file that is too large to be held: its content was not read. */
  large?: { size: number; target: string } | undefined;
  reply: Reply;
}

const script = () => shell('edit', import.meta.url);

/**
 * Reads the file in one request; a folder is refused. Where there is none, it is made with the content `absent` in the same
 * request, unless that is too large for one; `writeFile` then only tells what came of it. Of a file of more than `large` bytes the content
 * stays where it is.
 */
export async function readFile(args: EditArgs, remote: Remote, absent?: Buffer, large?: number): Promise<EditedFile> {
  return (await readFiles(args, [], remote, absent, large)).file!;
}

/** The same with the texts of other files, by their paths as given; undefined of a file that is not there. */
export async function readFiles(
  args: EditArgs | undefined,
  others: readonly string[],
  remote: Remote,
  absent?: Buffer,
  large?: number,
): Promise<{ file: EditedFile | undefined; texts: Map<string, { path: string; text: string | undefined }> }> {
  const validate = checkValidate(args?.validate);
  const make = absent !== undefined && isInline(absent);
  const also = Object.fromEntries(others.map((path, i) => [`also_${i + 1}`, remotePath(path)]));
  const reply = await remote.call(script(), {
    ...(args ? attributeVariables(args) : {}),
    path: remotePath(args?.path),
    keep_link: args?.replaceLink,
    in_folder: remotePath(args?.folder?.path),
    no_folder: args?.folder?.missing,
    large,
    also_count: others.length,
    ...also,
    make,
    ...(make ? { content: absent, size: absent.length, validate, validate_rc: true } : {}),
  });
  const [paths, found] = [reply.all('also_path'), reply.all('also')];
  const texts = new Map(
    others.map((path, i) => {
      if (found[i] === 'directory') throw isFolder(paths[i]!);
      return [path, { path: paths[i]!, text: found[i] === 'absent' ? undefined : found[i]!.slice(1) }];
    }),
  );
  if (!args) return { file: undefined, texts };
  const path = reply.get('path');
  if (reply.get('type') === 'directory') throw isFolder(path);
  const held = reply.has('large') ? { size: Number(reply.get('large')), target: reply.get('target') } : undefined;
  const exists = reply.get('type') === 'file';
  return { file: { path, exists, content: reply.bytes('content'), large: held, reply }, texts };
}

const isFolder = (path: string) => new ModuleFailure(`Path ${path} is a directory !`, { rc: 256 });

/** Words of a `validate` command, which must hold `%s`. */
export function checkValidate(validate: string | undefined): string[] | undefined {
  if (validate === undefined || validate === '') return undefined;
  if (!validate.includes('%s')) throw new ModuleFailure(`validate must contain %s: ${validate}`);
  try {
    return splitWords(validate.replaceAll('%%', '%'));
  } catch (error) {
    throw new ModuleFailure(`validate: ${(error as Error).message}`);
  }
}

export interface Written {
  /** Owner, mode or labels changed too, or would. */
  attributes: boolean;
  backup: string;
  /** Diff of the attributes. */
  diff: Diff;
  /** State afterwards (in check mode: before). */
  info: Record<string, unknown>;
}

/**
 * Puts new content in place, or none if the content stays (undefined) and only attributes may change. In check mode, and where
 * nothing is to do, no request is made.
 */
export async function writeFile(
  file: EditedFile,
  content: Buffer | undefined,
  args: EditArgs,
  env: ModuleEnv,
): Promise<Written> {
  const { remote } = env;
  return put(file, args, env, content && (() => ofContent(content, file, args, remote)));
}

/** What the request needs that puts new content in place: where it is or comes from, its size, and the checksum of the old one. */
interface NewContent {
  variables: Record<string, ShellValue>;
  size: number;
  expected: string;
}

async function ofContent(content: Buffer, file: EditedFile, args: EditArgs, remote: Remote): Promise<NewContent> {
  const variables = await contentVariables(content, file.path, remote, args.unsafe_writes);
  const expected = file.exists ? createHash('sha1').update(file.content).digest('hex') : '';
  return { variables, size: content.length, expected };
}

/** The same with content that is made only when it is sent; undefined if the content stays. */
export async function put(
  file: EditedFile,
  args: EditArgs,
  env: ModuleEnv,
  content: (() => Promise<NewContent>) | undefined,
): Promise<Written> {
  const differs = file.reply.changes.length > 0;
  if (env.check || (content === undefined && !differs)) {
    return { attributes: differs, backup: '', diff: attributeDiff(file.reply), info: pathInfo(file.reply) };
  }
  const reply = file.reply.has('made') ? file.reply : await write(args, await content?.(), env.remote);
  return {
    attributes: differs || noted(reply),
    backup: reply.get('backup_file'),
    diff: attributeDiff(differs ? file.reply : reply),
    info: pathInfo(reply),
  };
}

async function write(args: EditArgs, content: NewContent | undefined, remote: Remote): Promise<Reply> {
  return remote.call(script(), {
    ...attributeVariables(args),
    path: remotePath(args.path),
    keep_link: args.replaceLink,
    write: true,
    write_content: content !== undefined,
    size: content?.size,
    backup: args.backup,
    validate: checkValidate(args.validate),
    validate_rc: true,
    expected: content?.expected ?? '',
    ...content?.variables,
  });
}

function noted(reply: Reply): boolean {
  return ['owner', 'group', 'mode', 'secontext', 'attributes'].some((name) => reply.has(`before_${name}`));
}

function attributeDiff(reply: Reply): Diff {
  if (!noted(reply)) return { before: '', after: '' };
  return stateDiff(reply, undefined);
}

const isInline = (content: Buffer) => content.length <= INLINE_LIMIT && !content.includes(0);

/** Content as a variable of the request where it is small and has no NUL, else uploaded beside its place. */
export async function contentVariables(
  content: Buffer,
  beside: string,
  remote: Remote,
  unsafeWrites?: boolean,
): Promise<Record<string, ShellValue>> {
  if (isInline(content)) return { content };
  const slash = beside.lastIndexOf('/');
  const directory = slash > 0 ? beside.slice(0, slash) : slash === 0 ? '/' : '.';
  return uploadVariables(content, content.length, unsafeWrites ? undefined : directory, remote);
}

/**
 * Uploads to `directory`, or to the shell's own where it may be impossible to make files (`unsafe_writes`), and returns what the
 * request that puts the file in place needs.
 */
export async function uploadVariables(
  content: Buffer | Readable,
  size: number,
  directory: string | undefined,
  remote: Remote,
): Promise<Record<string, ShellValue>> {
  let is = '';
  const identity = (told: string) => {
    is = told;
  };
  const upload = await remote.upload(content, { name: 'troupe', size, ...(directory ? { directory, identity } : {}) });
  return { upload, upload_is: is };
}

/** The two diffs that the editing modules register at any time, the content's without its text unless it is asked for. */
export function editDiffs(file: EditedFile, after: Buffer | undefined, written: Written, wanted: boolean) {
  const header = `${file.path} (content)`;
  const content = {
    before: wanted ? file.content.toString('utf8') : '',
    after: wanted ? (after ?? file.content).toString('utf8') : '',
    before_header: header,
    after_header: header,
  };
  const name = `${file.path} (file attributes)`;
  const headers = { before_header: name, after_header: name };
  const { before = '', after: now = '' } = written.diff;
  const dicts = before === '' ? headers : { before: JSON.parse(before), after: JSON.parse(now), ...headers };
  return {
    registered: [content, dicts],
    shown: [content, { ...written.diff, ...headers }],
  };
}

/** Lines with their ends, as Python's readlines() of a binary file gives them. */
export function linesWithEnds(content: Buffer): string[] {
  return content.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The same as bytes.splitlines(True) gives them: ends are \n, \r and \r\n. */
export function splitLines(content: Buffer): string[] {
  return content.toString('latin1').match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

/** Text of an argument as bytes in latin1 text, to compare with lines of a file. */
export const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
