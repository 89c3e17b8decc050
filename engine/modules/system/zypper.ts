import { quoteWords } from '../../remote/quote.ts';
import { bool, list, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { splitWords } from '../parts/output.ts';
import { packageResult } from './package-result.ts';

export default defineModule({
  name: 'zypper',
  doc: 'Installs, upgrades and removes packages of SUSE systems.',
  reference: 'community.general.zypper',
  args: {
    name: list(str(), { doc: 'Packages; `*` is all.', required: true, aliases: ['pkg'] }),
    state: str({
      doc: 'What they should be.',
      default: 'present',
      choices: ['present', 'latest', 'absent', 'dist-upgrade', 'installed', 'removed'],
    }),
    type: str({
      doc: 'What the names are.',
      default: 'package',
      choices: ['package', 'patch', 'pattern', 'product', 'srcpackage', 'application'],
    }),
    extra_args_precommand: str({ doc: 'Further global options.' }),
    disable_gpg_check: bool({ doc: 'Do not check signatures.', default: false }),
    auto_import_keys: bool({ doc: 'Trust new keys of repositories.', default: false }),
    disable_recommends: bool({ doc: 'Install nothing that is only recommended.', default: true }),
    force: bool({ doc: 'Install even if it is there.', default: false }),
    force_resolution: bool({ doc: 'Let the solver choose.', default: false }),
    update_cache: bool({ doc: 'Refresh the lists first.', default: false, aliases: ['refresh'] }),
    oldpackage: bool({ doc: 'Accept an older version.', default: false }),
    extra_args: str({ doc: 'Further options.' }),
    allow_vendor_change: bool({ doc: 'Accept another vendor.', default: false }),
    replacefiles: bool({ doc: 'Accept conflicts of files.', default: false }),
    clean_deps: bool({ doc: 'Remove what nothing needs.', default: false }),
    simple_errors: bool({ doc: 'Has no effect.', default: false }),
    quiet: bool({ doc: 'Has no effect.', default: true }),
    skip_post_errors: bool({ doc: 'Errors of scripts after the installation are no failure.', default: false }),
  },
  check: 'full',
  returns: { stdout: 'What zypper said.' },
  examples: `- zypper:
    name: nginx
    state: present
`,
  async run(args, { remote, diff }) {
    const flags = {
      '--no-recommends': args.disable_recommends,
      '--force': args.force,
      '--force-resolution': args.force_resolution,
      '--oldpackage': args.oldpackage,
      '--allow-vendor-change': args.allow_vendor_change,
      '--replacefiles': args.replacefiles,
    };
    const install = Object.entries(flags).flatMap(([flag, on]) => (on ? [flag] : []));
    const global = [
      ...(args.disable_gpg_check ? ['--no-gpg-checks'] : []),
      ...(args.auto_import_keys ? ['--gpg-auto-import-keys'] : []),
      ...splitWords(args.extra_args_precommand ?? ''),
    ];
    const reply = await remote.call(shell('zypper', import.meta.url), {
      a_names: args.name,
      a_state: args.state,
      a_type: args.type,
      a_update_cache: args.update_cache,
      a_zypper_options: quoteWords([...install, ...splitWords(args.extra_args ?? '')]),
      a_zypper_global: quoteWords(global),
    });
    return packageResult(reply, diff, { name: args.name, state: args.state, update_cache: args.update_cache });
  },
});
