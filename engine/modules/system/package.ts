import { list, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { packageResult } from './package-result.ts';

export default defineModule({
  name: 'package',
  doc: "Installs, upgrades or removes packages with the host's own package manager, in one request.",
  reference: 'ansible.builtin.package',
  args: {
    name: list(str(), {
      doc: 'Packages, by the names this kind of system gives them.',
      required: true,
      aliases: ['pkg'],
    }),
    state: str({ doc: 'present, absent, latest; the package manager may know more.', required: true }),
    use: str({ doc: 'The package manager; found out by itself if not given.', default: 'auto' }),
  },
  check: 'full',
  returns: { stdout: 'What the package manager said.' },
  async run(args, { remote, diff }) {
    const use = args.use.replace(/^(ansible\.(builtin|legacy)|community\.general)\./, '');
    const reply = await remote.call(shell('package', import.meta.url), {
      k_use: use,
      a_names: args.name,
      a_state: args.state === 'installed' ? 'present' : args.state === 'removed' ? 'absent' : args.state,
    });
    return packageResult(reply, diff);
  },
});
