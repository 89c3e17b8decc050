/** What the pki modules share: texts that come from a file of the host or from an argument, and files they keep. */
import type { KeyObject } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { readKey } from '../../pki/keys.ts';
import type { Remote } from '../../remote/remote.ts';
import { bool, path } from '../args.ts';
import type { ModuleEnv, ModuleResult } from '../define.ts';
import { attributeArgs } from '../shared/attributes.ts';
import { type EditArgs, type EditedFile, readFile, writeFile } from '../shared/edit.ts';

/** Arguments of the modules that keep a file. */
export const keptFileArgs = {
  path: path({ doc: 'The file.', required: true }),
  backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
  return_content: bool({ doc: "Return the file's content too.", default: false }),
  ...attributeArgs,
} as const;

/** Turns what pki/ refuses into a failure of the task, with what was being done. */
export function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new ModuleFailure(`${what}: ${error.message}`);
    throw error;
  }
}

/** A text given as an argument, or read from a file of the host (one request); undefined if neither is given. */
export async function textOf(
  content: string | undefined,
  file: string | undefined,
  remote: Remote,
): Promise<string | undefined> {
  if (content !== undefined) return content;
  if (file === undefined) return undefined;
  const read = await readFile({ path: file, backup: false }, remote);
  if (!read.exists) throw new ModuleFailure(`The file ${read.path} does not exist`);
  return read.content.toString('utf8');
}

export interface KeySource {
  privatekey_path?: string | undefined;
  privatekey_content?: string | undefined;
  privatekey_passphrase?: string | undefined;
}

/** The private key that a module signs with; its text never enters a result. */
export async function keyOf(source: KeySource, env: ModuleEnv): Promise<KeyObject> {
  const text = await textOf(source.privatekey_content, source.privatekey_path, env.remote);
  if (text === undefined) throw new ModuleFailure('one of privatekey_path, privatekey_content is required');
  env.secret(text);
  const from = source.privatekey_path ?? 'privatekey_content';
  return attempt(`the private key (${from})`, () => readKey(text, source.privatekey_passphrase));
}

/** The file of a module as it is; its attributes are judged with it. */
export function keptFile(args: EditArgs, env: ModuleEnv): Promise<EditedFile> {
  return readFile(args, env.remote);
}

/** Puts new content in place (undefined: it stays), and tells what Ansible's module would. */
export async function keep(
  file: EditedFile,
  content: string | undefined,
  args: EditArgs & { return_content: boolean },
  env: ModuleEnv,
  told: { values: Record<string, unknown>; contentKey: string },
): Promise<ModuleResult> {
  const written = await writeFile(file, content === undefined ? undefined : Buffer.from(content), args, env);
  const values: Record<string, unknown> = { filename: file.path, ...told.values };
  if (args.return_content) values[told.contentKey] = content ?? file.content.toString('utf8');
  if (written.backup) values.backup_file = written.backup;
  return { changed: content !== undefined || written.attributes, values: { ...written.info, ...values } };
}
