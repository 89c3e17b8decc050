/** Statuses in colour and shape: none is told by its colour alone. */
import { type Shown, STATUSES } from './page_run.ts';

export const GLYPHS: Record<Shown, string> = {
  unreachable: '⌁',
  failed: '✕',
  rescued: '↺',
  ignored: '◌',
  changed: '●',
  ok: '·',
  skipped: '–',
};

export function Mark({ status, label = true }: { status: number; label?: boolean }) {
  const name = STATUSES[status]!;
  return (
    <span class={`mark ${name}`}>
      <span aria-hidden="true">{GLYPHS[name]}</span>
      {label ? ` ${name}` : <span class="unseen">{name}</span>}
    </span>
  );
}

export function Counts({ counts }: { counts: readonly number[] }) {
  return (
    <span class="counts">
      {counts.map((count, status) =>
        count > 0 ? (
          <span class={`mark ${STATUSES[status]}`} key={status}>
            <span aria-hidden="true">{GLYPHS[STATUSES[status]!]}</span> {count} {STATUSES[status]}{' '}
          </span>
        ) : null,
      )}
    </span>
  );
}
