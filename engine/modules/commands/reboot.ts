import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleFailure } from '../../errors.ts';
import { int, list, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { untilConnected } from './wait_for_connection.ts';

export default defineModule({
  name: 'reboot',
  doc: 'Reboots the host and waits until it is up again, which its boot id proves.',
  reference: 'ansible.builtin.reboot',
  args: {
    pre_reboot_delay: int({ doc: 'Seconds before it goes down.', default: 0 }),
    post_reboot_delay: int({ doc: 'Seconds before the first try to connect.', default: 0 }),
    reboot_timeout: int({ doc: 'Seconds to wait for it.', default: 600 }),
    connect_timeout: int({ doc: 'Seconds for one try.' }),
    test_command: str({ doc: 'Must succeed on the host before it counts as up.', default: 'whoami' }),
    msg: str({ doc: 'Message for users who are logged in.', default: 'Reboot initiated by Ansible' }),
    search_paths: list(str(), {
      doc: 'Where the commands are looked for.',
      default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
    }),
    boot_time_command: str({ doc: 'Prints what differs from boot to boot.', default: '' }),
    reboot_command: str({ doc: 'How to reboot; `shutdown -r` if not given.' }),
  },
  check: 'full',
  returns: { rebooted: 'Whether it was rebooted.', elapsed: 'Seconds from the request to the host being up.' },
  examples: `- reboot:
    reboot_timeout: 300
`,
  async run(args, env) {
    if (env.remote.local) {
      throw new ModuleFailure('Running reboot with local connection would reboot the control node.', {
        rebooted: false,
      });
    }
    if (env.check) return changed(true, { elapsed: 0, rebooted: true });
    const script = shell('reboot', import.meta.url);
    const common = { b_paths: args.search_paths.join(':'), b_boot_command: args.boot_time_command };
    const bootId = async () => (await env.remote.call(script, { ...common, b_do: 'boot_id' })).get('boot_id');
    const before = await bootId();
    const began = Date.now();
    await env.remote.call(script, {
      ...common,
      b_do: 'reboot',
      b_msg: args.msg,
      b_delay: Math.max(1, args.pre_reboot_delay),
      b_command: args.reboot_command,
    });
    await sleep((Math.max(1, args.pre_reboot_delay) + args.post_reboot_delay) * 1000, undefined, {
      signal: env.signal,
    });
    await env.remote.reset();
    const connectTimeout = args.connect_timeout ?? 5;
    const patience = { connect_timeout: connectTimeout, sleep: 1, timeout: args.reboot_timeout };
    await untilConnected(env, { ...patience, what: 'last boot time check' }, async () => {
      if ((await bootId()) === before) throw new ModuleFailure('the boot id has not changed yet');
    });
    const left = args.reboot_timeout - (Date.now() - began) / 1000;
    await untilConnected(
      env,
      { ...patience, timeout: Math.max(1, left), what: 'post-reboot test command' },
      async () => {
        await env.remote.call(script, { ...common, b_do: 'test', b_test: args.test_command }, { timeout: 60 });
      },
    );
    return changed(true, { rebooted: true, elapsed: Math.floor((Date.now() - began) / 1000) });
  },
});
