import { atLeastOneOf, atMostOneOf, bool, list, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { packageResult } from './package-result.ts';

export default defineModule({
  name: 'apk',
  doc: 'Installs, upgrades and removes packages of Alpine.',
  reference: 'community.general.apk',
  args: {
    available: bool({ doc: 'With `upgrade`: replace what is no longer offered.', default: false }),
    name: list(str(), { doc: 'Packages.' }),
    no_cache: bool({ doc: 'Use no local cache.', default: false }),
    repository: list(str(), { doc: 'Repositories to use.', default: [] }),
    state: str({
      doc: 'What they should be.',
      default: 'present',
      choices: ['present', 'absent', 'latest', 'installed', 'removed'],
    }),
    update_cache: bool({ doc: 'Refresh the lists first.', default: false }),
    upgrade: bool({ doc: 'Upgrade everything.', default: false }),
    world: str({ doc: 'Has no effect: apk keeps its own world file.', default: '/etc/apk/world' }),
  },
  rules: [atLeastOneOf('name', 'update_cache', 'upgrade'), atMostOneOf('name', 'upgrade')],
  check: 'full',
  returns: { packages: 'Packages that were changed.', stdout: 'What apk said.' },
  examples: `- apk:
    name: [nginx, curl]
    update_cache: true
`,
  async run(args, { remote, diff }) {
    const reply = await remote.call(shell('apk', import.meta.url), {
      a_names: args.name ?? [],
      a_state: args.state,
      a_update_cache: args.update_cache,
      a_upgrade: args.upgrade,
      a_available: args.available,
      a_no_cache: args.no_cache,
      a_repository: args.repository,
    });
    const touched = [...reply.get('stdout').matchAll(/(?:Installing|Upgrading|Downgrading|Purging|Replacing) (\S+)/g)];
    return packageResult(reply, diff, { packages: [...new Set(touched.map((m) => m[1]))] });
  },
});
