#!/usr/bin/env node
/** The command `run`. The one file that touches the process: its words, streams, signals and exit. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wantsColors } from './cli/colors.ts';
import { type Console, EXIT } from './cli/console.ts';
import { main } from './cli/main.ts';
import { Questions } from './cli/questions.ts';
import { reasonOf, systemFailure } from './errors.ts';
import { PrintDoor } from './reporters/printable.ts';

const { stdin, stdout, stderr } = process;
const args = process.argv.slice(2);
const packageFolder = packageAround(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as { version: string };

/** Troupe's own folder: two levels up from a build, one from the sources. */
function packageAround(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageAround(dirname(folder));
}

let unwritten = false;
/** `run ... | head`, or a full disk: the run goes on, unheard, rather than stop half-way on the hosts. */
function unheard(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || unwritten) return;
  if (error.syscall === undefined) throw error;
  unwritten = true;
  stderr.write(`error: what follows cannot be written to the standard output: ${reasonOf(error)}\n`);
}
for (const stream of [stdout, stderr]) stream.on('error', unheard);

/** A file takes the text at once, and so refuses it at once. */
function write(stream: NodeJS.WriteStream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    unheard(error as NodeJS.ErrnoException);
  }
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    stderr.write('error: the folder that you stand in is not there any more\nhelp: cd to another one\n');
    process.exit(EXIT.error);
  }
}

/** Of a user that the user database does not know, as containers have them: `/`, as Docker says. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

const interruption = new AbortController();
function interrupt(): void {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted);
  stderr.write('\ninterrupted: ending what is under way; once more stops at once\n');
  interruption.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    const refused = systemFailure(error);
    if (refused !== undefined) {
      stderr.write(`error: ${refused}\n`);
      process.exit(EXIT.error);
    }
    stderr.write(
      `this is a bug in Troupe; please report it with this text:\n${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(EXIT.bug);
  });

const colors = wantsColors(args, process.env, stdout.isTTY === true);
const isTTY = stdout.isTTY === true && process.env['TERM'] !== 'dumb';
const doors = {
  out: new PrintDoor((text) => write(stdout, text), colors, isTTY),
  error: new PrintDoor((text) => write(stderr, text), colors, false),
};
const questions = new Questions(stdin, (text) => doors.error.print(text), interruption.signal, interrupt);

const console: Console = {
  args,
  cwd: currentFolder(),
  environment: process.env,
  home: process.env['HOME'] || homeFolder(),
  packageFolder,
  version,
  interactive: stdin.isTTY === true,
  interrupted: interruption.signal,
  ask: (question) => questions.ask(question),
  line: (prompt) => questions.line(prompt),
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  runProgram: (command, words) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, [...words], { stdio: 'inherit' });
      child.on('error', reject);
      child.on('exit', (code) => resolve(code ?? 1));
    }),
  content: (text) => write(stdout, text),
  out: {
    write: (text) => doors.out.print(text),
    error: (text) => doors.error.print(text),
    command: (line) => doors.out.command(line),
    isTTY,
    colors,
    get columns() {
      return stdout.columns || 80;
    },
    get asking() {
      return questions.asking;
    },
  },
};

const code = await main(console);
const waiting = [stdout, stderr].filter((stream) => stream.writableLength > 0);
const flushed = waiting.map((stream) => new Promise((resolve) => stream.write('', resolve)));
await Promise.all(flushed);
process.exit(unwritten && code === EXIT.ok ? EXIT.error : code);
