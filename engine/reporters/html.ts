/** A page that stands alone: what each task did on each host, without scripts or anything fetched. */
import type { Recap, RunEvent, Status, TaskInfo, TaskResult } from '../events.ts';
import { failureDetails, headline } from './details.ts';
import type { Output } from './reporter.ts';
import { safe, seconds } from './style.ts';
import { diffLines } from './unified_diff.ts';

interface Row {
  task: TaskInfo;
  started: number;
  results: { host: string; result: TaskResult }[];
}

interface Play {
  name: string;
  hosts: string[];
  rows: Map<string, Row>;
}

export default async function htmlReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  const plays: Play[] = [];
  let title = '';
  let begun = 0;
  let recap: Recap | undefined;
  const warnings: string[] = [];
  for await (const event of events) {
    if (event.type === 'run:start') {
      title = `${event.playbook}${event.check ? ' (check mode)' : ''}`;
      begun = event.time;
    } else if (event.type === 'play:start') plays.push({ name: event.name, hosts: event.hosts, rows: new Map() });
    else if (event.type === 'play:no-hosts')
      plays.push({ name: `${event.name} (no hosts matched)`, hosts: [], rows: new Map() });
    else if (event.type === 'task:start') row(plays, event.task, event.time);
    else if (event.type === 'task:result') row(plays, event.task, event.time)?.results.push(event);
    else if (event.type === 'message' && event.level === 'warning') warnings.push(event.text);
    else if (event.type === 'run:end') recap = event.recap;
  }
  out.write(page(title, begun, plays, warnings, recap));
}

function row(plays: Play[], task: TaskInfo, time: number): Row | undefined {
  const rows = plays.at(-1)?.rows;
  let found = rows?.get(task.id);
  if (rows && !found) {
    found = { task, started: time, results: [] };
    rows.set(task.id, found);
  }
  return found;
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222; background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25em .7em; border-bottom: 1px solid #ddd; vertical-align: top }
td.n { text-align: right } code, pre { font: 13px/1.4 ui-monospace, monospace } pre { white-space: pre-wrap; margin: .3em 0; background: #f6f6f6; padding: .5em }
.ok { color: #18794e } .changed { color: #8a5a00 } .skipped { color: #5b6b73 } .failed, .unreachable { color: #b3261e; font-weight: 600 }
.path { color: #777; font-size: 12px } .add { color: #18794e } .del { color: #b3261e } summary { cursor: pointer }
@media (prefers-color-scheme: dark) { body { background: #16181a; color: #ddd } pre { background: #22262a } th, td { border-color: #333 }
.ok { color: #5fd39a } .changed { color: #e0b050 } .failed, .unreachable, .del { color: #ff8a80 } .add { color: #5fd39a } }
`;

function page(title: string, begun: number, plays: Play[], warnings: string[], recap: Recap | undefined): string {
  const when = begun > 0 ? new Date(begun).toISOString().replace('T', ' ').slice(0, 19) : '';
  const took = recap ? `, took ${seconds(recap.duration)}` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1><p>${when} UTC${took}${recap?.interrupted ? ', <b class="failed">interrupted</b>' : ''}</p>
${recap ? recapTable(recap) : '<p class="failed">The run did not reach its end.</p>'}
${warnings.map((text) => `<p class="changed">Warning: ${escapeHtml(text)}</p>`).join('\n')}
${plays.map(playSection).join('\n')}
</body></html>
`;
}

function recapTable(recap: Recap): string {
  const keys = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;
  const lines = Object.entries(recap.hosts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, counts]) => {
      const state = counts.failed || counts.unreachable ? 'failed' : counts.changed ? 'changed' : 'ok';
      const cells = keys.map((key) => `<td class="n${counts[key] ? ` ${key}` : ''}">${counts[key]}</td>`).join('');
      return `<tr><td class="${state}">${escapeHtml(host)}</td>${cells}</tr>`;
    });
  return `<table><tr><th>host</th>${keys.map((key) => `<th>${key}</th>`).join('')}</tr>${lines.join('')}</table>`;
}

function playSection(play: Play): string {
  const rows = [...play.rows.values()].map(
    ({ task, results }) =>
      `<tr><td>${escapeHtml(`${task.role ? `${task.role} : ` : ''}${task.name}`)}<br><span class="path">${escapeHtml(task.path)}</span></td>` +
      `<td>${summary(results)}</td></tr>`,
  );
  return `<h2>${escapeHtml(play.name || 'play')}</h2><p class="path">${escapeHtml(play.hosts.join(', '))}</p><table>${rows.join('\n')}</table>`;
}

/** Hosts with the same uneventful outcome in one line; every other one with its details. */
function summary(results: Row['results']): string {
  const plain = new Map<Status, string[]>();
  const detailed: string[] = [];
  for (const { host, result } of results) {
    const inner = details(result);
    if (inner === '') plain.set(result.status, [...(plain.get(result.status) ?? []), host]);
    else {
      const open = result.status === 'failed' || result.status === 'unreachable' ? ' open' : '';
      const note = result.ignored ? ' (ignored)' : result.rescued ? ' (rescued)' : '';
      detailed.push(
        `<details${open}><summary><span class="${result.status}">${result.status}</span>${note} ${escapeHtml(host)}</summary>${inner}</details>`,
      );
    }
  }
  const lines = [...plain].map(
    ([status, hosts]) => `<div><span class="${status}">${status}</span> ${escapeHtml(hosts.join(', '))}</div>`,
  );
  return [...lines, ...detailed].join('\n');
}

function details(result: TaskResult): string {
  const parts: string[] = [];
  if (result.status === 'failed' || result.status === 'unreachable')
    parts.push(`<pre>${escapeHtml([headline(result), ...failureDetails(result)].join('\n'))}</pre>`);
  for (const diff of result.diff ?? []) {
    const lines = diffLines(diff).map((line) => {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
      return kind ? `<span class="${kind}">${escapeHtml(line)}</span>` : escapeHtml(line);
    });
    if (lines.length > 0) parts.push(`<pre>${lines.join('\n')}</pre>`);
  }
  return parts.join('');
}

function escapeHtml(text: string): string {
  return safe(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
