/**
 * How long the regular expressions of the language may take with one text, at most. They try one way after another, which is
 * fast for nearly all of what people write, and without an end for `(a+)+$`: what could take long goes to machine.ts.
 */
import { type RegexNode, readSource } from './source.ts';

/** Steps that the language's engine may take, by estimate: about a tenth of a second. */
const MOST_STEPS = 2e7;

interface Weight {
  /** A repetition whose body has choices of its own: the number of ways may double with each character. */
  nested: boolean;
  /** The sets that are repeated without a bound, or with a large one. */
  repeated: { source: string; max: number }[];
  /** The product of all other choices. */
  choices: number;
}

/** What a text has of a set: how many characters, and the longest run of them. */
interface Counts {
  total: number;
  longest: number;
}

export class RegexCost {
  readonly #weight: Weight;
  readonly #anchored: 'text' | 'line' | undefined;
  readonly #first: string | undefined;
  readonly #sets = new Map<string, RegExp>();

  constructor(
    source: string,
    readonly flags: string,
  ) {
    const { root } = readSource(source);
    this.#weight = weigh(root);
    const items = leading(root);
    const first = items[0];
    if (first?.type === 'look' && first.behind && first.negative && first.body.type === 'char')
      this.#anchored = first.body.source === '[\\s\\S]' ? 'text' : first.body.source === '[^\\n]' ? 'line' : undefined;
    this.#first = firstSet(items);
  }

  /** Whether the ways through a text are few enough for the language's engine. */
  isSmall(text: string): boolean {
    const { nested, repeated, choices } = this.#weight;
    if (nested) return false;
    const size = text.length + 1;
    if (size * choices * size ** repeated.length <= MOST_STEPS) return true;
    let ways = choices;
    for (const { source, max } of repeated) {
      ways *= Math.min(max, this.#counts(source, text).longest) + 1;
      if (ways > MOST_STEPS) return false;
    }
    if (size * ways <= MOST_STEPS) return true;
    return size + this.#starts(text) * ways <= MOST_STEPS;
  }

  #starts(text: string): number {
    if (this.#anchored === 'text') return 1;
    if (this.#anchored === 'line') return this.#counts('\\n', text).total + 1;
    return this.#first === undefined ? text.length + 1 : this.#counts(this.#first, text).total;
  }

  #counts(source: string, text: string): Counts {
    let set = this.#sets.get(source);
    if (!set) {
      set = new RegExp(`(?:${source})+`, `${this.flags.replace(/[gy]/g, '')}g`);
      this.#sets.set(source, set);
    }
    const counts = { total: 0, longest: 0 };
    for (const [run] of text.matchAll(set)) {
      counts.total += run.length;
      counts.longest = Math.max(counts.longest, run.length);
    }
    return counts;
  }
}

function weigh(node: RegexNode): Weight {
  switch (node.type) {
    case 'char':
      return { nested: false, repeated: [], choices: 1 };
    case 'back':
      return { nested: false, repeated: [], choices: 1 };
    case 'look':
    case 'group':
      return weigh(node.body);
    case 'sequence':
      return node.items.map(weigh).reduce(together, { nested: false, repeated: [], choices: 1 });
    case 'choice': {
      const all = node.options.map(weigh).reduce(together);
      return { ...all, choices: all.choices * node.options.length };
    }
    case 'repeat':
      return repetition(weigh(node.body), node.body, node.max);
  }
}

function repetition(inner: Weight, body: RegexNode, max: number): Weight {
  const hasChoices = inner.nested || inner.repeated.length > 0 || inner.choices > 1;
  if (max <= 1) return { ...inner, choices: inner.choices * 2 };
  if (hasChoices) return { ...inner, nested: true };
  const only = body.type === 'group' ? body.body : body;
  // Of a longer body each repetition takes at least one character of any kind.
  const source = only.type === 'char' ? only.source : '[\\s\\S]';
  return { nested: false, repeated: [{ source, max }], choices: 1 };
}

const together = (a: Weight, b: Weight): Weight => ({
  nested: a.nested || b.nested,
  repeated: [...a.repeated, ...b.repeated],
  choices: a.choices * b.choices,
});

const leading = (node: RegexNode): RegexNode[] =>
  node.type === 'sequence' ? node.items : node.type === 'group' ? leading(node.body) : [node];

/** The set of the first character, where each match begins with one of it. */
function firstSet(items: readonly RegexNode[]): string | undefined {
  const first = items.find((item) => item.type !== 'look');
  if (first?.type === 'char') return first.source;
  if (first?.type === 'repeat' && first.min > 0) return firstSet(leading(first.body));
  return first?.type === 'group' ? firstSet(leading(first)) : undefined;
}
