/** How many hosts are worked on at once. */
import type pLimit from 'p-limit';

export type Limit = ReturnType<typeof pLimit>;

/** Hosts that are worked on at once, if nothing else is said. */
export const FORKS = 50;

/** So many silent hosts for each fork may be waited for besides: each costs a socket and a timer, no more. */
const SILENT = 4;

/**
 * Lets another host have the place of one that keeps silent; the function it returns waits until there is a place again. As many as
 * `forks` work at a time, but the dead ones among many do not make the living wait.
 */
export function givePlace(limit: Limit, forks: number): () => Promise<void> {
  if (limit.concurrency >= forks * (1 + SILENT)) return async () => {};
  limit.concurrency++;
  return () =>
    limit(() => {
      // The place found is the one that was lent: from here on there are as many as before.
      limit.concurrency--;
    });
}
