/**
 * The last door before a terminal or a log: whatever was written, a host cannot move the cursor, set a title, turn text around, or give
 * orders to a CI system that reads the log (S-39).
 */

/** Control characters, marks of direction, and separators that some programs take for ends of lines. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Colours and weights; not what hides text. */
const COLOUR =
  /^\x1b\[(?:(?:[0134579]|2[1-9]|[349][0-7]|10[0-7]|39|49|38;5;\d+|48;5;\d+|38;2;\d+;\d+;\d+)(?:;|(?=m)))*m/;
/** How the progress line takes itself away. */
const ERASE = '\r\x1b[2K';
/** What Azure, TeamCity and older GitHub runners obey, wherever in a line. */
const ORDER = /#(?=#(?:\[|vso\[|teamcity\[))/g;

const LONGEST_ORDER = '##teamcity['.length;

/** A character that is not printed, in letters. */
export function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x0d) return '\\r';
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text of any origin on one line: control characters and line breaks in letters. */
export const oneLine = (text: string): string =>
  text.replaceAll('\n', '\\n').replaceAll('\t', ' ').replace(CONTROL, visible);

/** Writes that pass the door; it remembers whether a line has begun. */
export class PrintDoor {
  #atStart = true;
  /** The end of the line that has begun: an order may come in two pieces. */
  #tail = '';

  constructor(
    readonly write: (text: string) => void,
    readonly colors: boolean,
    readonly isTTY: boolean,
  ) {}

  print(text: string): void {
    if (text === '') return;
    const shown = this.#guarded(text);
    this.write(shown);
    this.#atStart = /[\n\r]$|\x1b\[2K$/.test(text);
    this.#tail = (this.#tail + shown).slice(-LONGEST_ORDER).replace(/^.*\n/s, '');
  }

  /** A line that a CI system is to obey: only a reporter's own. */
  command(line: string): void {
    this.write(`${this.#atStart ? '' : '\n'}${line.replace(CONTROL, visible).replace(ORDER, '\\x23')}\n`);
    this.#atStart = true;
    this.#tail = '';
  }

  #guarded(text: string): string {
    const plain = text.replaceAll('\r\n', '\n');
    const shown = plain.replace(CONTROL, (character, at: number) =>
      this.#isOurs(plain, at) ? character : visible(character),
    );
    const harmless = this.#unfinished(shown).replace(ORDER, '\\x23');
    // GitHub's runners obey lines that begin so, behind blanks too.
    const lines = harmless.replace(/\n([ \t]*)::/g, '\n$1\\x3a:');
    return this.#atStart ? lines.replace(/^([ \t]*)::/, '$1\\x3a:') : lines;
  }

  /** Takes the first character from a text that would make an order of what is printed already. */
  #unfinished(text: string): string {
    const around = this.#tail + text.slice(0, LONGEST_ORDER);
    const begins = [...around.matchAll(ORDER)].some(
      ({ index }) => index < this.#tail.length && !this.#tail.slice(index).match(ORDER),
    );
    const blanks = /^[ \t]*:?$/.exec(this.#tail);
    const isOrder = begins || (blanks && /^[ \t]*::/.test(around) && !this.#atStart);
    return isOrder ? visible(text[0]!) + text.slice(1) : text;
  }

  #isOurs(text: string, at: number): boolean {
    if (text[at] === '\r') return this.isTTY && text.startsWith(ERASE, at);
    if (text[at] !== '\x1b') return false;
    if (this.isTTY && at > 0 && text.startsWith(ERASE, at - 1)) return true;
    return this.colors && COLOUR.test(text.slice(at, at + 40));
  }
}
