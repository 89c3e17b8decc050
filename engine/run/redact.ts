/** Secrets are masked once, where an event is made. Registered values stay as they are; keys and short texts are never touched. */
import type { RunEvent } from '../events.ts';
import type { Json } from '../values.ts';
import { secretForms } from './secret_forms.ts';
import { SecretSearch } from './secret_search.ts';

const MASK = '********';
/** Masking a shorter text would garble ordinary words and hide nothing. */
const SHORTEST = 4;
/** A line of a longer secret (a key, a certificate) is one by itself from this length on. */
const SHORTEST_LINE = 12;

export class Redactor {
  readonly #search = new SecretSearch();

  /** Remembers a secret, with the forms in which it may come back (secret_forms.ts). */
  add(secret: string): void {
    const lines = secret.includes('\n')
      ? [
          secret,
          secret.replace(/\n+$/, ''),
          ...secret.split('\n').filter((line) => line.trim().length >= SHORTEST_LINE),
        ]
      : [secret];
    for (const text of lines) {
      if (text.length < SHORTEST || this.#search.has(text)) continue;
      for (const form of secretForms(text)) this.#search.add(form);
    }
  }

  /** A text with every secret masked, and the password of every URL (`https://user:password@host`). */
  text(text: string): string {
    const masked = this.#search.size === 0 ? text : this.#search.replace(text, MASK);
    return maskUrls(masked);
  }

  /** How much of a text that goes on can be shown: a secret may have begun at its end. */
  safeEnd(text: string): number {
    return this.#search.size === 0 ? text.length : this.#search.safeEnd(text);
  }

  /** An event with every text masked, but for what says which host, task and status it is of. */
  event(event: RunEvent): RunEvent {
    const made: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(event)) {
      if (STRUCTURE.has(key)) made[key] = value;
      else if (key === 'recap') made[key] = this.#recap(value);
      else made[key] = key === 'task' || key === 'result' ? this.#fields(value) : this.#deep(value as Json);
    }
    return made as unknown as RunEvent;
  }

  /** A task or a result: its own fields keep what they are of, what it holds is masked. */
  #fields(object: Record<string, Json>): Record<string, Json> {
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, STRUCTURE.has(key) ? value : this.#deep(value)]),
    );
  }

  /** Names of hosts are the keys of what is counted; numbers there are counts. */
  #recap(recap: object): object {
    return 'stats' in recap ? { ...recap, stats: this.#deep(recap.stats as Json) } : recap;
  }

  #deep(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.#search.has(String(value)) ? MASK : value;
    if (Array.isArray(value)) return value.map((item) => this.#deep(item));
    if (typeof value !== 'object' || value === null) return value;
    const made: { [key: string]: Json } = {};
    for (const [key, item] of Object.entries(value))
      Object.defineProperty(made, key, {
        value: this.#deep(item),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return made;
  }
}

/** Fields of events, tasks and results that say what they are of. */
const STRUCTURE = new Set([
  ...[
    'type',
    'time',
    'host',
    'hosts',
    'delegatedTo',
    'status',
    'id',
    'action',
    'level',
    'stream',
    'check',
    'serial',
    'groups',
  ],
  ...['attempt', 'left', 'duration', 'censored', 'ignored', 'rescued'],
]);

/** Masks the password between `://user:` and `@`. */
function maskUrls(text: string): string {
  let out = '';
  let kept = 0;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const end = /[\s/?#'"<>]/.exec(text.slice(at + 3, at + 3 + 2048));
    const authority = text.slice(at + 3, end ? at + 3 + end.index : at + 3 + 2048);
    const [colon, sign] = [authority.indexOf(':'), authority.lastIndexOf('@')];
    if (colon < 0 || sign < colon + 2 || authority.slice(colon + 1, sign) === MASK) continue;
    out += `${text.slice(kept, at + 3 + colon + 1)}${MASK}`;
    kept = at + 3 + sign;
  }
  return kept === 0 ? text : out + text.slice(kept);
}
