/** Each event as one line of JSON: the stream as it is, for programs. */
import type { RunEvent } from '../events.ts';
import type { Output } from './reporter.ts';

export default async function jsonReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  for await (const event of events) out.write(`${harmless(JSON.stringify(event))}\n`);
}

/** The same JSON: what a terminal or a CI system would obey is escaped (what is below U+0020 is already). */
export function harmless(json: string): string {
  return json
    .replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    })
    .replaceAll('##', '#\\u0023');
}
