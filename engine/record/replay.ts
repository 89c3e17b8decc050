/**
 * The record of an earlier run, for one that resumes it: what came of each task on each host. Only where a line is in the file is kept in
 * memory; it is read when its task is reached.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Outcome } from '../run/types.ts';
import type { Json } from '../values.ts';
import type { Held, StateLine } from './journal.ts';
import { linesOf } from './lines.ts';
import { type Kept, type KeptValues, unpacked } from './outcome.ts';
import type { Seal } from './seal.ts';

interface KnownTask {
  key: string;
  at: string;
  name: string;
  known: boolean;
}

interface Span {
  at: number;
  size: number;
  failed?: boolean;
}

/** All lines about one task on one host. */
interface Entry {
  task: number;
  host: string;
  outcome?: Span & { job?: string; lost?: Held['lost'] };
  items: Map<number, Span>;
  /** An attempt had begun, and nothing says that it came to an end. */
  open?: 'again' | 'uncertain' | undefined;
  /** The kind of the last attempt. */
  kind?: 'again' | 'uncertain';
  /** It has been repeated in the run that resumes. */
  taken?: boolean;
}

/** All about one host, in the order in which it came about. */
interface Known {
  list: Entry[];
  /** Where the failure is that ended its way. */
  cut: number | undefined;
  /** So many of its tasks are done and have not been asked for. */
  left: number;
}

/** What the record knows of a task that a host comes to. */
interface Found {
  /** It is done, and this came of it. */
  outcome?: Outcome;
  /** How it went, where the values are lost. */
  lost?: Kept;
  /** It had begun, and what it did is not known. */
  open: boolean;
  /** Items of its loop that are done, by index. */
  items: ReadonlyMap<number, Outcome>;
  /** So many items were all. */
  of?: number;
}

/** A task whose repetition somebody has to decide on. */
interface Uncertain extends KnownTask {
  host: string;
  /** It came to its end, and only its result is not in the record. */
  done: boolean;
}

type Plain = (registered: Outcome['registered']) => unknown;

export class Replay {
  readonly tasks = new Map<number, KnownTask>();
  readonly answers = new Map<string, string>();
  /** Texts that were secrets of the run. */
  readonly secrets: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** By task and time, then by host. */
  readonly #entries = new Map<string, Map<string, Entry>>();
  /** Of tasks that run once, each batch has one. */
  readonly #once = new Map<string, Entry[]>();
  readonly #hosts = new Map<string, Known>();
  readonly #jobs = new Map<string, Span>();
  readonly #descriptor: number;

  /** Reads the state of a record; `plain` makes a result's values of what a task registered. */
  constructor(
    readonly folder: string,
    readonly seal: Seal | undefined,
    private readonly plain: Plain,
  ) {
    const path = join(folder, 'state.ndjson');
    for (const { text, at, size } of linesOf(path)) {
      let line: StateLine;
      try {
        line = JSON.parse(text) as StateLine;
      } catch {
        break;
      }
      this.#take(line, { at, size });
    }
    this.#descriptor = openSync(path, 'r');
    for (const known of this.#hosts.values()) this.#cutOff(known);
  }

  #take(line: StateLine, span: Span): void {
    if ('key' in line) {
      this.tasks.set(line.task, line);
      this.#numbers.set(line.key, line.task);
    } else if ('t' in line) this.#takeTask(line, span);
    else if ('job' in line) this.#jobs.set(line.job, span);
    else if ('cut' in line) this.#known(line.cut).cut ??= this.#known(line.cut).list.length;
    else if ('cleared' in line) for (const host of line.cleared) this.#known(host).cut = undefined;
    else if ('answer' in line && line.value !== undefined) this.answers.set(line.answer, line.value);
    else if ('secret' in line && this.seal) this.secrets.push(this.seal.open(line.secret));
  }

  #takeTask(line: Extract<StateLine, { t: number }>, span: Span): void {
    const entry = this.#entry(`${line.t} ${line.n}`, line.t, line.h);
    if ('begun' in line) {
      entry.open = line.begun;
      entry.kind = line.begun;
      return;
    }
    entry.open = undefined;
    if ('attempt' in line) return;
    if ('item' in line) {
      entry.items.set(line.item, fatal(line.of) ? { ...span, failed: true } : span);
      return;
    }
    entry.outcome = {
      ...span,
      ...(line.job !== undefined && { job: line.job }),
      ...(line.lost && { lost: line.lost }),
    };
    if (line.once) this.#once.set(`${line.t} ${line.n}`, [...(this.#once.get(`${line.t} ${line.n}`) ?? []), entry]);
    if (fatal(line.of)) {
      const known = this.#known(line.h);
      known.cut ??= known.list.indexOf(entry);
    }
  }

  #known(host: string): Known {
    let known = this.#hosts.get(host);
    if (!known) {
      known = { list: [], cut: undefined, left: 0 };
      this.#hosts.set(host, known);
    }
    return known;
  }

  #entry(place: string, task: number, host: string): Entry {
    let hosts = this.#entries.get(place);
    if (!hosts) {
      hosts = new Map();
      this.#entries.set(place, hosts);
    }
    let entry = hosts.get(host);
    if (!entry) {
      entry = { task, host, items: new Map() };
      hosts.set(host, entry);
      this.#known(host).list.push(entry);
    }
    return entry;
  }

  /** From the failure on that ended a host's way, nothing of it is repeated: it is tried again from there. */
  #cutOff(known: Known): void {
    const { list, cut } = known;
    known.left = list.slice(0, cut).filter(({ outcome }) => outcome).length;
    if (cut === undefined) return;
    for (const [i, entry] of list.splice(cut).entries()) {
      delete entry.outcome;
      // Of the task that failed, the items that went well stay done.
      if (i > 0) entry.items.clear();
      if (entry.open === 'uncertain' || (i === 0 && entry.items.size > 0)) list.push(entry);
    }
  }

  /** Tasks that can't be repeated unasked, on the hosts that `takesPart`. */
  uncertain(takesPart: (host: string) => boolean): Uncertain[] {
    const found: Uncertain[] = [];
    for (const [host, { list }] of this.#hosts) {
      if (!takesPart(host)) continue;
      for (const entry of list) {
        const lost = entry.outcome?.lost === 'uncertain' && !this.#readable(entry.outcome);
        if (this.#isOpen(entry) === 'uncertain' || lost)
          found.push({ ...this.tasks.get(entry.task)!, host, done: lost });
      }
    }
    return found;
  }

  #readable(span: Span): boolean {
    return this.#values(this.#read(span) as Held) !== undefined;
  }

  /** A task in the background that the last run itself carried, and that had not ended, is as good as one that was under way. */
  #isOpen(entry: Entry): 'again' | 'uncertain' | undefined {
    const job = entry.outcome?.job;
    if (job === undefined) return entry.open;
    return this.#jobs.has(job) ? undefined : (entry.kind ?? 'again');
  }

  /** What is known of a task on a host; of one that runs once, on whichever host of its batch it ran. */
  find(key: string, time: number, host: string, onceIn: readonly string[] | undefined): Found | undefined {
    const number = this.#numbers.get(key);
    if (number === undefined) return undefined;
    const place = `${number} ${time}`;
    const entry = this.#entries.get(place)?.get(host) ?? (onceIn && this.#onceIn(place, onceIn));
    if (!entry) return undefined;
    if (!entry.taken && entry.outcome) this.#known(entry.host).left--;
    entry.taken = true;
    const items = new Map<number, Outcome>();
    for (const [index, span] of entry.items) {
      // An item that failed is tried again with its task.
      if (span.failed && !entry.outcome) continue;
      const outcome = this.#outcome(this.#read(span) as Held);
      if (outcome) items.set(index, outcome);
    }
    const open = this.#isOpen(entry) !== undefined;
    if (!entry.outcome || open) return { open, items };
    const held = this.#read(entry.outcome) as Held;
    const loop = held.of.items;
    // Unless all of its items can be known, those that can't are run.
    if (loop !== undefined && items.size < loop) return { open, items };
    const outcome = this.#outcome(held);
    if (outcome && loop !== undefined) return { outcome, open, items, of: loop };
    return outcome ? { outcome, open, items } : { lost: held.of, open, items };
  }

  /** What a task that runs once came to in a batch of these hosts. */
  #onceIn(place: string, batch: readonly string[]): Entry | undefined {
    return this.#once.get(place)?.find(({ host }) => batch.includes(host));
  }

  /** What came of a task that the last run carried in the background. */
  job(id: string): Outcome | undefined {
    const span = this.#jobs.get(id);
    return span && this.#outcome(this.#read(span) as Held);
  }

  /** Whether a task is done on a host, or for all by one that ran once, and nothing of it is to run. */
  isDone(key: string, time: number, host: string, batch: readonly string[]): boolean {
    const number = this.#numbers.get(key);
    if (number === undefined) return false;
    const place = `${number} ${time}`;
    const entry = this.#entries.get(place)?.get(host) ?? this.#onceIn(place, batch);
    return entry?.outcome !== undefined && entry.outcome.lost === undefined && this.#isOpen(entry) === undefined;
  }

  /** A task that a host had done and was not asked for so far, with this place or name, and that `isThere` does not know. */
  changed(host: string, at: string, name: string, isThere: (key: string) => boolean): KnownTask | undefined {
    const { list = [], left = 0 } = this.#hosts.get(host) ?? {};
    if (left === 0) return undefined;
    const entry = list.find(({ task, taken, outcome }) => {
      const known = this.tasks.get(task)!;
      if (taken || !outcome || isThere(known.key)) return false;
      return known.at === at || (known.name === name && fileOf(known.at) === fileOf(at));
    });
    return entry && this.tasks.get(entry.task);
  }

  /** Tasks that some host among these had done. */
  done(takesPart: (host: string) => boolean): KnownTask[] {
    const numbers = new Set<number>();
    for (const [host, { list }] of this.#hosts)
      if (takesPart(host)) for (const { task, outcome } of list) if (outcome) numbers.add(task);
    return [...numbers].map((number) => this.tasks.get(number)!);
  }

  /** The id of the run. */
  get id(): string {
    return basename(this.folder);
  }

  /** How many results the record has. */
  get count(): number {
    let count = 0;
    for (const { list } of this.#hosts.values()) count += list.filter(({ outcome }) => outcome).length;
    return count;
  }

  #read({ at, size }: Span): StateLine {
    const bytes = Buffer.alloc(size);
    readSync(this.#descriptor, bytes, 0, size, at);
    return JSON.parse(bytes.toString('utf8')) as StateLine;
  }

  #values({ of, sealed, lost }: Held): KeptValues | undefined {
    if (of.values) return of.values;
    if (sealed !== undefined) return this.seal && (JSON.parse(this.seal.open(sealed)) as KeptValues);
    // Nobody needs them.
    return lost ? undefined : { registered: { changed: of.changed === true, failed: of.s === 'failed' } as Json };
  }

  #outcome(held: Held): Outcome | undefined {
    const values = this.#values(held);
    return values && unpacked(held.of, values, this.plain);
  }

  end(): void {
    closeSync(this.#descriptor);
  }
}

const fileOf = (at: string): string => at.replace(/:\d+$/, '');

/** A failure that ended the host's way through the play. */
function fatal({ s, ignored, rescued }: Kept): boolean {
  return (s === 'failed' || s === 'unreachable') && !ignored && !rescued;
}
