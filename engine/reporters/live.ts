/** Output of long commands while they run, as whole lines `host | text`. */
import { safe } from './style.ts';

export class LiveLines {
  readonly #print: (line: string) => void;
  readonly #open = new Map<string, string>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Adds a piece of output; a line is printed when its end has come. */
  add(host: string, stream: 'stdout' | 'stderr', text: string): void {
    const key = `${stream} ${host}`;
    const lines = ((this.#open.get(key) ?? '') + text).split('\n');
    this.#open.set(key, lines.pop()!);
    for (const line of lines) this.#print(`${host} | ${lastState(line)}`);
  }

  /** Prints what a host has begun and not ended. */
  end(host: string): void {
    for (const stream of ['stdout', 'stderr']) {
      const key = `${stream} ${host}`;
      const rest = this.#open.get(key);
      this.#open.delete(key);
      if (rest) this.#print(`${host} | ${lastState(rest)}`);
    }
  }

  endAll(): void {
    for (const key of [...this.#open.keys()]) this.end(key.slice(key.indexOf(' ') + 1));
  }
}

/** A program's progress bar redraws its line after each carriage return: only the last state is worth a line. */
function lastState(line: string): string {
  const states = line.replace(/\r+$/, '').split('\r');
  return safe(states.at(-1)!);
}
