import { list, raw, str } from '../args.ts';
import { defineModule } from '../define.ts';

const groupName = (text: string) => text.replaceAll(' ', '-');

export default defineModule({
  name: 'group_by',
  doc: 'Puts each host in a group named after its variables, for the plays that follow.',
  reference: 'ansible.builtin.group_by',
  args: {
    key: raw({ doc: 'Name of the group.', required: true }),
    parents: list(str(), { doc: 'Groups that the new group belongs to.', default: ['all'] }),
  },
  controllerOnly: true,
  refusal: (given) => (given('key') ? undefined : "the 'key' param is required when using group_by"),
  check: 'full',
  returns: { add_group: 'Name of the group, blanks replaced by dashes.', parent_groups: 'Its parents.' },
  examples: `- group_by:
    key: os_{{ ansible_distribution | lower }}
`,
  async run(args) {
    const key = groupName(String(args.key));
    const parents = args.parents.map(groupName);
    return {
      // The run, which owns the inventory, tells whether the host was in the group already.
      changed: true,
      values: { add_group: key, parent_groups: parents },
      effects: [{ type: 'group_by', key, parents }],
    };
  },
});
