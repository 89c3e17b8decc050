/** Nodes of the YAML syntax to values, with the meaning that PyYAML gives them. */
import { Alias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { AuthorError, type Finding, mistake, placeText } from '../errors.ts';
import {
  type Dict,
  fromProject,
  isDict,
  type Place,
  type Source,
  setPlaces,
  Template,
  type Value,
  VaultText,
} from '../values.ts';
import { unquotedTemplate } from './complaints.ts';
import { keyIdentity, type ScalarTag, scalarTag, scalarValue } from './scalars.ts';

export interface ParseOptions {
  /** A project's own file (default): strings with template marks become Templates. False: data, every string is inert. */
  trusted?: boolean;
  /** False refuses `!vault` (default: it becomes a VaultText). */
  vault?: boolean;
  /** False: a text that is JSON is read as YAML 1.1 all the same, as `from_yaml` does; files are tried as JSON first. */
  json?: boolean;
  /** Told of each key that a mapping has twice, of which the last one counts; without it that is a mistake. */
  duplicates?: ((finding: Finding) => void) | undefined;
}

/** What a key that stands twice in a mapping is, as Ansible's duplicate_dict_key has it. */
export type DuplicateKeys = 'warn' | 'error' | 'ignore';

/** The option `duplicates` by that setting. */
export function duplicatesBy(
  setting: DuplicateKeys | undefined,
  warn: (finding: Finding) => void,
): ParseOptions['duplicates'] {
  if (setting === 'error') return undefined;
  return setting === 'ignore' ? () => {} : (finding) => warn({ ...finding, warning: true });
}

const STANDARD = 'tag:yaml.org,2002:';
/** An alias may stand for a large value many times over; beyond this many values in all a file is a bomb, not a configuration. */
const MOST_VALUES = 1_000_000;

interface Anchored {
  value: Value;
  size: number;
}

export class Builder {
  readonly #source: Source;
  readonly #original: (offset: number) => number;
  readonly #trusted: boolean;
  readonly #vault: boolean;
  readonly #duplicates: ParseOptions['duplicates'];
  readonly #anchors = new Map<string, Anchored | 'open'>();
  /** Values counted so far, those behind aliases included. */
  #size = 0;
  #unsafeDepth = 0;

  constructor(source: Source, options: ParseOptions, original: (offset: number) => number) {
    this.#source = source;
    this.#original = original;
    this.#trusted = options.trusted ?? true;
    this.#vault = options.vault ?? true;
    this.#duplicates = options.duplicates;
  }

  build(node: Node | null | undefined): Value {
    if (!node) return null;
    if (node instanceof Alias) return this.#alias(node);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor === undefined) return this.#tagged(node);
    const before = this.#size;
    this.#anchors.set(anchor, 'open');
    const value = this.#tagged(node);
    this.#anchors.set(anchor, { value, size: this.#size - before });
    return value;
  }

  #alias(node: Alias): Value {
    const known = this.#anchors.get(node.source);
    if (known === undefined) {
      throw mistake(
        `the alias \`*${node.source}\` refers to no anchor \`&${node.source}\` above it`,
        this.#place(node),
        `quote the value if it is a text that begins with \`*\`: "*${node.source}"`,
      );
    }
    if (known === 'open') {
      throw mistake(`the alias \`*${node.source}\` stands inside the value it refers to`, this.#place(node));
    }
    this.#count(known.size, node);
    return known.value;
  }

  #count(values: number, node: Node): void {
    this.#size += values;
    if (this.#size > MOST_VALUES && values > 1) {
      throw mistake('aliases in this file expand to more than a million values', this.#place(node));
    }
  }

  #tagged(node: Node): Value {
    this.#count(1, node);
    const tag = node.tag;
    if (tag === '!unsafe') {
      this.#unsafeDepth++;
      try {
        return this.#untagged(node);
      } finally {
        this.#unsafeDepth--;
      }
    }
    if (tag === '!vault' || tag === '!vault-encrypted') return this.#vaultText(node);
    if (tag?.startsWith(STANDARD)) return this.#standard(node, tag.slice(STANDARD.length));
    if (tag !== undefined && tag !== '!') {
      throw mistake(
        `\`${tag}\` is not a tag that is known here`,
        this.#tagPlace(node, tag),
        "the known ones are !vault, !unsafe and YAML's own (!!str, !!int ...); quote the value if it is a text that begins with `!`",
      );
    }
    return this.#untagged(node);
  }

  #untagged(node: Node): Value {
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return this.#list(node.items as Node[], node);
    const scalar = node as Scalar;
    const text = String(scalar.value ?? '');
    if (scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED')
      return this.#string(this.#block(text, scalar), scalar);
    if (scalar.type !== 'PLAIN' || (text === '' && node.tag === '!')) return this.#string(text, scalar);
    return this.#scalar(text, scalarTag(text), scalar);
  }

  #scalar(text: string, tag: ScalarTag, node: Scalar): Value {
    if (tag === 'str') return this.#string(text, node);
    const value = scalarValue(text, tag);
    if (value === undefined) {
      const kind = tag === 'timestamp' ? 'a date that exists' : `a valid ${tag}`;
      throw mistake(`\`${text}\` is not ${kind}`, this.#place(node), `quote it if it is meant as text: "${text}"`);
    }
    return value;
  }

  /** Where the last line of the file has no line end, neither has a block that ends in it. */
  #block(text: string, node: Scalar): string {
    const { text: all } = this.#source;
    const last = all.slice(all.lastIndexOf('\n') + 1);
    if (last.trim() === '' || !text.endsWith('\n') || this.#original(node.range?.[1] ?? 0) < all.length) return text;
    return text.slice(0, -1);
  }

  #string(text: string, node: Scalar): string | Template {
    if (!this.#trusted || this.#unsafeDepth > 0) return text;
    return fromProject(text, this.#textPlace(node));
  }

  #standard(node: Node, name: string): Value {
    if (name === 'map' && isMap(node)) return this.#map(node);
    if (name === 'seq' && isSeq(node)) return this.#list(node.items as Node[], node);
    if (name === 'set' && isMap(node)) return [...this.#map(node).keys()];
    if ((name === 'omap' || name === 'pairs') && isSeq(node)) return this.#pairs(node.items as Node[]);
    if (isScalar(node)) {
      const text = String(node.value ?? '');
      if (name === 'str') return this.#string(text, node);
      if (name === 'binary') return this.#binary(text, node);
      if (name === 'null' || name === 'bool' || name === 'int' || name === 'float' || name === 'timestamp') {
        return this.#scalar(text, name, node);
      }
    }
    throw mistake(`\`!!${name}\` can't be applied to this value`, this.#place(node));
  }

  #binary(text: string, node: Scalar): string {
    const digits = text.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0) {
      throw mistake('the text behind `!!binary` is not base64', this.#place(node));
    }
    return Buffer.from(digits, 'base64').toString('utf8');
  }

  #pairs(items: Node[]): Value[] {
    return items.map((item) => {
      const entries = isMap(item) ? [...this.#map(item)] : [];
      if (entries.length !== 1) throw mistake('expected a mapping of one key', this.#place(item));
      return [...entries[0]!];
    });
  }

  #vaultText(node: Node): VaultText {
    if (!isScalar(node) || typeof node.value !== 'string' || node.value === '') {
      throw mistake('the `!vault` tag needs a text: `!vault |` and the encrypted lines below', this.#place(node));
    }
    if (!this.#vault) throw mistake('encrypted values are not read here', this.#place(node));
    return new VaultText(node.value, this.#place(node));
  }

  #list(items: Node[], node: Node): Value[] {
    const values = new Map<Value, Place>();
    const list = items.map((item, index) => {
      values.set(index, this.#place(item));
      return this.build(item);
    });
    setPlaces(list, { self: this.#place(node), values });
    return list;
  }

  #duplicate(key: Value, first: Place, second: Place): void {
    const name = typeof key === 'object' && key !== null && 'text' in key ? key.text : String(key);
    const finding = {
      message: `found a duplicate dict key (${name})`,
      place: second,
      help: `it already stands at ${placeText(first)}; remove one of the two`,
    };
    if (!this.#duplicates) throw new AuthorError(finding);
    this.#duplicates({ ...finding, message: `${finding.message}: only the last one counts` });
  }

  #map(node: YAMLMap): Dict {
    const dict: Dict = new Map();
    const keys = new Map<Value, Place>();
    const values = new Map<Value, Place>();
    const seen = new Map<string, Place>();
    const merged: { value: Value; place: Place }[] = [];
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null;
      const valueNode = pair.value as Node | null;
      const keyPlace = keyNode ? this.#place(keyNode) : this.#place(node);
      if (isScalar(keyNode) && keyNode.source === '' && keyNode.type === 'PLAIN' && !keyNode.tag && !keyNode.anchor) {
        throw mistake(
          'there is a `:` with no key before it',
          keyPlace,
          'quote the value before it, if the `:` belongs to that',
        );
      }
      if (isMergeKey(keyNode)) {
        const value = this.build(valueNode);
        merged.push({ value, place: valueNode ? this.#place(valueNode) : keyPlace });
        continue;
      }
      const key = this.#key(keyNode, valueNode, keyPlace);
      const identity = keyIdentity(key);
      const first = seen.get(identity);
      if (first) this.#duplicate(key, first, keyPlace);
      seen.set(identity, keyPlace);
      dict.set(key, this.build(valueNode));
      keys.set(key, keyPlace);
      values.set(key, valueNode?.range ? this.#place(valueNode) : keyPlace);
    }
    const whole = merged.length > 0 ? this.#merge(dict, merged) : dict;
    setPlaces(whole, { self: this.#place(node), keys, values });
    return whole;
  }

  /** A key keeps its type: `8080: x` has an int key. */
  #key(node: Node | null, valueNode: Node | null, place: Place): Value {
    const built = this.build(node);
    // No key is a template, as in Ansible; set_fact alone renders the names of its arguments.
    const key = built instanceof Template ? built.text : built;
    if (typeof key !== 'object' || key === null || !(isDict(key) || Array.isArray(key))) return key;
    throw (
      unquotedTemplate(this.#source, place.offset) ??
      mistake("a mapping or a list can't be a key", valueNode ? this.#place(valueNode) : place)
    );
  }

  /** `<<`: the keys of other mappings first, those of an earlier one stronger; the mapping's own keys win. */
  #merge(own: Dict, merged: { value: Value; place: Place }[]): Dict {
    const result: Dict = new Map();
    for (const { value, place } of merged) {
      const list = Array.isArray(value) ? value : [value];
      for (const dict of [...list].reverse()) {
        if (!isDict(dict)) throw mistake('`<<` needs a mapping, or a list of mappings, to merge', place);
        for (const [key, item] of dict) result.set(key, item);
        this.#count(dict.size, { range: [place.offset] } as unknown as Node);
      }
    }
    for (const [key, item] of own) result.set(key, item);
    return result;
  }

  #start(node: Node): number {
    return this.#original(node.range?.[0] ?? 0);
  }

  #place(node: Node): Place {
    return { source: this.#source, offset: this.#start(node) };
  }

  #tagPlace(node: Node, tag: string): Place {
    const end = this.#start(node);
    const start = this.#source.text.lastIndexOf(tag, end);
    return { source: this.#source, offset: start < 0 ? end : start };
  }

  /** Where the text of a scalar begins: behind the quote, or on the first line of a block. */
  #textPlace(node: Scalar): Place {
    const start = this.#start(node);
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
      return { source: this.#source, offset: start + 1 };
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return { source: this.#source, offset: start };
    const content = /\n\s*/g;
    content.lastIndex = start;
    const found = content.exec(this.#source.text);
    return { source: this.#source, offset: found ? found.index + found[0].length : start };
  }
}

function isMergeKey(node: Node | null): boolean {
  return (
    isScalar(node) &&
    node.value === '<<' &&
    node.type === 'PLAIN' &&
    (node.tag === undefined || node.tag === `${STANDARD}merge`)
  );
}
