/** Ansible's one-line form: `src=a dest='b c' creates=x`, used after a module's name and by `-e`. */
import { mistake } from '../errors.ts';
import { unescapeWhole } from '../python/escapes.ts';
import { type Dict, fromProject, type Place, setPlaces, type Value } from '../values.ts';

interface KeyValues {
  /** What is not `key=value`: a command line. */
  free: string;
  values: Dict;
}

interface KeyValueOptions {
  /** From a project's file (default): a value with template marks becomes a Template. False for the command line. */
  trusted?: boolean;
  /** Only these keys are taken as `key=value`, as for `shell`; anything else stays in `free`. */
  only?: readonly string[];
  /** Complain about a word that is not `key=value`. */
  strict?: boolean;
}

interface Word {
  text: string;
  /** Where it begins in the text. */
  start: number;
  /** The white space behind it. */
  gap: string;
}

/** Splits `key=value` text; quotes and template marks keep a value together. `place` is where the text begins. */
export function parseKeyValues(text: string, place?: Place, options: KeyValueOptions = {}): KeyValues {
  const values: Dict = new Map();
  const keys = new Map<Value, Place>();
  const places = new Map<Value, Place>();
  const at = (offset: number): Place | undefined => place && { source: place.source, offset: place.offset + offset };
  const free: Word[] = [];
  const words = splitWords(text, place);
  for (const word of words) {
    const equals = unescapedEquals(word.text);
    const key = equals > 0 ? word.text.slice(0, equals).trim() : '';
    if (equals < 1 || (options.only && !options.only.includes(key))) {
      if (options.strict) {
        throw mistake(
          `\`${word.text}\` is not of the form key=value`,
          at(word.start),
          'write key=value, with quotes around a value that holds spaces: key="a b"',
        );
      }
      free.push(word);
      continue;
    }
    const raw = unescapeWhole(word.text.slice(equals + 1).trim());
    const quoted = raw.length > 1 && /^['"]/.test(raw) && raw.endsWith(raw[0]!) && raw.at(-2) !== '\\';
    const value = quoted ? raw.slice(1, -1) : raw;
    const valuePlace = at(word.start + equals + 1 + (quoted ? 1 : 0));
    values.set(key, (options.trusted ?? true) ? fromProject(value, valuePlace) : value);
    if (place) {
      keys.set(key, at(word.start)!);
      places.set(key, valuePlace!);
    }
  }
  if (place) setPlaces(values, { self: place, keys, values: places });
  return { free: joined(text, words, free), values };
}

/** The words of a command line with the white space between them, as Ansible puts it together again. */
function joined(text: string, words: Word[], free: Word[]): string {
  if (free.length === 0) return '';
  const isFree = new Set(free);
  const lead = /^ */.exec(text)![0];
  let result = lead.length > 1 ? lead.slice(isFree.has(words[0]!) ? 0 : 1) : '';
  words.forEach((word, index) => {
    if (!isFree.has(word)) return;
    if (index > 0 && !isFree.has(words[index - 1]!) && result !== '' && !result.endsWith('\n')) result += ' ';
    result += word.text.includes('=') && unescapedEquals(word.text) < 0 ? word.text.replaceAll('\\=', '=') : word.text;
    const next = words[index + 1];
    const [, lines, spaces] = /^(.*\n)?( *)$/s.exec(word.gap) ?? ['', '', word.gap];
    if (!next) result += word.gap;
    else if (!isFree.has(next)) result += (lines ?? '') + spaces!.slice(1);
    // A single space at the start of a line is lost, deeper indentation is kept.
    else if (lines) result += lines + (spaces === ' ' ? '' : spaces);
    else result += spaces || ' ';
  });
  return result;
}

function unescapedEquals(word: string): number {
  let at = word.indexOf('=', 1);
  while (at > 0 && word[at - 1] === '\\') at = word.indexOf('=', at + 1);
  return at;
}

const OPENERS: { [mark: string]: string } = { '{{': '}}', '{%': '%}', '{#': '#}' };

/** Words apart at spaces and line ends, but not inside quotes or template marks. */
function splitWords(text: string, place?: Place): Word[] {
  const words: Word[] = [];
  let current: Word | undefined;
  let quote = '';
  let quoteStart = 0;
  const open: { closer: string; at: number }[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if ((char === ' ' || char === '\n') && quote === '' && open.length === 0) {
      // A backslash alone before a line end or a space continues the line.
      const before = words.at(-1);
      if (current && current.text !== '\\') words.push({ ...current, gap: char });
      else if (current && before) before.gap = '';
      else if (before) before.gap += char;
      current = undefined;
      continue;
    }
    current ??= { text: '', start: i, gap: '' };
    current.text += char;
    if ((char === '"' || char === "'") && text[i - 1] !== '\\') {
      if (quote === '') [quote, quoteStart] = [char, i];
      else if (quote === char) quote = '';
    }
    const mark = text.slice(i, i + 2);
    if (OPENERS[mark]) {
      open.push({ closer: OPENERS[mark], at: i });
    } else if (open.length > 0 && mark === open.at(-1)!.closer) {
      open.pop();
    } else continue;
    current.text += text[++i];
  }
  if (current?.text === '\\' && words.length > 0) words.at(-1)!.gap = '';
  else if (current) words.push(current);
  const unclosed = quote !== '' ? quoteStart : open.at(-1)?.at;
  if (unclosed !== undefined) {
    const what = quote !== '' ? `the quote ${quote}` : `\`${text.slice(unclosed, unclosed + 2)}\``;
    throw mistake(
      `${what} is never closed in this text`,
      place && { source: place.source, offset: place.offset + unclosed },
      quote !== ''
        ? `close it, or write \\${quote} if it belongs to the text`
        : `add the closing \`${open.at(-1)!.closer}\``,
    );
  }
  return words;
}
