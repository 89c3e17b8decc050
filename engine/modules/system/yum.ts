import { defineModule } from '../define.ts';
import { rpmArgs, rpmPackages } from './rpm-packages.ts';

export default defineModule({
  name: 'yum',
  doc: 'Installs, upgrades and removes packages with yum, or dnf where that is what the host has.',
  reference: 'ansible.builtin.yum',
  args: rpmArgs,
  check: 'full',
  returns: { results: 'What was done to which package.', rc: 'Exit code.', msg: 'What was said.' },
  examples: `- yum:
    name: nginx
    state: present
`,
  run(args, env) {
    const backend =
      { auto: '', yum: 'yum', yum4: 'dnf', dnf: 'dnf', dnf4: 'dnf', dnf5: 'dnf5' }[args.use_backend] ?? '';
    return rpmPackages(args as never, env, backend);
  },
});
