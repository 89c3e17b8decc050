import { atLeastOneOf, bool, int, list, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { tristate } from '../parts/unit-result.ts';

export default defineModule({
  name: 'sysvinit',
  doc: 'Controls a service through its SysV init script.',
  reference: 'ansible.builtin.sysvinit',
  args: {
    name: str({ doc: 'The service, or the path of its script.', required: true, aliases: ['service'] }),
    state: str({ doc: 'What it should be.', choices: ['started', 'stopped', 'restarted', 'reloaded'] }),
    enabled: bool({ doc: 'Whether it starts at boot.' }),
    sleep: int({ doc: 'Seconds between stop and start of a restart.', default: 1 }),
    pattern: str({ doc: 'Text in the process list that shows that it runs.' }),
    runlevels: list(str(), { doc: 'Runlevels that `enabled` is about; all of the usual ones if not given.' }),
    arguments: str({ doc: 'Further arguments of the script.', aliases: ['args'] }),
    daemonize: bool({ doc: 'Has no effect: a script here never holds on to the connection.', default: false }),
  },
  rules: [atLeastOneOf('state', 'enabled')],
  check: 'full',
  returns: { status: 'What was done for `enabled` and for the state.' },
  examples: `- sysvinit:
    name: cron
    state: started
    enabled: true
`,
  async run(args, { remote }) {
    const reply = await remote.call(shell('sysvinit', import.meta.url), {
      i_name: args.name,
      i_state: args.state,
      i_enabled: tristate(args.enabled),
      i_sleep: args.sleep,
      i_pattern: args.pattern,
      i_runlevels: args.runlevels ?? [],
      i_arguments: args.arguments,
    });
    const part = (word: string, key: string) => {
      const done = reply.changes.includes(word);
      const ran = done && reply.has(`${key}_stdout`);
      return {
        changed: done,
        rc: ran ? 0 : null,
        stdout: ran ? reply.get(`${key}_stdout`) : null,
        stderr: ran ? '' : null,
      };
    };
    const enabled = { ...part('enabled', 'enabled'), ...(args.runlevels ? { runlevels: args.runlevels } : {}) };
    const status = { enabled, ...(args.state === undefined ? {} : { [args.state]: part('state', 'state') }) };
    return changed(reply.changes.length > 0, { name: args.name, status });
  },
});
