import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, requiredIf, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, programs } from '../parts/programs.ts';
import { makeFolder, nameVersion } from './node-packages.ts';

export default defineModule({
  name: 'npm',
  doc: 'Installs packages of Node with npm.',
  reference: 'community.general.npm',
  args: {
    name: str({ doc: 'The package; without it, those of package.json.' }),
    path: path({ doc: 'Folder to install into.' }),
    version: str({ doc: 'Its version.' }),
    global: bool({ doc: 'Install for all.', default: false }),
    executable: path({ doc: 'Path of npm.' }),
    ignore_scripts: bool({ doc: 'Run no scripts of packages.', default: false }),
    unsafe_perm: bool({ doc: 'Run their scripts as this user.', default: false }),
    ci: bool({ doc: 'Exactly what the lock file says.', default: false }),
    production: bool({ doc: 'Without development packages.', default: false }),
    registry: str({ doc: 'Address of the registry.' }),
    state: str({ doc: 'What it should be.', default: 'present', choices: ['present', 'absent', 'latest'] }),
    no_optional: bool({ doc: 'Without optional packages.', default: false }),
    no_bin_links: bool({ doc: 'Make no links of programs.', default: false }),
    force: bool({ doc: 'npm --force.', default: false }),
  },
  rules: [requiredIf('state', 'absent', ['name'])],
  check: 'full',
  examples: `- npm:
    path: /srv/app
    ci: true
`,
  async run(args, { remote, check }) {
    if (args.path === undefined && !args.global)
      throw new ModuleFailure('path must be specified when not using global');
    if (args.name?.startsWith('-')) throw new ModuleFailure(`npm: a package can't be called ${args.name}`);
    const npm = args.executable === undefined ? 'npm' : remotePath(args.executable);
    const where = args.global ? ['--global'] : ['--prefix', remotePath(args.path!)];
    const options = [
      ...(args.production ? ['--production'] : []),
      ...(args.ignore_scripts ? ['--ignore-scripts'] : []),
      ...(args.unsafe_perm ? ['--unsafe-perm'] : []),
      ...(args.registry === undefined ? [] : ['--registry', args.registry]),
      ...(args.no_optional ? ['--no-optional'] : []),
      ...(args.no_bin_links ? ['--no-bin-links'] : []),
      ...(args.force ? ['--force'] : []),
    ];
    const go = (...words: string[]) => ({ words: [npm, ...words, ...where, ...options] });
    const doIt = async (...words: string[]) => {
      if (check) return;
      const make = makeFolder(args);
      await change(remote, [...make, go(...words)]);
    };
    if (args.ci) {
      await doIt('ci');
      return changed(true);
    }
    const ask = [go('list', '--json', '--long'), ...(args.state === 'latest' ? [go('outdated', '--json')] : [])];
    const [listed, outdated] = await programs(remote, ask);
    if (listed!.rc === 127) throw new ModuleFailure('Failed to find required executable "npm"');
    const tree = json(listed!.stdout)['dependencies'] as Record<string, Record<string, unknown>> | undefined;
    const isThere = (name: string) => {
      const found = tree?.[name];
      if (!found || found['missing'] || found['invalid']) return false;
      return args.version === undefined || found['version'] === args.version;
    };
    if (args.state === 'absent') {
      if (!tree?.[args.name!] || tree[args.name!]!['missing']) return changed(false);
      await doIt('uninstall', args.name!);
      return changed(true);
    }
    const missing =
      args.name === undefined
        ? !tree || Object.values(tree).some((d) => d['missing'] || d['invalid'])
        : !isThere(args.name);
    if (missing) {
      await doIt('install', ...nameVersion(args));
      return changed(true);
    }
    const late =
      outdated && Object.keys(json(outdated.stdout)).filter((name) => args.name === undefined || name === args.name);
    if (!late || late.length === 0) return changed(false);
    await doIt('update', ...(args.name === undefined ? [] : [args.name]));
    return changed(true);
  },
});

function json(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text || '{}') as Record<string, unknown>;
  } catch {
    throw new ModuleFailure(`Failed to parse NPM output: ${text.slice(0, 200)}`);
  }
}
