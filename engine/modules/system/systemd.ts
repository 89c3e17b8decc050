import { changed, defineModule, shell } from '../define.ts';
import { unitArgs, unitRules, unitVariables } from '../parts/unit-args.ts';
import { unitValues } from '../parts/unit-result.ts';

export default defineModule({
  name: 'systemd',
  doc: 'Controls systemd and its units: started, enabled, masked. With a name alone it tells the state of the unit.',
  reference: 'ansible.builtin.systemd_service',
  aliases: ['systemd_service'],
  args: unitArgs,
  rules: unitRules,
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
    const reply = await remote.call(shell('systemd', import.meta.url), unitVariables(args));
    return changed(reply.changes.length > 0, unitValues(args, reply));
  },
});
