import { ModuleFailure } from '../../errors.ts';
import { str } from '../args.ts';
import { defineModule } from '../define.ts';

export default defineModule({
  name: 'fail',
  doc: 'Fails with a message; with `when`, ends the play for hosts that must not go on.',
  reference: 'ansible.builtin.fail',
  args: { msg: str({ doc: 'The message.', default: 'Failed as requested from task' }) },
  controllerOnly: true,
  check: 'full',
  examples: `- fail:
    msg: etcd needs systemd, and {{ inventory_hostname }} runs {{ ansible_service_mgr }}
  when: ansible_service_mgr != 'systemd'
`,
  async run(args) {
    throw new ModuleFailure(args.msg);
  },
});
