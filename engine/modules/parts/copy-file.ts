/** Putting one file on the host: what copy, template and assemble share. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ModuleFailure } from '../../errors.ts';
import type { Diff } from '../../events.ts';
import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { INLINE_LIMIT, type Reply } from '../../remote/remote.ts';
import { changed, type ModuleEnv, type ModuleResult, shell } from '../define.ts';
import { type Attributes, attributeVariables, diffText, pathInfo, stateDiff } from './attributes.ts';
import { checkValidate, uploadVariables } from './edit.ts';

/** A file to be put on the host: in memory, or a large one of the controller that is streamed. */
export interface SourceFile {
  content?: Buffer;
  path?: string;
  size: number;
  sha1: string;
  md5: string | null;
  /** Base name, '' for inline content. */
  name: string;
  /** What is returned as `src`. */
  src?: string | undefined;
  /** Header of the diff, if it is not the destination. */
  header?: string | undefined;
}

export interface CopyArgs extends Attributes {
  dest: string;
  backup?: boolean | undefined;
  force?: boolean | undefined;
  follow?: boolean | undefined;
  validate?: string | undefined;
  directory_mode?: string | undefined;
  checksum?: string | undefined;
}

/** Ansible's limit for contents in a diff. */
const DIFF_LIMIT = 104448;

/** Content in memory as a source. */
export function sourceOf(content: Buffer, name: string, src?: string, header?: string): SourceFile {
  return {
    content,
    size: content.length,
    sha1: digest('sha1', content)!,
    md5: digest('md5', content),
    name,
    src,
    header,
  };
}

/** A large file as a source; read once for its checksums, and once more only if it is sent. */
export async function streamedSource(path: string, size: number, name: string): Promise<SourceFile> {
  const hashes = ['sha1', 'md5'].map((algorithm) => startHash(algorithm));
  for await (const chunk of createReadStream(path)) for (const hash of hashes) hash?.update(chunk as Buffer);
  const [sha1, md5] = hashes.map((hash) => hash?.digest('hex') ?? null);
  return { path, size, sha1: sha1!, md5: md5 ?? null, name, src: path, header: path };
}

/** md5 is missing where FIPS rules; Ansible returns null there. */
function startHash(algorithm: string): Hash | undefined {
  try {
    return createHash(algorithm);
  } catch {
    return undefined;
  }
}

function digest(algorithm: string, content: Buffer): string | null {
  return startHash(algorithm)?.update(content).digest('hex') ?? null;
}

const script = () => shell('copy_file', import.meta.url);

/** Puts a file on the host: one request where nothing changes or the content is small, else two and an upload. */
export async function putFile(source: SourceFile, args: CopyArgs, env: ModuleEnv): Promise<ModuleResult> {
  const variables: Record<string, ShellValue> = {
    ...attributeVariables(args),
    dest: remotePath(args.dest),
    name: source.name,
    sum: source.sha1,
    size: source.size,
    force: args.force ?? true,
    follow: args.follow,
    backup: args.backup,
    validate: checkValidate(args.validate),
    directory_mode: args.directory_mode,
    wrong_sum: args.checksum !== undefined && args.checksum !== source.sha1 ? args.checksum : '',
  };
  try {
    return await send(source, args, env, variables);
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    throw new ModuleFailure(error.message, { ...error.result, checksum: source.sha1, diff: [] });
  }
}

async function send(
  source: SourceFile,
  args: CopyArgs,
  env: ModuleEnv,
  variables: Record<string, ShellValue>,
): Promise<ModuleResult> {
  const { remote } = env;
  const inline = source.content && source.size <= INLINE_LIMIT && !source.content.includes(0);
  const first = inline ? { content: source.content } : { later: true };
  let reply = await remote.call(script(), { ...variables, ...first });
  if (reply.has('upload_to')) {
    const body = source.content ?? createReadStream(source.path!);
    const directory = args.unsafe_writes ? undefined : reply.get('upload_to');
    reply = await remote.call(script(), {
      ...variables,
      ...(await uploadVariables(body, source.size, directory, remote)),
    });
  }
  const result = resultOf(reply, source, env);
  if (args.mode === undefined && result.changed) warnOfOpenSecret(result, source, env);
  return result;
}

/** Ansible leaves a new file to the umask, which opens it to all users of the host (CVE-2020-1736). */
function warnOfOpenSecret(result: ModuleResult, { content }: SourceFile, env: ModuleEnv): void {
  const mode = String(result.values['mode'] ?? '');
  if (!/[4-7]$/.test(mode) || content === undefined || !env.holdsSecret?.(content.toString('utf8'))) return;
  env.warn(
    `${result.values['dest']} holds a secret and everybody on the host may read it (mode ${mode}): give it \`mode\`, such as '0600'`,
  );
}

/** The result of `copy_file`, of a source on either side. */
export function resultOf(reply: Reply, source: SourceFile, env: ModuleEnv): ModuleResult {
  const dest = reply.get('dest');
  if (reply.has('kept')) return changed(false, { dest, src: source.src ?? null });
  const content = reply.changes.includes('content');
  const values: Record<string, unknown> = content
    ? { dest, src: source.src ?? null, md5sum: source.md5, checksum: source.sha1, ...pathInfo(reply) }
    : { path: dest, dest, checksum: source.sha1, ...pathInfo(reply) };
  if (reply.has('backup_file')) values['backup_file'] = reply.get('backup_file');
  const isChanged = reply.changes.length > 0;
  if (!env.diff) return changed(isChanged, { ...values, diff: [] });
  if (!content) return changed(isChanged, values, [stateDiff(reply, dest)]);
  const diff = [contentDiff(reply, source, dest)];
  return changed(isChanged, { ...values, diff }, diff);
}

function contentDiff(reply: Reply, source: SourceFile, dest: string): Diff {
  const before = reply.has('before') ? diffText(reply.bytes('before')) : '';
  const after = source.size > DIFF_LIMIT || !source.content ? undefined : diffText(source.content);
  const note = (text: string) => ({ prepared: `${text}\n` });
  if (reply.has('dst_larger')) return note(`diff skipped: destination file size is greater than ${DIFF_LIMIT}`);
  if (source.size > DIFF_LIMIT) return note(`diff skipped: source file size is greater than ${DIFF_LIMIT}`);
  if (before === undefined) return note('diff skipped: destination file appears to be binary');
  if (after === undefined) return note('diff skipped: source file appears to be binary');
  // A new file has no old name, as in Ansible.
  const header = reply.has('before_header') ? { before_header: dest } : {};
  return { ...header, before, after_header: source.header ?? dest, after };
}
