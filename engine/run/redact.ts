/** Secrets are masked once, where an event is made. Registered values stay as they are; keys and short texts are never touched. */
import type { Diff, Recap, RunEvent, TaskInfo, TaskResult } from '../events.ts';
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

  /** An event whose texts are masked where they may hold what a host or a variable said; names of fields, hosts, statuses stay. */
  event(event: RunEvent): RunEvent {
    if (this.#secrets.size === 0) return event;
    const made: Record<string, unknown> = { ...event };
    for (const [key, value] of Object.entries(event)) {
      if (key === 'result') made[key] = this.#result(value as TaskResult);
      else if (key === 'task') made[key] = { ...value, name: this.text((value as TaskInfo).name) };
      else if (key === 'recap') made[key] = this.#recap(value as Recap);
      else if (FREE_TEXT.has(key) && typeof value === 'string') made[key] = this.text(value);
    }
    return made as unknown as RunEvent;
  }

  #result(result: TaskResult): TaskResult {
    const made: TaskResult = { ...result, values: this.#deep(result.values) as TaskResult['values'] };
    if (result.msg !== undefined) made.msg = this.text(result.msg);
    if (result.explanation !== undefined) made.explanation = this.text(result.explanation);
    if (result.diff) made.diff = this.#deep(result.diff as unknown as Json) as unknown as Diff[];
    return made;
  }

  #recap(recap: Recap): Recap {
    return recap.stats ? { ...recap, stats: this.#deep(recap.stats) as NonNullable<Recap['stats']> } : recap;
  }

  #deep(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
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

/** Fields of events that hold free text. */
const FREE_TEXT = new Set(['text', 'item', 'stack', 'name', 'handler', 'file']);
