import { ModuleFailure } from '../../errors.ts';
import { bool, list, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'rpm_key',
  doc: 'Keys that rpm trusts.',
  reference: 'ansible.builtin.rpm_key',
  args: {
    key: str({ doc: 'Address, file on the host, or identifier of the key.', required: true }),
    state: str({ doc: 'Whether it should be trusted.', default: 'present', choices: ['absent', 'present'] }),
    validate_certs: bool({ doc: 'Check the certificate of the address.', default: true }),
    fingerprint: list(str(), { doc: 'The key must have one of these fingerprints.' }),
  },
  check: 'full',
  examples: `- rpm_key:
    key: https://packages.example.com/key.asc
`,
  async run(args, { remote }) {
    const isId = /^(0x)?[0-9a-f]{8,40}$/i.test(args.key);
    if (args.state === 'present' && isId) throw new ModuleFailure('When importing a key, a valid file must be given');
    const reply = await remote.call(shell('rpm_key', import.meta.url), {
      y_key: args.key,
      y_id: isId ? args.key.replace(/^0x/i, '').toLowerCase() : '',
      y_state: args.state,
      y_insecure: !args.validate_certs,
      y_fingerprints: (args.fingerprint ?? []).map((f) => f.replaceAll(' ', '').toUpperCase()).join(' '),
    });
    return changed(reply.changes.length > 0);
  },
});
