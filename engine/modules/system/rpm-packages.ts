/** What dnf and yum share. */
import { quoteWords } from '../../remote/quote.ts';
import { bool, int, list, str } from '../args.ts';
import { type ModuleEnv, shell } from '../define.ts';
import { lines } from '../parts/output.ts';
import { packageResult } from './package-result.ts';

export const rpmArgs = {
  name: list(str(), {
    doc: 'Packages, groups (`@name`), files or addresses; `*` is all.',
    default: [],
    aliases: ['pkg'],
  }),
  list: str({ doc: 'List packages instead: installed, updates, available, repos, or a pattern.' }),
  state: str({ doc: 'What they should be.', choices: ['absent', 'present', 'installed', 'removed', 'latest'] }),
  enablerepo: list(str(), { doc: 'Repositories to use too.', default: [] }),
  disablerepo: list(str(), { doc: 'Repositories not to use.', default: [] }),
  conf_file: str({ doc: 'Configuration file.' }),
  disable_gpg_check: bool({ doc: 'Do not check signatures.', default: false }),
  installroot: str({ doc: 'Another root.', default: '/' }),
  releasever: str({ doc: 'Another release.' }),
  autoremove: bool({ doc: 'Remove what nothing needs.', default: false }),
  exclude: list(str(), { doc: 'Packages to leave alone.', default: [] }),
  skip_broken: bool({ doc: 'Leave out what cannot be installed.', default: false }),
  update_cache: bool({ doc: 'Refresh the lists first.', default: false, aliases: ['expire-cache'] }),
  update_only: bool({ doc: 'With `latest`: install nothing new.', default: false }),
  security: bool({ doc: 'Security updates only.', default: false }),
  bugfix: bool({ doc: 'Bug fixes only.', default: false }),
  enable_plugin: list(str(), { doc: 'Plugins to use.', default: [] }),
  disable_plugin: list(str(), { doc: 'Plugins not to use.', default: [] }),
  disable_excludes: str({ doc: 'Ignore excludes of main, a repository or all.' }),
  validate_certs: bool({ doc: 'Check certificates of package addresses.', default: true }),
  sslverify: bool({ doc: 'Check certificates of repositories.', default: true }),
  allow_downgrade: bool({ doc: 'Accept an older version.', default: false }),
  install_repoquery: bool({ doc: 'Has no effect.', default: true }),
  download_only: bool({ doc: 'Only download.', default: false }),
  lock_timeout: int({ doc: 'Has no effect: dnf waits for its lock.', default: 30 }),
  install_weak_deps: bool({ doc: 'Install what packages recommend.', default: true }),
  download_dir: str({ doc: 'Where to.' }),
  allowerasing: bool({ doc: 'Let packages be removed for it.', default: false }),
  nobest: bool({ doc: 'Accept other than the best candidate.' }),
  best: bool({ doc: 'Accept the best candidate only.' }),
  cacheonly: bool({ doc: 'Use what is already downloaded.', default: false }),
  use_backend: str({
    doc: 'The program.',
    default: 'auto',
    choices: ['auto', 'yum', 'yum4', 'dnf', 'dnf4', 'dnf5'],
  }),
} as const;

interface Given {
  name: string[];
  list?: string | undefined;
  state?: string | undefined;
  enablerepo: string[];
  disablerepo: string[];
  exclude: string[];
  enable_plugin: string[];
  disable_plugin: string[];
  [option: string]: unknown;
}

const FLAGS: Record<string, string> = {
  disable_gpg_check: '--nogpgcheck',
  skip_broken: '--skip-broken',
  security: '--security',
  bugfix: '--bugfix',
  download_only: '--downloadonly',
  allowerasing: '--allowerasing',
  nobest: '--nobest',
  best: '--best',
  cacheonly: '--cacheonly',
};
const VALUES: Record<string, string> = {
  conf_file: '--config',
  releasever: '--releasever',
  disable_excludes: '--disableexcludes',
  download_dir: '--downloaddir',
};

/** Runs dnf or yum. */
export async function rpmPackages(args: Given, env: ModuleEnv, backend: string) {
  const options = Object.entries(FLAGS).flatMap(([name, flag]) => (args[name] === true ? [flag] : []));
  for (const [name, option] of Object.entries(VALUES))
    if (args[name] !== undefined) options.push(`${option}=${args[name]}`);
  for (const name of ['enablerepo', 'disablerepo', 'exclude'] as const) {
    for (const value of args[name]) options.push(`--${name}=${value}`);
  }
  for (const value of args.enable_plugin) options.push(`--enableplugin=${value}`);
  for (const value of args.disable_plugin) options.push(`--disableplugin=${value}`);
  if (args['installroot'] !== '/') options.push(`--installroot=${args['installroot']}`);
  if (args['sslverify'] === false) options.push('--setopt=sslverify=0');
  if (args['install_weak_deps'] === false) options.push('--setopt=install_weak_deps=0');
  const reply = await env.remote.call(shell('dnf', import.meta.url), {
    a_names: args.name
      .flatMap((n) => n.split(','))
      .map((n) => n.trim())
      .filter((n) => n !== ''),
    a_state: args.state ?? (args['autoremove'] ? 'absent' : 'present'),
    a_list_what: args.list,
    a_backend: backend,
    a_options: quoteWords(options),
    a_update_cache: args['update_cache'] as boolean,
    a_update_only: args['update_only'] as boolean,
    a_autoremove: args['autoremove'] as boolean,
  });
  const said = lines(reply.get('stdout'));
  const results = args.list === undefined ? done(said) : said;
  return packageResult(reply, env.diff, {
    rc: Number(reply.get('rc') || 0),
    results,
    msg: reply.changes.length > 0 || args.list !== undefined ? '' : 'Nothing to do',
  });
}

/** `Installed: a-1` ... from the summary that dnf prints at its end. */
function done(output: string[]): string[] {
  const results: string[] = [];
  let verb: string | undefined;
  for (const line of output) {
    const head = /^(Installed|Upgraded|Removed|Downgraded|Reinstalled|Updated):\s*$/.exec(line)?.[1];
    if (head) verb = head;
    else if (verb && /^\s+\S/.test(line))
      results.push(
        ...line
          .trim()
          .split(/\s{2,}/)
          .map((name) => `${verb}: ${name}`),
      );
    else verb = undefined;
  }
  return results;
}
