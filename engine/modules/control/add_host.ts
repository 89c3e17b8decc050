import type { Dict } from '../../values.ts';
import { list, str } from '../args.ts';
import { defineModule } from '../define.ts';

const OWN = new Set<unknown>(['name', 'hostname', 'host', 'groups', 'group', 'groupname']);

export default defineModule({
  name: 'add_host',
  doc: `Adds a host to the inventory for the plays that follow.

Every other key is a variable of the new host. It runs once, whatever the number of hosts.`,
  reference: 'ansible.builtin.add_host',
  args: {
    name: str({ doc: 'Name or address, with `:port` if need be.', required: true, aliases: ['hostname', 'host'] }),
    groups: list(str(), { doc: 'Groups to put it in.', aliases: ['group', 'groupname'], default: [] }),
  },
  openArgs: true,
  controllerOnly: true,
  once: true,
  check: 'full',
  returns: { add_host: 'host_name, groups and host_vars of the new host.' },
  examples: `- add_host:
    name: "{{ new_member_address }}"
    groups: nodes
    ansible_user: admin
`,
  async run(args, env) {
    const { name, port } = splitPort(args.name);
    const vars: Dict = new Map([...env.rawArgs].filter(([key]) => !OWN.has(key)));
    if (port !== undefined) vars.set('ansible_ssh_port', port);
    const groups = [...new Set(args.groups.filter((group) => group !== ''))];
    return {
      // The run, which owns the inventory, tells whether the host was there already.
      changed: true,
      values: { add_host: { host_name: name, groups, host_vars: vars } },
      effects: [{ type: 'add_host', name, groups, vars }],
    };
  },
});

/** `name:22`, `[fe80::1]:22`; a bare IPv6 address has no port. */
function splitPort(written: string): { name: string; port?: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(written);
  if (match) return { name: (match[1] ?? match[2])!, port: Number(match[3]) };
  return { name: written.replace(/^\[(.*)\]$/, '$1') };
}
