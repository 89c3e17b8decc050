import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, programs } from '../parts/programs.ts';
import { makeFolder, nameVersion } from './node-packages.ts';

export default defineModule({
  name: 'yarn',
  doc: 'Installs packages of Node with yarn 1.',
  reference: 'community.general.yarn',
  args: {
    name: str({ doc: 'The package; without it, those of package.json.' }),
    path: path({ doc: 'Folder to install into.' }),
    version: str({ doc: 'Its version.' }),
    global: bool({ doc: 'Install for all.', default: false }),
    executable: path({ doc: 'Path of yarn.' }),
    ignore_scripts: bool({ doc: 'Run no scripts of packages.', default: false }),
    production: bool({ doc: 'Without development packages.', default: false }),
    registry: str({ doc: 'Address of the registry.' }),
    state: str({ doc: 'What it should be.', default: 'present', choices: ['present', 'absent', 'latest'] }),
  },
  check: 'full',
  returns: { out: 'What yarn said.', changed: 'Whether something changed.' },
  examples: `- yarn:
    path: /srv/app
    production: true
`,
  async run(args, { remote, check }) {
    if (args.state === 'absent' && args.name === undefined)
      throw new ModuleFailure('Package must be explicitly named when uninstalling.');
    if (args.state === 'latest' && args.version !== undefined)
      throw new ModuleFailure('latest and a version exclude each other');
    if (args.path === undefined && !args.global)
      throw new ModuleFailure('Path must be specified when not using global arg');
    if (args.name?.startsWith('-')) throw new ModuleFailure(`yarn: a package can't be called ${args.name}`);
    const yarn = args.executable === undefined ? 'yarn' : remotePath(args.executable);
    const where = args.global ? [] : ['--cwd', remotePath(args.path!)];
    const scope = args.global ? ['global'] : [];
    const options = [
      ...(args.production ? ['--production'] : []),
      ...(args.ignore_scripts ? ['--ignore-scripts'] : []),
      ...(args.registry === undefined ? [] : ['--registry', args.registry]),
    ];
    const go = (...words: string[]) => ({
      words: [yarn, ...where, ...scope, ...words, '--non-interactive', ...options],
    });
    const folder = args.global ? undefined : remotePath(`${args.path}/package.json`);
    const [listed, wanted, outdated] = await programs(remote, [
      go('list', '--depth=0', '--json'),
      { words: folder === undefined ? ['true'] : ['cat', folder] },
      args.state === 'latest' ? go('outdated', '--json') : { words: ['true'] },
    ]);
    if (listed!.rc === 127) throw new ModuleFailure('Failed to find required executable "yarn"');
    const installed = new Map<string, string>();
    for (const match of listed!.stdout.matchAll(/"name":"(@?[^@"]+)@([^"]+)"/g)) installed.set(match[1]!, match[2]!);
    for (const match of listed!.stdout.matchAll(/"(@?[^@"\s]+)@([^"\s]+)" has binaries/g))
      installed.set(match[1]!, match[2]!);
    const values = { name: args.name ?? null, path: args.path ?? null, version: args.version ?? null };
    const done = async (...words: string[]) => {
      if (check) return changed(true, values);
      const ran = await change(remote, [...makeFolder(args), go(...words)]);
      return changed(true, { ...values, out: ran.at(-1)!.stdout });
    };
    if (args.state === 'absent') return installed.has(args.name!) ? done('remove', args.name!) : changed(false, values);
    if (args.name !== undefined) {
      const has = installed.get(args.name);
      if (has === undefined || (args.version !== undefined && has !== args.version))
        return done('add', ...nameVersion(args));
      return args.state === 'latest' && outdated!.stdout.includes(`"${args.name}"`)
        ? done('upgrade', args.name, '--latest')
        : changed(false, values);
    }
    const declared = /"(?:dependencies|devDependencies)"/.test(wanted!.stdout) ? names(wanted!.stdout) : [];
    if (declared.some((name) => !installed.has(name))) return done('install');
    return args.state === 'latest' && /"type":"table"/.test(outdated!.stdout)
      ? done('upgrade')
      : changed(false, values);
  },
});

function names(packageJson: string): string[] {
  try {
    const file = JSON.parse(packageJson) as Record<string, Record<string, string> | undefined>;
    return [...Object.keys(file['dependencies'] ?? {}), ...Object.keys(file['devDependencies'] ?? {})];
  } catch {
    return [];
  }
}
