import { ModuleFailure } from '../../errors.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, type Program, programs, putFile } from '../parts/programs.ts';

export default defineModule({
  name: 'selinux',
  doc: 'The mode and the policy of SELinux, now and for the next boot.',
  reference: 'ansible.posix.selinux',
  args: {
    policy: str({ doc: 'The policy; required unless disabled.' }),
    state: str({ doc: 'The mode.', required: true, choices: ['disabled', 'enforcing', 'permissive'] }),
    update_kernel_param: bool({ doc: 'Also say so on the kernel command line (grubby).', default: false }),
    configfile: path({ doc: 'The file.', default: '/etc/selinux/config', aliases: ['conf', 'file'] }),
  },
  check: 'full',
  returns: { reboot_required: 'Whether it takes effect only after a boot.', msg: 'What was changed.' },
  examples: `- selinux:
    policy: targeted
    state: enforcing
`,
  async run(args, { remote, check, warn }) {
    const [file, enforce, grubby] = await programs(remote, [
      { words: ['cat', args.configfile] },
      { words: ['cat', '/sys/fs/selinux/enforce'] },
      args.update_kernel_param ? { words: ['grubby', '--info=ALL'] } : { words: ['true'] },
    ]);
    if (file!.rc !== 0) throw new ModuleFailure(`Unable to find file ${args.configfile}`);
    const text = file!.stdout;
    const at = (key: string) => new RegExp(`^${key}=\\s*(\\S+)`, 'm').exec(text)?.[1];
    const [mode, policy] = [at('SELINUX'), at('SELINUXTYPE')];
    if (args.state !== 'disabled' && !args.policy)
      throw new ModuleFailure(`Policy is required if state is not 'disabled'`);
    const wantedPolicy = args.policy ?? policy;
    const enabled = enforce!.rc === 0;
    const now = !enabled ? 'disabled' : enforce!.stdout.trim() === '1' ? 'enforcing' : 'permissive';
    const msgs: string[] = [];
    const steps: Program[] = [];
    let after = text;
    let reboot = false;
    const set = (key: string, value: string) => {
      const line = new RegExp(`^${key}=.*$`, 'm');
      after = line.test(after)
        ? after.replace(line, `${key}=${value}`)
        : `${after.replace(/\n?$/, '\n')}${key}=${value}\n`;
    };
    if (wantedPolicy !== undefined && policy !== wantedPolicy) {
      set('SELINUXTYPE', wantedPolicy);
      msgs.push(`SELinux policy configuration in '${args.configfile}' changed from '${policy}' to '${wantedPolicy}'`);
    }
    if (now !== args.state) {
      if (enabled && args.state !== 'disabled') {
        steps.push({ words: ['setenforce', args.state === 'enforcing' ? '1' : '0'] });
        msgs.push(`SELinux state changed from '${now}' to '${args.state}'`);
      } else {
        reboot = true;
        if (enabled && now !== 'permissive') {
          steps.push({ words: ['setenforce', '0'] });
          msgs.push(
            `SELinux state temporarily changed from '${now}' to 'permissive'. State change will take effect next reboot.`,
          );
        } else warn('SELinux state change will take effect next reboot');
      }
    }
    if (mode !== args.state) {
      set('SELINUX', args.state);
      msgs.push(`Config SELinux state changed from '${mode}' to '${args.state}'`);
    }
    if (args.update_kernel_param && grubby!.rc === 0) {
      const off = /selinux=0/.test(grubby!.stdout);
      if (off !== (args.state === 'disabled')) {
        steps.push({
          words: [
            'grubby',
            '--update-kernel=ALL',
            args.state === 'disabled' ? '--args=selinux=0' : '--remove-args=selinux=0',
          ],
        });
        msgs.push('Kernel parameter selinux changed');
        reboot = true;
      }
    }
    const isChanged = after !== text || steps.length > 0;
    if (isChanged && !check) {
      if (after !== text) await putFile(remote, args.configfile, after);
      await change(remote, steps);
    }
    return changed(isChanged, {
      msg: msgs.join(', '),
      configfile: args.configfile,
      policy: wantedPolicy ?? null,
      state: args.state,
      reboot_required: reboot,
    });
  },
});
