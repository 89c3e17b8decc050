import { atLeastOneOf, atMostOneOf, bool, list, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { packageResult } from './package-result.ts';

export default defineModule({
  name: 'pacman',
  doc: 'Installs, upgrades and removes packages of Arch Linux.',
  reference: 'community.general.pacman',
  args: {
    name: list(str(), { doc: 'Packages or groups.', aliases: ['package', 'pkg'] }),
    state: str({
      doc: 'What they should be.',
      default: 'present',
      choices: ['absent', 'installed', 'latest', 'present', 'removed'],
    }),
    force: bool({ doc: 'Remove without regard to dependencies.', default: false }),
    remove_nosave: bool({ doc: 'Keep no copies of configuration.', default: false }),
    executable: str({ doc: 'pacman, or a program like it.', default: 'pacman' }),
    extra_args: str({ doc: 'Further options.', default: '' }),
    update_cache: bool({ doc: 'Refresh the lists first.' }),
    update_cache_extra_args: str({ doc: 'Further options of that.', default: '' }),
    upgrade: bool({ doc: 'Upgrade everything.' }),
    upgrade_extra_args: str({ doc: 'Further options of that.', default: '' }),
    reason: str({
      doc: 'Not supported.',
      choices: ['dependency', 'explicit'],
      unsupported: 'Set it with command: pacman -D.',
    }),
    reason_for: str({ doc: 'Belongs to `reason`.', default: 'new', choices: ['all', 'new'] }),
  },
  rules: [atLeastOneOf('name', 'update_cache', 'upgrade'), atMostOneOf('name', 'upgrade')],
  check: 'full',
  returns: { stdout: 'What pacman said.', cache_updated: 'Whether the lists were refreshed.' },
  examples: `- pacman:
    name: nginx
    update_cache: true
`,
  async run({ name, executable, reason: _, ...rest }, { remote, diff }) {
    const given = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [`a_${key}`, value as string | boolean]),
    );
    const reply = await remote.call(shell('pacman', import.meta.url), {
      ...given,
      a_names: name ?? [],
      a_executable: executable,
    });
    const cache = rest.update_cache ? { cache_updated: true } : {};
    return packageResult(reply, diff, {
      ...cache,
      ...(reply.changes.includes('packages') ? { packages: name ?? [] } : {}),
    });
  },
});
