/** Python's escapes in string literals. */

/** What a backslash before a letter or a mark means. */
export const LETTERS: Readonly<Record<string, string>> = {
  '\n': '',
  '\r\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(\r\n|[0-7]{1,3}|x[\da-fA-F]{0,2}|u[\da-fA-F]{0,4}|U[\da-fA-F]{0,8}|N\{[^}]*\}|[\s\S])/g;
const WIDTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const LAST = 0x10ffff;

/** The text of a literal with its escapes undone; an unknown escape stays as it is written. */
export function unescapeText(text: string, fail: (message: string, offset: number) => never): string {
  return text.replace(ESCAPE, (whole, sequence: string, offset: number) => {
    const simple = LETTERS[sequence];
    if (simple !== undefined) return simple;
    if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8));
    const kind = sequence[0]!;
    const width = WIDTHS[kind];
    if (width === undefined) return whole;
    if (sequence.length !== width + 1) fail(`truncated \`\\${kind}\` escape in a string`, offset);
    const code = Number.parseInt(sequence.slice(1), 16);
    if (code > LAST) fail('illegal Unicode character in a string', offset);
    return String.fromCodePoint(code);
  });
}

/** The same for words that are no literals, such as `key=value`: what is not a whole escape stays, and so do octal ones. */
export function unescapeWhole(text: string): string {
  return text.replace(
    /\\(?:U([\da-fA-F]{8})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g,
    (whole, long?: string, short?: string, byte?: string, letter?: string) => {
      if (letter !== undefined) return LETTERS[letter]!;
      const code = Number.parseInt((long ?? short ?? byte)!, 16);
      return code > LAST ? whole : String.fromCodePoint(code);
    },
  );
}
