import { str } from './args.ts';
import { defineModule, shell, unchanged } from './define.ts';

export default defineModule({
  name: 'ping',
  doc: 'Tries to reach the host and run its shell; returns `pong`.',
  reference: 'ansible.builtin.ping',
  args: { data: str({ doc: 'Text to return; `crash` makes the module fail.', default: 'pong' }) },
  check: 'full',
  traits: { observes: true },
  returns: { ping: 'The text of `data`.' },
  examples: `- ping:
`,
  async run({ data }, { remote }) {
    if (data === 'crash') throw new Error('boom');
    await remote.call(shell('ping', import.meta.url));
    return unchanged({ ping: data });
  },
});
