import { exactlyOneOf, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { keyOf, readTexts } from './pki-files.ts';
import { describeRequest, request, requestArgs } from './pki-request.ts';

export default defineModule({
  name: 'openssl_csr_pipe',
  doc: 'Makes a certificate signing request and returns it; with `content`, only where that one is not what is asked for.',
  reference: 'community.crypto.openssl_csr_pipe',
  args: { ...requestArgs, content: str({ doc: 'The request that is there already.' }) },
  rules: [exactlyOneOf('privatekey_path', 'privatekey_content')],
  check: 'full',
  returns: { csr: 'The request.', subject: 'The name as a list of pairs.', subjectAltName: 'Alternative names.' },
  examples: `- openssl_csr_pipe:
    privatekey_path: /etc/ssl/private/app.pem
    common_name: app.example.com
  register: request
`,
  async run(args, env) {
    const texts = await readTexts([args.privatekey_path], env.remote);
    const { pem, fresh } = request(args.content, args, keyOf(args, texts, env));
    return { changed: fresh, values: { csr: pem, ...describeRequest(pem) } };
  },
});
