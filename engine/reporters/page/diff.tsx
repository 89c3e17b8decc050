/** A diff with its lines in colours; before and after side by side where there is room. */
import type { Detail } from './page_run.ts';

type One = NonNullable<Detail['diff']>[number];

interface Line {
  kind: 'same' | 'gone' | 'new';
  before?: string;
  after?: string;
}

export function Diffs({ diffs }: { diffs: readonly One[] }) {
  return (
    <>
      {diffs.map((diff, index) => (
        <figure class="diff" key={index}>
          <figcaption>
            {diff.before_header ?? 'before'} → {diff.after_header ?? 'after'}
          </figcaption>
          {diff.prepared !== undefined ? <pre>{diff.prepared}</pre> : <Sides lines={diffLines(diff.before ?? '', diff.after ?? '')} />}
        </figure>
      ))}
    </>
  );
}

function Sides({ lines }: { lines: readonly Line[] }) {
  return (
    <div class="sides">
      {lines.map((line, index) => (
        <div class={`pair ${line.kind}`} key={index}>
          <code class="before">{line.before === undefined ? '' : `${line.kind === 'same' ? ' ' : '−'} ${line.before}`}</code>
          <code class="after">{line.after === undefined ? '' : `${line.kind === 'same' ? ' ' : '+'} ${line.after}`}</code>
        </div>
      ))}
    </div>
  );
}

/** More lines than this are compared by what they have in common at both ends only. */
const MOST = 2000;

/** The lines of both texts, those they share beside each other (longest common subsequence). */
function diffLines(before: string, after: string): Line[] {
  const [a, b] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))) as [string[], string[]];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const same = (text: string): Line => ({ kind: 'same', before: text, after: text });
  return [...near(a.slice(0, head), 'end').map(same), ...middle, ...near(a.slice(a.length - tail), 'start').map(same)];
}

/** Three lines around what changed, and a sign where there are more. */
function near(lines: string[], side: 'start' | 'end'): string[] {
  if (lines.length <= 4) return lines;
  const more = `… ${lines.length - 3} more lines`;
  return side === 'end' ? [more, ...lines.slice(-3)] : [...lines.slice(0, 3), more];
}

function between(a: string[], b: string[]): Line[] {
  const gone = (text: string): Line => ({ kind: 'gone', before: text });
  const added = (text: string): Line => ({ kind: 'new', after: text });
  if (a.length * b.length > MOST * MOST || a.length === 0 || b.length === 0) return [...a.map(gone), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', before: a[i]!, after: b[j++]! });
      i++;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push(gone(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return [...lines, ...a.slice(i).map(gone), ...b.slice(j).map(added)];
}
