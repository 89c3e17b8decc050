/**
 * Runs one module on this machine, without a play: through remote's pool with `connection: local`, under a shell of choice, and
 * counts the requests. Tests call `runModule`, or hand a table of cases to `compareWithRecorded`.
 */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { ModuleFailure } from '../../engine/errors.ts';
import type { ModuleEnv, ModuleResult } from '../../engine/modules/define.ts';
import { findModule, loadModule } from '../../engine/modules/find.ts';
import { convertArgs } from '../../engine/modules/parts/arguments.ts';
import { Pool } from '../../engine/remote/pool.ts';
import type { Remote } from '../../engine/remote/remote.ts';
import type { ConnectionTarget } from '../../engine/remote/target.ts';
import { type Dict, fromPlain, toPlain } from '../../engine/values.ts';
import { build, type Case, comparable, type Outcome, place, type Recorded, scan, steps } from './cases.mjs';

/** A shell under test: its program, and the tools its requests find. */
export interface ShellUnderTest {
  name: string;
  program: string;
  path?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'troupe-modules-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A fresh folder of the test's own. */
export function testFolder(): string {
  return mkdtempSync(join(folder, 't'));
}

/** dash and bash with the system's tools, busybox with nothing but its own; those that this machine has. */
export function shells(): ShellUnderTest[] {
  const found: ShellUnderTest[] = [];
  for (const name of ['dash', 'bash']) {
    const program = ['/bin', '/usr/bin'].map((dir) => join(dir, name)).find((path) => existsSync(path));
    if (program) found.push({ name, program });
  }
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (busybox)
    found.push({ name: 'busybox', program: join(busyboxFolder(busybox), 'ash'), path: busyboxFolder(busybox) });
  return found;
}

function busyboxFolder(busybox: string): string {
  const applets = join(folder, 'busybox');
  if (!existsSync(applets)) {
    mkdirSync(applets);
    for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
      symlinkSync(busybox, join(applets, name));
  }
  return applets;
}

export interface RunOptions {
  shell?: ShellUnderTest;
  check?: boolean;
  diff?: boolean;
  /** Where the module finds files of the controller; also the folder `local` starts in. */
  source?: string;
  environment?: Record<string, string>;
  env?: Partial<ModuleEnv>;
  host?: string;
  /** Instead of this machine: a host, and the pool that reaches it. */
  on?: { target: ConnectionTarget; pool: Pool };
}

export interface Run {
  /** What `register` would store, with `diff`. */
  values: Record<string, unknown>;
  result: ModuleResult | undefined;
  requests: number;
  warnings: string[];
}

const pools = new Map<string, Pool>();

function requestsOf(pool: Pool): number {
  let sum = 0;
  for (const count of pool.requests.values()) sum += count;
  return sum;
}

function poolOf(shell: ShellUnderTest | undefined): Pool {
  const key = shell?.name ?? '';
  let pool = pools.get(key);
  if (!pool) {
    const environment = { ...process.env, ...(shell?.path ? { PATH: shell.path } : {}), LC_ALL: 'C.UTF-8' } as Record<
      string,
      string
    >;
    pool = new Pool({ localEnvironment: environment });
    pools.set(key, pool);
  }
  return pool;
}

/** The host that `runModule` asks, to ask it something beside the modules. */
export function remoteOf(options: RunOptions): Remote {
  const { pool, target } = options.on ?? { pool: poolOf(options.shell), target: targetOf(options) };
  return pool.remote(target, {});
}

function targetOf(options: RunOptions) {
  return { name: options.host ?? 'localhost', connection: 'local' as const, shell: options.shell?.program };
}

/** Ends all shells; call it in `after`. */
export function closePools(): void {
  for (const pool of pools.values()) pool.close();
  pools.clear();
}

/** Runs a module with arguments as plain data; a ModuleFailure becomes a failed result, anything else is thrown. */
export async function runModule(name: string, args: Record<string, unknown>, options: RunOptions = {}): Promise<Run> {
  const file = findModule(name, []);
  if (!file) throw new Error(`there is no module ${name}`);
  const module = await loadModule(file);
  const warnings: string[] = [];
  const source = options.source ?? testFolder();
  const dict = fromPlain(args) as Dict;
  const converted = convertArgs(module, dict);
  if (converted.problems.length > 0) {
    return {
      values: { failed: true, changed: false, msg: converted.problems.join('; ') },
      result: undefined,
      requests: 0,
      warnings,
    };
  }
  const { check = false, diff = true } = options;
  const { pool, target } = options.on ?? { pool: poolOf(options.shell), target: targetOf(options) };
  const signal = new AbortController().signal;
  const binding = {
    check,
    diff,
    environment: options.environment,
    onWarning: (text: string) => void warnings.push(text),
  };
  const remote = pool.remote(target, binding);
  const env: ModuleEnv = {
    remote,
    ends: { delegatedTo: undefined, isOwn: () => true, host: () => remote, controller: () => remote },
    files: controllerFiles(source),
    check,
    diff,
    verbosity: 0,
    variable: () => undefined,
    rawArgs: dict,
    renderFile: (text: string) => text,
    evaluate: () => null,
    parseData: (text: string) => fromPlain(JSON.parse(text)),
    readVariables: () => new Map(),
    secret: () => {},
    warn: (text: string) => void warnings.push(text),
    output: () => {},
    signal,
    ...options.env,
  } as ModuleEnv;
  const before = requestsOf(pool);
  try {
    const result = await module.run(converted.args as never, env);
    const values: Record<string, unknown> = {
      ...result.values,
      changed: result.changed,
      skipped: result.skipped ?? false,
      diff: result.diff,
    };
    if (result.facts) values['ansible_facts'] = toPlain(result.facts);
    return { values, result, requests: requestsOf(pool) - before, warnings };
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    const values = { changed: false, ...error.result, failed: true, msg: error.message };
    return { values, result: undefined, requests: requestsOf(pool) - before, warnings };
  }
}

function controllerFiles(source: string): ModuleEnv['files'] {
  return {
    find(name, kind) {
      const candidates = [join(source, kind, name), join(source, name)].map((path) =>
        name.startsWith('/') ? name : path,
      );
      const found = candidates.find((path) => existsSync(path));
      if (found === undefined) throw new ModuleFailure(`Could not find or access '${name}'`);
      return found;
    },
    read: async (path) => readFileSync(path),
    resolve: (path) => resolve(source, path),
  };
}

/** The cases of a family, and what stock Ansible did with them. */
export async function loadFamily(
  family: string,
): Promise<{ cases: Case[]; recorded: Map<string, Recorded>; by: string }> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const { loadCases } = (await import(pathToFileURL(join(here, 'differential.mjs')).href)) as {
    loadCases(family: string): Promise<Case[]>;
  };
  const file = join(here, 'recorded', `${family}.json`);
  const { by, cases } = JSON.parse(readFileSync(file, 'utf8')) as { by: string; cases: Recorded[] };
  return { cases: await loadCases(family), recorded: new Map(cases.map((one) => [one.name, one])), by };
}

/** Counted over a family: calls compared, and differences that are on purpose with their reasons. */
export const tally = {
  calls: 0,
  purpose: new Map<string, number>(),
  /** Most requests that a run of a module took, without and with a change. */
  requests: new Map<string, { unchanged: number; changed: number }>(),
};

/** Keeps the most requests of a module. */
export function count(module: string, run: Run): void {
  if (run.result === undefined) return;
  const most = tally.requests.get(module) ?? { unchanged: 0, changed: 0 };
  const kind = run.result.changed ? 'changed' : 'unchanged';
  most[kind] = Math.max(most[kind], run.requests);
  tally.requests.set(module, most);
}

/** The tally as lines to print after a family's tests. */
export function tallyLines(): string[] {
  const purposes = [...tally.purpose].filter(([why]) => why !== '').map(([why, times]) => `      ${times} × ${why}`);
  const rows = [...tally.requests].map(
    ([module, most]) => `      ${module.padEnd(34)}${most.unchanged}          ${most.changed}`,
  );
  return [
    `${tally.calls} calls compared with Ansible's; different on purpose:`,
    ...(purposes.length > 0 ? purposes : ['      none']),
    '    most requests a run           unchanged  changed',
    ...rows,
  ];
}

/** Whether a case can run with the tools of a shell. */
export function canRun(one: Case, shell: ShellUnderTest): boolean {
  return (one.tools ?? []).every((tool) => shell.path === undefined || existsSync(join(shell.path, tool)));
}

/** Runs a case as its record was made and compares each step, the requests and what is left behind. */
export async function compareWithRecorded(
  one: Case,
  recorded: Recorded,
  shell: ShellUnderTest,
  url?: string,
): Promise<void> {
  const root = testFolder();
  const folders = { d: join(root, 'd'), s: join(root, 's'), ...(url === undefined ? {} : { u: url }) };
  build(folders.d, one.before);
  build(folders.s, one.source);
  const args = place(one.args, folders);
  for (const step of steps(one)) {
    const untouched = step === 'check' ? scan(folders.d) : undefined;
    const run = await runModule(one.module, args, { shell, check: step === 'check', source: folders.s });
    const ours = comparable(run.values, folders, one);
    if (untouched) expect(scan(folders.d), 'check mode changed something').to.deep.equal(untouched);
    const theirs = recorded.steps[step]!;
    // Ansible's action plugins answer a prediction with less; saying more is no difference.
    if (step === 'check') {
      for (const key of Object.keys(ours.values)) if (!(key in theirs.values)) delete ours.values[key];
    }
    if (step === 'check' && theirs.skipped && !ours.skipped) {
      tally.calls++;
      const why = `Ansible skips ${one.module} in check mode, ours predicts`;
      tally.purpose.set(why, (tally.purpose.get(why) ?? 0) + 1);
      continue;
    }
    compareOutcome(ours, theirs, one, `${one.name}, ${step}, ${shell.name}`);
    if (step === 'again' && !ours.changed && !ours.failed) {
      expect(run.requests, `requests of the unchanged ${one.module}`).to.be.at.most(one.requests ?? 1);
    }
    tally.calls++;
    if (step !== 'check') count(one.module, run);
  }
  if (one.differs?.parts.includes('after')) return;
  expect(scan(folders.d), `${one.name}: what is left behind`).to.deep.equal(recorded.after);
  rmSync(root, { recursive: true, force: true });
}

/** Compares the results of a step but for what differs on purpose. */
export function compareOutcome(ours: Outcome, theirs: Outcome, one: Pick<Case, 'differs'>, label: string): void {
  const skip = new Set(one.differs?.parts ?? []);
  if (one.differs) tally.purpose.set(one.differs.why, (tally.purpose.get(one.differs.why) ?? 0) + 1);
  const pick = (outcome: Outcome) => {
    const { msg, ...rest } = outcome;
    const kept = rest.failed ? rest : { ...rest, msg };
    return Object.fromEntries(Object.entries(kept).filter(([key]) => !skip.has(key)));
  };
  expect({ ...pick(ours), ...(ours.failed ? { ourMsg: ours.msg } : {}) }, label).to.deep.equal({
    ...pick(theirs),
    ...(ours.failed ? { ourMsg: ours.msg } : {}),
  });
}

/** Where a module's own file is, for tests that look at it. */
export function moduleFile(name: string): string {
  const file = findModule(name, []);
  if (!file || !statSync(file).isFile()) throw new Error(`there is no module ${name}`);
  return file;
}

/** Writes a file below a folder and returns its path. */
export function put(under: string, name: string, content: string | Buffer, mode = 0o644): string {
  const path = join(under, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
}
