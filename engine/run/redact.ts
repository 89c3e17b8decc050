/** Secrets are masked once, where an event is made. Registered values stay as they are; keys and short texts are never touched. */
import type { Json } from '../values.ts';

const MASK = '********';
/** Masking a shorter text would garble ordinary words and hide nothing. */
const SHORTEST = 4;

export class Redactor {
  #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers a secret, with the forms in which it may come back: base64, URL-encoded, JSON-escaped, shell-quoted. */
  add(secret: string): void {
    const lines = secret.includes('\n')
      ? [secret, ...secret.split('\n').filter((line) => line.trim().length >= 12)]
      : [secret];
    for (const text of lines) {
      if (text.length < SHORTEST || this.#secrets.has(text)) continue;
      const forms = [
        text,
        Buffer.from(text).toString('base64').replace(/=+$/, ''),
        encodeURIComponent(text),
        JSON.stringify(text).slice(1, -1),
        text.replaceAll("'", "'\\''"),
        text.replaceAll("'", `'"'"'`),
      ];
      for (const form of forms) this.#secrets.add(form);
      this.#pattern = undefined;
    }
  }

  /** A text with every secret masked. */
  text(text: string): string {
    if (this.#secrets.size === 0) return text;
    this.#pattern ??= new RegExp(
      [...this.#secrets]
        .sort((a, b) => b.length - a.length)
        .map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('|'),
      'g',
    );
    return text.replace(this.#pattern, MASK);
  }

  /** A plain value with every text in it masked; the value itself is not changed. */
  value<T extends Json>(value: T): T {
    if (this.#secrets.size === 0) return value;
    return this.#deep(value) as T;
  }

  #deep(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#deep(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#deep(item)]));
  }
}
