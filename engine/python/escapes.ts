/** Python's escapes in string literals. */
const ESCAPE = /\\(\r\n|[0-7]{1,3}|x[\da-fA-F]{0,2}|u[\da-fA-F]{0,4}|U[\da-fA-F]{0,8}|N\{[^}]*\}|[\s\S])/g;
const SIMPLE: Record<string, string> = {
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

/** The text of a literal with its escapes undone; an unknown escape stays as it is written. */
export function unescapeText(text: string, fail: (message: string, offset: number) => never): string {
  return text.replace(ESCAPE, (whole, sequence: string, offset: number) => {
    const simple = SIMPLE[sequence];
    if (simple !== undefined) return simple;
    if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8));
    const kind = sequence[0]!;
    const width = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
    if (width === 0) return whole;
    if (sequence.length !== width + 1) fail(`truncated \`\\${kind}\` escape in a string`, offset);
    const code = Number.parseInt(sequence.slice(1), 16);
    if (code > 0x10ffff) fail('illegal Unicode character in a string', offset);
    return String.fromCodePoint(code);
  });
}
