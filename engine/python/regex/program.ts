/** An expression's tree as instructions for machine.ts. */
import { RegexError } from './error.ts';
import {
  type BackNode,
  type LookNode,
  leastWidth,
  type RegexNode,
  type RepeatNode,
  readSource,
  widthOf,
} from './source.ts';

type Instruction =
  | { op: 'char'; set: CharSet }
  /** Tries `first`, then `second`. */
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { op: 'save'; slot: number }
  /** Fails where nothing was taken since `save` wrote this slot: a repetition of nothing would have no end. */
  | { op: 'moved'; slot: number }
  | { op: 'back'; group: number }
  | { op: 'look'; program: Program; negative: boolean; behind: number | undefined }
  | { op: 'match' };

export interface Program {
  code: Instruction[];
  /** For each instruction its number among those that several ways lead to, or -1: only these are remembered. */
  join: Int32Array;
  joins: number;
  /** Without memory: its outcome depends on the way (back references), or it is so short that memory costs more. */
  forgets: boolean;
  hasBackReference: boolean;
}

/** What the parts of one expression share while they are written. */
interface Expression {
  pattern: string;
  flags: string;
  names: ReadonlyMap<string, number>;
  sets: Map<string, CharSet>;
  slots: number;
}

/** More than any expression of a person, and what can still be run. */
const MOST_INSTRUCTIONS = 100_000;

/** The characters of a set, asked of the language once for each. */
class CharSet {
  readonly #one: RegExp;
  readonly #low = new Int8Array(256).fill(-1);
  readonly #others = new Map<number, boolean>();

  constructor(source: string, flags: string) {
    this.#one = new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''));
  }

  has(code: number): boolean {
    if (code < 256) {
      const known = this.#low[code]!;
      if (known >= 0) return known === 1;
      const found = this.#one.test(String.fromCharCode(code));
      this.#low[code] = found ? 1 : 0;
      return found;
    }
    let found = this.#others.get(code);
    if (found === undefined) {
      found = this.#one.test(String.fromCodePoint(code));
      if (this.#others.size > 100_000) this.#others.clear();
      this.#others.set(code, found);
    }
    return found;
  }
}

class Writer {
  readonly code: Instruction[] = [];
  hasBackReference = false;
  isBounded = true;
  constructor(readonly whole: Expression) {}

  add(instruction: Instruction): number {
    if (this.code.length >= MOST_INSTRUCTIONS)
      throw new RegexError(
        `invalid regular expression \`${this.whole.pattern}\`: its repetitions are too many to be run`,
      );
    return this.code.push(instruction) - 1;
  }

  node(node: RegexNode): void {
    switch (node.type) {
      case 'char':
        this.add({ op: 'char', set: this.set(node.source) });
        return;
      case 'sequence':
        for (const item of node.items) this.node(item);
        return;
      case 'choice':
        this.choice(node.options);
        return;
      case 'group':
        if (node.index !== undefined) this.add({ op: 'save', slot: node.index * 2 });
        this.node(node.body);
        if (node.index !== undefined) this.add({ op: 'save', slot: node.index * 2 + 1 });
        return;
      case 'repeat':
        this.repeat(node);
        return;
      case 'back':
        this.back(node);
        return;
      case 'look':
        this.look(node);
    }
  }

  set(source: string): CharSet {
    let set = this.whole.sets.get(source);
    if (!set) {
      set = new CharSet(source, this.whole.flags);
      this.whole.sets.set(source, set);
    }
    return set;
  }

  choice(options: readonly RegexNode[]): void {
    const ends: number[] = [];
    options.forEach((option, index) => {
      if (index === options.length - 1) {
        this.node(option);
        return;
      }
      const split = this.add({ op: 'split', first: this.code.length + 1, second: 0 });
      this.node(option);
      ends.push(this.add({ op: 'jump', to: 0 }));
      this.code[split] = { op: 'split', first: split + 1, second: this.code.length };
    });
    for (const end of ends) this.code[end] = { op: 'jump', to: this.code.length };
  }

  repeat({ body, min, max, lazy }: RepeatNode): void {
    for (let i = 0; i < min; i++) this.node(body);
    const splits: number[] = [];
    if (max === Number.POSITIVE_INFINITY) {
      this.isBounded = false;
      splits.push(this.add({ op: 'split', first: 0, second: 0 }));
      const slot = leastWidth(body) === 0 ? this.whole.slots++ : undefined;
      if (slot !== undefined) this.add({ op: 'save', slot });
      this.node(body);
      if (slot !== undefined) this.add({ op: 'moved', slot });
      this.add({ op: 'jump', to: splits[0]! });
    } else {
      for (let i = min; i < max; i++) {
        splits.push(this.add({ op: 'split', first: 0, second: 0 }));
        this.node(body);
      }
    }
    const after = this.code.length;
    for (const split of splits)
      this.code[split] = lazy
        ? { op: 'split', first: after, second: split + 1 }
        : { op: 'split', first: split + 1, second: after };
  }

  back({ group }: BackNode): void {
    this.hasBackReference = true;
    this.add({ op: 'back', group: typeof group === 'number' ? group : this.whole.names.get(group)! });
  }

  look({ body, behind, negative }: LookNode): void {
    const width = behind ? widthOf(body) : undefined;
    if (behind && width === undefined)
      throw new RegexError(
        `invalid regular expression \`${this.whole.pattern}\`: look-behind requires fixed-width pattern`,
      );
    const inner = new Writer(this.whole);
    inner.node(body);
    const program = inner.finish();
    if (program.hasBackReference) this.hasBackReference = true;
    this.add({ op: 'look', program, negative, behind: width });
  }

  finish(): Program {
    this.add({ op: 'match' });
    const reached = new Uint8Array(this.code.length);
    const reach = (to: number) => {
      if (reached[to]! < 2) reached[to]!++;
    };
    this.code.forEach((instruction, at) => {
      if (instruction.op === 'split') {
        reach(instruction.first);
        reach(instruction.second);
      } else if (instruction.op === 'jump') reach(instruction.to);
      else if (instruction.op !== 'match') reach(at + 1);
    });
    let joins = 0;
    const join = Int32Array.from(reached, (count, at) => (count > 1 || at === 0 ? joins++ : -1));
    const forgets = this.hasBackReference || (this.isBounded && this.code.length <= 40);
    return { code: this.code, join, joins, forgets, hasBackReference: this.hasBackReference };
  }
}

/** The program of an expression that translate.ts wrote from `pattern`. Throws RegexError where it is too large. */
export function programOf(
  source: string,
  flags: string,
  pattern: string,
): Program & {
  groups: number;
  slots: number;
  names: Map<string, number>;
} {
  const { root, groups } = readSource(source);
  const names = new Map<string, number>();
  nameGroups(root, names);
  const whole = { pattern, flags, names, sets: new Map(), slots: (groups + 1) * 2 };
  const writer = new Writer(whole);
  writer.node(root);
  return { ...writer.finish(), groups, slots: whole.slots, names };
}

function nameGroups(node: RegexNode, names: Map<string, number>): void {
  if (node.type === 'sequence') for (const item of node.items) nameGroups(item, names);
  else if (node.type === 'choice') for (const option of node.options) nameGroups(option, names);
  else if ('body' in node) {
    if (node.type === 'group' && node.name !== undefined) names.set(node.name, node.index!);
    nameGroups(node.body, names);
  }
}
