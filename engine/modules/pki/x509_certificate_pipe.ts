import { bool, str } from '../args.ts';
import { defineModule } from '../define.ts';
import {
  certificate,
  certificateArgs,
  certificatePaths,
  certificateRules,
  describeCertificate,
} from './pki-certificate.ts';
import { readTexts } from './pki-files.ts';

export default defineModule({
  name: 'x509_certificate_pipe',
  doc: 'Makes a certificate and returns it; with `content`, only where that one is not what is asked for.',
  reference: 'community.crypto.x509_certificate_pipe',
  args: {
    ...certificateArgs,
    content: str({ doc: 'The certificate that is there already.' }),
    force: bool({ doc: 'Make a new certificate in any case.', default: false }),
  },
  rules: certificateRules,
  check: 'full',
  returns: {
    certificate: 'The certificate.',
    reason: 'Why a new certificate was made.',
    not_after: 'End.',
    days_left: 'Whole days until the end.',
  },
  examples: `- x509_certificate_pipe:
    csr_content: "{{ request.csr }}"
    provider: ownca
    ownca_path: /etc/ssl/ca.crt
    ownca_privatekey_path: /etc/ssl/private/ca.pem
  register: certificate
`,
  async run(args, env) {
    const texts = await readTexts(certificatePaths(args), env.remote);
    const { pem, fresh, reason } = certificate(args.content, args, texts, env, args.force);
    const { not_before, not_after, serial_number, days_left } = describeCertificate(pem);
    const told = reason === undefined ? {} : { reason };
    return { changed: fresh, values: { certificate: pem, not_before, not_after, serial_number, days_left, ...told } };
  },
});
