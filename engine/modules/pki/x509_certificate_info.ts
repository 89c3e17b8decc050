import { ModuleFailure } from '../../errors.ts';
import { exactlyOneOf, path, str } from '../args.ts';
import { defineModule, unchanged } from '../define.ts';
import { describeCertificate } from './pki-certificate.ts';
import { attempt, readTexts } from './pki-files.ts';

export default defineModule({
  name: 'x509_certificate_info',
  doc: 'Tells what a certificate says: names, usages, begin and end, fingerprints.',
  reference: 'community.crypto.x509_certificate_info',
  args: {
    path: path({ doc: 'File of the certificate.' }),
    content: str({ doc: 'The certificate itself.' }),
    select_crypto_backend: str({ doc: 'Read and not used.', choices: ['auto', 'cryptography'], default: 'auto' }),
  },
  rules: [exactlyOneOf('path', 'content')],
  check: 'full',
  traits: { observes: true },
  returns: {
    subject: 'The name.',
    issuer: 'Who signed.',
    not_before: 'Begin.',
    not_after: 'End.',
    expired: 'Whether the end has passed.',
    days_left: 'Whole days until the end (not in Ansible).',
    subject_alt_name: 'Alternative names.',
    key_usage: 'Usages.',
    extended_key_usage: 'Purposes.',
    basic_constraints: 'Whether it is a CA.',
    fingerprints: 'Of the certificate, by hash.',
    serial_number: 'As decimal digits: it is larger than numbers are exact.',
  },
  examples: `- x509_certificate_info:
    path: /etc/ssl/app.crt
  register: certificate
- debug:
    msg: it ends on {{ certificate.not_after }}
`,
  async run(args, { remote }) {
    const pem = (await readTexts([args.content === undefined ? args.path : undefined], remote)).of(
      args.content,
      args.path,
    );
    if (pem === undefined) throw new ModuleFailure('one of path, content is required');
    return unchanged(attempt(`the certificate (${args.path ?? 'content'})`, () => describeCertificate(pem)));
  },
});
