/** Writes values as TypeScript. */
import { mistake } from '../errors.ts';
import { type Dict, Float, isList, type Place, Template, Timestamp, type Value, VaultText } from '../values.ts';

/** Code that is a call or a value; how it is laid out depends on what fits into a line. */
export type Code =
  | string
  | { open: string; items: readonly Code[]; close: string; comment?: string }
  | { key: string; value: Code };

const WIDTH = 118;

/** Names of `troupe` that the code uses. */
export class Used {
  readonly troupe = new Set<string>();
  readonly modules = new Set<string>();
}

/** Code as lines. */
export function format(code: Code, indent = ''): string {
  if (typeof code === 'string') return code;
  if ('key' in code) return `${code.key}: ${format(code.value, indent)}`;
  const flat = inline(code);
  if (flat !== undefined && indent.length + flat.length <= WIDTH && !hasComment(code)) return flat;
  const { items, open, close } = code;
  const [only] = items;
  // A list or a function's one object hugs its brackets.
  const last = items.at(-1)!;
  const hug =
    items.length > 0 &&
    items.slice(0, -1).every((item) => inline(item) !== undefined) &&
    typeof last !== 'string' &&
    !('key' in last) &&
    !hasOwnComment(last) &&
    open.endsWith('(');
  if (
    hug &&
    (items.length === 1 ||
      indent.length +
        open.length +
        items
          .slice(0, -1)
          .map((item) => inline(item)!.length + 2)
          .reduce((a, b) => a + b, 0) <
        WIDTH - 20) &&
    !items.slice(0, -1).some(hasComment) &&
    only !== undefined
  )
    return `${open}${items.map((item) => format(item, indent)).join(', ')}${close}`;
  const inner = `${indent}  `;
  const lines = items.map((item) => `${commentOf(item, inner)}${inner}${format(item, inner)},\n`);
  return `${open}\n${lines.join('')}${indent}${close}`;
}

const hasOwnComment = (code: Code): boolean =>
  typeof code === 'object' && 'comment' in code && code.comment !== undefined;

function hasComment(code: Code): boolean {
  if (typeof code === 'string') return false;
  if ('key' in code) return hasComment(code.value);
  return code.items.some((item) => hasOwnComment(item) || hasComment(item));
}

function commentOf(code: Code, indent: string): string {
  const text = typeof code === 'object' && 'comment' in code ? code.comment : undefined;
  return text
    ? text
        .split('\n')
        .map((line) => `${indent}${line}\n`)
        .join('')
    : '';
}

/** On one line, where it has no line breaks of its own. */
function inline(code: Code): string | undefined {
  if (typeof code === 'string') return code.includes('\n') ? undefined : code;
  if ('key' in code) {
    const value = inline(code.value);
    return value === undefined ? undefined : `${code.key}: ${value}`;
  }
  const items = code.items.map(inline);
  if (items.some((item) => item === undefined)) return undefined;
  const space = code.open.endsWith('{') && items.length > 0 ? ' ' : '';
  return `${code.open}${space}${items.join(', ')}${space}${code.close}`;
}

export const call = (name: string, items: readonly Code[], comment?: string): Code => ({
  open: `${name}(`,
  items,
  close: ')',
  ...(comment && { comment }),
});
export const list = (items: readonly Code[]): Code => ({ open: '[', items, close: ']' });
export const object = (entries: readonly (readonly [string, Code])[]): Code => ({
  open: '{',
  items: entries.map(([key, value]) => ({ key: keyText(key), value })),
  close: '}',
});

const keyText = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));

/** A string of JavaScript. */
export function quoted(text: string): string {
  if (text.slice(0, -1).includes('\n') && !text.includes('\r')) return `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``;
  const safe = text.replace(/[\\']/g, '\\$&').replace(/[\u0000-\u001f\u007f\u2028\u2029\ud800-\udfff]/g, escaped);
  return `'${safe}'`;
}

function escaped(char: string): string {
  const known: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return known[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A tagged template of this text, which is taken as it is. */
export function tagged(tag: 'tpl' | 'expr', text: string, used: Used, place: Place | undefined): string {
  used.troupe.add(tag);
  // Between a backslash and what must be escaped nothing can be put.
  if (/\\(?:`|\$\{|$)|\r/.test(text))
    throw mistake(
      'a template with a backslash in front of a backtick, of `${` or at its end cannot be written as a tagged one',
      place,
    );
  return `${tag}\`${text.replace(/`|\$\{/g, '\\$&')}\``;
}

/** A value, with templates in it. */
export function valueCode(value: Value, used: Used, place?: Place): Code {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value);
    throw mistake('a number without end cannot be written here', place);
  }
  if (value instanceof Template) return tagged('tpl', value.text, used, value.place);
  if (value instanceof Float) {
    used.troupe.add('Float');
    return `new Float(${value.value})`;
  }
  if (value instanceof Timestamp)
    throw mistake('a date cannot be written in TypeScript yet', place, 'quote it, if it is meant as a string');
  if (value instanceof VaultText)
    throw mistake(
      'an encrypted value cannot be written in TypeScript',
      value.place,
      'keep it in a file of variables, and name that in `vars_files`',
    );
  if (isList(value)) return list(value.map((item) => valueCode(item, used, place)));
  return dictCode(value, (item) => valueCode(item, used, place));
}

/** A mapping, each value written by `write`; as a Map where an object would lose the order or the type of a key. */
export function dictCode(dict: Dict, write: (value: Value, key: Value) => Code): Code {
  const plain = [...dict.keys()].every((key) => typeof key === 'string' && !/^\d+$/.test(key) && key !== '__proto__');
  if (plain) return object([...dict].map(([key, value]) => [key as string, write(value, key)]));
  const pairs = [...dict].map(([key, value]) =>
    list([typeof key === 'string' ? quoted(key) : String(key), write(value, key)]),
  );
  return { open: 'new Map<Data, Data>([', items: pairs, close: '])' };
}
