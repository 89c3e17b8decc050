/** The difference of two texts in the unified format, as Ansible shows it with --diff. */
import type { Diff } from '../events.ts';

type Edit = [kind: ' ' | '-' | '+', line: string];

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

/** `@@ -1,3 +1,4 @@` hunks with `context` lines around each change. */
export function unifiedHunks(before: string, after: string, context = 3): string[] {
  const edits = editScript(splitLines(before), splitLines(after));
  const lines: string[] = [];
  for (const [start, end] of hunkRanges(edits, context)) {
    const until = edits.slice(0, start);
    const hunk = edits.slice(start, end);
    const from = until.filter(([kind]) => kind !== '+').length;
    const to = until.filter(([kind]) => kind !== '-').length;
    const removed = hunk.filter(([kind]) => kind !== '+').length;
    const added = hunk.filter(([kind]) => kind !== '-').length;
    lines.push(`@@ -${range(from, removed)} +${range(to, added)} @@`);
    for (const [kind, line] of hunk) lines.push(...(kind + line).split('\n'));
  }
  return lines;
}

function range(before: number, length: number): string {
  if (length === 1) return String(before + 1);
  return `${length === 0 ? before : before + 1},${length}`;
}

/** A last line without a newline carries the mark that diff tools print after it. */
function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines[lines.length - 1] += '\n\\ No newline at end of file';
  return lines;
}

/** Ranges of edits that hold changes with their surroundings; ranges that touch are one. */
function hunkRanges(edits: Edit[], context: number): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [i, [kind]] of edits.entries()) {
    if (kind === ' ') continue;
    const start = Math.max(0, i - context);
    const end = Math.min(edits.length, i + 1 + context);
    const last = ranges.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges;
}

function editScript(a: string[], b: string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (lines: string[]): Edit[] => lines.map((line) => [' ', line]);
  return [
    ...same(a.slice(0, head)),
    ...shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

/** Beyond this many differing lines the search for the shortest script costs more than it tells. */
const MOST_EDITS = 1000;

/** Myers' greedy algorithm: the furthest point on each diagonal after d edits, kept to walk back. */
function shortest(a: string[], b: string[]): Edit[] {
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= a.length + b.length; d++) {
    if (d > MOST_EDITS) break;
    trace.push(new Map(furthest));
    const next = new Map(furthest);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace);
    }
    furthest = next;
  }
  return [...a.map((line): Edit => ['-', line]), ...b.map((line): Edit => ['+', line])];
}

function walkBack(a: string[], b: string[], trace: Map<number, number>[]): Edit[] {
  const edits: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const furthest = trace[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const previousX = d === 0 ? 0 : furthest.get(down ? k + 1 : k - 1)!;
    const previousY = d === 0 ? 0 : previousX - (down ? k + 1 : k - 1);
    while (x > previousX && y > previousY) {
      edits.push([' ', a[--x]!]);
      y--;
    }
    if (d === 0) break;
    if (down) edits.push(['+', b[--y]!]);
    else edits.push(['-', a[--x]!]);
  }
  return removalsFirst(edits.reverse());
}

/** Within a block of changes, all removed lines come before the added ones, as difflib writes them. */
function removalsFirst(edits: Edit[]): Edit[] {
  const ordered: Edit[] = [];
  let added: Edit[] = [];
  for (const edit of edits) {
    if (edit[0] === '+') added.push(edit);
    else {
      if (edit[0] === ' ') {
        ordered.push(...added);
        added = [];
      }
      ordered.push(edit);
    }
  }
  return [...ordered, ...added];
}
