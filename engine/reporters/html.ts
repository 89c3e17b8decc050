/** A run as one HTML file that stands alone: engine/reporters/page/, built into page.html, with the run inside. */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { RunEvent } from '../events.ts';
import { Collector } from './page/collect.ts';
import type { PageRun } from './page/page_run.ts';
import type { Output } from './reporter.ts';

export default async function htmlReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  const collector = new Collector();
  for await (const event of events) collector.see(event);
  out.write(pageOf(collector.run));
}

/** The page with a run in it. */
export function pageOf(run: PageRun): string {
  const data = gzipSync(JSON.stringify(run)).toString('base64');
  const title = `${run.playbook}${run.check ? ' (check mode)' : ''}`;
  return filled(title, `<script type="application/octet-stream" id="run">${data}</script>`);
}

/** The page that follows a run, whose events come from a URL of the same origin. */
export function livePage(title: string, events: string): string {
  return filled(title, `<script type="application/octet-stream" id="run" data-events="${escaped(events)}"></script>`);
}

function filled(title: string, run: string): string {
  const [before, after] = template().split('{{run}}') as [string, string];
  return before.replace('{{title}}', () => escaped(title)) + run + after;
}

/** The page of the last build, for a reporter that is read from the sources. */
function built(): URL[] {
  const entry = new URL('../../dist/index.js', import.meta.url);
  const name = existsSync(entry) ? /'\.\/(\w+)\/index\.js'/.exec(readFileSync(entry, 'utf8'))?.[1] : undefined;
  return name === undefined ? [] : [new URL(`../../dist/${name}/reporters/page/page.html`, import.meta.url)];
}

let text: string | undefined;

function template(): string {
  const found = [new URL('./page/page.html', import.meta.url), ...built()].find((place) => existsSync(place));
  if (!found) throw new Error('the page of reports is not built: run `npm run build`');
  text ??= readFileSync(found, 'utf8');
  return text;
}

const escaped = (value: string): string => value.replace(/[&<>"'\x00-\x1f]/g, (c) => `&#${c.charCodeAt(0)};`);
