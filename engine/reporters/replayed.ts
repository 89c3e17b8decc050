/** Of a run that resumes another one, people are shown what is new: what was done before was shown then. */
import type { RunEvent } from '../events.ts';

export async function* withoutReplayed(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
  for await (const event of events) if (!isReplayed(event)) yield event;
}

function isReplayed(event: RunEvent): boolean {
  if (event.type === 'task:start' || event.type === 'include') return event.replayed === true;
  return 'result' in event && event.result.replayed === true;
}
