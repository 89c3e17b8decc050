/** What the pki modules share: texts that come from a file of the host or from an argument, and files they keep. */
import type { KeyObject } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import { readKey } from '../../pki/keys.ts';
import type { Remote } from '../../remote/remote.ts';
import { bool, path } from '../args.ts';
import type { ModuleEnv, ModuleResult } from '../define.ts';
import { attributeArgs } from '../parts/attributes.ts';
import { type EditArgs, type EditedFile, readFiles, writeFile } from '../parts/edit.ts';

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

/** What a task needs of the host, read in one request. */
export interface Texts {
  /** The file that the module keeps, if one was asked for; its attributes are judged with it. */
  file: EditedFile | undefined;
  /** A text given as an argument, or that of a file; undefined if neither is given. */
  of(content: string | undefined, path: string | undefined): string | undefined;
}

/** Reads the files at these paths (undefined: none), and with `kept` the file that the module keeps; no request where there is none. */
export async function readTexts(
  paths: readonly (string | undefined)[],
  remote: Remote,
  kept?: EditArgs,
): Promise<Texts> {
  const wanted = paths.filter((path) => path !== undefined);
  const read =
    kept || wanted.length > 0 ? await readFiles(kept, wanted, remote) : { file: undefined, texts: new Map() };
  return {
    file: read.file,
    of(content, path) {
      if (content !== undefined || path === undefined) return content;
      const found = read.texts.get(path);
      if (found?.text === undefined) throw new ModuleFailure(`The file ${found?.path ?? path} does not exist`);
      return found.text;
    },
  };
}

interface KeySource {
  privatekey_path?: string | undefined;
  privatekey_content?: string | undefined;
  privatekey_passphrase?: string | undefined;
}

/** The private key that a module signs with, whose path was among those that were read; its text never enters a result. */
export function keyOf(source: KeySource, texts: Texts, env: ModuleEnv): KeyObject {
  const text = texts.of(source.privatekey_content, source.privatekey_path);
  if (text === undefined) throw new ModuleFailure('one of privatekey_path, privatekey_content is required');
  env.secret(text);
  const from = source.privatekey_path ?? 'privatekey_content';
  return attempt(`the private key (${from})`, () => readKey(text, source.privatekey_passphrase));
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
