/**
 * Values to YAML text as libyaml emits it under Ansible's to_yaml and to_nice_yaml: the same quotes, the same line breaks, the
 * same indentation.
 */
import type { Value } from '../values.ts';
import {
  type AliasNode,
  type MappingNode,
  type QuoteStyle,
  represent,
  type ScalarNode,
  type SequenceNode,
  type YamlNode,
} from './represent.ts';
import { analyze, BREAK, escaped, isPrintable } from './scalar_styles.ts';

/** Options in Python's spelling too, as filters are given them. */
interface YamlStyle {
  indent?: number;
  width?: number;
  sortKeys?: boolean;
  sort_keys?: boolean;
  /** True: all on one line; false: nothing; null (default): collections that hold only scalars. */
  default_flow_style?: boolean | null;
  default_style?: QuoteStyle | null;
  explicit_start?: boolean;
  explicit_end?: boolean;
  allow_unicode?: boolean;
}

/** A value as a YAML document, ended by a newline. */
export function toYaml(value: Value, style: YamlStyle = {}): string {
  const node = represent(value, {
    sortKeys: style.sortKeys ?? style.sort_keys ?? true,
    flow: style.default_flow_style ?? null,
    quotes: style.default_style ?? undefined,
  });
  return new Emitter(style).document(node, style);
}

class Emitter {
  #out = '';
  #column = 0;
  #indent = -1;
  #flowDepth = 0;
  /** The last thing written was white space, so that an indicator needs none before it. */
  #whitespace = true;
  /** The line so far holds only indentation and `-`, `?`, `:`. */
  #indention = true;
  readonly #step: number;
  readonly #width: number;
  readonly #unicode: boolean;

  constructor(style: YamlStyle) {
    const step = style.indent ?? 2;
    this.#step = step < 2 || step > 9 ? 2 : step;
    const width = style.width ?? 80;
    this.#width = width < 0 ? Number.POSITIVE_INFINITY : width <= this.#step * 2 ? 80 : width;
    this.#unicode = style.allow_unicode ?? true;
  }

  document(node: YamlNode, style: YamlStyle): string {
    if (style.explicit_start) {
      this.#indicator('---', true, false, false);
      if (node.kind !== 'scalar' && !isFlow(node)) this.#writeIndent();
    }
    this.#node(node, { key: false, mapping: false });
    this.#writeIndent();
    if (style.explicit_end) this.#out += '...\n';
    return this.#out;
  }

  #put(text: string): void {
    this.#out += text;
    this.#column += [...text].length;
  }

  #lineBreak(char = '\n'): void {
    this.#out += char;
    this.#column = 0;
  }

  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#lineBreak();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }

  #indicator(mark: string, needsSpace: boolean, leavesSpace: boolean, keepsIndention: boolean): void {
    if (needsSpace && !this.#whitespace) this.#put(' ');
    this.#put(mark);
    this.#whitespace = leavesSpace;
    this.#indention &&= keepsIndention;
  }

  /** Runs with a deeper indentation. */
  #deeper(flow: boolean, indentless: boolean, write: () => void): void {
    const before = this.#indent;
    if (before < 0) this.#indent = flow ? this.#step : 0;
    else if (!indentless) this.#indent = before + this.#step;
    write();
    this.#indent = before;
  }

  #node(node: YamlNode, at: { key: boolean; mapping: boolean }): void {
    if (node.kind === 'alias') {
      this.#alias(node, at.key);
      return;
    }
    if (node.kind === 'scalar') {
      this.#deeper(true, false, () => this.#scalar(node, at.key));
      return;
    }
    if (node.anchor) this.#indicator(`&${node.anchor}`, true, false, false);
    if (this.#flowDepth > 0 || isFlow(node)) this.#flow(node);
    else if (node.kind === 'sequence') this.#blockSequence(node, at.mapping);
    else this.#blockMapping(node);
  }

  #alias(node: AliasNode, key: boolean): void {
    this.#indicator(`*${node.name}`, true, false, false);
    // A colon right behind it would belong to its name.
    if (key) this.#put(' ');
  }

  #flow(node: SequenceNode | MappingNode): void {
    const [open, close] = node.kind === 'sequence' ? ['[', ']'] : ['{', '}'];
    this.#indicator(open, true, true, false);
    this.#deeper(true, false, () => {
      this.#flowDepth++;
      const entries = node.kind === 'sequence' ? node.items : node.pairs;
      entries.forEach((entry, index) => {
        if (index > 0) this.#indicator(',', false, false, false);
        if (this.#column > this.#width) this.#writeIndent();
        if (Array.isArray(entry)) this.#flowPair(entry);
        else this.#node(entry, { key: false, mapping: false });
      });
      this.#flowDepth--;
    });
    this.#indicator(close, false, false, false);
  }

  #flowPair([key, value]: [YamlNode, YamlNode]): void {
    const simple = isSimpleKey(key);
    if (!simple) this.#indicator('?', true, false, false);
    this.#node(key, { key: simple, mapping: true });
    if (!simple && this.#column > this.#width) this.#writeIndent();
    this.#indicator(':', !simple, false, false);
    this.#node(value, { key: false, mapping: true });
  }

  #blockSequence(node: SequenceNode, inMapping: boolean): void {
    this.#deeper(false, inMapping && !this.#indention, () => {
      for (const item of node.items) {
        this.#writeIndent();
        this.#indicator('-', true, false, true);
        this.#node(item, { key: false, mapping: false });
      }
    });
  }

  #blockMapping(node: MappingNode): void {
    this.#deeper(false, false, () => {
      for (const [key, value] of node.pairs) {
        this.#writeIndent();
        const simple = isSimpleKey(key);
        if (!simple) this.#indicator('?', true, false, true);
        this.#node(key, { key: simple, mapping: true });
        if (!simple) this.#writeIndent();
        this.#indicator(':', !simple, false, !simple);
        this.#node(value, { key: false, mapping: true });
      }
    });
  }

  #scalar(node: ScalarNode, key: boolean): void {
    const { text } = node;
    if (node.tag) this.#indicator(node.tag, true, false, false);
    const can = analyze(text);
    let style = node.style ?? 'plain';
    if (key && can.multiline) style = '"';
    if (style === 'plain') {
      const allowed = this.#flowDepth > 0 ? can.flowPlain : can.blockPlain;
      if (!allowed || !node.plain || (text === '' && (this.#flowDepth > 0 || key))) style = "'";
    }
    if (style === "'" && (!can.single || (!this.#unicode && /[^\x00-\x7f]/.test(text)))) style = '"';
    if ((style === '|' || style === '>') && (!can.block || this.#flowDepth > 0 || key)) style = '"';
    if (style === 'plain') this.#plain(text, !key);
    else if (style === "'") this.#singleQuoted(text, !key);
    else if (style === '"') this.#doubleQuoted(text, !key);
    else this.#literal(text);
  }

  #plain(text: string, mayBreak: boolean): void {
    if (!this.#whitespace && (text !== '' || this.#flowDepth > 0)) this.#put(' ');
    this.#folded(
      text,
      mayBreak,
      (i, chars) => chars[i + 1] !== ' ',
      (char) => char,
    );
    this.#whitespace = false;
    this.#indention = false;
  }

  #singleQuoted(text: string, mayBreak: boolean): void {
    this.#indicator("'", true, false, false);
    const inside = (i: number, chars: string[]): boolean => i > 0 && i < chars.length - 1 && chars[i + 1] !== ' ';
    const endedInBreak = this.#folded(text, mayBreak, inside, (char) => (char === "'" ? "''" : char));
    if (endedInBreak) this.#writeIndent();
    this.#indicator("'", false, false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Text whose single spaces may become line breaks, and whose line breaks are doubled. True if it ended in one. */
  #folded(
    text: string,
    mayBreak: boolean,
    foldable: (i: number, chars: string[]) => boolean,
    write: (char: string) => string,
  ): boolean {
    const chars = [...text];
    let spaces = false;
    let breaks = false;
    chars.forEach((char, i) => {
      if (char === ' ') {
        if (mayBreak && !spaces && this.#column > this.#width && foldable(i, chars)) this.#writeIndent();
        else this.#put(char);
        spaces = true;
      } else if (BREAK.test(char)) {
        if (!breaks && char === '\n') this.#lineBreak();
        this.#lineBreak(char);
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.#writeIndent();
        this.#put(write(char));
        this.#indention = false;
        spaces = false;
        breaks = false;
      }
    });
    return breaks;
  }

  #doubleQuoted(text: string, mayBreak: boolean): void {
    this.#indicator('"', true, false, false);
    const chars = [...text];
    let spaces = false;
    chars.forEach((char, i) => {
      if (
        !isPrintable(char) ||
        BREAK.test(char) ||
        char === '"' ||
        char === '\\' ||
        (!this.#unicode && char > '\x7f')
      ) {
        this.#put(escaped(char));
        spaces = false;
      } else if (char === ' ') {
        if (mayBreak && !spaces && this.#column > this.#width && i > 0 && i < chars.length - 1) {
          this.#writeIndent();
          if (chars[i + 1] === ' ') this.#put('\\');
        } else this.#put(char);
        spaces = true;
      } else {
        this.#put(char);
        spaces = false;
      }
    });
    this.#indicator('"', false, false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #literal(text: string): void {
    const ends = /\n\n$|^\n$/.test(text) ? '+' : text.endsWith('\n') ? '' : '-';
    const hint = /^[ \n]/.test(text) ? String(this.#step) : '';
    this.#indicator(`|${hint}${ends}`, true, false, false);
    this.#lineBreak();
    this.#indention = true;
    this.#whitespace = true;
    const lines = text.replace(/\n$/, '').split('\n');
    lines.forEach((line, i) => {
      if (i > 0) {
        this.#lineBreak();
        this.#indention = true;
      }
      if (line === '') return;
      this.#writeIndent();
      this.#put(line);
      this.#indention = false;
    });
    if (ends === '+') this.#lineBreak();
  }
}

const isFlow = (node: YamlNode): boolean =>
  node.kind === 'sequence'
    ? node.flow || node.items.length === 0
    : node.kind === 'mapping' && (node.flow || node.pairs.length === 0);

/** Whether a key can stand before its colon on one line. */
function isSimpleKey(node: YamlNode): boolean {
  if (node.kind === 'alias') return true;
  if (node.kind === 'scalar') return Buffer.byteLength(node.text) <= 128 && !BREAK.test(node.text);
  return node.kind === 'sequence' ? node.items.length === 0 : node.pairs.length === 0;
}
