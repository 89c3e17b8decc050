/** What lineinfile does to a file, found by one look at its lines from the first to the last: of a large file nobody holds them all. */
import { latin } from '../../parts/edit.ts';
import { expandTemplate, pythonRegex } from '../../parts/python-regex.ts';

export interface LineArgs {
  regexp?: string | undefined;
  search_string?: string | undefined;
  line?: string | undefined;
  insertafter?: string | undefined;
  insertbefore?: string | undefined;
  backrefs: boolean;
  firstmatch: boolean;
}

/** `remove` lines at index `at` go, and `add` comes in their place. */
export interface Edit {
  at: number;
  remove: string | undefined;
  add: string[];
  msg: 'line replaced' | 'line added';
}

/** A line without its end. */
export const bare = (line: string): string => line.replace(/[\r\n]+$/, '');

interface Place {
  number: number;
  text: string;
}

/** Sees each line in turn, then tells what to do. */
export class LinePlan {
  readonly #wanted: string;
  readonly #expression: RegExp | undefined;
  readonly #literal: string | undefined;
  readonly #insertion: RegExp | undefined;
  readonly #after: string | undefined;
  #count = 0;
  #last = '';
  /** The line that regexp or search_string found. */
  #found: (Place & { match: RegExpExecArray | true }) | undefined;
  /** The line that is the one that is asked for. */
  #exact: Place | undefined;
  /** The line by which to insert, and the one behind it. */
  #insert: (Place & { next?: string }) | undefined;
  #inserting = true;

  constructor(private readonly args: LineArgs) {
    this.#wanted = latin(args.line!);
    this.#expression = args.regexp === undefined ? undefined : pythonRegex(args.regexp, { bytes: true });
    this.#literal = args.search_string === undefined ? undefined : latin(args.search_string);
    this.#after = args.insertafter ?? (args.insertbefore === undefined ? 'EOF' : undefined);
    const where =
      this.#after !== undefined ? (/^[BE]OF$/.test(this.#after) ? undefined : this.#after) : args.insertbefore;
    this.#insertion = where === undefined || where === 'BOF' ? undefined : pythonRegex(where, { bytes: true });
  }

  see(text: string): void {
    const number = this.#count++;
    this.#last = text;
    if (this.#insert?.number === number - 1) this.#insert.next = text;
    if (!(this.#found && this.args.firstmatch)) {
      const match = this.#expression
        ? this.#expression.exec(text)
        : this.#literal !== undefined && text.includes(this.#literal);
      if (match) this.#found = { number, text, match };
    }
    if (this.#found || !this.#inserting) return;
    if (bare(text) === this.#wanted) this.#exact = { number, text };
    else if (this.#insertion?.test(text)) {
      this.#insert = { number, text };
      this.#inserting = !this.args.firstmatch;
    }
  }

  /** Undefined if the file is as it shall be. */
  edit(): Edit | undefined {
    const line = this.#wanted;
    const place = this.#found ?? this.#exact;
    if (place) {
      const match = this.#found?.match;
      const text = this.args.backrefs && typeof match === 'object' ? expandTemplate(line, match) : line;
      const whole = text.endsWith('\n') ? text : `${text}\n`;
      if (place.text === whole) return undefined;
      return { at: place.number, remove: place.text, add: [whole], msg: 'line replaced' };
    }
    if (this.args.backrefs) return undefined;
    const added = (at: number, ...before: string[]): Edit => ({
      at,
      remove: undefined,
      add: [...before, `${line}\n`],
      msg: 'line added',
    });
    if (this.args.insertbefore === 'BOF' || this.#after === 'BOF') return added(0);
    const end = this.#count > 0 && !/[\r\n]$/.test(this.#last) ? ['\n'] : [];
    const insert = this.#insert;
    if (this.#after === 'EOF' || !insert) return added(this.#count, ...end);
    if (this.#after === undefined) return added(insert.number);
    const behind = insert.next ?? insert.text;
    if (bare(behind) === line) return undefined;
    return insert.next === undefined ? added(this.#count, ...end) : added(insert.number + 1);
  }
}

/** The plan for lines that are all there. */
export function planFor(lines: readonly string[], args: LineArgs): Edit | undefined {
  const plan = new LinePlan(args);
  for (const line of lines) plan.see(line);
  return plan.edit();
}
