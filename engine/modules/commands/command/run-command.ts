/** What `command` and `shell` share: one request that checks creates and removes, then becomes the command itself. */
import { ModuleFailure } from '../../../errors.ts';
import { quote, quotePath, remotePath } from '../../../remote/quote.ts';
import { bool, path, str } from '../../args.ts';
import {
  changed,
  type ModuleEnv,
  type ModuleResult,
  type Returns,
  shell,
  unchanged,
  unpredicted,
} from '../../define.ts';
import { outputs } from '../../parts/output.ts';

export interface CommandRequest {
  /** For `cmd` of the result: words, or the line given to a shell. */
  shown: string[] | string;
  /** The words of the command, quoted for the target. */
  words: string;
  chdir?: string | undefined;
  creates?: string | undefined;
  removes?: string | undefined;
  stdin?: string | undefined;
  stdinAddNewline: boolean;
  stripEmptyEnds: boolean;
}

/** A path that may hold a glob pattern, as a word of shell in which only the pattern, `~` and `$NAME` are live. */
export function globWord(path: string | undefined): string {
  if (path === undefined) return '';
  return path
    .split(/([*?]|\[[^\]/]*\])/)
    .map((part, i) =>
      i % 2 === 1 ? globPart(part) : part && (i === 0 ? quotePath(part) : quotePath(`./${part}`).replace('./', '')),
    )
    .join('');
}

const globPart = (part: string) =>
  part.startsWith('[') ? `[${part.slice(1, -1).replace(/[^\w\-^!]/g, (c) => quote(c))}]` : part;

/** Runs it and words the result as ansible.builtin.command does. */
export async function runCommand(request: CommandRequest, env: ModuleEnv): Promise<ModuleResult> {
  const began = performance.now();
  const reply = await env.remote.call(
    shell('command', import.meta.url),
    {
      c_words: request.words,
      c_chdir: remotePath(request.chdir),
      c_creates: globWord(request.creates),
      c_removes: globWord(request.removes),
      c_has_stdin: request.stdin !== undefined,
      c_stdin: !request.stdin ? '' : request.stdin + (request.stdinAddNewline ? '\n' : ''),
    },
    { anyExit: true, onOutput: (stream, chunk) => env.output(stream, chunk) },
  );
  const elapsed = performance.now() - began;
  const none = { cmd: request.shown, start: null, end: null, delta: null, ...outputs('', '') };
  const would = env.check ? 'Would' : 'Did';
  for (const [key, path, reason] of [
    ['created', request.creates, 'exists'],
    ['removed', request.removes, 'does not exist'],
  ] as const) {
    if (!reply.has(key)) continue;
    const stdout = `skipped, since ${path} ${reason}`;
    return unchanged({
      ...none,
      ...outputs(stdout, ''),
      rc: 0,
      msg: `${would} not run command since '${path}' ${reason}`,
    });
  }
  if (reply.has('no_chdir')) {
    throw new ModuleFailure('Unable to change directory before execution.', { ...none, rc: null, changed: false });
  }
  if (reply.has('would_run')) {
    const msg = 'Command would have run if not in check mode';
    if (request.creates === undefined && request.removes === undefined) return unpredicted(msg, { ...none, rc: 0 });
    return { ...changed(true, { ...none, rc: 0, msg }), unpredicted: true };
  }
  if (reply.has('errno')) {
    const { shown } = request;
    throw new ModuleFailure(`Error executing command: ${reply.get('reason')}: ${reply.get('program')}`, {
      cmd: Array.isArray(shown) ? shown.join(' ') : shown,
      ...outputs('', ''),
      rc: Number(reply.get('errno')),
      changed: false,
    });
  }
  const times = timesOf(reply.get('start'), elapsed);
  const values = {
    cmd: request.shown,
    ...outputs(reply.bytes('stdout'), reply.stderr, request.stripEmptyEnds),
    rc: reply.rc,
    ...times,
    msg: '',
  };
  if (reply.rc !== 0)
    throw new ModuleFailure('non-zero return code', { ...values, changed: true, msg: 'non-zero return code' });
  return changed(true, values);
}

/** start, end and delta: the host's clock at the start, the controller's for how long it took. */
function timesOf(start: string, elapsed: number): Record<string, string> {
  const match = /^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)\.?(\d*)/.exec(start);
  if (!match) return { start, end: start, delta: deltaText(elapsed) };
  const [y, mo, d, h, mi, s] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const micros = Date.UTC(y, mo - 1, d, h, mi, s) * 1000 + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  return { start: clock(micros), end: clock(micros + Math.round(elapsed * 1000)), delta: deltaText(elapsed) };
}

const clock = (micros: number) =>
  new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19).replace('T', ' ') +
  `.${String(micros % 1_000_000).padStart(6, '0')}`;

function deltaText(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const pad = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  const text = `${Math.floor(seconds / 3600) % 24}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${String(micros % 1_000_000).padStart(6, '0')}`;
  return days === 0 ? text : `${days} day${days > 1 ? 's' : ''}, ${text}`;
}
/** The arguments that `command` and `shell` share. */
export const commandArgs = {
  chdir: path({ doc: 'Change into this directory first.' }),
  creates: path({ doc: 'A path or pattern: if it exists, nothing is run.' }),
  removes: path({ doc: 'A path or pattern: if it does not exist, nothing is run.' }),
  stdin: str({ doc: 'Text for the standard input of the command.' }),
  stdin_add_newline: bool({ doc: 'Add a newline to `stdin`.', default: true }),
  strip_empty_ends: bool({ doc: 'Take newlines off the ends of stdout and stderr.', default: true }),
};

/** What both return beside `cmd`. */
export const commandReturns: Returns = {
  rc: 'Exit code.',
  stdout: 'Standard output.',
  stdout_lines: 'Its lines.',
  stderr: 'Standard error.',
  stderr_lines: 'Its lines.',
  start: 'When it began, by the clock of the host.',
  end: 'When it ended.',
  delta: 'How long it took.',
  msg: { type: 'str', doc: 'Why it failed or did not run.' },
};
