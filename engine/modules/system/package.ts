import { ModuleFailure } from '../../errors.ts';
import type { Dict } from '../../values.ts';
import { list, str } from '../args.ts';
import { defineModule, type ModuleDefinition, type ModuleEnv, type ModuleResult, shell } from '../define.ts';
import { convertArgs } from '../parts/arguments.ts';
import { aptLists, packageResult } from './package-result.ts';

/** Modules to which the work may be handed on. */
const MANAGERS = ['apt', 'dnf', 'yum', 'apk', 'pacman', 'zypper'];
const own = new Set(['name', 'pkg', 'state', 'use']);

/** The module of a package manager, where there is one here. */
async function managerModule(name: string): Promise<ModuleDefinition> {
  switch (name) {
    case 'apt':
      return (await import('./apt.ts')).default as ModuleDefinition;
    case 'dnf':
    case 'dnf4':
    case 'dnf5':
      return (await import('./dnf.ts')).default as ModuleDefinition;
    case 'yum':
      return (await import('./yum.ts')).default as ModuleDefinition;
    case 'apk':
      return (await import('./apk.ts')).default as ModuleDefinition;
    case 'pacman':
      return (await import('./pacman.ts')).default as ModuleDefinition;
    case 'zypper':
      return (await import('./zypper.ts')).default as ModuleDefinition;
    default:
      throw new ModuleFailure(`Could not find a matching action for the "${name}" package manager.`);
  }
}

/** Arguments that only the package manager's own module knows: it is the one that runs. */
async function byManager(use: string, env: ModuleEnv): Promise<ModuleResult> {
  const name =
    use === 'auto' ? (await env.remote.call(shell('package', import.meta.url), { k_ask: true })).get('manager') : use;
  const module = await managerModule(name);
  const given = [...env.rawArgs].filter(([key]) => key !== 'use');
  const written: Dict = new Map([...(env.defaultsOf?.(module.name) ?? []), ...given]);
  const { args, problems } = convertArgs(module, written);
  if (problems.length > 0) throw new ModuleFailure(problems.join('; '));
  return module.run(args as never, { ...env, rawArgs: written });
}

export default defineModule({
  name: 'package',
  doc: "Installs, upgrades or removes packages with the host's own package manager, in one request.",
  reference: 'ansible.builtin.package',
  args: {
    name: list(str(), {
      doc: 'Packages, by the names this kind of system gives them.',
      aliases: ['pkg'],
    }),
    state: str({ doc: 'present, absent, latest; the package manager may know more.', default: 'present' }),
    use: str({ doc: 'The package manager; found out by itself if not given.', default: 'auto' }),
  },
  // What else is written is the package manager's own.
  openArgs: true,
  check: 'full',
  returns: { stdout: 'What the package manager said.' },
  examples: `- package:
    name: [curl, rsync]
    state: present
`,
  async run(args, env) {
    const { remote, diff } = env;
    const use = args.use.replace(/^(ansible\.(builtin|legacy)|community\.general)\./, '');
    const more = [...env.rawArgs.keys()].some((key) => !own.has(String(key)));
    const defaults = MANAGERS.some((name) => (env.defaultsOf?.(name).size ?? 0) > 0);
    if (more || defaults || args.name === undefined) return byManager(use, env);
    const reply = await remote.call(shell('package', import.meta.url), {
      k_use: use,
      a_names: args.name,
      a_state: args.state === 'installed' ? 'present' : args.state === 'removed' ? 'absent' : args.state,
    });
    return packageResult(reply, diff, ['absent', 'removed'].includes(args.state) ? {} : aptLists(reply));
  },
});
