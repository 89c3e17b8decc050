/** What came back for one request: reads the values that `reply`, `reply_rest`, `change` and `fail` printed. */
import { ModuleFailure } from '../../errors.ts';
import type { Reply } from '../remote.ts';

/** The exit code and the two streams of one request, unparsed. */
export interface RawReply {
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

class ParsedReply implements Reply {
  readonly #values: Map<string, Buffer[]>;
  readonly changes: readonly string[];

  constructor(
    readonly rc: number,
    readonly stdout: Buffer,
    readonly stderr: Buffer,
  ) {
    this.#values = parseValues(stdout);
    this.changes = [...new Set(this.all('change'))];
  }

  get(key: string): string {
    return this.bytes(key).toString();
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  all(key: string): string[] {
    return (this.#values.get(key) ?? []).map((value) => value.toString());
  }

  bytes(key: string): Buffer {
    return this.#values.get(key)?.at(-1) ?? Buffer.alloc(0);
  }

  keys(): string[] {
    return [...this.#values.keys()];
  }
}

function parseValues(stdout: Buffer): Map<string, Buffer[]> {
  const values = new Map<string, Buffer[]>();
  let at = 0;
  for (;;) {
    const keyEnd = stdout.indexOf(0, at);
    if (keyEnd < 0) return values;
    const key = keyOf(stdout.toString('utf8', at, keyEnd));
    const rest = key.startsWith('>');
    const valueEnd = rest ? stdout.length : stdout.indexOf(0, keyEnd + 1);
    if (valueEnd < 0) return values;
    const name = rest ? key.slice(1) : key;
    // What was found before the failure is no part of a failed result.
    if (name === 'failed') for (const other of values.keys()) if (other !== 'warning') values.delete(other);
    const list = values.get(name);
    const value = stdout.subarray(keyEnd + 1, valueEnd);
    if (list) list.push(value);
    else values.set(name, [value]);
    if (rest) return values;
    at = valueEnd + 1;
  }
}

/** A line that a program printed before a reply, by mistake, is no part of the key. */
function keyOf(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

interface Reading {
  anyExit?: boolean;
  script?: string;
  onWarning?: ((text: string) => void) | undefined;
}

/**
 * The values of an answer; throws ModuleFailure where the script called `fail`, or ended badly without `anyExit`. What it warned
 * of counts either way.
 */
export function parseReply(raw: RawReply, { anyExit = false, script = '', onWarning }: Reading = {}): Reply {
  const reply = new ParsedReply(raw.rc, raw.stdout, raw.stderr);
  if (onWarning) for (const warning of reply.all('warning')) onWarning(warning);
  if (reply.has('failed')) throw failureOf(reply);
  if (raw.rc !== 0 && !anyExit) {
    const stderr = raw.stderr.toString();
    throw new ModuleFailure(stderr.trim() || `${script || 'the task'} ended with exit code ${raw.rc}`, {
      rc: raw.rc,
      module_stderr: stderr,
      // Keys and values that were ready before it ended say nothing to people.
      module_stdout: raw.stdout.includes(0) ? '' : raw.stdout.toString(),
    });
  }
  return reply;
}

const numeric = new Set(['rc', 'exit_status', 'status_code']);

/** State of the file that a failure names, from `fail`'s line: links uid gid mode size owner group type. */
function whatIsThere(line: string): Record<string, unknown> {
  if (line === '') return {};
  const [links, uid, gid, mode = '', size, owner, group, ...type] = line.split(' ');
  const kinds: Record<string, string> = { directory: 'directory', 'symbolic link': 'link' };
  const state = kinds[type.join(' ')] ?? (Number(links) > 1 ? 'hard' : 'file');
  return { uid: Number(uid), gid: Number(gid), owner, group, mode: mode.padStart(4, '0'), size: Number(size), state };
}

function failureOf(reply: ParsedReply): ModuleFailure {
  const result: Record<string, unknown> = {};
  for (const key of reply.keys()) {
    if (key === 'failed' || key === 'change' || key === 'warning' || key === 'stat') continue;
    const text = reply.get(key);
    result[key] = numeric.has(key) && /^\d+$/.test(text) ? Number(text) : text;
  }
  if (reply.has('stat')) Object.assign(result, whatIsThere(reply.get('stat')));
  const stderr = reply.stderr.toString();
  if (stderr.trim() !== '') result['module_stderr'] = stderr;
  return new ModuleFailure(reply.get('failed'), result);
}

/** Finds, while an answer is still coming, what belongs to its `reply_rest`. Nothing is kept: each byte is looked at once. */
export class RestFinder {
  found = false;
  #inValue = false;
  /** First byte of the key's last line; undefined before there is one. */
  #first: number | undefined;

  /** The part of this chunk that belongs to the rest; undefined as long as it has not begun. */
  feed(chunk: Buffer): Buffer | undefined {
    if (this.found) return chunk;
    for (let at = 0; ; ) {
      const end = chunk.indexOf(0, at);
      if (!this.#inValue) this.#look(chunk.subarray(at, end < 0 ? chunk.length : end));
      if (end < 0) return undefined;
      this.found = !this.#inValue && this.#first === 0x3e;
      this.#inValue = !this.#inValue;
      this.#first = undefined;
      at = end + 1;
      if (this.found) return at < chunk.length ? chunk.subarray(at) : undefined;
    }
  }

  #look(part: Buffer): void {
    const line = part.lastIndexOf(0x0a);
    if (line >= 0) this.#first = part[line + 1];
    else this.#first ??= part[0];
  }
}
