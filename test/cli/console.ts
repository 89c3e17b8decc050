/** A console made of memory, for tests of the command line; and the command as a process. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Console } from '../../engine/cli/console.ts';
import { main } from '../../engine/cli/main.ts';
import type { Question } from '../../engine/modules/define.ts';
import { ensureBuilt } from '../support/built.mjs';

export interface Outcome {
  code: number;
  out: string;
  err: string;
  asked: Question[];
}

export interface Given {
  cwd: string;
  environment?: Record<string, string>;
  /** Answers in order; with none, nobody is there. */
  answers?: string[];
  input?: string;
  packageFolder?: string;
  runProgram?: Console['runProgram'];
}

/** Carries out a command line in this process. */
export async function command(args: string[], given: Given): Promise<Outcome> {
  const outcome: Outcome = { code: -1, out: '', err: '', asked: [] };
  const answers = [...(given.answers ?? [])];
  outcome.code = await main({
    args,
    cwd: given.cwd,
    environment: { PATH: process.env['PATH'], ...given.environment },
    home: join(given.cwd, 'home'),
    packageFolder: given.packageFolder ?? join(given.cwd, 'package'),
    version: '1.2.3',
    interactive: given.answers !== undefined,
    interrupted: new AbortController().signal,
    ask: async (question) => {
      outcome.asked.push(question);
      return answers.shift() ?? '';
    },
    line: async (prompt) => {
      outcome.err += prompt;
      return answers.shift();
    },
    readInput: async () => Buffer.from(given.input ?? ''),
    runProgram: given.runProgram ?? (() => Promise.reject(new Error('no program in tests'))),
    content: (text) => {
      outcome.out += text;
    },
    out: {
      write: (text) => {
        outcome.out += text;
      },
      error: (text) => {
        outcome.err += text;
      },
      isTTY: false,
      columns: 80,
      colors: false,
    },
  });
  return outcome;
}

/** A project folder with these files. */
export function project(files: Record<string, string>): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'troupe-cli-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The command as a process of its own, as it is built; `more` may say as whom and where its output goes. */
export function start(
  args: string[],
  cwd: string,
  environment: Record<string, string | undefined> = {},
  more: SpawnOptions = {},
): ChildProcess {
  return spawn(process.execPath, [ensureBuilt(() => {}), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...more,
  });
}

/** What a process wrote, and how it ended. */
export function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr!.on('data', (chunk) => {
    err += String(chunk);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
