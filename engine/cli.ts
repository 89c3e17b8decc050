#!/usr/bin/env node
/** The command `run`. The one file that touches the process: its words, streams, signals and exit. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { wantsColors } from './cli/colors.ts';
import { type Console, EXIT } from './cli/console.ts';
import { main } from './cli/main.ts';
import { Questions } from './cli/questions.ts';

const { stdin, stdout, stderr } = process;
const args = process.argv.slice(2);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as { version: string };

// `run ... | head`: the reader went away. The run goes on, unheard, rather than stop half-way on the hosts.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    stderr.write('error: the folder that you stand in is not there any more\nhelp: cd to another one\n');
    process.exit(EXIT.error);
  }
}

const interruption = new AbortController();
function interrupt(): void {
  if (interruption.signal.aborted) process.exit(130);
  stderr.write('\ninterrupted: ending what is under way; once more stops at once\n');
  interruption.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    stderr.write(
      `this is a bug in Troupe; please report it with this text:\n${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(EXIT.bug);
  });

const questions = new Questions(stdin, (text) => void stderr.write(text), interruption.signal, interrupt);

const console: Console = {
  args,
  cwd: currentFolder(),
  environment: process.env,
  home: process.env['HOME'] || homedir(),
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
  out: {
    write: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    isTTY: stdout.isTTY === true && process.env['TERM'] !== 'dumb',
    colors: wantsColors(args, process.env, stdout.isTTY === true),
    get columns() {
      return stdout.columns || 80;
    },
    get asking() {
      return questions.asking;
    },
  },
};

const code = await main(console);
const flushed = [stdout, stderr].map((stream) => new Promise((resolve) => stream.write('', resolve)));
await Promise.all(flushed);
process.exit(code);
