import { defineModule } from '../define.ts';
import { rpmArgs, rpmPackages } from './rpm-packages.ts';

export default defineModule({
  name: 'dnf',
  doc: 'Installs, upgrades and removes packages with dnf.',
  reference: 'ansible.builtin.dnf',
  aliases: ['dnf5'],
  args: rpmArgs,
  check: 'full',
  returns: { results: 'What was done to which package.', rc: 'Exit code.', msg: 'What was said.' },
  examples: `- dnf:
    name: [curl, rsync]
    state: latest
`,
  run(args, env) {
    const backend = { auto: '', yum: '', yum4: 'dnf', dnf: 'dnf', dnf4: 'dnf', dnf5: 'dnf5' }[args.use_backend] ?? '';
    return rpmPackages(args as never, env, backend);
  },
});
