/** Only what tasks of debug say, bare, so that a program can read it; what went wrong goes to stderr. */
import type { RunEvent } from '../events.ts';
import { headline, saidValue } from './details.ts';
import { harmless } from './json.ts';
import type { Output } from './reporter.ts';
import { paint, resultJson, safe } from './style.ts';

export default async function outputReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  for await (const event of events) {
    if (event.type === 'task:result') {
      const { host, task, result } = event;
      const value = saidValue(task, result);
      if (value !== undefined)
        out.write(`${typeof value === 'string' ? safe(value) : harmless(resultJson(value, 2))}\n`);
      const wrong = result.status === 'failed' || result.status === 'unreachable';
      if (wrong && !result.ignored && !result.rescued)
        out.error(`${paint(`${result.status}: [${host}] ${headline(result)}`, 'failed', out.colors)}\n`);
    } else if (event.type === 'message' && event.level === 'warning') {
      out.error(`${paint(`[WARNING]: ${safe(event.text)}`, 'warning', out.colors)}\n`);
    } else if (event.type === 'bug') {
      out.error(`${safe(event.stack)}\n`);
    }
  }
}
