import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import { atMostOneOf, bool, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';

export default defineModule({
  name: 'apt_key',
  doc: 'Keys that apt trusts for every repository. New playbooks use deb822_repository, whose key counts for one only.',
  reference: 'ansible.builtin.apt_key',
  args: {
    id: str({ doc: 'Identifier of the key; what was fetched must be this key.' }),
    data: str({ doc: 'The key itself.' }),
    file: path({ doc: 'A file of the host with the key.' }),
    keyring: path({ doc: 'The keyring file, in /etc/apt/trusted.gpg.d/.' }),
    url: str({ doc: 'Address of the key.' }),
    keyserver: str({ doc: 'A key server to ask for `id`.' }),
    state: str({ doc: 'Whether it should be trusted.', default: 'present', choices: ['absent', 'present'] }),
    validate_certs: bool({ doc: 'Check the certificate of `url`.', default: true }),
  },
  rules: [atMostOneOf('data', 'file', 'keyserver', 'url')],
  check: 'full',
  returns: {
    id: 'The key.',
    fp: 'Its fingerprint.',
    key_id: 'Its last 16 digits.',
    short_id: 'Its last 8 digits.',
    before: 'Keys before.',
    after: 'Keys after.',
  },
  examples: `- apt_key:
    url: https://packages.example.com/key.asc
    keyring: /etc/apt/keyrings/example.gpg
`,
  async run(args, { remote }) {
    const id = args.id?.replace(/^0x/i, '').toUpperCase();
    if (id !== undefined && (!/^[0-9A-F]+$/.test(id) || ![8, 16, 40].includes(id.length))) {
      throw new ModuleFailure('Invalid key_id', { id: args.id });
    }
    if (args.state === 'absent' && id === undefined) throw new ModuleFailure('key is required to remove a key', {});
    if (id === undefined && [args.data, args.file, args.url].every((v) => v === undefined))
      throw new ModuleFailure('one of data, file, url, or keyserver with id is required');
    const reply = await remote.call(shell('apt_key', import.meta.url), {
      y_id: id,
      y_data: args.data,
      y_file: remotePath(args.file),
      y_keyring: remotePath(args.keyring),
      y_url: args.url,
      y_keyserver: args.keyserver,
      y_state: args.state,
      y_insecure: !args.validate_certs,
    });
    const fingerprint = reply.get('fp') || id || '';
    const list = (key: string) =>
      reply
        .get(key)
        .split('\n')
        .filter((f) => f !== '');
    return changed(reply.changes.length > 0, {
      id: args.id ?? fingerprint,
      fp: fingerprint,
      key_id: fingerprint.slice(-16),
      short_id: fingerprint.slice(-8),
      before: list('before'),
      after: list(reply.has('after') ? 'after' : 'before'),
    });
  },
});
