/**
 * What an unchanged task of each module costs: requests to the host, and processes that the host starts for it. The calls
 * run here, under dash in a pid namespace of its own, where the kernel numbers processes one after the other and tells the
 * last number without a process for it. Programs that this machine lacks, or must not meet, are played by one-line scripts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ShellScript } from '../../engine/remote/remote.ts';
import { calls } from './costs.calls.ts';
import { remoteOf, runModule, type ShellUnderTest, testFolder } from './harness.ts';

/** One call of a module. */
export interface Call {
  args?: (folder: string) => Record<string, unknown>;
  /** Makes what the call meets. */
  before?: (folder: string) => void | Promise<void>;
  /** Bodies of programs that are played, by name. */
  played?: Record<string, string>;
  /** Program without which the call can't be made here. */
  needs?: string;
  /** The module always says `changed`, or has nothing that could be unchanged. */
  always?: boolean;
  /** What it runs has a channel of its own, where it is not counted. */
  apart?: boolean;
  /** It ends as failed by its nature. */
  fails?: boolean;
  /** Made in check mode: it looks at this machine itself. */
  check?: boolean;
  /** 1 if not given. */
  requests?: number;
  env?: Record<string, unknown>;
  /** Why the call is not made; `requests` is then what the code says. */
  notCalled?: string;
}

/** A row of the table; `requests` is undefined where the call could not be made, and `note` says why. */
export interface Cost {
  module: string;
  requests: number | undefined;
  /** The request's own subshell included; undefined where this system does not let them be counted. */
  processes: number | undefined;
  /** The same where everything is still to do; undefined where that is not tried. */
  first?: { requests: number; processes: number | undefined } | undefined;
  expected: number;
  note: string;
}

/** What the probe costs itself: its subshell and `cat`. */
const PROBE = 2;

const probe: ShellScript = {
  name: 't_count',
  needs: [],
  text: 'do_t_count() { reply last "$(cat /proc/sys/kernel/ns_last_pid)"; }',
};

/** A shell of its own pid namespace that finds the played programs first. */
class Counted {
  readonly folder = testFolder();
  readonly programs = join(this.folder, 'bin');
  readonly shell: ShellUnderTest;
  readonly counts: boolean;

  constructor() {
    mkdirSync(this.programs);
    this.counts = canUnshare();
    const program = join(this.folder, 'shell');
    const start = this.counts ? 'unshare --pid --fork --kill-child dash' : 'dash';
    // Only long-lived shells are counted; a program on a channel of its own gets an ordinary one.
    writeFileSync(program, `#!/bin/sh\ncase $2 in "exec "*) exec ${start} ;; *) exec dash "$@" ;; esac\n`);
    chmodSync(program, 0o755);
    const path = [this.programs, process.env['PATH']].join(delimiter);
    this.shell = { name: `counted ${this.folder}`, program, path };
  }

  play(programs: Record<string, string>): void {
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(this.programs, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(this.programs, name), 0o755);
    }
  }

  async last(): Promise<number> {
    const reply = await remoteOf({ shell: this.shell }).call(probe);
    return Number(reply.get('last'));
  }
}

function canUnshare(): boolean {
  const words = ['--pid', '--fork', 'dash', '-c', 'test "$(cat /proc/sys/kernel/ns_last_pid)" -lt 50'];
  return spawnSync('unshare', words).status === 0;
}

const has = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
    return true;
  } catch {
    return false;
  }
};

/** Calls a module until nothing changes, then once more, and counts. */
async function measure(module: string, call: Call, host: Counted): Promise<Cost> {
  const expected = call.requests ?? 1;
  const row = { module, requests: undefined, processes: undefined, expected };
  if (call.notCalled !== undefined) return { ...row, note: call.notCalled };
  if (call.needs !== undefined && !has(call.needs)) return { ...row, note: `${call.needs} is not on this machine` };
  const folder = testFolder();
  await call.before?.(folder);
  host.play(call.played ?? {});
  const once = async (folder: string) => {
    const args = call.args?.(folder) ?? {};
    const run = await runModule(module, args, {
      shell: host.shell,
      source: folder,
      check: call.check ?? false,
      env: call.env as never,
    });
    const { failed, msg, changed } = run.values;
    if (failed && !call.fails) throw new Error(`${module} failed: ${String(msg)} ${JSON.stringify(run.values)}`);
    return { changed: changed === true, requests: run.requests };
  };
  // The first brings the state about, the second loads what only an unchanged call needs.
  await once(folder);
  if (!call.always && (await once(folder)).changed)
    throw new Error(`${module} still changes something the second time`);
  const counted = async (where: string) => {
    const before = host.counts ? await host.last() : 0;
    const { requests, changed } = await once(where);
    const uncounted = call.apart || !host.counts;
    const processes = requests === 0 ? 0 : !uncounted ? (await host.last()) - before - PROBE : undefined;
    return { requests, processes, changed };
  };
  const last = await counted(folder);
  let first: Cost['first'];
  if (!call.always && !call.check && !call.played) {
    const other = testFolder();
    await call.before?.(other);
    const { changed, ...cost } = await counted(other);
    if (changed) first = cost;
  }
  for (const name of Object.keys(call.played ?? {})) rmSync(join(host.programs, name));
  const played = Object.keys(call.played ?? {});
  const note = played.length > 0 ? `played: ${played.join(', ')}` : call.always ? 'always does something' : '';
  return { module, requests: last.requests, processes: last.processes, first, expected, note };
}

/** Measures the modules whose names are given, in this order. */
export async function costs(modules: readonly string[], onRow?: (row: Cost) => void): Promise<Cost[]> {
  const host = new Counted();
  const rows: Cost[] = [];
  for (const module of modules) {
    const call = calls[module];
    if (!call) throw new Error(`test/modules/costs.calls.ts has no call of the module ${module}`);
    const row = await measure(module, call, host);
    rows.push(row);
    onRow?.(row);
  }
  return rows;
}

/** The table as the tests print it. */
export function costLine({ module, requests, processes, first, note }: Cost): string {
  const cell = (value: number | undefined) => (value === undefined ? '-' : String(value)).padStart(4);
  return `${module.padEnd(24)}${cell(requests)} ${cell(processes)} ${cell(first?.requests)} ${cell(first?.processes)}  ${note}`.trimEnd();
}

/** The same as rows of a table in Markdown. */
export function costTable(rows: readonly Cost[]): string {
  const cell = (value: number | undefined) => (value === undefined ? '' : String(value));
  const lines = rows.map(
    ({ module, requests, processes, first, note }) =>
      `| ${module} | ${cell(requests)} | ${cell(processes)} | ${cell(first?.requests)} | ${cell(first?.processes)} | ${note} |`,
  );
  const head = '| module | requests | processes | first: requests | processes | |\n|---|---|---|---|---|---|';
  return `${head}\n${lines.join('\n')}\n`;
}
