import { bool, exactlyOneOf, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { keep, keptFileArgs, keyOf, readTexts } from './pki-files.ts';
import { describeRequest, request, requestArgs } from './pki-request.ts';

export default defineModule({
  name: 'openssl_csr',
  doc: `Keeps a certificate signing request in a file.

It is made anew only where its key, name, usages or alternative names are not those asked for.`,
  reference: 'community.crypto.openssl_csr',
  args: {
    ...requestArgs,
    ...keptFileArgs,
    force: bool({ doc: 'Make a new request in any case.', default: false }),
    state: str({ doc: 'Whether the request is there.', choices: ['present'], default: 'present' }),
  },
  rules: [exactlyOneOf('privatekey_path', 'privatekey_content')],
  check: 'full',
  returns: {
    filename: 'The file.',
    subject: 'The name as a list of pairs.',
    subjectAltName: 'Alternative names.',
    keyUsage: 'Usages.',
    extendedKeyUsage: 'Purposes.',
    basicConstraints: 'Whether it is for a CA.',
    csr: 'The request, where return_content is on.',
    backup_file: 'The copy of what was there.',
  },
  examples: `- openssl_csr:
    path: /etc/ssl/app.csr
    privatekey_path: /etc/ssl/private/app.pem
    common_name: app.example.com
    subject_alt_name: [DNS:app.example.com, IP:10.0.0.11]
`,
  async run(args, env) {
    const texts = await readTexts([args.privatekey_path], env.remote, args);
    const key = keyOf(args, texts, env);
    const file = texts.file!;
    const { pem, fresh } = request(file.exists ? file.content.toString('utf8') : undefined, args, key);
    return keep(file, fresh ? pem : undefined, args, env, { values: describeRequest(pem), contentKey: 'csr' });
  },
});
