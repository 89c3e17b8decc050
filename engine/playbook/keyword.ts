/**
 * The one reader of keywords. It follows the columns `type`, `inherit` and `rendered` of the table in keywords.ts; nobody else
 * looks into the keywords of a node.
 */
import { mistake } from '../errors.ts';
import {
  type Dict,
  Float,
  isDict,
  isList,
  type Place,
  placeOfValue,
  Template,
  toPlain,
  type Value,
} from '../values.ts';
import { type Keyword, type KeywordName, keywords, type RowOf } from './keywords.ts';
import { asList, type Scoped } from './nodes.ts';

/** Renders a value for a host, or for the play; undefined where it comes to `omit`. */
export type Render = (value: Value) => Value | undefined;

/** A value and what it is written on. */
interface Given {
  value: Value;
  owner: Scoped;
}

type OfType<Type> = Type extends 'bool'
  ? boolean
  : Type extends 'int' | 'number' | 'percent'
    ? number
    : Type extends 'str'
      ? string
      : Type extends 'list'
        ? Value[]
        : Type extends 'dict'
          ? Dict
          : Value;

/** What reading a keyword gives. */
export type Read<Name extends KeywordName> = RowOf<Name>[3] extends 'extend'
  ? Given[]
  : OfType<RowOf<Name>[2]> | undefined;

/** Keywords that the reader renders; the loader has rendered the others, or they stay as they are written. */
type Rendered<Name extends KeywordName> = RowOf<Name>[4] extends 'play' | 'task' ? [render: Render] : [];

/**
 * The value of a keyword for a node, as its row of the table says: its own, the innermost one that is set, or all of them with
 * the outermost first. A value that comes to `omit` is as if it were not written.
 */
export function keyword<Name extends KeywordName>(node: Scoped, name: Name, ...render: Rendered<Name>): Read<Name> {
  const row = keywords.get(name)!;
  const reads = row.rendered === 'play' || row.rendered === 'task' ? render[0]! : (value: Value) => value;
  return (row.inherit === 'extend' ? everyOne(node, row, reads) : innermost(node, row, reads)) as Read<Name>;
}

function innermost(node: Scoped, row: Keyword, render: Render): Value | undefined {
  // Without a generator: each task asks for some twenty keywords on each host, and most are nowhere.
  for (let owner: Scoped | undefined = node; owner && !endsAt(owner, row); owner = outwards(owner, row)) {
    const value = owner.own.get(row.name);
    if (value === undefined) continue;
    const rendered = render(value);
    if (rendered === undefined) continue;
    // Nothing is a value too: it keeps out what is around it.
    return rendered === null ? undefined : converted(row, rendered, owner);
  }
  return undefined;
}

function everyOne(node: Scoped, row: Keyword, render: Render): Given[] {
  return [...writtenOutwards(node, row)].reverse().flatMap(({ value, owner }) => {
    const rendered = render(value);
    return rendered === undefined || rendered === null ? [] : [{ value: rendered, owner }];
  });
}

/** Where the keyword is looked for next. */
const outwards = (owner: Scoped, row: Keyword): Scoped | undefined => (row.inherit === 'no' ? undefined : owner.parent);

/** What is written where a role is used, or around it, is not for the role's own tasks. */
const endsAt = (owner: Scoped, row: Keyword): boolean =>
  row.name === 'collections' && 'roleStart' in owner && owner.roleStart === true;

function* writtenOutwards(node: Scoped, row: Keyword): Generator<Given> {
  for (let owner: Scoped | undefined = node; owner && !endsAt(owner, row); owner = outwards(owner, row)) {
    const value = owner.own.get(row.name);
    if (value !== undefined) yield { value, owner };
  }
}

/** Where a keyword that holds for a node is written, innermost first, and its values as written: for what is checked before a run. */
export function written(node: Scoped, name: KeywordName): Given[] {
  return [...writtenOutwards(node, keywords.get(name)!)].filter(({ value }) => value !== null);
}

/** A keyword as written on the node itself, rendered or not; undefined where it is not there or empty. */
export function ownKeyword(node: Scoped, name: KeywordName): Value | undefined {
  return node.own.get(name) ?? undefined;
}

/** Where the value of a node's own keyword is written. */
export function placeOfKeyword(node: Scoped, name: KeywordName): Place | undefined {
  return placeOfValue(node.own, name);
}

/** A name as it is written; nothing where there is none. */
export function writtenName(node: Scoped): string {
  const name = ownKeyword(node, 'name');
  return name === undefined ? '' : name instanceof Template ? name.text : String(toPlain(name));
}

/** Tags of a node and all around it, as words. */
export function tagsOf(node: Scoped): string[] {
  let tags = known.get(node);
  if (!tags) {
    tags = [...new Set(keyword(node, 'tags').flatMap(({ value }) => tagWords(value)))];
    known.set(node, tags);
  }
  return [...tags];
}

/** Each event of a task shows its tags, which are the same all through the run. */
const known = new WeakMap<Scoped, string[]>();

/** `a,b` and lists of it, one by one; a template that was not rendered is shown as it is written. */
export function tagWords(value: Value): string[] {
  return asList(value).flatMap((tag) => {
    if (isList(tag)) return tagWords(tag);
    const text = tag instanceof Template ? tag.text : String(tag);
    return (tag instanceof Template ? [text] : text.split(',').map((word) => word.trim())).filter(Boolean);
  });
}

const YES = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const NO = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** A value as the keyword's type has it. */
function converted(row: Keyword, value: Value, owner: Scoped): Value {
  const refuse = (wanted: string): never => {
    throw mistake(
      `\`${row.name}\` is ${shown(value)}, not ${wanted}`,
      placeOfValue(owner.own, row.name) ?? owner.place,
    );
  };
  switch (row.type) {
    case 'bool':
      return yesOrNo(value) ?? refuse('yes or no');
    case 'int': {
      const number = numberOf(value);
      return Number.isInteger(number) ? number! : refuse('a whole number');
    }
    case 'number':
      return numberOf(value) ?? refuse('a number');
    case 'percent':
      return numberOf(typeof value === 'string' ? value.replace('%', '') : value) ?? refuse('a percentage');
    case 'str':
      return value instanceof Template ? value.text : String(value);
    case 'list':
      return asList(value);
    case 'dict':
      return isDict(value) ? value : refuse('a mapping');
    default:
      return value;
  }
}

/** A value as yes or no; undefined where it is neither. */
export function yesOrNo(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase().trim() : String(numberOf(value) ?? '');
  return YES.has(text) ? true : NO.has(text) ? false : undefined;
}

function numberOf(value: Value): number | undefined {
  if (value instanceof Float) return value.value;
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

function shown(value: Value): string {
  if (isList(value)) return 'a list';
  if (value instanceof Template) return 'a template';
  return isDict(value) ? 'a mapping' : `\`${String(value)}\``;
}
