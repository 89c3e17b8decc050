// The command as a user runs it, in a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../support/built.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let cli: string | undefined;

export interface Played {
  rc: number | string;
  text: string;
  /** Standard output alone. */
  out: string;
  /** Sums of the recap over all hosts. */
  changed: number;
  failed: number;
}

export interface CommandOptions {
  input?: string;
  /** CA of a mirror, for downloads of this machine. */
  caFile?: string;
  env?: Record<string, string>;
}

/** Runs the command, built, with the repository as its folder. */
export function command(words: string[], { input = '', caFile, env = {} }: CommandOptions = {}): Promise<Played> {
  cli ??= ensureBuilt(() => {});
  const program = [cli, ...words];
  return new Promise((resolve, reject) => {
    const trust = caFile ? { CURL_CA_BUNDLE: caFile, SSL_CERT_FILE: caFile } : {};
    const child = spawn(process.execPath, program, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...trust, ...env },
    });
    let text = '';
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const sum = (name: string) =>
        [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].reduce((total, [, n]) => total + Number(n), 0);
      resolve({ rc: code ?? signal ?? '', text, out, changed: sum('changed'), failed: sum('failed') });
    });
  });
}
