/**
 * Templates and expressions in a playbook in TypeScript. A string is data; only what is tagged is evaluated, and what is put
 * into it with `${}` is data again: it arrives as a literal, never as part of the template.
 */
import { type CallSite, callSite } from './call_site.ts';

const KIND = Symbol.for('troupe.template');

interface Tagged {
  readonly kind: 'template' | 'expression';
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
  readonly site: CallSite | undefined;
}

/** A text that is rendered where it is used. */
export interface TemplateText {
  readonly [KIND]: { readonly kind: 'template' };
}

/** An expression: a condition, or a value that is worked out where it is used. */
export interface Expression {
  readonly [KIND]: { readonly kind: 'expression' };
}

/** A reference to what a task registers, or to a variable: as an expression, and its keys as expressions too. */
export type Reference<T> = Expression &
  (T extends readonly (infer Item)[]
    ? { readonly [index: number]: Reference<Item> }
    : T extends object
      ? { readonly [Key in keyof T]-?: Reference<NonNullable<T[Key]>> }
      : unknown);

/** A template: tpl`listen {{ port }}`. Backslashes are the template's own. */
export function tpl(texts: TemplateStringsArray, ...values: unknown[]): TemplateText {
  return tagged('template', texts.raw, values, callSite(tpl)) as TemplateText;
}

/** An expression: expr`port > 1024 and tls is defined`. */
export function expr(texts: TemplateStringsArray, ...values: unknown[]): Expression {
  return tagged('expression', texts.raw, values, callSite(expr)) as Expression;
}

/** Raw texts keep the backslash in front of a backtick and of a dollar sign, which stand there for JavaScript alone. */
const written = (text: string): string => text.replace(/\\(`|\$\{)/g, '$1');

function tagged(kind: Tagged['kind'], texts: readonly string[], values: readonly unknown[], site?: CallSite): unknown {
  return Object.freeze({ [KIND]: { kind, texts: texts.map(written), values, site } });
}

/** A name, and below it whatever key is asked for. */
export function reference(name: string): Expression {
  const path = tagged('expression', [name], []) as object;
  return new Proxy(path, {
    get: (target, key) => {
      if (typeof key === 'symbol') return Reflect.get(target, key) as unknown;
      return reference(/^\w+$/.test(key) && !/^\d/.test(key) ? `${name}.${key}` : `${name}[${indexText(key)}]`);
    },
  }) as Expression;
}

const indexText = (key: string): string => (/^\d+$/.test(key) ? key : literal(key));

const partsOf = (value: unknown): Tagged | undefined =>
  typeof value === 'object' && value !== null ? (value as { [KIND]?: Tagged })[KIND] : undefined;

export const isTemplateText = (value: unknown): value is TemplateText => partsOf(value)?.kind === 'template';
export const isExpression = (value: unknown): value is Expression => partsOf(value)?.kind === 'expression';

/** The text of a template or expression in the language of templates, and the call that wrote it. */
export function writtenText(value: TemplateText | Expression): {
  text: string;
  site: CallSite | undefined;
  plain: boolean;
} {
  const { texts, values, site } = partsOf(value)!;
  let text = texts[0]!;
  for (const [i, each] of values.entries())
    text += inserted(each, inside(isExpression(value) ? `{{${text}` : text)) + texts[i + 1]!;
  return { text, site, plain: values.length === 0 };
}

type Inside = 'text' | 'expression' | `'` | `"`;

/** Where the end of a text is: between braces, in a string there, or in what is copied as it is. */
function inside(text: string): Inside {
  let now: Inside = 'text';
  for (let i = 0; i < text.length; i++) {
    const two = text.slice(i, i + 2);
    if (now === 'text') {
      if (two === '{#') {
        const end = text.indexOf('#}', i);
        if (end < 0) return 'text';
        i = end + 1;
      } else if (two === '{{' || two === '{%') {
        now = 'expression';
        i++;
      }
    } else if (now === 'expression') {
      if (two === '}}' || two === '%}') {
        now = 'text';
        i++;
      } else if (text[i] === "'" || text[i] === '"') now = text[i] as Inside;
    } else if (text[i] === '\\') i++;
    else if (text[i] === now) now = 'expression';
  }
  return now;
}

function inserted(value: unknown, where: Inside): string {
  const own = isTemplateText(value) || isExpression(value) ? writtenText(value) : undefined;
  if (where === 'text') {
    if (isTemplateText(value)) return own!.text;
    return `{{ ${own ? own.text : literal(value)} }}`;
  }
  if (where === 'expression') {
    if (isTemplateText(value)) throw new TypeError('a template cannot be put into an expression; put in an expr`...`');
    return own ? `(${own.text})` : literal(value);
  }
  throw new TypeError(
    'nothing can be put into a string inside of braces; end the string there, and join the two with `~`',
  );
}

/** A value as the language of templates writes it. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return value < 0 ? `(${value})` : String(value);
  if (typeof value === 'string') return quoted(value);
  if (isExpression(value)) return `(${writtenText(value).text})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${literal(key)}: ${literal(item)}`)
      .join(', ')}}`;
  throw new TypeError(`a ${typeof value} cannot be put into a template`);
}

/**
 * A string as an expression. Templates of a playbook keep backslashes as they are, so nothing is escaped in a literal: what one
 * cannot hold goes around it.
 */
function quoted(text: string): string {
  if (/[\\\r]/.test(text)) return `('${Buffer.from(text, 'utf8').toString('base64')}' | b64decode)`;
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  return `(${text
    .split("'")
    .map((part) => `'${part}'`)
    .join(` ~ "'" ~ `)})`;
}
