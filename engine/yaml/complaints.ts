/** Words a YAML syntax error: what the parser says seldom names the mistake that people made, so the line itself is looked at. */
import { type AuthorError, mistake } from '../errors.ts';
import type { Place, Source } from '../values.ts';

/** The line around an offset and what is on it. */
interface Line {
  text: string;
  start: number;
  number: number;
}

/** The AuthorError for a syntax error that the parser reports as a code, a message and an offset. */
export function explainSyntaxError(source: Source, code: string, message: string, offset: number): AuthorError {
  const at = Math.min(offset, source.text.length);
  const here = lineAt(source, at);
  const lines = [here, ...nearbyLines(source, here)];
  return (
    tabIndent(source, here, code) ??
    first(lines, (line) => templateValue(source, line)) ??
    unclosedQuote(source, code, message, at) ??
    first(lines, (line) => textAfterQuote(source, line)) ??
    first(lines, (line) => reservedStart(source, line)) ??
    first(lines, (line) => colonInValue(source, line)) ??
    first(lines, (line) => quotesInTemplate(source, line)) ??
    unclosedBracket(source, message, at) ??
    general(source, code, message, at, here)
  );
}

/** For a mapping used as a key, when it is really `key: {{ name }}` without quotes. */
export function unquotedTemplate(source: Source, offset: number): AuthorError | undefined {
  return templateValue(source, lineAt(source, offset));
}

function lineAt(source: Source, offset: number): Line {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  const end = source.text.indexOf('\n', start);
  const text = source.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  return { text, start, number: source.position(start).line };
}

/** The parser often complains a line late: the line with content before is worth a look too. */
function nearbyLines(source: Source, here: Line): Line[] {
  let offset = here.start - 1;
  while (offset > 0) {
    const line = lineAt(source, offset);
    if (line.text.trim() !== '' && !/^\s*#/.test(line.text)) return [line];
    offset = line.start - 1;
  }
  return [];
}

function first<T, R>(items: T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = look(item);
    if (found) return found;
  }
  return undefined;
}

const place = (source: Source, offset: number): Place => ({ source, offset });

/** The value part of a line such as `- key: value` or `- value`, and where it begins. */
function valuePart(line: Line): { key: string; value: string; offset: number } | undefined {
  const found = /^(\s*(?:- +)*)(?:([\w.\-/ ]+?|"[^"]*"|'[^']*') *:[ \t]+)?(\S.*)$/.exec(line.text);
  if (!found) return undefined;
  const value = found[3]!;
  return { key: found[2] ?? '', value, offset: line.start + line.text.length - value.length };
}

function tabIndent(source: Source, line: Line, code: string): AuthorError | undefined {
  const tab = /^[ -]*\t/.exec(line.text);
  if (!tab || (code !== 'TAB_AS_INDENT' && !/^\s*\t/.test(line.text))) return undefined;
  return mistake(
    "a tab can't indent in YAML",
    place(source, line.start + tab[0].length - 1),
    'replace the tab by spaces',
  );
}

function templateValue(source: Source, line: Line): AuthorError | undefined {
  const part = valuePart(line);
  if (!part || !/^\{[{%]/.test(part.value)) return undefined;
  const asKey = /^(\{\{.*?\}\}[^:]*):(?:\s|$)/.exec(part.value);
  if (asKey && part.key === '') {
    return mistake(
      'this key begins with `{{`, which YAML reads as the start of a mapping',
      place(source, part.offset),
      `quote the key: "${asKey[1]}":`,
    );
  }
  const value = part.value.replace(/\s+#.*$/, '');
  const quoted = value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
  return mistake(
    `this value begins with \`${value.slice(0, 2)}\`, which YAML reads as the start of a mapping`,
    place(source, part.offset),
    CONDITIONS.test(part.key)
      ? `\`${part.key}\` takes an expression, without braces: ${part.key}: ${value.replace(/\{\{\s*|\s*\}\}/g, '')}`
      : `quote the whole value: ${part.key ? `${part.key}: ` : ''}${quoted}`,
  );
}

/** Keys whose values are expressions. */
const CONDITIONS = /^(when|until|changed_when|failed_when|that|break_when)$/;

function unclosedQuote(source: Source, code: string, message: string, offset: number): AuthorError | undefined {
  const found = /^Missing closing (['"])quote/.exec(message);
  if (code !== 'MISSING_CHAR' || !found) return undefined;
  const quote = found[1]!;
  // The parser points at the end of the text: the quote that opened it is what the author wants to see.
  let opener = -1;
  for (const match of source.text.slice(0, offset).matchAll(/(?<=^|[\s:[{,-])(['"])/gm)) {
    if (match[1] === quote) opener = match.index;
  }
  return mistake(
    `a text that begins with ${quote} is never closed`,
    place(source, opener < 0 ? offset : opener),
    `add the closing ${quote}${quote === "'" ? " (a ' inside such a text is written '')" : ' (a " inside such a text is written \\")'}`,
  );
}

/** `{msg: "{{ "a" }}"}`: the text ends where the template's own quote begins. */
function quotesInTemplate(source: Source, line: Line): AuthorError | undefined {
  const found = /"[^"]*\{\{[^"}]*(")[^"]*"[^"]*\}\}[^"]*"/.exec(line.text);
  if (!found) return undefined;
  return mistake(
    'this quote ends the text that the template stands in',
    place(source, line.start + found.index + found[0].indexOf('"', 1)),
    'inside of it use the other quote: "{{ \'a\' }}"',
  );
}

function textAfterQuote(source: Source, line: Line): AuthorError | undefined {
  const part = valuePart(line);
  const found = part && /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*([^\s#,\]}:].*)$/.exec(part.value);
  if (!part || !found) return undefined;
  const outer = found[1]!.startsWith('"') ? "'" : '"';
  return mistake(
    'there is more text behind the closing quote',
    place(source, part.offset + part.value.length - found[2]!.length),
    `a value that begins with a quote ends with it; put the whole value in quotes: ${outer}${part.value}${outer}`,
  );
}

const RESERVED: { [start: string]: string } = {
  ',': '`,` separates the items of a [list]',
  ']': '`]` ends a [list]',
  '}': '`}` ends a {mapping}',
  '@': '`@` is reserved in YAML',
  '`': 'a backtick is reserved in YAML',
  '%': '`%` begins a YAML directive',
  '*': '`*` refers to a YAML anchor',
  '&': '`&` defines a YAML anchor',
  '!': '`!` begins a YAML tag',
};

function reservedStart(source: Source, line: Line): AuthorError | undefined {
  const part = valuePart(line);
  const why = part && RESERVED[part.value[0]!];
  if (!part || !why || (part.key === '' && !/^\s*- /.test(line.text))) return undefined;
  if (/^[*&!][\w-]+(\s|$)/.test(part.value)) return undefined;
  const value = part.value.replace(/\s+#.*$/, '');
  return mistake(
    `a value can't begin so: ${why}`,
    place(source, part.offset),
    `quote the value: ${part.key ? `${part.key}: ` : ''}"${value}"`,
  );
}

function colonInValue(source: Source, line: Line): AuthorError | undefined {
  const part = valuePart(line);
  if (!part || part.key === '' || /^["'[{|>]/.test(part.value)) return undefined;
  const colon = /:(?=\s|$)/.exec(part.value);
  if (!colon) return undefined;
  const first = /^\s*- +\S/.test(line.text) && part.key !== 'name';
  const inner = first ? /^(\w+):/.exec(part.value) : undefined;
  const value = part.value.includes('"') ? `'${part.value.replaceAll("'", "''")}'` : `"${part.value}"`;
  return mistake(
    `found a second \`:\` on this line, where the value of \`${part.key}\` is a plain text`,
    place(source, part.offset + colon.index),
    `quote the value: ${part.key}: ${value}${inner ? `; or, if \`${inner[1]}\` is a key below \`${part.key}\`, give it a line of its own, indented further` : ''}`,
  );
}

function unclosedBracket(source: Source, message: string, offset: number): AuthorError | undefined {
  const found =
    /^Flow (map|sequence) (?:in block collection must be sufficiently indented and|must) end with a (.)/.exec(message);
  const expected = found ?? /^Expected flow (map|sequence) to end with (.)/.exec(message);
  if (!expected) return undefined;
  const closer = expected[2]!;
  const opener = closer === '}' ? '{' : '[';
  let depth = 0;
  let at = offset - 1;
  for (; at >= 0; at--) {
    if (source.text[at] === closer) depth++;
    else if (source.text[at] === opener && --depth < 0) break;
  }
  return mistake(
    `a ${opener} is never closed, or what is inside it is not indented`,
    place(source, Math.max(at, 0)),
    `add the closing ${closer}; quote the value if the ${opener} is part of a text`,
  );
}

function general(source: Source, code: string, message: string, offset: number, here: Line): AuthorError {
  const content = place(source, Math.max(offset, here.start + here.text.search(/\S|$/)));
  if (/same column/.test(message) || /Sequence item without/.test(message)) {
    return misaligned(message, content, here);
  }
  if (/Implicit map keys need to be followed|Implicit keys need to be on a single line/.test(message)) {
    return missingColon(source, content, here);
  }
  if (/compact mappings/.test(message)) {
    const under = textWithKeysBelow(source, here);
    if (under) return under;
  }
  const closer = /^Unexpected flow-(?:map|seq)-end token/.test(message) ? source.text[offset] : undefined;
  if (closer)
    return mistake(`there is a \`${closer}\` too many`, content, 'remove it, or quote the text it belongs to');
  const plain = WORDS.find(([pattern]) => pattern.test(message));
  if (plain) return mistake(plain[1], code === 'BAD_INDENT' ? content : place(source, offset), plain[2]);
  return mistake(
    `this is not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    place(source, offset),
  );
}

function misaligned(message: string, at: Place, here: Line): AuthorError {
  const inList = /sequence/i.test(message);
  if (inList && !/^\s*- /.test(here.text)) {
    return mistake(
      'the indentation is wrong: this line is aligned with nothing above it',
      at,
      'align it with the keys of the list item it belongs to (behind the `- `), or with the key above the list',
    );
  }
  return mistake(
    `the indentation is wrong: all ${inList ? 'items of a list' : 'keys of a mapping'} begin at the same column`,
    at,
    'align this line with its neighbours',
  );
}

function missingColon(source: Source, at: Place, here: Line): AuthorError {
  const tight = /^\s*(?:- )*([\w.-]+):(\S.*)$/.exec(here.text);
  if (tight) return mistake('a space is missing after the `:`', at, `write \`${tight[1]}: ${tight[2]}\``);
  if (/^\s*- /.test(here.text)) {
    return mistake(
      "a list can't stand here, among the keys of a mapping",
      at,
      'indent it under its key, or remove the `- `',
    );
  }
  const next = source.text.slice(here.start + here.text.length).split('\n', 2)[1] ?? '';
  const opens = /^\s*[\w.-]+$/.test(here.text) && /^\s*(?:- |[\w.-]+:)/.test(next);
  return mistake(
    'expected `key: value`, and found a text without a `:`',
    at,
    opens
      ? `is a \`:\` missing at its end? \`${here.text.trim()}:\``
      : 'is a `:` missing, or does this line belong to the text above it and want deeper indentation?',
  );
}

/** `key: text` with further keys below it, indented deeper. */
function textWithKeysBelow(source: Source, here: Line): AuthorError | undefined {
  const part = valuePart(here);
  const next = source.text.slice(here.start + here.text.length + 1).split('\n', 1)[0]!;
  if (!part?.key || !/^\s+(?:[\w.-]+:|- )/.test(next) || next.search(/\S/) <= here.text.search(/[^\s-]/))
    return undefined;
  return mistake(
    `\`${part.key}\` has both a text and, below it, further keys as its value`,
    place(source, part.offset),
    'remove the text, or indent the lines below as far as this key',
  );
}

const WORDS: [RegExp, string, string?][] = [
  [
    /compact mappings/,
    "a mapping can't begin here, on the same line as its key",
    'put it on a line of its own, or quote the value',
  ],
  [
    /sequence may not be used as an implicit map key|Unexpected seq-item-ind/,
    "a list can't begin here",
    'align the `-` with those of its list, or put it on a line of its own, indented under its key',
  ],
  [
    /Invalid escape sequence/,
    'a backslash in "double quotes" begins an escape, and this is none',
    "write \\\\ for a backslash, or use 'single quotes'",
  ],
  [
    /Comments must be separated/,
    'a comment needs a space before its `#`',
    'add the space, or quote the value if the `#` belongs to it',
  ],
  [
    /Block scalar header|Not a YAML token/,
    'only `|` or `>` with `+`, `-` or a digit may stand on this line',
    'begin the text on the next line',
  ],
  [
    /Block scalars with more-indented leading/,
    'the first lines of this block are indented deeper than its text',
    'indent them alike, or give the indentation: `|2`',
  ],
  [/must be at most 1024/, 'a key of more than 1024 characters', 'is a quote or a line break missing?'],
  [/Missing , (or : )?between/, 'a `,` is missing between two items'],
  [/Missing space after :/, 'a space is missing after the `:`'],
  [
    /Missing directives-end/,
    'a text begins here in the first column, behind the end of the document',
    'is it indented wrongly?',
  ],
  [/Block collection cannot start on same line/, 'put the content on the line below `---`'],
  [/nest|depth|exhaust/i, 'values are nested too deeply'],
];
