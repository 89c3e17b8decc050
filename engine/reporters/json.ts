/** Each event as one line of JSON: the stream as it is, for programs. */
import type { RunEvent } from '../events.ts';
import type { Output } from './reporter.ts';

export default async function jsonReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  for await (const event of events) out.write(`${JSON.stringify(event)}\n`);
}
