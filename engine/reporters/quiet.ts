/** Only what went wrong, and the recap. */
import type { RunEvent } from '../events.ts';
import { predicted, reached, recapLine } from './default.ts';
import { failureDetails, headline } from './details.ts';
import type { Output } from './reporter.ts';
import { paint, safe } from './style.ts';

export default async function quietReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  const failed = (text: string) => out.write(`${paint(text, 'failed', out.colors)}\n`);
  let check = false;
  for await (const event of events) {
    if (event.type === 'run:start') check = event.check;
    if (event.type === 'task:item' || event.type === 'task:result') {
      const { result } = event;
      const looped = event.type === 'task:result' && (result.values['results'] as unknown[] | undefined)?.length;
      if (!isFailure(result.status) || result.ignored || looped) continue;
      const item = event.type === 'task:item' ? ` (item=${safe(event.item)})` : '';
      failed(`[${event.host}] ${safe(event.task.name)}${item} (${event.task.path}): ${headline(result)}`);
      for (const line of failureDetails(result)) failed(line);
    } else if (event.type === 'message' && event.level === 'warning') {
      out.error(`${paint(`[WARNING]: ${safe(event.text)}`, 'warning', out.colors)}\n`);
    } else if (event.type === 'bug') {
      failed(safe(event.stack));
    } else if (event.type === 'run:end') {
      const names = Object.keys(event.recap.hosts).sort();
      const width = Math.max(0, ...names.map((name) => name.length));
      for (const name of names) out.write(recapLine(name, event.recap.hosts[name]!, width, out.colors));
      if (check) out.write(`${predicted(event.recap)}\n`);
      if (event.recap.interrupted) failed(reached(event.recap));
    }
  }
}

function isFailure(status: string): boolean {
  return status === 'failed' || status === 'unreachable';
}
