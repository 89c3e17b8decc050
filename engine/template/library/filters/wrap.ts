/** Python's textwrap.wrap, as the `wordwrap` filter uses it: no tabs expanded, whitespace kept as it is. */
const PLAIN = /\s+|\S+/g;

const chunksOf = (line: string, hyphens: boolean): string[] => {
  if (!hyphens) return line.match(PLAIN) ?? [];
  const chunks: string[] = [];
  for (const word of line.match(PLAIN) ?? []) {
    if (/^\s/.test(word)) chunks.push(word);
    else chunks.push(...splitHyphens(word));
  }
  return chunks;
};

/** A word at the hyphens where it may break: between two letters, and around dashes. */
function splitHyphens(word: string): string[] {
  return (
    word.match(
      /[\w!"'&.,?]+[^\W\d_]-(?=[^\W\d_]{2}|[^\W\d_]-[^\W\d_])|-{2,}(?=\w)|(?:(?![\w!"'&.,?]-{2,}\w)(?:(?!(?<=[\w!"'&.,?][^\W\d_])-(?=[^\W\d_]{2}))[\s\S]))+|[\s\S]/g,
    ) ?? [word]
  );
}

/** The lines of a text wrapped to a width. */
export function wrapText(text: string, width: number, breakLong: boolean, hyphens: boolean, glue: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .filter((_, i, all) => i < all.length - 1 || all[i] !== '')
    .map((line) => wrapLine(chunksOf(line, hyphens), width, breakLong, hyphens).join(glue))
    .join(glue);
}

function wrapLine(source: string[], width: number, breakLong: boolean, hyphens: boolean): string[] {
  const chunks = [...source].reverse();
  const lines: string[] = [];
  while (chunks.length) {
    const line: string[] = [];
    let size = 0;
    if (/^\s+$/.test(chunks.at(-1)!) && lines.length) chunks.pop();
    while (chunks.length && size + chunks.at(-1)!.length <= width) {
      const chunk = chunks.pop()!;
      line.push(chunk);
      size += chunk.length;
    }
    if (chunks.length && chunks.at(-1)!.length > width) breakChunk(chunks, line, size, width, breakLong, hyphens);
    if (line.length && /^\s+$/.test(line.at(-1)!)) line.pop();
    if (line.length) lines.push(line.join(''));
  }
  return lines;
}

function breakChunk(
  chunks: string[],
  line: string[],
  size: number,
  width: number,
  breakLong: boolean,
  hyphens: boolean,
): void {
  const room = width < 1 ? 1 : width - size;
  if (breakLong) {
    const chunk = chunks.at(-1)!;
    let end = room;
    if (hyphens && chunk.length > room) {
      const hyphen = chunk.lastIndexOf('-', room - 1);
      if (hyphen > 0 && /[^-]/.test(chunk.slice(0, hyphen))) end = hyphen + 1;
    }
    line.push(chunk.slice(0, end));
    chunks[chunks.length - 1] = chunk.slice(end);
  } else if (line.length === 0) line.push(chunks.pop()!);
}
