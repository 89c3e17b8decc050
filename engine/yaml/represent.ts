/** Values to nodes of YAML text, as PyYAML represents them: what each scalar says, which collections go on one line. */
import { Float, isDict, isList, Template, Timestamp, type Value, VaultText } from '../values.ts';
import { scalarTag } from './scalars.ts';

export interface ScalarNode {
  kind: 'scalar';
  text: string;
  /** The text means this value without quotes. */
  plain: boolean;
  /** `!vault` texts are written as a literal block with their tag. */
  tag?: string;
  style?: QuoteStyle | undefined;
}

export interface SequenceNode {
  kind: 'sequence';
  items: YamlNode[];
  flow: boolean;
  anchor?: string;
}

export interface MappingNode {
  kind: 'mapping';
  pairs: [YamlNode, YamlNode][];
  flow: boolean;
  anchor?: string;
}

export interface AliasNode {
  kind: 'alias';
  name: string;
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;
export type QuoteStyle = '"' | "'" | '|' | '>';

interface RepresentStyle {
  sortKeys: boolean;
  /** True: all on one line; false: none; null: collections that hold only scalars. */
  flow: boolean | null;
  quotes?: QuoteStyle | undefined;
}

/** The node of a value. A list or dict that stands there twice is written once, with an anchor, and referred to. */
export function represent(value: Value, style: RepresentStyle): YamlNode {
  const uses = new Map<object, number>();
  countUses(value, uses);
  const anchors = new Map<object, string>();
  const visit = (item: Value): YamlNode => {
    if (!isList(item) && !isDict(item)) return scalar(item, style.quotes);
    const known = anchors.get(item);
    if (known !== undefined) return { kind: 'alias', name: known };
    const shared = (uses.get(item) ?? 0) > 1;
    if (shared) anchors.set(item, `id${String(anchors.size + 1).padStart(3, '0')}`);
    const anchor = shared ? { anchor: anchors.get(item)! } : {};
    if (isList(item)) {
      const items = item.map(visit);
      return { kind: 'sequence', items, flow: style.flow ?? items.every(isSimple), ...anchor };
    }
    const pairs = entries(item, style.sortKeys).map(([k, v]): [YamlNode, YamlNode] => [visit(k), visit(v)]);
    return { kind: 'mapping', pairs, flow: style.flow ?? pairs.flat().every(isSimple), ...anchor };
  };
  return visit(value);
}

const isSimple = (node: YamlNode): boolean => node.kind === 'scalar' && node.style === undefined;

function countUses(value: Value, uses: Map<object, number>): void {
  if (!isList(value) && !isDict(value)) return;
  const before = uses.get(value) ?? 0;
  uses.set(value, before + 1);
  if (before > 0) return;
  if (isList(value)) for (const item of value) countUses(item, uses);
  else {
    for (const [key, item] of value) {
      countUses(key, uses);
      countUses(item, uses);
    }
  }
}

function entries(dict: Map<Value, Value>, sort: boolean): [Value, Value][] {
  const list = [...dict];
  if (!sort) return list;
  const keys = list.map(([key]) => key);
  // Python can't order keys of different types, and PyYAML then leaves them as they are.
  if (keys.every((key) => typeof key === 'string'))
    return list.sort(([a], [b]) => byCodePoint(a as string, b as string));
  if (
    keys.every(
      (key) => typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean' || key instanceof Float,
    )
  ) {
    return list.sort(([a], [b]) => Number(a) - Number(b));
  }
  return list;
}

/** JavaScript orders by UTF-16 units, Python by code points. */
function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [[...a], [...b]];
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  return x.length - y.length;
}

function scalar(value: Value, quotes: QuoteStyle | undefined): ScalarNode {
  if (value instanceof VaultText) return { kind: 'scalar', text: value.text, plain: false, tag: '!vault', style: '|' };
  if (typeof value === 'string' || value instanceof Template) {
    const text = typeof value === 'string' ? value : value.text;
    const plain = scalarTag(text) === 'str' && text !== '<<' && text !== '=';
    return { kind: 'scalar', text, plain, style: quotes };
  }
  return { kind: 'scalar', text: scalarText(value), plain: true };
}

function scalarText(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof Timestamp) return value.text;
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === 'number' && !Number.isInteger(value)) return floatText(value);
  return String(value);
}

/** A float as Python's repr writes it, with a point before the exponent, which YAML 1.1 wants. */
function floatText(n: number): string {
  if (Number.isNaN(n)) return '.nan';
  if (!Number.isFinite(n)) return n > 0 ? '.inf' : '-.inf';
  if (Object.is(n, -0)) return '-0.0';
  const [digits, exponentText] = n.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 16) {
    const plain = Math.abs(n) < 1e21 && Math.abs(n) >= 1e-6 ? String(n) : n.toFixed(20).replace(/0+$/, '');
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return `${digits.includes('.') ? digits : `${digits}.0`}e${power}`;
}
