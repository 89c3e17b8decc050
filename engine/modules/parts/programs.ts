/** Programs of the host run for their output: the modules that wrap a tool ask first, decide here, and ask again to change. */
import { ModuleFailure } from '../../errors.ts';
import { quote, quotePath, RemotePath, type ShellValue } from '../../remote/quote.ts';
import type { Remote } from '../../remote/remote.ts';
import { shell } from '../define.ts';

/** A program and its arguments; a RemotePath has its `~` and `$NAME` expanded there. */
export interface Program {
  words: readonly (string | RemotePath)[];
  stdin?: string;
}

/** How one ended; rc 127 where there is no such program. */
interface Ran {
  rc: number;
  stdout: string;
  stderr: string;
  command: string;
}

interface RunOptions {
  chdir?: RemotePath | string | undefined;
  /** Run none after one that failed. */
  stop?: boolean;
  umask?: string | undefined;
  timeout?: number;
}

const word = (one: string | RemotePath) => (one instanceof RemotePath ? quotePath(one.text) : quote(one));

/** Runs programs in one request. */
export async function programs(remote: Remote, list: readonly Program[], options: RunOptions = {}): Promise<Ran[]> {
  const variables: Record<string, ShellValue> = {
    r_count: list.length,
    r_stop: options.stop ?? false,
    r_chdir: options.chdir,
    r_umask: options.umask,
  };
  for (const [i, { words, stdin }] of list.entries()) {
    variables[`r_words_${i + 1}`] = words.map(word).join(' ');
    variables[`r_has_${i + 1}`] = stdin !== undefined;
    if (stdin !== undefined) variables[`r_stdin_${i + 1}`] = stdin;
  }
  const reply = await remote.call(shell('programs', import.meta.url), variables, { anyExit: true });
  const [codes, outs, errs] = [reply.all('rc'), reply.all('out'), reply.all('err')];
  return codes.map((rc, i) => ({
    rc: Number(rc),
    stdout: outs[i] ?? '',
    stderr: errs[i] ?? '',
    command: list[i]!.words.map((w) => (w instanceof RemotePath ? w.text : w)).join(' '),
  }));
}

/** Runs programs that must all succeed; the first that does not is the failure. */
export async function change(remote: Remote, list: readonly Program[], options: RunOptions = {}): Promise<Ran[]> {
  if (list.length === 0) return [];
  const ran = await programs(remote, list, { ...options, stop: true });
  const bad = ran.find((one) => one.rc !== 0);
  if (bad) throw failure(bad);
  return ran;
}

/** A failed program as a failure of the module. */
export function failure(ran: Ran, msg?: string): ModuleFailure {
  const name = ran.command.split(' ')[0];
  const said = ran.stderr.trim() || ran.stdout.trim();
  const text =
    ran.rc === 127 && !said ? `Failed to find required executable "${name}"` : said || `${ran.command}: rc ${ran.rc}`;
  return new ModuleFailure(msg === undefined ? text : `${msg}: ${text}`, {
    rc: ran.rc,
    stdout: ran.stdout,
    stderr: ran.stderr,
    cmd: ran.command,
  });
}

/** Fails where the program is not on the host. */
export function required(ran: Ran): Ran {
  if (ran.rc === 127) throw failure(ran);
  return ran;
}

/** Puts a whole small file in place atomically (undefined removes it); returns the name of the backup that was asked for. */
export async function putFile(
  remote: Remote,
  path: string,
  content: string | undefined,
  options: { mode?: string | undefined; backup?: boolean } = {},
): Promise<string | undefined> {
  const reply = await remote.call(shell('put', import.meta.url), {
    dest: new RemotePath(path),
    content: content ?? '',
    remove: content === undefined,
    mode: options.mode,
    backup: options.backup ?? false,
  });
  return reply.has('backup_file') ? reply.get('backup_file') : undefined;
}
