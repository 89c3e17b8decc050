/**
 * The shape of a JavaScript regular expression that translate.ts wrote: what cost.ts weighs and machine.ts runs. Only what
 * translate.ts writes is read: `^`, `$`, `\b` and the classes of JavaScript have been spelled out as sets and look-arounds.
 */

/** One character: a set as JavaScript writes it, `[a-z]`, `\.`, `x`. */
interface CharNode {
  type: 'char';
  source: string;
}
export interface RepeatNode {
  type: 'repeat';
  body: RegexNode;
  min: number;
  /** Infinity where there is no upper bound. */
  max: number;
  lazy: boolean;
}
/** A group; `index` is undefined where nothing is captured. */
interface GroupNode {
  type: 'group';
  body: RegexNode;
  index?: number;
  name?: string;
}
export interface LookNode {
  type: 'look';
  body: RegexNode;
  behind: boolean;
  negative: boolean;
}
/** What a group matched, again: by number, or by name. */
export interface BackNode {
  type: 'back';
  group: number | string;
}
interface SequenceNode {
  type: 'sequence';
  items: RegexNode[];
}
interface ChoiceNode {
  type: 'choice';
  options: RegexNode[];
}
export type RegexNode = CharNode | RepeatNode | GroupNode | LookNode | BackNode | SequenceNode | ChoiceNode;

class Reader {
  at = 0;
  groups = 0;
  constructor(readonly text: string) {}

  choice(): RegexNode {
    const options = [this.sequence()];
    while (this.text[this.at] === '|') {
      this.at++;
      options.push(this.sequence());
    }
    return options.length === 1 ? options[0]! : { type: 'choice', options };
  }

  sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')')
      items.push(this.repeated(this.atom()));
    return items.length === 1 ? items[0]! : { type: 'sequence', items };
  }

  repeated(body: RegexNode): RegexNode {
    const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\??)/.exec(this.text.slice(this.at, this.at + 40));
    if (!found) return body;
    this.at += found[0].length;
    const [, sign, low, comma, high, lazy] = found;
    const min = sign ? (sign === '+' ? 1 : 0) : Number(low);
    const unbounded = Number.POSITIVE_INFINITY;
    const max = sign ? (sign === '?' ? 1 : unbounded) : comma ? (high ? Number(high) : unbounded) : min;
    return { type: 'repeat', body, min, max, lazy: lazy === '?' };
  }

  atom(): RegexNode {
    const start = this.at;
    const char = this.text[start]!;
    if (char === '(') return this.group();
    if (char === '[') {
      for (this.at++; this.text[this.at] !== ']'; this.at++) if (this.text[this.at] === '\\') this.at++;
      this.at++;
    } else if (char === '\\') {
      const rest = this.text.slice(start, start + 80);
      const back = /^\\(?:k<([^>]+)>|([1-9]\d?))/.exec(rest);
      if (back) {
        this.at += back[0].length;
        return { type: 'back', group: back[1] ?? Number(back[2]) };
      }
      this.at += /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]+\}|[\s\S])/.exec(rest)![0].length;
    } else this.at += String.fromCodePoint(this.text.codePointAt(start)!).length;
    return { type: 'char', source: this.text.slice(start, this.at) };
  }

  group(): RegexNode {
    const open = /^\((?:\?(?:(:)|(<?)([=!])|<([^>]+)>))?/.exec(this.text.slice(this.at, this.at + 300))!;
    this.at += open[0].length;
    const [whole, plain, behind, look, name] = open;
    const index = whole === '(' || name !== undefined ? ++this.groups : undefined;
    const body = this.choice();
    this.at++;
    if (look) return { type: 'look', body, behind: behind === '<', negative: look === '!' };
    if (plain || index === undefined) return { type: 'group', body };
    return name === undefined ? { type: 'group', body, index } : { type: 'group', body, index, name };
  }
}

/** The tree of an expression's source, and how many groups it captures. */
export function readSource(source: string): { root: RegexNode; groups: number } {
  const reader = new Reader(source);
  const root = reader.choice();
  return { root, groups: reader.groups };
}

/** How many characters a node takes, where that is always the same number. */
export function widthOf(node: RegexNode): number | undefined {
  switch (node.type) {
    case 'char':
      return 1;
    case 'look':
      return 0;
    case 'back':
      return undefined;
    case 'group':
      return widthOf(node.body);
    case 'repeat': {
      const width = widthOf(node.body);
      return node.min === node.max && width !== undefined ? width * node.min : width === 0 ? 0 : undefined;
    }
    case 'sequence':
      return node.items
        .map(widthOf)
        .reduce((sum, width) => (sum === undefined || width === undefined ? undefined : sum + width), 0);
    case 'choice': {
      const widths = node.options.map(widthOf);
      return widths.every((width) => width === widths[0]) ? widths[0] : undefined;
    }
  }
}

/** The smallest number of characters that a node takes. */
export function leastWidth(node: RegexNode): number {
  switch (node.type) {
    case 'char':
      return 1;
    case 'look':
    case 'back':
      return 0;
    case 'group':
      return leastWidth(node.body);
    case 'repeat':
      return node.min === 0 ? 0 : leastWidth(node.body) * node.min;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + leastWidth(item), 0);
    case 'choice':
      return Math.min(...node.options.map(leastWidth));
  }
}
