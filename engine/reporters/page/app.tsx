/** The page: how the run went, filters, a view of all of it, and what is open. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Counts, GLYPHS } from './marks.tsx';
import { Matrix } from './matrix.tsx';
import { type PageRun, STATUSES } from './page_run.ts';
import { Index, seconds, select } from './select.ts';
import { type Look, lookHash, readLook, START } from './url_state.ts';
import { Failures, Hosts, Opened, Tasks, Timeline } from './views.tsx';

const VIEWS = { matrix: Matrix, failures: Failures, timeline: Timeline, tasks: Tasks, hosts: Hosts };

export function App({ run, version }: { run: PageRun; version: number }) {
  const [look, setLook] = useState<Look>(() => readLook(location.hash));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run's arrays grow in place while it goes on; version says so
  const index = useMemo(() => new Index(run), [run, version]);
  const chosen = useMemo(() => select(index, look), [index, look]);
  useEffect(() => {
    const changed = () => setLook(readLook(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  const go = (change: Partial<Look>) => {
    const opens = 'task' in change || 'host' in change || 'result' in change;
    const closed = opens ? { task: undefined, host: undefined, result: undefined } : {};
    const next = { ...look, ...closed, ...change } as Look;
    // Typing is no step back in the history; opening something is.
    if (opens || change.view) history.pushState(null, '', lookHash(next));
    else history.replaceState(null, '', lookHash(next));
    setLook(next);
  };
  const isOpen = look.task !== undefined || look.host !== undefined || look.result !== undefined;
  const View = VIEWS[look.view];
  return (
    <>
      <Header run={run} index={index} />
      <Filters run={run} look={look} go={go} />
      <nav aria-label="views">
        {Object.keys(VIEWS).map((view) => (
          <button type="button" key={view} aria-current={look.view === view ? 'page' : undefined} onClick={() => go({ view: view as Look['view'] })}>
            {view === 'tasks' ? 'slowest tasks' : view}
          </button>
        ))}
      </nav>
      <main class={isOpen ? 'open' : ''}>
        <section class="view" aria-label={look.view}>
          <View index={index} chosen={chosen} go={go} />
        </section>
        {isOpen && <Side index={index} look={look} go={go} />}
      </main>
      {run.warnings.length > 0 && (
        <details class="warnings">
          <summary>{run.warnings.length === 1 ? 'one warning' : `${run.warnings.length} warnings`}</summary>
          <ul>
            {run.warnings.slice(0, 500).map((text, i) => (
              <li key={i}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Side({ index, look, go }: { index: Index; look: Look; go(change: Partial<Look>): void }) {
  const side = useRef<HTMLElement>(null);
  const close = () => go({ task: undefined, host: undefined, result: undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time something else is opened
  useEffect(() => side.current?.focus(), [look.task, look.host, look.result]);
  return (
    <aside ref={side} tabIndex={-1} aria-label="what is open" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <button type="button" class="close" onClick={close}>
        Close (Esc)
      </button>
      <Opened index={index} look={look} go={go} />
    </aside>
  );
}

function Header({ run, index }: { run: PageRun; index: Index }) {
  const word =
    run.exitCode === undefined ? 'running' : run.interrupted ? 'interrupted' : run.exitCode === 0 ? 'succeeded' : 'failed';
  return (
    <header>
      <h1>
        {run.playbook || 'a run'}
        {run.check ? ' (check mode)' : ''}
      </h1>
      <p>
        <strong class={`outcome ${word}`}>{word}</strong>
        {run.exitCode ? ` with exit code ${run.exitCode}` : ''}
        {run.duration === undefined ? '' : ` in ${seconds(Math.round(run.duration * 1000))}`}, {run.hosts.length} hosts,{' '}
        {run.tasks.length} tasks, {new Date(run.began).toLocaleString()}
      </p>
      <p>
        <Counts counts={index.counts()} />
      </p>
    </header>
  );
}

function Filters({ run, look, go }: { run: PageRun; look: Look; go(change: Partial<Look>): void }) {
  const roles = useMemo(() => [...new Set(run.tasks.flatMap((task) => task.role ?? []))].sort(), [run.tasks.length]);
  const tags = useMemo(() => [...new Set(run.tasks.flatMap((task) => task.tags))].sort(), [run.tasks.length]);
  const toggle = (name: string) =>
    go({ status: look.status.includes(name) ? look.status.filter((one) => one !== name) : [...look.status, name] });
  const choice = (name: 'group' | 'role' | 'tag', values: string[]) =>
    values.length > 0 && (
      <label>
        {name}{' '}
        <select value={look[name]} onChange={(event) => go({ [name]: event.currentTarget.value })}>
          <option value="">all</option>
          {values.map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      </label>
    );
  return (
    <search class="filters">
      <label>
        search{' '}
        <input type="search" value={look.text} placeholder="host, task, role, output" onInput={(event) => go({ text: event.currentTarget.value })} />
      </label>
      <fieldset>
        <legend class="unseen">status</legend>
        {STATUSES.map((name) => (
          <label key={name} class={`mark ${name}`}>
            <input type="checkbox" checked={look.status.includes(name)} onChange={() => toggle(name)} />
            <span aria-hidden="true">{GLYPHS[name]}</span> {name}
          </label>
        ))}
      </fieldset>
      {choice('group', Object.keys(run.groups).sort())}
      {choice('role', roles)}
      {choice('tag', tags)}
      <button type="button" onClick={() => go({ ...START, view: look.view })}>
        Reset
      </button>
    </search>
  );
}
