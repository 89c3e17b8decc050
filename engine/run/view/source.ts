/** The lines of a task in its file, for whoever looks at the run without it. */

import { keyword } from '../../playbook/keyword.ts';
import type { Task } from '../../playbook/nodes.ts';
import { Template } from '../../values.ts';

/** More than this is no help. */
const MOST_LINES = 60;

const known = new WeakMap<Task, string>();

/** Its lines, without their common indentation; none of an encrypted file, and none of a task whose arguments may be secret. */
export function sourceOf(task: Task): string | undefined {
  const { place } = task;
  if (!place || place.source.secret || task.parent?.kind === undefined || !isWritten(task)) return undefined;
  let text = known.get(task);
  if (text === undefined) {
    text = linesFrom(place.source.text, place.offset);
    known.set(task, text);
  }
  return text;
}

/** The task that gathers facts has the play's place; and what is not to be logged is not quoted either. */
function isWritten(task: Task): boolean {
  return (
    task.place !== task.parent?.place &&
    keyword(task, 'no_log', (value) => (value instanceof Template ? true : value)) !== true
  );
}

function linesFrom(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [first, ...rest] = text.slice(start).split('\n', MOST_LINES) as [string, ...string[]];
  const column = offset - start;
  const bullet = first.slice(0, column).search(/\S/);
  const indent = bullet < 0 ? column : bullet;
  const lines = [first.slice(indent)];
  for (const line of rest) {
    if (line.trim() !== '' && line.search(/\S/) <= indent) break;
    lines.push(line.slice(indent));
  }
  return lines.join('\n').trimEnd();
}
