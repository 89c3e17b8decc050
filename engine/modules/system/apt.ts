import { remotePath } from '../../remote/quote.ts';
import { atMostOneOf, bool, int, list, path, str } from '../args.ts';
import { defineModule, shell } from '../define.ts';
import { tristate } from '../parts/unit-result.ts';
import { aptLists, packageResult } from './package-result.ts';

export default defineModule({
  name: 'apt',
  doc: 'Installs, upgrades and removes packages of Debian and Ubuntu.',
  reference: 'ansible.builtin.apt',
  args: {
    name: list(str(), {
      doc: 'Packages: `foo`, `foo=1.0*`, `foo>=1.0`, `foo*`; `*` with `state: latest` is all of them.',
      aliases: ['package', 'pkg'],
    }),
    state: str({
      doc: '`latest` also upgrades; `build-dep` installs what building needs; `fixed` repairs dependencies.',
      default: 'present',
      choices: ['absent', 'build-dep', 'latest', 'present', 'fixed'],
    }),
    update_cache: bool({ doc: 'Run `apt-get update` first.', aliases: ['update-cache'] }),
    update_cache_retries: int({ doc: 'How often to try that.', default: 5 }),
    update_cache_retry_max_delay: int({ doc: 'Longest pause between tries, in seconds.', default: 12 }),
    cache_valid_time: int({
      doc: 'Update the lists if they are older than these seconds, whatever `update_cache` says.',
      default: 0,
    }),
    purge: bool({ doc: 'Remove configuration files too.', default: false }),
    default_release: str({ doc: 'Release to prefer.', aliases: ['default-release'] }),
    install_recommends: bool({
      doc: 'Install what packages recommend; else as the host is set up.',
      aliases: ['install-recommends'],
    }),
    force: bool({ doc: 'Accept unauthenticated packages, downgrades, removal of essential ones.', default: false }),
    clean: bool({ doc: 'Remove downloaded package files.', default: false }),
    allow_unauthenticated: bool({
      doc: 'Accept packages without a known signature.',
      default: false,
      aliases: ['allow-unauthenticated'],
    }),
    allow_downgrade: bool({
      doc: 'Accept an older version.',
      default: false,
      aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
    }),
    allow_change_held_packages: bool({ doc: 'Change packages on hold.', default: false }),
    upgrade: str({
      doc: 'Upgrade everything: `yes` and `safe` remove nothing, `full` and `dist` may.',
      default: 'no',
      choices: ['dist', 'full', 'no', 'safe', 'yes'],
    }),
    dpkg_options: str({ doc: 'Options of dpkg, with commas.', default: 'force-confdef,force-confold' }),
    deb: path({ doc: 'A package file on the host, or its address.' }),
    autoremove: bool({ doc: 'Remove what no package needs any more.', default: false }),
    autoclean: bool({ doc: 'Remove downloaded files that are out of date.', default: false }),
    policy_rc_d: int({ doc: 'Exit code of policy-rc.d meanwhile; 101 starts no services.' }),
    only_upgrade: bool({ doc: 'Upgrade, install nothing new.', default: false }),
    fail_on_autoremove: bool({ doc: 'Fail where packages would be removed.', default: false }),
    force_apt_get: bool({ doc: 'Has no effect: apt-get is always used, never aptitude.', default: false }),
    lock_timeout: int({ doc: "Seconds to wait for apt's lock.", default: 60 }),
    auto_install_module_deps: bool({ doc: 'Has no effect: nothing is needed.', default: true }),
  },
  rules: [atMostOneOf('deb', 'name', 'upgrade')],
  check: 'full',
  returns: {
    cache_updated: { type: 'bool', doc: 'Whether the lists were updated.' },
    cache_update_time: { type: 'int', doc: 'When they were last, in seconds since 1970.' },
    stdout: 'What apt-get said.',
    stderr: 'And on its stderr.',
  },
  examples: `- apt:
    name: [foo, bar=1.0*]
    update_cache: true
    cache_valid_time: 3600`,
  async run(args, { remote, diff }) {
    const { name, install_recommends, deb, policy_rc_d, ...rest } = args;
    const given = Object.entries(rest).map(([key, value]) => [`a_${key}`, value]);
    const reply = await remote.call(shell('apt', import.meta.url), {
      ...(Object.fromEntries(given) as Record<string, string | number | boolean>),
      a_names: (name ?? []).map((n) => n.trim()).filter((n) => n !== ''),
      a_install_recommends: tristate(install_recommends),
      a_deb: remotePath(deb),
      a_policy_rc_d: policy_rc_d === undefined ? '' : policy_rc_d,
    });
    const onlyCleans = name === undefined && (args.autoremove || args.autoclean);
    const lists = args.state !== 'absent' && deb === undefined && !onlyCleans ? aptLists(reply) : {};
    const result = packageResult(reply, diff, lists);
    if (reply.has('upgraded')) result.values['msg'] = reply.get('stdout');
    return result;
  },
});
