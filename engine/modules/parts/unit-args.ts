/** The arguments of systemd's module, which `service` hands on to it: their schema, and as variables of parts/units.sh. */
import { ModuleFailure } from '../../errors.ts';
import type { ShellValue } from '../../remote/quote.ts';
import { type ArgTypes, bool, requiredBy, str } from '../args.ts';
import { tristate } from './unit-result.ts';

/** What systemd knows beside `name`, `state` and `enabled`, which every service manager has. */
export const systemdOnly = {
  force: bool({ doc: 'systemd: replace existing links.' }),
  masked: bool({ doc: 'systemd: whether it can be started at all.' }),
  daemon_reload: bool({ doc: 'systemd: reread the unit files first.', default: false, aliases: ['daemon-reload'] }),
  daemon_reexec: bool({
    doc: 'systemd: restart the manager itself first.',
    default: false,
    aliases: ['daemon-reexec'],
  }),
  scope: str({ doc: 'systemd: whose manager.', default: 'system', choices: ['system', 'user', 'global'] }),
  no_block: bool({ doc: 'systemd: do not wait for the job to finish.', default: false }),
} as const;

export const unitArgs = {
  name: str({ doc: 'The unit; `.service` may be left out.', aliases: ['service', 'unit'] }),
  state: str({
    doc: '`started` and `stopped` do nothing where that is so already; `restarted` always acts; `reloaded` too.',
    choices: ['reloaded', 'restarted', 'started', 'stopped'],
  }),
  enabled: bool({ doc: 'Whether it starts at boot.' }),
  ...systemdOnly,
} as const;

export const unitRules = [
  requiredBy('state', ['name']),
  requiredBy('enabled', ['name']),
  requiredBy('masked', ['name']),
];

/** As variables of a request. */
export function unitVariables(args: ArgTypes<typeof unitArgs>): Record<string, ShellValue> {
  if (args.name !== undefined && /[*?[]/.test(args.name)) {
    const msg = `This module does not currently support using glob patterns, found in service name: ${args.name}`;
    throw new ModuleFailure(msg);
  }
  return {
    u_name: args.name,
    u_state: args.state,
    u_enabled: tristate(args.enabled),
    u_masked: tristate(args.masked),
    u_reload: args.daemon_reload,
    u_reexec: args.daemon_reexec,
    u_scope: args.scope,
    u_no_block: args.no_block,
    u_force: args.force,
  };
}
