/**
 * PyYAML lets a quoted text and a `[...]` or `{...}` go on at any indentation; the parser used here wants them deeper than their
 * key. White space at the start of such lines means nothing, so it is added where it is missing, and offsets are told back.
 */

/** A text with white space added, and the offsets of the text as it was. */
interface Relaxed {
  text: string;
  /** The offset in the original text of an offset in this one. */
  original(offset: number): number;
}

interface Insertion {
  /** Offset in the original text. */
  at: number;
  length: number;
}

export function unchanged(text: string): Relaxed {
  return { text, original: (offset) => offset };
}

/** What to parse next when the parser complained of an indentation inside quotes or brackets; undefined when it was none. */
export function relax(
  before: Relaxed,
  original: string,
  insertions: Insertion[],
  message: string,
  offset: number,
): Relaxed | undefined {
  const at = before.original(Math.min(offset, before.text.length));
  const region = quotedRegion(original, message, at) ?? flowRegion(original, message, at);
  if (!region) return undefined;
  const [start, end] = region;
  const lineStart = original.lastIndexOf('\n', start - 1) + 1;
  const depth = start - lineStart + 1;
  const known = new Set(insertions.map((insertion) => insertion.at));
  const added: Insertion[] = [];
  for (let line = original.indexOf('\n', start); line >= 0 && line < end; line = original.indexOf('\n', line + 1)) {
    const indent = /^[ ]*/.exec(original.slice(line + 1, line + 1 + depth))![0].length;
    if (indent < depth && !known.has(line + 1)) added.push({ at: line + 1, length: depth - indent });
  }
  if (added.length === 0) return undefined;
  insertions.push(...added);
  insertions.sort((a, b) => a.at - b.at);
  return withInsertions(original, insertions);
}

function withInsertions(original: string, insertions: readonly Insertion[]): Relaxed {
  let text = '';
  let last = 0;
  /** Where each insertion begins in the new text. */
  const starts: number[] = [];
  for (const { at, length } of insertions) {
    text += original.slice(last, at);
    starts.push(text.length);
    text += ' '.repeat(length);
    last = at;
  }
  text += original.slice(last);
  const back = (offset: number): number => {
    let shift = 0;
    for (let i = 0; i < insertions.length && starts[i]! < offset; i++) {
      shift += Math.min(insertions[i]!.length, offset - starts[i]!);
    }
    return offset - shift;
  };
  return { text, original: back };
}

/** The quoted text that the parser found unclosed before an offset. */
function quotedRegion(text: string, message: string, offset: number): [number, number] | undefined {
  const quote = /^Missing closing (['"])quote/.exec(message)?.[1];
  if (!quote) return undefined;
  let start = offset - 1;
  for (; start >= 0; start--) {
    if (text[start] !== quote) continue;
    if (quote === '"') {
      if (text[start - 1] !== '\\') break;
      continue;
    }
    let run = start;
    while (text[run - 1] === "'") run--;
    // An even number of them stands for apostrophes in the text.
    if ((start - run) % 2 === 0) {
      start = run;
      break;
    }
    start = run;
  }
  if (start < 0) return undefined;
  const end = closing(text, start);
  return end < 0 ? undefined : [start, end];
}

/** The brackets that the parser found unclosed before an offset. */
function flowRegion(text: string, message: string, offset: number): [number, number] | undefined {
  const closer = /^Flow (?:map|sequence) in block collection must be sufficiently indented and end with a (.)/.exec(
    message,
  )?.[1];
  if (!closer) return undefined;
  const opener = closer === '}' ? '{' : '[';
  let depth = 0;
  for (let start = offset - 1; start >= 0; start--) {
    if (text[start] === closer) depth++;
    else if (text[start] === opener && --depth < 0) {
      const end = closing(text, start);
      return end < 0 ? undefined : [start, end];
    }
  }
  return undefined;
}

/** The offset of what closes the quote or bracket at `start`; -1 when nothing does. */
function closing(text: string, start: number): number {
  const char = text[start]!;
  if (char === '"' || char === "'") {
    for (let i = start + 1; i < text.length; i++) {
      if (char === '"' && text[i] === '\\') i++;
      else if (text[i] === char) {
        if (char === "'" && text[i + 1] === "'") i++;
        else return i;
      }
    }
    return -1;
  }
  for (let i = start + 1; i >= 0 && i < text.length; i++) {
    const inner = text[i]!;
    if (inner === ']' || inner === '}') return i;
    const begins = /[\s[{,:]/.test(text[i - 1]!);
    if (inner === '[' || inner === '{' || (begins && (inner === '"' || inner === "'"))) {
      i = closing(text, i);
      if (i < 0) return -1;
    } else if (inner === '#' && /\s/.test(text[i - 1]!)) {
      i = text.indexOf('\n', i);
      if (i < 0) return -1;
    }
  }
  return -1;
}
