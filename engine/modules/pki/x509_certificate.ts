import { bool, str } from '../args.ts';
import { defineModule } from '../define.ts';
import {
  certificate,
  certificateArgs,
  certificatePaths,
  certificateRules,
  describeCertificate,
} from './pki-certificate.ts';
import { keep, keptFileArgs, readTexts } from './pki-files.ts';

export default defineModule({
  name: 'x509_certificate',
  doc: `Keeps a certificate in a file, signed by a CA of ours or by itself.

It is made anew where its key, name, usages, alternative names or CA are not those asked for, or, with \`renew_before\`,
before it ends. Providers that ask a service (acme, entrust) are not there.`,
  reference: 'community.crypto.x509_certificate',
  args: {
    ...certificateArgs,
    ...keptFileArgs,
    force: bool({ doc: 'Make a new certificate in any case.', default: false }),
    state: str({ doc: 'Whether the certificate is there.', choices: ['present'], default: 'present' }),
    ignore_timestamps: bool({ doc: 'Begin and end are not compared.', default: true }),
  },
  rules: certificateRules,
  check: 'full',
  returns: {
    filename: 'The file.',
    reason: 'Why a new certificate was made.',
    certificate: 'The certificate, where return_content is on.',
    notBefore: 'Begin.',
    notAfter: 'End.',
    serial_number: 'As decimal digits.',
    backup_file: 'The copy of what was there.',
  },
  examples: `- x509_certificate:
    path: /etc/ssl/app.crt
    csr_path: /etc/ssl/app.csr
    provider: ownca
    ownca_path: /etc/ssl/ca.crt
    ownca_privatekey_path: /etc/ssl/private/ca.pem
`,
  async run(args, env) {
    const texts = await readTexts(certificatePaths(args), env.remote, args);
    const file = texts.file!;
    const existing = file.exists ? file.content.toString('utf8') : undefined;
    const { pem, fresh, reason } = certificate(existing, args, texts, env, args.force);
    const info = describeCertificate(pem);
    const values = {
      notBefore: info.not_before,
      notAfter: info.not_after,
      serial_number: info.serial_number,
      ...(reason === undefined ? {} : { reason }),
    };
    return keep(file, fresh ? pem : undefined, args, env, { values, contentKey: 'certificate' });
  },
});
