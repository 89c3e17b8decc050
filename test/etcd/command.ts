// The command as a user runs it, in a process of its own, that can be killed while a task is under way.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunEvent, TaskInfo } from '../../engine/events.ts';
import { ensureBuilt } from '../support/built.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let cli: string | undefined;

export interface Played {
  rc: number | string;
  text: string;
  /** Sums of the recap over all hosts. */
  changed: number;
  failed: number;
}

/** A task that has begun: the play it is in, and how many times the play had begun this one before. */
export interface Begun extends TaskInfo {
  play: string;
  before: number;
}

export interface CommandOptions {
  input?: string;
  /** CA of a mirror, for downloads of this machine. */
  caFile?: string;
  /** Called as each task begins: a number kills the command so many milliseconds later. */
  watch?: (task: Begun) => number | undefined;
}

/** Runs the command, built, with the repository as its folder. */
export function command(words: string[], { input = '', caFile = '', watch }: CommandOptions = {}): Promise<Played> {
  cli ??= ensureBuilt(() => {});
  const program = [cli, ...words, ...(watch ? ['--reporter', 'json'] : [])];
  return new Promise((resolve, reject) => {
    const trust = caFile ? { CURL_CA_BUNDLE: caFile, SSL_CERT_FILE: caFile } : {};
    const child = spawn(process.execPath, program, { cwd: root, env: { ...process.env, NO_COLOR: '1', ...trust } });
    let text = '';
    const lines = watch
      ? eventLines(tasksOf(watch, (delay) => setTimeout(() => child.kill('SIGKILL'), delay)))
      : undefined;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      lines?.(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const sum = (name: string) =>
        [...text.matchAll(new RegExp(`\\b${name}(?:=|":)(\\d+)`, 'g'))].reduce((all, [, n]) => all + Number(n), 0);
      const told = watch ? failures(text) : text;
      resolve({ rc: code ?? signal ?? '', text: told, changed: sum('changed'), failed: sum('failed') });
    });
  });
}

function eventLines(take: (event: RunEvent) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) take(JSON.parse(line));
  };
}

function tasksOf(
  watch: NonNullable<CommandOptions['watch']>,
  kill: (delay: number) => void,
): (event: RunEvent) => void {
  const times = new Map<string, number>();
  let play = '';
  return (event) => {
    if (event.type === 'play:start') play = event.name;
    if (event.type !== 'task:start') return;
    const name = `${play} ${event.task.path}`;
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    const delay = watch({ ...event.task, play, before });
    if (delay !== undefined) kill(delay);
  };
}

// Of a run told in JSON: what failed, and whatever is not an event.
function failures(text: string): string {
  return text
    .split('\n')
    .filter(
      (line) =>
        !line.startsWith('{') || /"status":"(failed|unreachable)"/.test(line) || line.startsWith('{"type":"bug"'),
    )
    .join('\n');
}
