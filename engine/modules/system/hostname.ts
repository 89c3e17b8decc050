import { ModuleFailure } from '../../errors.ts';
import { type Dict, fromPlain } from '../../values.ts';
import { str } from '../args.ts';
import { defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'hostname',
  doc: 'Sets the name of the host, now and for every boot; /etc/hosts is left alone.',
  reference: 'ansible.builtin.hostname',
  args: {
    name: str({ doc: 'The name.', required: true }),
    use: str({
      doc: 'How it is kept on this kind of system; found out by itself if not given.',
      choices: [
        'alpine',
        'debian',
        'freebsd',
        'generic',
        'macos',
        'macosx',
        'darwin',
        'openbsd',
        'openrc',
        'redhat',
        'sles',
        'solaris',
        'systemd',
      ],
    }),
  },
  check: 'full',
  returns: { name: 'The name.', ansible_facts: 'hostname, nodename, fqdn and domain.' },
  examples: `- hostname:
    name: db1.example.com
`,
  async run({ name, use }, { remote, diff }) {
    if (use !== undefined && /bsd|mac|darwin|solaris/.test(use)) {
      throw new ModuleFailure(`hostname: ${use} is not a kind of system that is supported here`);
    }
    if (!/^[\w.-]{1,64}$/.test(name) || name.startsWith('-')) {
      throw new ModuleFailure(
        `hostname: '${name}' can't be the name of a host (letters, digits, '-' and '.', at most 64)`,
      );
    }
    const reply = await remote.call(shell('hostname', import.meta.url), { h_name: name, h_use: use });
    const changed = reply.changes.length > 0;
    const before = reply.get('now') === name ? reply.get('kept') : reply.get('now');
    const fqdn = reply.get('fqdn') || name;
    const facts = {
      ansible_hostname: name.split('.')[0],
      ansible_nodename: name,
      ansible_fqdn: fqdn,
      ansible_domain: fqdn.split('.').slice(1).join('.'),
    };
    return {
      changed,
      values: { name, ansible_facts: facts },
      facts: fromPlain(facts) as Dict,
      ...(changed && diff ? { diff: [{ before: `hostname = ${before}\n`, after: `hostname = ${name}\n` }] } : {}),
    };
  },
});
