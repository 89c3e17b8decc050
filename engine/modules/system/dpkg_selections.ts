import { ModuleFailure } from '../../errors.ts';
import { str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, programs, required } from '../parts/programs.ts';

export default defineModule({
  name: 'dpkg_selections',
  doc: "Sets dpkg's selection of a package: held, to be installed, to be removed.",
  reference: 'ansible.builtin.dpkg_selections',
  args: {
    name: str({ doc: 'The package.', required: true }),
    selection: str({ doc: 'The selection.', required: true, choices: ['install', 'hold', 'deinstall', 'purge'] }),
  },
  check: 'full',
  returns: { before: 'The selection until now.', after: 'The selection asked for.' },
  examples: `- dpkg_selections:
    name: linux-image-amd64
    selection: hold
`,
  async run({ name, selection }, { remote, check }) {
    if (!/^[A-Za-z0-9][A-Za-z0-9+.:-]*$/.test(name))
      throw new ModuleFailure(`'${name}' can't be the name of a package`);
    const [ran] = await programs(remote, [{ words: ['dpkg', '--get-selections', name] }]);
    const line = required(ran!).stdout.trim();
    if (line === '') throw new ModuleFailure(`Failed to find package '${name}' to perform selection '${selection}'.`);
    const before = line.split(/\s+/)[1];
    const isChanged = before !== selection;
    if (isChanged && !check) {
      await change(remote, [{ words: ['dpkg', '--set-selections'], stdin: `${name} ${selection}\n` }]);
    }
    return changed(isChanged, { before, after: selection });
  },
});
