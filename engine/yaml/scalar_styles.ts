/** In which styles a text can stand in YAML, by libyaml's rules, and how characters are escaped. */
export const BREAK = /[\r\n\u0085\u2028\u2029]/;
const BLANK = /[ \t\r\n\u0085\u2028\u2029]/;
const ESCAPES: { [char: string]: string } = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

/** What libyaml takes for printable: no tab, nothing beyond the basic plane. */
export const isPrintable = (char: string): boolean => {
  const c = char.codePointAt(0)!;
  return (
    c === 0x0a || (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd && c !== 0xfeff)
  );
};

interface Analysis {
  multiline: boolean;
  flowPlain: boolean;
  blockPlain: boolean;
  single: boolean;
  block: boolean;
}

/** In which styles a text can be written. */
export function analyze(text: string): Analysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, single: true, block: false };
  const chars = [...text];
  const at = (i: number): string => chars[i] ?? ' ';
  let blockMark = /^(?:---|\.\.\.)/.test(text);
  let flowMark = blockMark;
  let special = false;
  let breaks = false;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    const followed = BLANK.test(at(i + 1));
    if (i === 0 ? '#,[]{}&*!|>\'"%@`'.includes(char) : ',?[]{}'.includes(char)) {
      flowMark = true;
      blockMark ||= i === 0;
    } else if (char === ':' || (i === 0 && char === '?')) {
      flowMark = true;
      blockMark ||= followed;
    } else if ((i === 0 && char === '-' && followed) || (char === '#' && BLANK.test(at(i - 1)))) {
      flowMark = true;
      blockMark = true;
    }
    if (BREAK.test(char)) breaks = true;
    else if (!isPrintable(char)) special = true;
  }
  const edges = /^[ \r\n\u0085\u2028\u2029]|[ \r\n\u0085\u2028\u2029]$/.test(text);
  const breakSpace = /[\r\n\u0085\u2028\u2029] /.test(text);
  const spaceBreak = / [\r\n\u0085\u2028\u2029]/.test(text);
  const bad = spaceBreak || special;
  const plain = !edges && !breakSpace && !bad && !breaks;
  return {
    multiline: breaks,
    flowPlain: plain && !flowMark,
    blockPlain: plain && !blockMark,
    single: !breakSpace && !bad,
    block: !text.endsWith(' ') && !bad,
  };
}

/** A character as an escape in double quotes. */
export function escaped(char: string): string {
  const known = ESCAPES[char];
  if (known !== undefined) return `\\${known}`;
  const code = char.codePointAt(0)!;
  const hex = (length: number): string => code.toString(16).toUpperCase().padStart(length, '0');
  if (code <= 0xff) return `\\x${hex(2)}`;
  return code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}
