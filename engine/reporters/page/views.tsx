/** The other ways to look at a run: failures, one task, one host, lists, the timeline. */
import { Counts, Mark } from './marks.tsx';
import { DetailView, ResultView } from './result.tsx';
import { detailOf, type Index, type Selection, seconds } from './select.ts';
import type { Look } from './url_state.ts';
import { VirtualList } from './virtual.tsx';

interface Props {
  index: Index;
  chosen: Selection;
  go(change: Partial<Look>): void;
}

/** Each failure once, with the hosts that had it. */
export function Failures({ index, chosen, go }: Props) {
  const { run } = index;
  const groups = new Map<string, number[]>();
  run.status.forEach((status, result) => {
    if (status > 3 || !chosen.matches(result)) return;
    const key = `${run.task[result]} ${run.detail[result]} ${status}`;
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  });
  const sorted = [...groups.values()].sort((a, b) => run.status[a[0]!]! - run.status[b[0]!]! || a[0]! - b[0]!);
  if (sorted.length === 0) return <p class="none">Nothing failed.</p>;
  return (
    <div class="scroll">
      {sorted.slice(0, 200).map((results) => {
        const task = run.tasks[run.task[results[0]!]!]!;
        return (
          <article key={results[0]} class="failure">
            <h2>
              <Mark status={run.status[results[0]!]!} />{' '}
              <button type="button" class="link" onClick={() => go({ task: run.task[results[0]!]! })}>
                {task.name || task.action}
              </button>
            </h2>
            <p class="where">
              <code>{task.path}</code> on{' '}
              {results.slice(0, 20).map((result) => (
                <button type="button" class="link" key={result} onClick={() => go({ result })}>
                  {run.hosts[run.host[result]!]}
                </button>
              ))}
              {results.length > 20 ? ` and ${results.length - 20} more` : ''}
            </p>
            <DetailView detail={detailOf(run, run.detail[results[0]!]!)} />
            {(index.itemsOf.get(results[0]!) ?? [])
              .map((item) => run.items[item]!)
              .filter(([, , status]) => status < 2)
              .slice(0, 10)
              .map(([, label, status, detail], item) => (
                <section key={item}>
                  <h3>
                    <Mark status={status} /> {label}
                  </h3>
                  <DetailView detail={detailOf(run, detail)} />
                </section>
              ))}
          </article>
        );
      })}
    </div>
  );
}

function TaskView({ index, task, go }: { index: Index; task: number; go: Props['go'] }) {
  const { run } = index;
  const it = run.tasks[task]!;
  const results = [...index.byTask[task]!].sort((a, b) => run.status[a]! - run.status[b]! || a - b);
  return (
    <article>
      <h2>{it.name || it.action}</h2>
      <p class="where">
        {it.action}
        {it.role === undefined ? '' : ` of role ${it.role}`}, <code>{it.path}</code>
        {it.tags.length > 0 ? `, tags ${it.tags.join(', ')}` : ''}
      </p>
      {it.source !== undefined && <pre>{it.source}</pre>}
      <p>
        <Counts counts={index.counts(results)} />
      </p>
      <VirtualList
        count={results.length}
        height={30}
        label="results of the hosts"
        row={(row) => (
          <button type="button" class="line" onClick={() => go({ result: results[row]! })}>
            <Mark status={run.status[results[row]!]!} /> <b>{run.hosts[run.host[results[row]!]!]}</b>
            <span class="took">{seconds(run.took[results[row]!]!)}</span>
          </button>
        )}
      />
    </article>
  );
}

function HostView({ index, host, go }: { index: Index; host: number; go: Props['go'] }) {
  const { run } = index;
  const results = index.byHost[host]!;
  const facts = results.map((result) => detailOf(run, run.detail[result]!).values['ansible_facts']).filter(Boolean);
  const took = results.reduce((sum, result) => sum + run.took[result]!, 0);
  return (
    <article>
      <h2>{run.hosts[host]}</h2>
      <p>
        <Counts counts={index.counts(results)} /> in {seconds(took)}
      </p>
      <VirtualList
        count={results.length}
        height={30}
        label="tasks in their order"
        row={(row) => (
          <button type="button" class="line" onClick={() => go({ result: results[row]! })}>
            <Mark status={run.status[results[row]!]!} /> {run.tasks[run.task[results[row]!]!]!.name}
            <span class="took">{seconds(run.took[results[row]!]!)}</span>
          </button>
        )}
      />
      {facts.length > 0 && (
        <details>
          <summary>Facts</summary>
          <pre>{JSON.stringify(Object.assign({}, ...facts), undefined, 2)}</pre>
        </details>
      )}
    </article>
  );
}

/** Tasks, the slowest first: how long the slowest host took, and all together. */
export function Tasks({ index, chosen, go }: Props) {
  const { run } = index;
  const rows = chosen.tasks
    .map((task) => {
      const took = index.byTask[task]!.map((result) => run.took[result]!);
      return { task, slowest: Math.max(0, ...took), sum: took.reduce((a, b) => a + b, 0) };
    })
    .sort((a, b) => b.slowest - a.slowest);
  return (
    <VirtualList
      count={rows.length}
      height={34}
      label="tasks, the slowest first"
      row={(row) => {
        const { task, slowest, sum } = rows[row]!;
        return (
          <button type="button" class="line" onClick={() => go({ task })}>
            <span class="took">{seconds(slowest)}</span> <b>{run.tasks[task]!.name || run.tasks[task]!.action}</b>{' '}
            <Counts counts={index.counts(index.byTask[task]!)} />
            <span class="took">{seconds(sum)} in all</span>
          </button>
        );
      }}
    />
  );
}

export function Hosts({ index, chosen, go }: Props) {
  const { run } = index;
  return (
    <VirtualList
      count={chosen.hosts.length}
      height={34}
      label="hosts, those in trouble first"
      row={(row) => (
        <button type="button" class="line" onClick={() => go({ host: chosen.hosts[row]! })}>
          <b>{run.hosts[chosen.hosts[row]!]}</b> <Counts counts={index.counts(index.byHost[chosen.hosts[row]!]!)} />
        </button>
      )}
    />
  );
}

/** Who worked when: a line for each host, a bar for each of its tasks. Gaps are waits for other hosts. */
export function Timeline({ index, chosen, go }: Props) {
  const { run } = index;
  const whole = Math.max(1, ...run.end, (run.duration ?? 0) * 1000);
  return (
    <VirtualList
      count={chosen.hosts.length}
      height={26}
      label="a line for each host, by time"
      row={(row) => {
        const host = chosen.hosts[row]!;
        return (
          <div class="track">
            <button type="button" class="link" onClick={() => go({ host })}>
              {run.hosts[host]}
            </button>
            <svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={`${run.hosts[host]}: when its tasks ran`}>
              {index.byHost[host]!.map((result) => {
                const [end, took] = [run.end[result]!, run.took[result]!];
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the host's view lists the same results for the keyboard
                  <rect
                    key={result}
                    class={`bar s${run.status[result]}`}
                    x={(Math.max(0, end - took) / whole) * 1000}
                    width={Math.max(1, (took / whole) * 1000)}
                    y={2}
                    height={16}
                    onClick={() => go({ result })}
                  >
                    <title>{`${run.tasks[run.task[result]!]!.name}: ${seconds(took)}`}</title>
                  </rect>
                );
              })}
            </svg>
          </div>
        );
      }}
    />
  );
}

/** What is open beside the view: a result, a task or a host. */
export function Opened({ index, look, go }: { index: Index; look: Look; go: Props['go'] }) {
  const { run } = index;
  if (look.result !== undefined && look.result < run.task.length) return <ResultView index={index} result={look.result} go={go} />;
  if (look.task !== undefined && look.task < run.tasks.length) return <TaskView index={index} task={look.task} go={go} />;
  if (look.host !== undefined && look.host < run.hosts.length) return <HostView index={index} host={look.host} go={go} />;
  return null;
}
