import { ModuleFailure } from '../../errors.ts';
import { str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { outputs } from '../parts/output.ts';

export default defineModule({
  name: 'modprobe',
  doc: 'Loads or unloads a module of the kernel, now and, if asked, at every boot.',
  reference: 'community.general.modprobe',
  args: {
    name: str({ doc: 'The module.', required: true }),
    state: str({ doc: 'Whether it should be loaded.', default: 'present', choices: ['absent', 'present'] }),
    params: str({ doc: 'Its parameters.', default: '' }),
    persistent: str({
      doc: '`present`: load it at every boot; `absent`: do not; `disabled`: leave that as it is.',
      default: 'disabled',
      choices: ['disabled', 'absent', 'present'],
    }),
  },
  check: 'full',
  examples: `- modprobe:
    name: br_netfilter
    persistent: present
`,
  async run(args, { remote }) {
    if (!/^[\w.-]+$/.test(args.name) || args.name.startsWith('-')) {
      throw new ModuleFailure(`modprobe: '${args.name}' can't be the name of a module`);
    }
    const given = Object.entries(args).map(([key, value]) => [`m_${key}`, value]);
    const reply = await remote.call(shell('modprobe', import.meta.url), Object.fromEntries(given));
    const said = outputs(reply.get('stdout'), reply.get('stderr'), false);
    return changed(reply.changes.length > 0, { ...args, ...said });
  },
});
