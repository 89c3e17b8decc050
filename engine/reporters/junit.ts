/** JUnit XML: a suite for each play, a case for each task on each host; written when the run has ended. */
import type { RunEvent, TaskInfo, TaskResult } from '../events.ts';
import { failureDetails, headline } from './details.ts';
import type { Output } from './reporter.ts';
import { safe } from './style.ts';

interface Case {
  task: TaskInfo;
  host: string;
  result: TaskResult;
}

interface Suite {
  name: string;
  time: number;
  cases: Case[];
}

export default async function junitReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  const suites: Suite[] = [];
  for await (const event of events) {
    if (event.type === 'play:start') suites.push({ name: event.name, time: event.time, cases: [] });
    else if (event.type === 'task:result') suites.at(-1)?.cases.push(event);
  }
  const cases = suites.flatMap((suite) => suite.cases);
  out.write(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(cases)}>\n`);
  for (const suite of suites) {
    const stamp = new Date(suite.time).toISOString().replace(/\.\d+Z$/, '');
    out.write(`  <testsuite name=${attribute(suite.name || 'play')} timestamp="${stamp}" ${counts(suite.cases)}>\n`);
    for (const one of suite.cases) out.write(testCase(one));
    out.write('  </testsuite>\n');
  }
  out.write('</testsuites>\n');
}

function counts(cases: Case[]): string {
  const failures = cases.filter((c) => outcome(c.result) === 'failure').length;
  const errors = cases.filter((c) => outcome(c.result) === 'error').length;
  const skipped = cases.filter((c) => outcome(c.result) === 'skipped').length;
  const time = cases.reduce((sum, c) => sum + c.result.duration, 0);
  return `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time.toFixed(3)}"`;
}

/** A failure that the play took up (ignored, rescued) is not a failure of the run. */
function outcome(result: TaskResult): 'passed' | 'failure' | 'error' | 'skipped' {
  if (result.ignored || result.rescued) return 'passed';
  if (result.status === 'unreachable') return 'error';
  if (result.status === 'failed') return 'failure';
  return result.status === 'skipped' ? 'skipped' : 'passed';
}

function testCase({ task, host, result }: Case): string {
  const name = attribute(`[${host}] ${task.role ? `${task.role} : ` : ''}${task.name}`);
  const start = `    <testcase classname=${attribute(task.path)} name=${name} time="${result.duration.toFixed(3)}"`;
  const kind = outcome(result);
  if (kind === 'passed') return `${start}/>\n`;
  if (kind === 'skipped') return `${start}><skipped/></testcase>\n`;
  const details = escapeXml(failureDetails(result).join('\n'));
  return `${start}><${kind} message=${attribute(headline(result))}>${details}</${kind}></testcase>\n`;
}

function attribute(text: string): string {
  return `"${escapeXml(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML 1.0 has no way to write most control characters nor lone surrogates: `safe` and toWellFormed replace them. */
function escapeXml(text: string): string {
  return wellFormed(safe(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
