import { ModuleFailure } from '../../errors.ts';
import { atLeastOneOf, bool, requiredBy, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { tristate, unitValues } from '../parts/unit-result.ts';

export default defineModule({
  name: 'systemd',
  doc: 'Controls systemd and its units: started, enabled, masked.',
  reference: 'ansible.builtin.systemd_service',
  aliases: ['systemd_service'],
  args: {
    name: str({ doc: 'The unit; `.service` may be left out.', aliases: ['service', 'unit'] }),
    state: str({
      doc: '`started` and `stopped` do nothing where that is so already; `restarted` always acts; `reloaded` too.',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
    }),
    enabled: bool({ doc: 'Whether it starts at boot.' }),
    force: bool({ doc: 'Replace existing links.' }),
    masked: bool({ doc: 'Whether it can be started at all.' }),
    daemon_reload: bool({ doc: 'Reread the unit files first.', default: false, aliases: ['daemon-reload'] }),
    daemon_reexec: bool({ doc: 'Restart the manager itself first.', default: false, aliases: ['daemon-reexec'] }),
    scope: str({ doc: 'Whose manager.', default: 'system', choices: ['system', 'user', 'global'] }),
    no_block: bool({ doc: 'Do not wait for the job to finish.', default: false }),
  },
  rules: [
    atLeastOneOf('state', 'enabled', 'masked', 'daemon_reload', 'daemon_reexec'),
    requiredBy('state', ['name']),
    requiredBy('enabled', ['name']),
    requiredBy('masked', ['name']),
  ],
  check: 'full',
  returns: {
    status: { type: 'dict', doc: 'Properties of the unit as `systemctl show` gave them, before any change.' },
  },
  examples: `- systemd_service:
    name: httpd
    state: restarted
    enabled: true
    daemon_reload: true`,
  async run(args, { remote }) {
    if (args.name !== undefined && /[*?[]/.test(args.name)) {
      const msg = `This module does not currently support using glob patterns, found in service name: ${args.name}`;
      throw new ModuleFailure(msg);
    }
    const reply = await remote.call(shell('systemd', import.meta.url), {
      u_name: args.name,
      u_state: args.state,
      u_enabled: tristate(args.enabled),
      u_masked: tristate(args.masked),
      u_reload: args.daemon_reload,
      u_reexec: args.daemon_reexec,
      u_scope: args.scope,
      u_no_block: args.no_block,
      u_force: args.force,
    });
    return changed(reply.changes.length > 0, unitValues(args, reply));
  },
});
