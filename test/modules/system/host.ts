/** A host for tests of one module: each request is a fresh shell, here or on a lab host, and is counted. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ModuleFailure } from '../../../engine/errors.ts';
import type { ModuleEnv, ModuleResult } from '../../../engine/modules/define.ts';
import { findModule, loadModule } from '../../../engine/modules/find.ts';
import { convertArgs } from '../../../engine/modules/parts/arguments.ts';
import { assignment, type ShellValue } from '../../../engine/remote/quote.ts';
import type { CallOptions, Remote, Reply, ShellScript } from '../../../engine/remote/remote.ts';
import { type Dict, fromPlain, type Value } from '../../../engine/values.ts';

const preludeFile = new URL('../../../engine/remote/shell/prelude.sh', import.meta.url);
const prelude = () => (existsSync(preludeFile) ? readFileSync(preludeFile, 'utf8') : OWN_PRELUDE);

/** What remote/shell/prelude.sh gives to a script, for a checkout that has none yet. */
const OWN_PRELUDE = `
reply() { printf '%s\\0%s\\0' "$1" "$2"; }
reply_rest() { printf '>%s\\0' "$1"; }
change() { for p_word in "$@"; do reply change "$p_word"; done; }
fail() { reply failed "$1"; shift; while [ $# -gt 1 ]; do reply "$1" "$2"; shift 2; done; exit 1; }
warn() { reply warning "$1"; }
checking() { [ -n "$T_CHECK" ]; }
diffing() { [ -n "$T_DIFF" ]; }
have() { command -v "$1" >/dev/null 2>&1; }
`;

export interface Outcome {
  changed: boolean;
  failed: boolean;
  skipped: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every module
  values: Record<string, any>;
  diff: ModuleResult['diff'];
  // biome-ignore lint/suspicious/noExplicitAny: as values
  facts: Record<string, any> | undefined;
  warnings: string[];
  requests: number;
}

export interface HostOptions {
  /** The command that reads a script on stdin: `['dash']`, `['busybox', 'sh']`, `['ssh', ..., 'sh']`. */
  shell?: string[];
  /** Exported in front of each request. */
  environment?: Record<string, string>;
  /** Folders put before PATH: fake commands. */
  fakes?: string;
}

class Parsed implements Reply {
  readonly values = new Map<string, Buffer[]>();
  readonly changes: string[];
  constructor(
    readonly rc: number,
    readonly stdout: Buffer,
    readonly stderr: Buffer,
  ) {
    let at = 0;
    const until = () => {
      const end = stdout.indexOf(0, at);
      const part = stdout.subarray(at, end < 0 ? stdout.length : end);
      at = end < 0 ? stdout.length : end + 1;
      return part;
    };
    while (at < stdout.length) {
      const key = until().toString();
      const value = key.startsWith('>') ? stdout.subarray(at) : until();
      const name = key.startsWith('>') ? key.slice(1) : key;
      this.values.set(name, [...(this.values.get(name) ?? []), value]);
      if (key.startsWith('>')) break;
    }
    this.changes = [...new Set(this.all('change'))];
  }
  all = (key: string) => (this.values.get(key) ?? []).map(String);
  get = (key: string) => this.all(key).at(-1) ?? '';
  has = (key: string) => this.values.has(key);
  bytes = (key: string) => this.values.get(key)?.at(-1) ?? Buffer.alloc(0);
}

export class TestHost implements Remote {
  readonly host = 'test';
  readonly local = true;
  requests = 0;
  resets = 0;
  check = false;
  diff = false;
  warnings: string[] = [];
  #options: HostOptions;
  constructor(options: HostOptions = {}) {
    this.#options = options;
  }

  async call(script: ShellScript, variables: Record<string, ShellValue> = {}, options: CallOptions = {}) {
    this.requests++;
    const load = (one: ShellScript): string => one.needs.map(load).join('\n') + `\n${one.text}\n`;
    const setup = Object.entries(this.#options.environment ?? {}).map(([k, v]) => `export ${k}='${v}'\n`);
    if (this.#options.fakes) setup.push(`PATH='${this.#options.fakes}':$PATH\n`);
    const text = Buffer.concat([
      Buffer.from(
        `${prelude()}\n${load(script)}\nT_TMP=/tmp/troupe-test-$$\ntrap 'rm -rf "$T_TMP"' EXIT\n(\nT_CHECK=${this.check ? 1 : ''}\nT_DIFF=${this.diff ? 1 : ''}\nT_NAME=$$\n`,
      ),
      Buffer.from(setup.join('')),
      ...Object.entries(variables).map(([k, v]) => assignment(k, v)),
      Buffer.from(`do_${script.name}\n) </dev/null\nexit $?\n`),
    ]);
    const { rc, stdout, stderr } = await this.#run(text, options);
    const reply = new Parsed(rc, stdout, stderr);
    this.warnings.push(...reply.all('warning'));
    if (reply.has('failed')) {
      const keys = [...reply.values.keys()].filter((k) => !['failed', 'warning', 'change'].includes(k));
      throw new ModuleFailure(reply.get('failed'), Object.fromEntries(keys.map((k) => [k, reply.get(k)])));
    }
    if (rc !== 0 && !options.anyExit) throw new ModuleFailure(stderr.toString() || `exit code ${rc}`, { rc });
    return reply;
  }

  #run(input: Buffer, options: CallOptions, command = this.#options.shell ?? ['sh']) {
    return new Promise<{ rc: number; stdout: Buffer; stderr: Buffer }>((done, failed) => {
      const child = spawn(command[0]!, command.slice(1));
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (d) => {
        out.push(d);
        options.onOutput?.('stdout', d);
      });
      child.stderr.on('data', (d) => {
        err.push(d);
        options.onOutput?.('stderr', d);
      });
      child.on('error', failed);
      child.stdin.on('error', () => {});
      child.on('close', (rc) => done({ rc: rc ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }));
      child.stdin.end(input);
    });
  }

  async upload(content: Buffer | Readable): Promise<string> {
    this.requests++;
    const { stdout } = await this.#run(
      Buffer.from(
        `umask 077; f=$(mktemp); printf %s "$f"; base64 -d >"$f" <<'E'\n${(content as Buffer).toString('base64')}\nE\n`,
      ),
      {},
    );
    return stdout.toString();
  }
  download(): Promise<Readable> {
    throw new Error('not in this test host');
  }
  raw(command: string, options: CallOptions = {}) {
    this.requests++;
    return this.#run(Buffer.from(command), options);
  }
  /** Output of a command line on the host, beside the module under test. */
  async sh(line: string): Promise<string> {
    const { rc, stdout, stderr } = await this.#run(Buffer.from(line), {});
    if (rc !== 0) throw new Error(`${line}: ${rc}: ${stderr}`);
    return stdout.toString().trimEnd();
  }
  terminal(): never {
    throw new Error('not in this test host');
  }
  relay(): never {
    throw new Error('not in this test host');
  }
  async leave() {}

  async reset() {
    this.resets++;
  }
  async connect() {}

  /** Runs a module with plain arguments. */
  async run(
    name: string,
    args: Record<string, unknown> = {},
    how: { check?: boolean; diff?: boolean; env?: Partial<ModuleEnv> } = {},
  ): Promise<Outcome> {
    const file = findModule(name, []);
    if (!file) throw new Error(`no module ${name}`);
    const module = await loadModule(file);
    const written = fromPlain(args) as Dict;
    const { args: converted, problems } = convertArgs(module, written);
    if (problems.length > 0) throw new Error(problems.join('; '));
    this.check = how.check ?? false;
    this.diff = how.diff ?? false;
    this.warnings = [];
    const before = this.requests;
    const outcome = (values: Record<string, unknown>, more: Partial<Outcome>): Outcome => ({
      changed: false,
      failed: false,
      skipped: false,
      diff: undefined,
      facts: undefined,
      warnings: this.warnings,
      requests: this.requests - before,
      ...more,
      values,
    });
    try {
      const result = await module.run(converted as never, this.#env(written, how));
      const facts = result.facts && Object.fromEntries([...result.facts].map(([k, v]) => [String(k), plain(v)]));
      return outcome(plain(result.values) as Record<string, unknown>, {
        changed: result.changed,
        skipped: result.skipped ?? false,
        diff: result.diff,
        facts,
      });
    } catch (error) {
      if (!(error instanceof ModuleFailure)) throw error;
      const values = { msg: error.message, ...error.result };
      return outcome(values, { failed: true, changed: values['changed' as never] === true });
    }
  }

  #env(written: Dict, how: { env?: Partial<ModuleEnv> }): ModuleEnv {
    return {
      remote: this,
      files: {
        find: (name) => name,
        read: async (path) => readFileSync(path),
        resolve: (path) => path,
      },
      check: this.check,
      diff: this.diff,
      verbosity: 0,
      variable: () => undefined,
      rawArgs: written,
      renderFile: (text) => text,
      evaluate: (e) => e as Value,
      parseData: (text) => fromPlain(JSON.parse(text)),
      readVariables: () => new Map(),
      secret: () => {},
      warn: (text) => this.warnings.push(text),
      output: () => {},
      signal: new AbortController().signal,
      ...how.env,
    } as ModuleEnv;
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]));
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object' && value.constructor === Object) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  }
  return value;
}
