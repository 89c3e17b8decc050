/**
 * Runs an expression in time proportional to the text: it tries one way after another, as Python does, and remembers at which
 * instruction and place it has been without success, so that nothing is tried twice. Only back references, whose outcome depends on
 * the way, are tried without memory; they have a number of steps after which the expression is given up with an error.
 */
import { RegexError } from './error.ts';
import { type Program, programOf } from './program.ts';

/** Steps of one search, however short the text; a second or less. */
const MOST_STEPS = 2e7;
/** Steps for each character and instruction: what memory leaves, and some for look-aheads that succeed. */
const STEPS_EACH = 4;
/** Bits of memory for one search; 128 MiB. */
const MOST_BITS = 2 ** 30;
/** Ways that wait to be tried, two numbers each. */
const MOST_WAITING = 4e7;

/** Where groups begin and end: two numbers each, -1 where it took no part. */
export type Captures = Int32Array;

interface Search {
  text: string;
  /** Whether one character may be two units of the string. */
  unicode: boolean;
  ignoreCase: boolean;
  steps: number;
  readonly mostSteps: number;
  memories: Map<Program, Memory>;
  pattern: string;
}

/** What was tried in vain: a bit for each joining instruction at each place. */
class Memory {
  readonly #bits: Uint32Array;
  /** The bits set since `record`, where they may have to be taken back. */
  #recorded: number[] | undefined;
  constructor(
    readonly joins: number,
    places: number,
    pattern: string,
  ) {
    if (joins * places > MOST_BITS)
      throw new RegexError(
        `the regular expression \`${pattern}\` is too complex for a text of ${places - 1} characters`,
      );
    this.#bits = new Uint32Array(Math.ceil((joins * places) / 32));
  }

  /** Whether this was tried already; from now on it was. */
  tried(join: number, place: number): boolean {
    const bit = place * this.joins + join;
    const [word, mask] = [bit >>> 5, 1 << (bit & 31)];
    if ((this.#bits[word]! & mask) !== 0) return true;
    this.#bits[word]! |= mask;
    this.#recorded?.push(bit);
    return false;
  }

  record(): void {
    this.#recorded = [];
  }

  /** Ends the recording; with `undo`, what was set meanwhile is taken back. */
  settle(undo: boolean): void {
    if (undo) for (const bit of this.#recorded ?? []) this.#bits[bit >>> 5]! &= ~(1 << (bit & 31));
    this.#recorded = undefined;
  }

  forget(place: number): void {
    for (let bit = place * this.joins; bit < (place + 1) * this.joins; bit++)
      this.#bits[bit >>> 5]! &= ~(1 << (bit & 31));
  }
}

export class Machine {
  readonly #program: ReturnType<typeof programOf>;
  readonly #unicode: boolean;
  readonly #ignoreCase: boolean;
  /** The last search, which goes on where it is asked for the next match of the same text. */
  #last: Search | undefined;
  #next = -1;

  constructor(
    source: string,
    flags: string,
    /** The expression as its author wrote it. */
    readonly pattern: string,
  ) {
    this.#program = programOf(source, flags, pattern);
    this.#unicode = flags.includes('u');
    this.#ignoreCase = flags.includes('i');
  }

  get names(): ReadonlyMap<string, number> {
    return this.#program.names;
  }

  /** How many groups there are. */
  get groups(): number {
    return this.#program.groups;
  }

  /** The first match at `from` or behind it (`sticky`: at `from` only). Throws RegexError where it is given up. */
  find(text: string, from: number, sticky = false): Captures | undefined {
    const search = this.#searchOf(text, from);
    const slots = new Int32Array(this.#program.slots).fill(-1);
    for (let at = from; at <= text.length; at += this.#unicode ? widthAt(text, at) : 1) {
      const end = run(this.#program, search, at, slots);
      if (end >= 0) {
        slots[0] = at;
        slots[1] = end;
        this.#remember(search, at, end);
        return slots;
      }
      if (sticky || at === text.length) break;
    }
    this.#last = undefined;
    return undefined;
  }

  #searchOf(text: string, from: number): Search {
    if (this.#last && this.#last.text === text && from >= this.#next && this.#next >= 0) return this.#last;
    const flags = { unicode: this.#unicode, ignoreCase: this.#ignoreCase };
    const mostSteps = Math.max(MOST_STEPS, STEPS_EACH * text.length * this.#program.code.length);
    return { text, ...flags, steps: 0, mostSteps, memories: new Map(), pattern: this.pattern };
  }

  /** Behind a match all that was tried failed, but for the match's own way, which ends at its end. */
  #remember(search: Search, at: number, end: number): void {
    // A way that has been taken is not one that failed: only places before the end are left behind for good.
    this.#last = end > at ? search : undefined;
    this.#next = end;
    for (const memory of search.memories.values()) memory.forget(end);
  }
}

/** How many units the character at a place takes, 1 at the end. */
function widthAt(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

/** A place `count` characters before another, or -1. */
function before(text: string, at: number, count: number, unicode: boolean): number {
  let place = at;
  for (let i = 0; i < count; i++) {
    if (place === 0) return -1;
    place--;
    const isPair =
      unicode && place > 0 && /[\udc00-\udfff]/.test(text[place]!) && /[\ud800-\udbff]/.test(text[place - 1]!);
    if (isPair) place--;
  }
  return place;
}

/** One way through a program from a place: where it ends, or -1. `slots` holds what its groups took. */
function run(program: Program, search: Search, start: number, slots: Captures, exactEnd = -1): number {
  const { text } = search;
  const memory = memoryOf(program, search, exactEnd);
  // What is to be tried when the way at hand fails: an instruction and a place, or a slot (as -1 - slot) and its old value.
  const stack: number[] = [0, start];
  while (stack.length > 0) {
    let at = stack.pop()!;
    let pc = stack.pop()!;
    if (pc < 0) {
      slots[-1 - pc] = at;
      continue;
    }
    for (;;) {
      const join = program.join[pc]!;
      if (memory && join >= 0 && memory.tried(join, at)) break;
      if (++search.steps > search.mostSteps || stack.length > MOST_WAITING)
        throw new RegexError(`the regular expression \`${search.pattern}\` takes too long on this text`);
      const instruction = program.code[pc]!;
      if (instruction.op === 'match') {
        if (exactEnd >= 0 && at !== exactEnd) break;
        return at;
      }
      if (instruction.op === 'char') {
        if (at >= text.length) break;
        const code = search.unicode ? text.codePointAt(at)! : text.charCodeAt(at);
        if (!instruction.set.has(code)) break;
        at += code > 0xffff ? 2 : 1;
        pc++;
      } else if (instruction.op === 'split') {
        stack.push(instruction.second, at);
        pc = instruction.first;
      } else if (instruction.op === 'jump') pc = instruction.to;
      else if (instruction.op === 'save') {
        stack.push(-1 - instruction.slot, slots[instruction.slot]!);
        slots[instruction.slot] = at;
        pc++;
      } else if (instruction.op === 'moved') {
        if (slots[instruction.slot] === at) break;
        pc++;
      } else if (instruction.op === 'back') {
        const length = backLength(search, slots, instruction.group, at);
        if (length < 0) break;
        at += length;
        pc++;
      } else {
        if (looked(instruction, search, at, slots, stack) === instruction.negative) break;
        pc++;
      }
    }
  }
  return -1;
}

function memoryOf(program: Program, search: Search, exactEnd: number): Memory | undefined {
  // A look-behind is of a fixed, small width: it needs none, and its end differs each time.
  if (program.forgets || exactEnd >= 0) return undefined;
  let memory = search.memories.get(program);
  if (!memory) {
    memory = new Memory(program.joins, search.text.length + 1, search.pattern);
    search.memories.set(program, memory);
  }
  return memory;
}

/** Whether what is looked at is there; the groups of a look-around that is keep what they took. */
function looked(
  look: { program: Program; negative: boolean; behind: number | undefined },
  search: Search,
  at: number,
  slots: Captures,
  stack: number[],
): boolean {
  const start = look.behind === undefined ? at : before(search.text, at, look.behind, search.unicode);
  if (start < 0) return false;
  const inner = slots.slice();
  const memory = memoryOf(look.program, search, look.behind === undefined ? -1 : at);
  memory?.record();
  const found = run(look.program, search, start, inner, look.behind === undefined ? -1 : at) >= 0;
  // A way that was taken must not count as one that failed when another place looks at it.
  memory?.settle(found);
  if (found && !look.negative)
    inner.forEach((value, slot) => {
      if (value === slots[slot]) return;
      stack.push(-1 - slot, slots[slot]!);
      slots[slot] = value;
    });
  return found;
}

/** How long what a group took is where it comes again at this place, or -1. Python fails where the group took no part. */
function backLength(search: Search, slots: Captures, group: number, at: number): number {
  const [from, to] = [slots[group * 2]!, slots[group * 2 + 1]!];
  if (from < 0 || to < 0) return -1;
  const [wanted, found] = [search.text.slice(from, to), search.text.slice(at, at + to - from)];
  const isSame = search.ignoreCase ? wanted.toLowerCase() === found.toLowerCase() : wanted === found;
  return isSame ? to - from : -1;
}
