import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleFailure } from '../../errors.ts';
import { int } from '../args.ts';
import { defineModule, type ModuleEnv, unchanged } from '../define.ts';

export default defineModule({
  name: 'wait_for_connection',
  doc: 'Waits until the host can be connected to and its shell answers.',
  reference: 'ansible.builtin.wait_for_connection',
  args: {
    connect_timeout: int({ doc: 'Seconds for one try.', default: 5 }),
    delay: int({ doc: 'Seconds before the first try.', default: 0 }),
    sleep: int({ doc: 'Seconds between tries.', default: 1 }),
    timeout: int({ doc: 'Seconds in all.', default: 600 }),
  },
  check: 'full',
  traits: { observes: true },
  returns: { elapsed: 'Seconds waited.' },
  examples: `- wait_for_connection:
    timeout: 300
`,
  async run(args, env) {
    if (env.check) return unchanged({ elapsed: 0 });
    const began = Date.now();
    if (args.delay > 0) await sleep(args.delay * 1000, undefined, { signal: env.signal });
    await untilConnected(env, { ...args, what: 'ping module test' }, async () => {});
    return unchanged({ elapsed: Math.floor((Date.now() - began) / 1000) });
  },
});

interface Patience {
  connect_timeout: number;
  sleep: number;
  timeout: number;
  /** What is waited for, in the message of a time-out. */
  what: string;
}

/** Connects again and again, then asks `also`, until both succeed. */
export async function untilConnected(env: ModuleEnv, patience: Patience, also: () => Promise<void>): Promise<void> {
  const began = Date.now();
  let last = 'nothing was tried';
  while (Date.now() - began < patience.timeout * 1000) {
    try {
      await env.remote.connect(patience.connect_timeout);
      return await also();
    } catch (error) {
      if (env.signal.aborted) throw error;
      last = (error as Error).message;
      await env.remote.reset();
    }
    await sleep(patience.sleep * 1000, undefined, { signal: env.signal });
  }
  const elapsed = Math.floor((Date.now() - began) / 1000);
  throw new ModuleFailure(`timed out waiting for ${patience.what}: ${last}`, { elapsed });
}
