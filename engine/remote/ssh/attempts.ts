/** Attempts to connect: which failures another one may help with, and the pauses between them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionTarget } from '../target.ts';
import type { HostConfig } from './config.ts';
import { mayHelp, worded } from './failures.ts';

/** Seconds before the second attempt; twice as long before each further one. */
const FIRST_PAUSE = 0.4;

/** Tries until it works, no attempt is left, or none can help; the error is in words for the user. */
export async function withAttempts<T>(
  target: ConnectionTarget,
  config: HostConfig,
  { where, signal, note }: { where: string; signal: AbortSignal; note: (text: string) => void },
  once: () => Promise<T>,
): Promise<T> {
  const configured = config.get('connectionattempts');
  const retries = target.retries ?? Math.max(2, Number(configured ?? 1) - 1);
  // A host that keeps silent has had its time: three times as long for each dead one would be the run's. But who asks for it gets it.
  const asked = (target.retries ?? 0) > 0 || configured !== undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      if (!mayHelp(error, asked) || attempt >= retries) throw worded(error, where, attempt + 1);
      note(`attempt ${attempt + 1} to connect to ${where}: ${(error as Error).message}`);
    }
    // A crowd that was refused together (MaxStartups) must not come back together.
    const pause = FIRST_PAUSE * 2 ** attempt * (0.75 + Math.random() / 2) * 1000;
    await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw signal.reason;
  }
}
