import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { pathInfo } from '../parts/attributes.ts';

export default defineModule({
  name: 'tempfile',
  doc: 'Makes a temporary file or folder that only its owner may read.',
  reference: 'ansible.builtin.tempfile',
  args: {
    state: str({ doc: 'What to make.', default: 'file', choices: ['file', 'directory'] }),
    path: path({ doc: 'The folder to make it in; by default the system folder for temporary files.' }),
    prefix: str({ doc: 'How its name begins.', default: 'ansible.' }),
    suffix: str({ doc: 'How its name ends.', default: '' }),
  },
  check: 'skip',
  returns: { path: 'What was made.' },
  examples: `- tempfile:
    state: directory
    suffix: .build
  register: build
- file:
    path: "{{ build.path }}"
    state: absent
`,
  async run(args, { remote }) {
    if (args.prefix.includes('/') || args.suffix.includes('/')) {
      throw new ModuleFailure('prefix and suffix are parts of a name and cannot hold a slash');
    }
    const reply = await remote.call(shell('tempfile', import.meta.url), {
      folder: remotePath(args.path),
      state: args.state,
      prefix: args.prefix,
      suffix: args.suffix,
    });
    return changed(true, { path: reply.get('path'), ...pathInfo(reply) });
  },
});
