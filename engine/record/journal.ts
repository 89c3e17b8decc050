/**
 * The record of a run as it is written. `run.json` says what was called and how it ended; `events.ndjson` is the stream that reporters get,
 * redacted; `state.ndjson` is what a resumed run needs. That a task begins is in the file before its host hears of it, and with it all that
 * came before; what came of it follows in a moment. A controller that is killed leaves all but what happened that instant. Nothing here ever ends a run: a record that cannot be
 * written is a warning.
 */
import { join } from 'node:path';
import { reasonOf } from '../errors.ts';
import type { Recap, RunEvent } from '../events.ts';
import type { Outcome } from '../run/types.ts';
import { keepNewest, makeRunFolder, type RunFile, writeRunFile } from './folder.ts';
import { LineWriter } from './lines.ts';
import { type Kept, type KeptValues, packed, packedValues } from './outcome.ts';
import type { Seal } from './seal.ts';
import { NotKept } from './values.ts';

/** Where a task is on a host: which task of the dictionary, and for which time the host came to it. */
interface Place {
  task: number;
  time: number;
}

/** A line of `state.ndjson`. Of a task, `known` says that it is part of the playbook before any of it runs. Those about a host have `h`, and `t` and `n`: the number of the task, and for which time the host met it. */
export type StateLine =
  | { task: number; key: string; at: string; name: string; known: boolean }
  | (AtTask & { begun: 'again' | 'uncertain' })
  | (AtTask & { attempt: 'over' })
  | (AtTask & { item: number } & Held)
  | (AtTask & Held & { once?: true; job?: string })
  | ({ job: string } & Held)
  | { cut: string }
  | { cleared: string[] }
  | { answer: string; sealed?: string; value?: string }
  | { secret: string };

/** An outcome; `lost` if its values are needed and are not here: the task is to run again, or can't be run again unasked. */
export interface Held {
  of: Kept;
  sealed?: string;
  lost?: 'again' | 'uncertain';
}

interface AtTask {
  t: number;
  n: number;
  h: string;
}

/** Whether somebody reads what a task returned, and whether it may be run once more to know it. */
interface Need {
  registered: () => boolean;
  repeatable: () => boolean;
}

/** The number of records that are kept. */
const KEPT = 100;

interface JournalOptions {
  /** The directory of all records. */
  records: string;
  keep?: number;
  run: RunFile;
  seal: Seal | undefined;
  /** Whether a text holds a secret. */
  secret: (text: string) => boolean;
  warn: (text: string) => void;
}

export class Journal {
  readonly folder: string;
  readonly #events: LineWriter;
  readonly #state: LineWriter;
  readonly #tasks = new Map<string, number>();
  readonly #secrets = new Set<string>();
  #whole = true;

  private constructor(private readonly options: JournalOptions) {
    this.folder = makeRunFolder(options.records, options.run.id);
    writeRunFile(this.folder, options.run);
    const failed = (error: unknown) => this.#failed(error);
    // Nobody waits for the events: they are written in larger pieces.
    this.#events = new LineWriter(join(this.folder, 'events.ndjson'), failed, 100);
    this.#state = new LineWriter(join(this.folder, 'state.ndjson'), failed, 10);
    keepNewest(options.records, options.keep ?? KEPT);
  }

  /** The journal of a run that begins; undefined, with a warning, where none can be written. */
  static begin(options: JournalOptions): Journal | undefined {
    try {
      return new Journal(options);
    } catch (error) {
      options.warn(`no record is kept of this run: ${options.records}: ${reasonOf(error)}`);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    if (!this.#whole) return;
    this.#whole = false;
    this.#events.end();
    this.#state.end();
    this.options.warn(`the record of this run ends here: ${this.folder}: ${reasonOf(error)}`);
  }

  get run(): RunFile {
    return this.options.run;
  }

  event(event: RunEvent): void {
    if (this.#whole) this.#events.write(JSON.stringify(event));
  }

  #line(line: StateLine): void {
    if (this.#whole) this.#state.write(JSON.stringify(line));
  }

  /** The number under which lines name a task; `key` says what it is and stays the same in another run. */
  task(key: string, about: () => { at: string; name: string; known: boolean }): number {
    let number = this.#tasks.get(key);
    if (number === undefined) {
      number = this.#tasks.size;
      this.#tasks.set(key, number);
      this.#line({ task: number, key, ...about() });
    }
    return number;
  }

  /** A task begins: resolves when that is written, which it must be before the host hears of it. */
  begun(host: string, place: Place, certain: boolean): Promise<void> {
    this.#line({ ...at(host, place), begun: certain ? 'again' : 'uncertain' });
    return this.#state.written();
  }

  /** An attempt came to its end, and another one will follow. */
  attemptOver(host: string, place: Place): void {
    this.#line({ ...at(host, place), attempt: 'over' });
  }

  item(host: string, place: Place, index: number, outcome: Outcome, need: Need): void {
    this.#outcome({ ...at(host, place), item: index }, this.#held(outcome, need));
  }

  /** What came of a task; the items of a loop have been written before. */
  outcome(
    host: string,
    place: Place,
    outcome: Outcome,
    about: Need & { items?: number; once?: boolean; job?: string },
  ): void {
    const { items, once, job } = about;
    const held = items === undefined ? this.#held(outcome, about) : { of: { ...packed(outcome), items } };
    this.#outcome({ ...at(host, place), ...(once && { once }), ...(job !== undefined && { job }) }, held);
  }

  /** A task in the background that the run itself carries came to its end. */
  jobOver(id: string, outcome: Outcome): void {
    this.#outcome({ job: id }, this.#held(outcome, { registered: () => true, repeatable: () => false }));
  }

  /** What a host comes to from here on is not to be repeated: it was turned away by the failure of another one. */
  cut(host: string): void {
    this.#line({ cut: host });
  }

  /** The failures of these hosts so far do not count any more. */
  cleared(hosts: readonly string[]): void {
    this.#line({ cleared: [...hosts] });
  }

  /** An answer to vars_prompt that is no secret. */
  answer(name: string, value: string): void {
    this.#line(this.options.secret(value) ? { answer: name } : { answer: name, value });
  }

  /** A text that came to be a secret while the run went on: a run that resumes this one has to know it. */
  secret(text: string): void {
    const { seal } = this.options;
    if (!seal || this.#secrets.has(text)) return;
    this.#secrets.add(text);
    this.#line({ secret: seal.seal(text) });
  }

  /** Values are JSON already, as they had to be searched for secrets. */
  #outcome(about: object, { of, text, ...more }: Held & { text?: string }): void {
    if (!this.#whole) return;
    const how = JSON.stringify(of);
    const whole = text === undefined ? how : `${how.slice(0, -1)},"values":${text}}`;
    this.#state.write(`${JSON.stringify({ ...about, ...more }).slice(0, -1)},"of":${whole}}`);
  }

  /** Whether JSON holds a secret, as it stands or in one of its texts: each encoding more hides it from a search. */
  #isSecret(json: string): boolean {
    if (this.options.secret(json)) return true;
    if (!json.includes('\\')) return false;
    const texts: string[] = [];
    JSON.parse(json, (key, value) => {
      texts.push(key);
      if (typeof value === 'string') texts.push(value);
      return value;
    });
    return this.options.secret(texts.join('\n'));
  }

  /** What is secret is sealed, or left out. */
  #held(outcome: Outcome, { registered, repeatable }: Need): Held & { text?: string } {
    const of = packed(outcome);
    const without = (): Held => {
      const needed = outcome.effects.length > 0 || outcome.includes.length > 0 || registered();
      return needed ? { of, lost: repeatable() ? 'again' : 'uncertain' } : { of };
    };
    let values: KeptValues;
    try {
      values = packedValues(outcome);
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
      return without();
    }
    // Names that a task notifies may hold one too.
    const notified = of.notify?.join('\n') ?? '';
    const secretNames = notified !== '' && this.options.secret(notified);
    const text = JSON.stringify(values);
    if (!of.censored && !secretNames && !this.#isSecret(text)) return { of, text };
    if (secretNames) delete of.notify;
    const { seal } = this.options;
    return seal ? { of, sealed: seal.seal(JSON.stringify({ ...values, notify: outcome.notify })) } : without();
  }

  /** Ends the record. */
  end(recap: Recap | undefined, files: RunFile['files']): void {
    this.#events.end();
    this.#state.end();
    const { run } = this.options;
    Object.assign(run, { files, exitCode: recap?.exitCode ?? 4, interrupted: recap?.interrupted ?? false });
    if (recap) Object.assign(run, { duration: recap.duration, hosts: recap.hosts });
    if (!this.#whole) return;
    try {
      writeRunFile(this.folder, run);
    } catch (error) {
      this.#failed(error);
    }
  }
}

const at = (host: string, { task, time }: Place): AtTask => ({ t: task, n: time, h: host });
