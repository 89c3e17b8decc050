/** What setup.sh replied, as texts by file and by key. */
import type { Reply } from '../../../remote/remote.ts';

export type Facts = Record<string, unknown>;

export class FactSource {
  readonly #files = new Map<string, string[]>();
  readonly #there: Set<string>;

  constructor(readonly reply: Reply) {
    for (const line of reply.get('files').split('\n')) {
      const colon = line.startsWith('/') ? line.indexOf(':') : -1;
      if (colon < 0) continue;
      const path = line.slice(0, colon);
      const lines = this.#files.get(path);
      if (lines) lines.push(line.slice(colon + 1));
      else this.#files.set(path, [line.slice(colon + 1)]);
    }
    this.#there = new Set(reply.all('exists'));
  }

  /** Lines of a file; none if it is not there or empty. */
  lines(path: string): string[] {
    return this.#files.get(path) ?? [];
  }

  /** First line of a file, trimmed. */
  line(path: string): string | undefined {
    return this.#files.get(path)?.[0]?.trim();
  }

  has(path: string): boolean {
    return this.#files.has(path) || this.#there.has(path);
  }

  /** Paths that match. */
  paths(pattern: RegExp): string[] {
    return [...this.#files.keys()].filter((path) => pattern.test(path));
  }

  /** Output of a command. */
  text(key: string): string {
    return this.reply.get(key);
  }

  rows(key: string): string[] {
    return this.text(key)
      .split('\n')
      .filter((row) => row !== '');
  }
}

/** `NAME="value"` lines as in os-release and lsb-release. */
export function assignments(lines: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines) {
    const match = /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
    if (match) found[match[1]!] = match[2]!.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["$`\\])/g, '$1');
  }
  return found;
}

/** Numbers from text, or undefined. */
export function number(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}
