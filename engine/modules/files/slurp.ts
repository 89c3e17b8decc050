import { remotePath } from '../../remote/quote.ts';
import { path } from '../args.ts';
import { defineModule, shell, unchanged } from '../define.ts';

export default defineModule({
  name: 'slurp',
  doc: 'Reads a file of the host into a variable, in base64.',
  reference: 'ansible.builtin.slurp',
  args: { src: path({ doc: 'The file.', required: true, aliases: ['path'] }) },
  check: 'full',
  traits: { observes: true },
  returns: {
    content: { type: 'str', doc: 'The content in base64.' },
    encoding: 'base64',
    source: { type: 'str', doc: 'The path.' },
  },
  examples: `- slurp:
    src: /etc/machine-id
  register: id
- debug:
    msg: "{{ id.content | b64decode }}"
`,
  async run({ src }, { remote }) {
    const reply = await remote.call(shell('slurp', import.meta.url), { src: remotePath(src) });
    return unchanged({
      content: reply.bytes('content').toString('base64'),
      encoding: 'base64',
      source: reply.get('source'),
    });
  },
});
