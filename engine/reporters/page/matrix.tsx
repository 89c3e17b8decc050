/** Hosts by tasks, a cell for each result. Arrow keys go from cell to cell, Enter opens one. */
import { useRef, useState } from 'preact/hooks';
import { GLYPHS } from './marks.tsx';
import { STATUSES } from './page_run.ts';
import type { Index, Selection } from './select.ts';
import type { Look } from './url_state.ts';
import { useWindow } from './virtual.tsx';

const CELL = 22;
const NAME = 190;
const HEAD = 130;

interface Props {
  index: Index;
  chosen: Selection;
  go(change: Partial<Look>): void;
}

export function Matrix({ index, chosen, go }: Props) {
  const { run } = index;
  const { hosts, tasks } = chosen;
  const { box, rows, columns } = useWindow(hosts.length, CELL, tasks.length, CELL);
  const [at, setAt] = useState({ row: 0, column: 0 });
  const grid = useRef<HTMLDivElement>(null);

  const move = (row: number, column: number) => {
    const next = {
      row: Math.max(0, Math.min(hosts.length - 1, row)),
      column: Math.max(0, Math.min(tasks.length - 1, column)),
    };
    setAt(next);
    const element = box.current!;
    const [x, y] = [next.column * CELL, next.row * CELL];
    if (y < element.scrollTop) element.scrollTop = y;
    if (y + CELL + HEAD > element.scrollTop + element.clientHeight) element.scrollTop = y + CELL + HEAD - element.clientHeight;
    if (x < element.scrollLeft) element.scrollLeft = x;
    if (x + CELL + NAME > element.scrollLeft + element.clientWidth) element.scrollLeft = x + CELL + NAME - element.clientWidth;
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = {
      ...{ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
      ...{ PageUp: [-20, 0], PageDown: [20, 0], Home: [0, -1e6], End: [0, 1e6] },
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    move(at.row + step[0], at.column + step[1]);
  };
  const open = (row: number, column: number) => {
    setAt({ row, column });
    const result = index.cell(tasks[column]!, hosts[row]!);
    if (result !== undefined) go({ result });
  };

  const shownRows = range(rows.first, rows.last);
  const shownColumns = range(columns.first, columns.last);
  return (
    <div class="matrix" ref={box}>
      <div
        ref={grid}
        role="grid"
        aria-label="hosts by tasks"
        aria-rowcount={hosts.length + 1}
        aria-colcount={tasks.length + 1}
        style={{ width: `${NAME + tasks.length * CELL}px`, height: `${HEAD + hosts.length * CELL}px` }}
        onKeyDown={keys}
      >
        <div role="row" class="heads" aria-rowindex={1} style={{ height: `${HEAD}px` }}>
          <span role="columnheader" class="corner" aria-colindex={1} style={{ width: `${NAME}px`, height: `${HEAD}px` }}>
            {hosts.length} hosts, {tasks.length} tasks
          </span>
          {shownColumns.map((column) => {
            const task = run.tasks[tasks[column]!]!;
            return (
              <span key={column} role="columnheader" aria-colindex={column + 2} class="head" style={{ left: `${NAME + column * CELL}px` }}>
                <button type="button" tabIndex={-1} title={task.name} onClick={() => go({ task: tasks[column]! })}>
                  {task.name || task.action}
                </button>
              </span>
            );
          })}
        </div>
        {shownRows.map((row) => (
          <div role="row" key={row} aria-rowindex={row + 2} class="cells" style={{ top: `${HEAD + row * CELL}px` }}>
            <span role="rowheader" aria-colindex={1} style={{ width: `${NAME}px` }}>
              <button type="button" tabIndex={-1} onClick={() => go({ host: hosts[row]! })}>
                {run.hosts[hosts[row]!]}
              </button>
            </span>
            {shownColumns.map((column) => {
              const result = index.cell(tasks[column]!, hosts[row]!);
              const status = result === undefined ? undefined : STATUSES[run.status[result]!]!;
              const isMatch = result !== undefined && chosen.matches(result);
              const name = `${run.hosts[hosts[row]!]}, ${run.tasks[tasks[column]!]!.name}: ${status ?? 'not run'}`;
              return (
                <span
                  key={column}
                  role="gridcell"
                  aria-colindex={column + 2}
                  aria-label={name}
                  title={name}
                  tabIndex={at.row === row && at.column === column ? 0 : -1}
                  class={`cell ${status ?? 'none'} ${isMatch ? '' : 'dim'}`}
                  style={{ left: `${NAME + column * CELL}px` }}
                  onClick={() => open(row, column)}
                  onKeyDown={(event) => event.key === 'Enter' && open(row, column)}
                >
                  {status ? GLYPHS[status] : ''}
                </span>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

const range = (first: number, last: number): number[] => Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
