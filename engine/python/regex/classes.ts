/** What the classes `\d`, `\w` and `\s` of a Python pattern hold, as the inside of a JavaScript class. */

/**
 * `unicode`: text; `ascii`: text that is known to hold nothing beyond ASCII, for which narrow classes mean the same and are
 * faster; `bytes`: latin1 text, one character a byte, as lineinfile reads files.
 */
export type Alphabet = 'unicode' | 'ascii' | 'bytes';

const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const NOT_SPACE =
  '\\x00-\\x08\\x0e-\\x1b!-\\x84\\x86-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\u{10ffff}';
/** All categories but letters and numbers; of the connecting punctuation all but the underscore. */
const NOT_WORD =
  '\\p{M}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\p{S}\\p{Z}\\p{C}\\u203f\\u2040\\u2054\\ufe33\\ufe34\\ufe4d-\\ufe4f\\uff3f';

const CLASSES: Record<Alphabet, Record<string, string>> = {
  unicode: { d: '\\p{Nd}', w: '\\p{L}\\p{N}_', s: SPACE, D: '\\P{Nd}', W: NOT_WORD, S: NOT_SPACE },
  ascii: {
    ...{ d: '0-9', w: 'a-zA-Z0-9_', s: '\\t-\\r\\x1c-\\x20' },
    ...{ D: '\\D', W: '\\x00-/:-@[-\\^`{-\\x7f', S: '\\x00-\\x08\\x0e-\\x1b!-\\x7f' },
  },
  bytes: {
    ...{ d: '0-9', w: 'a-zA-Z0-9_', s: ' \\t\\n\\r\\f\\v' },
    ...{ D: '\\D', W: '\\W', S: '\\x00-\\x08\\x0e-\\x1f!-\\xff' },
  },
};

/** The inside of a class for `d`, `w` or `s`. */
export const classOf = (letter: string, alphabet: Alphabet): string => CLASSES[alphabet][letter.toLowerCase()]!;

/** The same for `D`, `W` or `S` where they stand inside a set, beside other characters. */
export const negatedInClass = (letter: string, alphabet: Alphabet): string => CLASSES[alphabet][letter]!;

/** A character that stands for itself, inside a class and outside. */
export function quoted(char: string): string {
  if (/[\\^$.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  if (char === '-') return '\\x2d';
  const code = char.codePointAt(0)!;
  if (code < 32 || code === 127) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code === 0x2028 || code === 0x2029 ? `\\u${code.toString(16)}` : char;
}
