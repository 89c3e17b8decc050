import { atLeastOneOf, bool, int, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { tristate, unitValues } from '../parts/unit-result.ts';

export default defineModule({
  name: 'service',
  doc: 'Controls a service under whichever init the host runs: systemd, OpenRC or SysV scripts.',
  reference: 'ansible.builtin.service',
  args: {
    name: str({ doc: 'The service.', required: true }),
    state: str({
      doc: '`started` and `stopped` do nothing where that is so already; `restarted` and `reloaded` always act.',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
    }),
    sleep: int({ doc: 'Seconds between stop and start of a restart (SysV scripts).' }),
    pattern: str({ doc: 'Text in the process list that shows that it runs, where its script has no status.' }),
    enabled: bool({ doc: 'Whether it starts at boot.' }),
    runlevel: str({ doc: 'OpenRC: the runlevel.', default: 'default' }),
    arguments: str({ doc: 'Further arguments of an init script.', default: '', aliases: ['args'] }),
    use: str({ doc: 'The service manager; found out by itself if not given.', default: 'auto' }),
  },
  rules: [atLeastOneOf('state', 'enabled')],
  check: 'full',
  returns: { status: { type: 'dict', doc: 'systemd: properties of the unit before any change.' } },
  examples: `- service:
    name: nginx
    state: started
    enabled: true
`,
  async run(args, { remote }) {
    const use = args.use.replace(/^ansible\.(builtin|legacy)\./, '').replace(/^systemd_service$/, 'systemd');
    const variables = {
      name: args.name,
      state: args.state,
      enabled: tristate(args.enabled),
    };
    const both = (mark: string) => Object.fromEntries(Object.entries(variables).map(([k, v]) => [`${mark}_${k}`, v]));
    const reply = await remote.call(shell('service', import.meta.url), {
      ...both('u'),
      ...both('i'),
      u_scope: 'system',
      i_sleep: args.sleep,
      i_pattern: args.pattern,
      i_runlevel: args.runlevel,
      i_arguments: args.arguments,
      s_use: use === 'service' ? 'auto' : use,
    });
    const values = unitValues(args, reply);
    if (reply.get('manager') === 'systemd') return changed(reply.changes.length > 0, values);
    const { status: _, ...rest } = values;
    return changed(reply.changes.length > 0, {
      ...rest,
      ...(args.enabled === undefined ? {} : { enabled: args.enabled }),
    });
  },
});
