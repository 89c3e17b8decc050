import { ModuleFailure } from '../../errors.ts';
import { bool, int, requiredIf, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'group',
  doc: 'Makes, changes or removes a group.',
  reference: 'ansible.builtin.group',
  args: {
    name: str({ doc: 'The group.', required: true }),
    gid: int({ doc: 'Its number.' }),
    state: str({ doc: 'Whether it should exist.', default: 'present', choices: ['absent', 'present'] }),
    force: bool({ doc: 'Remove it even if it is the primary group of a user.', default: false }),
    system: bool({ doc: 'Make it a system group.', default: false }),
    local: bool({ doc: 'Look at the files only, not at directory services.', default: false }),
    non_unique: bool({ doc: 'Allow a number that is taken.', default: false }),
    gid_min: int({ doc: 'Smallest number to choose.' }),
    gid_max: int({ doc: 'Largest number to choose.' }),
  },
  rules: [requiredIf('non_unique', true, ['gid'])],
  check: 'full',
  returns: {
    gid: 'Its number.',
    name: 'The group.',
    state: 'The state asked for.',
    system: { type: 'bool', doc: 'As given.' },
  },
  examples: `- group:
    name: app
    system: true
`,
  async run(args, { remote }) {
    if (args.local)
      for (const name of ['gid_min', 'gid_max'] as const)
        if (args[name] !== undefined) throw new ModuleFailure(`'${name}' can not be used with 'local'`);
    const given = Object.entries(args).map(([name, value]) => [`n_${name}`, value as string | number | boolean]);
    const reply = await remote.call(shell('group', import.meta.url), Object.fromEntries(given));
    const gid = reply.has('gid') ? { gid: Number(reply.get('gid')), system: args.system } : {};
    return changed(reply.changes.length > 0, { name: args.name, state: args.state, ...gid });
  },
});
