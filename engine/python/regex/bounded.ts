/**
 * A RegExp that never runs without a bound. Hosts choose the texts, and one host's text must not stop the controller for all: where
 * an expression could take long with a text (cost.ts), machine.ts runs it. Everything that JavaScript does with a RegExp
 * (`test`, `match`, `matchAll`, `replace`, `split`) goes through `exec`.
 */
import { RegexCost } from './cost.ts';
import { RegexError } from './error.ts';
import { type Captures, Machine } from './machine.ts';

/** Whose expression it is. */
interface Written {
  /** The expression as its author wrote it. */
  pattern: string;
  /** What is thrown where it is given up; RegexError unless told. */
  failure?: (message: string) => Error;
}

export class BoundedRegExp extends RegExp {
  readonly written: Written;
  #cost: RegexCost | undefined;
  #machine: Machine | undefined;
  /** The text that was asked about last: all matches of one text ask again. */
  #known: { text: string; isSmall: boolean } | undefined;

  constructor(source: string | RegExp, flags?: string, written?: Written) {
    super(source, flags);
    this.written = written ?? (source instanceof BoundedRegExp ? source.written : { pattern: this.source });
  }

  /** What `exec` of a RegExp gives. Throws where the expression is given up: with back references, or by its size. */
  override exec(text: string): RegExpExecArray | null {
    if (this.#isSmall(text)) return super.exec(text);
    const moves = this.global || this.sticky;
    const from = moves ? this.lastIndex : 0;
    const found = from > text.length ? undefined : this.#find(text, from);
    if (moves) this.lastIndex = found ? found[1]! : 0;
    return found ? resultOf(this.#machine!, text, found, this.hasIndices) : null;
  }

  #find(text: string, from: number): Captures | undefined {
    try {
      this.#machine ??= new Machine(this.source, this.flags, this.written.pattern);
      return this.#machine.find(text, from, this.sticky);
    } catch (error) {
      throw error instanceof RegexError && this.written.failure ? this.written.failure(error.message) : error;
    }
  }

  #isSmall(text: string): boolean {
    if (this.#known?.text === text) return this.#known.isSmall;
    this.#cost ??= new RegexCost(this.source, this.flags);
    const isSmall = this.#cost.isSmall(text);
    this.#known = { text, isSmall };
    return isSmall;
  }
}

function resultOf({ names, groups }: Machine, text: string, slots: Captures, withIndices: boolean): RegExpExecArray {
  const places = Array.from({ length: groups + 1 }, (_, index): [number, number] | undefined => {
    const [from, to] = [slots[index * 2]!, slots[index * 2 + 1]!];
    return from < 0 || to < 0 ? undefined : [from, to];
  });
  const named = <T>(values: readonly T[]): Record<string, T> | undefined => {
    if (names.size === 0) return undefined;
    const made = Object.create(null) as Record<string, T>;
    for (const [name, index] of names) made[name] = values[index]!;
    return made;
  };
  const taken = places.map((place) => place && text.slice(...place));
  const result = Object.assign(taken as [string], { index: slots[0]!, input: text, groups: named(taken as string[]) });
  if (!withIndices) return result;
  const indices = Object.assign(places as RegExpIndicesArray, { groups: named(places as [number, number][]) });
  return Object.assign(result, { indices });
}
