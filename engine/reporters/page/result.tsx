/** One result: what it says first, then its output, its arguments, its items, everything else. */
import { Diffs } from './diff.tsx';
import { Mark } from './marks.tsx';
import type { Detail } from './page_run.ts';
import { detailOf, type Index, seconds } from './select.ts';
import type { Look } from './url_state.ts';

const OUTPUT = ['stdout', 'stderr', 'module_stdout', 'module_stderr'];
/** Said elsewhere on the page, or the same in lines. */
const SAID = new Set([...OUTPUT, 'stdout_lines', 'stderr_lines', 'msg', 'invocation', 'diff', 'results', 'changed', 'failed']);

export function ResultView({ index, result, go }: { index: Index; result: number; go(change: Partial<Look>): void }) {
  const { run } = index;
  const task = run.tasks[run.task[result]!]!;
  const items = index.itemsOf.get(result) ?? [];
  const detail = detailOf(run, run.detail[result]!);
  return (
    <article>
      <h2>
        <Mark status={run.status[result]!} />{' '}
        <button type="button" class="link" onClick={() => go({ task: run.task[result]!, result: undefined })}>
          {task.name || task.action}
        </button>{' '}
        on{' '}
        <button type="button" class="link" onClick={() => go({ host: run.host[result]!, result: undefined })}>
          {run.hosts[run.host[result]!]}
        </button>
      </h2>
      <p class="where">
        <code>{task.path}</code>, {seconds(run.took[result]!)}
        {detail.delegatedTo === undefined ? '' : `, done by ${detail.delegatedTo}`}
      </p>
      <DetailView detail={detail} />
      {items.length > 0 && (
        <section>
          <h3>{items.length} items</h3>
          {items.map((item) => {
            const [, label, status, one] = run.items[item]!;
            return (
              <details key={item} open={status < 2}>
                <summary>
                  <Mark status={status} /> {label}
                </summary>
                <DetailView detail={detailOf(run, one)} />
              </details>
            );
          })}
        </section>
      )}
      {task.source !== undefined && (
        <details>
          <summary>The task's lines</summary>
          <pre>{task.source}</pre>
        </details>
      )}
    </article>
  );
}

export function DetailView({ detail }: { detail: Detail }) {
  const { values } = detail;
  if (detail.censored) return <p>{String(values['censored'] ?? 'hidden by no_log')}</p>;
  const message = detail.msg ?? (typeof values['msg'] === 'string' ? values['msg'] : undefined);
  const call = (values['invocation'] as { module_args?: unknown } | undefined)?.module_args;
  const rest = Object.fromEntries(Object.entries(values).filter(([key]) => !SAID.has(key)));
  return (
    <>
      {message !== undefined && message !== '' && <p class="message">{message}</p>}
      {detail.explanation !== undefined && <pre class="explanation">{detail.explanation}</pre>}
      {detail.diff && <Diffs diffs={detail.diff} />}
      {OUTPUT.map((key) => {
        const text = values[key];
        return typeof text === 'string' && text !== '' ? (
          <section key={key}>
            <h3>{key}</h3>
            <pre>{text}</pre>
          </section>
        ) : null;
      })}
      {call !== undefined && <Fold title="Arguments" value={call} />}
      {Object.keys(rest).length > 0 && <Fold title="All values" value={rest} />}
    </>
  );
}

function Fold({ title, value }: { title: string; value: unknown }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre>{JSON.stringify(value, undefined, 2)}</pre>
    </details>
  );
}
