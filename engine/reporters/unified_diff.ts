/** The difference of two texts in the unified format, as Ansible shows it with --diff. */
import type { StructuredPatchHunk } from 'diff';
// all of the package takes twice the time to load, at each start
import { structuredPatch } from 'diff/lib/patch/create.js';
import type { Diff } from '../events.ts';

/** Lines of one diff of a result: headers, hunks, each without its newline. */
export function diffLines(diff: Diff): string[] {
  const lines: string[] = [];
  if (diff.before !== undefined && diff.after !== undefined && diff.before !== diff.after) {
    lines.push(`--- before${diff.before_header ? `: ${diff.before_header}` : ''}`);
    lines.push(`+++ after${diff.after_header ? `: ${diff.after_header}` : ''}`);
    lines.push(...unifiedHunks(diff.before, diff.after), '');
  }
  if (diff.prepared) lines.push(...diff.prepared.replace(/\n$/, '').split('\n'));
  return lines;
}

/** Beyond this many differing lines the search for the shortest script costs more than it tells. */
const MOST_EDITS = 1000;

/** `@@ -1,3 +1,4 @@` hunks with `context` lines around each change. */
export function unifiedHunks(before: string, after: string, context = 3): string[] {
  const patch = structuredPatch('', '', before, after, '', '', { context, maxEditLength: MOST_EDITS });
  const hunks = patch?.hunks ?? [replaced(before, after)];
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines,
  ]);
}

/** As difflib writes it: no count where it is 1, and before the first line where it is 0. */
function range(start: number, length: number): string {
  if (length === 1) return String(start);
  return `${length === 0 ? start - 1 : start},${length}`;
}

/** All of one text in place of all of the other. */
function replaced(before: string, after: string): StructuredPatchHunk {
  const side = (mark: string, text: string) => {
    const lines = text.split('\n').map((line) => mark + line);
    if (lines.at(-1) === mark) lines.pop();
    else lines.push('\\ No newline at end of file');
    return lines;
  };
  const count = (lines: string[]) => lines.filter((line) => line[0] !== '\\').length;
  const [old, fresh] = [side('-', before), side('+', after)];
  return { oldStart: 1, oldLines: count(old), newStart: 1, newLines: count(fresh), lines: [...old, ...fresh] };
}
