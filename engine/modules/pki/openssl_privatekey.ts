import type { KeyObject } from 'node:crypto';
import { ModuleFailure } from '../../errors.ts';
import {
  CURVES,
  describeKey,
  fingerprints,
  formOf,
  generateKey,
  isEncrypted,
  type KeySpec,
  keyPem,
  publicDer,
  readKey,
} from '../../pki/keys.ts';
import { bool, fileMode, int, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { keep, keptFileArgs, readTexts } from './pki-files.ts';

const args = {
  ...keptFileArgs,
  mode: fileMode({ doc: 'Permissions of the file.', default: '0600' }),
  type: str({ doc: 'Kind of key.', choices: ['RSA', 'ECC', 'Ed25519', 'Ed448'], default: 'RSA' }),
  size: int({ doc: 'Bits of an RSA key.', default: 4096 }),
  curve: str({ doc: 'Curve of an ECC key.', choices: Object.keys(CURVES) }),
  passphrase: str({ doc: 'Encrypts the key with it.', secret: true }),
  cipher: str({ doc: 'How it is encrypted: AES-256 always.', choices: ['auto'], default: 'auto' }),
  format: str({
    doc: 'How it is written; auto: PKCS#1 (SEC 1 of a curve), but PKCS#8 of Ed25519, of Ed448, and with a passphrase. With auto_ignore a key in another form that is there stays.',
    choices: ['auto', 'auto_ignore', 'pkcs1', 'pkcs8'],
    default: 'auto_ignore',
  }),
  format_mismatch: str({
    doc: 'What becomes of a key that is right but for its form.',
    choices: ['regenerate', 'convert'],
    default: 'regenerate',
  }),
  state: str({ doc: 'Whether the key is there.', choices: ['present', 'absent'], default: 'present' }),
  force: bool({ doc: 'Make a new key even where there is one.', default: false }),
  regenerate: str({
    doc: 'When a key that is there is replaced.',
    choices: ['never', 'fail', 'partial_idempotence', 'full_idempotence', 'always'],
    default: 'full_idempotence',
  }),
  select_crypto_backend: str({ doc: 'Read and not used.', choices: ['auto', 'cryptography'], default: 'auto' }),
} as const;

export default defineModule({
  name: 'openssl_privatekey',
  doc: `Keeps a private key in a file.

The key is made on this machine and written to the host over its connection, so that the host needs no OpenSSL.`,
  reference: 'community.crypto.openssl_privatekey',
  args,
  check: 'full',
  returns: {
    filename: 'The file.',
    type: 'Kind of key.',
    size: 'Bits.',
    curve: 'Curve of an ECC key.',
    fingerprint: 'Fingerprints of the public half by hash.',
    privatekey: 'The key, where return_content is on.',
    backup_file: 'The copy of what was there.',
  },
  examples: `- openssl_privatekey:
    path: /etc/ssl/private/app.pem
    type: ECC
    curve: secp256r1
    mode: '0600'
`,
  async run(args, env) {
    const file = (await readTexts([], env.remote, args)).file!;
    if (args.state === 'absent') {
      if (!file.exists) return { changed: false, values: { filename: file.path } };
      throw new ModuleFailure('state: absent is not supported; remove the key with the module file');
    }
    const text = file.content.toString('utf8');
    if (file.exists) env.secret(text);
    const found = file.exists ? judge(text, args) : { reason: 'there is none' };
    const reason = found.reason && mayReplace(found, args, file.exists) ? found.reason : undefined;
    let key = found.key;
    let pem: string | undefined;
    if (found.converted && key) pem = keyPem(key, args.passphrase, wantedForm(args));
    else if (reason !== undefined || key === undefined) {
      key = env.check ? undefined : generateKey(args as KeySpec);
      pem = key ? keyPem(key, args.passphrase, wantedForm(args)) : '';
    }
    if (pem) env.secret(pem);
    const values = key
      ? { ...describeKey(key), fingerprint: fingerprints(publicDer(key)) }
      : { type: args.type, size: args.size };
    return keep(file, pem, args, env, { values, contentKey: 'privatekey' });
  },
});

interface Judged {
  key?: KeyObject;
  /** Why it is not the key that is wanted; undefined if it is. */
  reason?: string | undefined;
  unreadable?: boolean;
  /** It is, but for its form, which is changed. */
  converted?: boolean;
}

/** Of a key with a passphrase PKCS#8, unlike Ansible: the older forms make their key of it by one round of MD5. */
function wantedForm({ format, passphrase }: { format: string; passphrase?: string | undefined }): 'pkcs8' | 'pkcs1' {
  if (format.startsWith('auto')) return passphrase === undefined ? 'pkcs1' : 'pkcs8';
  return format === 'pkcs8' ? 'pkcs8' : 'pkcs1';
}

interface Wanted {
  type: string;
  size: number;
  curve?: string | undefined;
  passphrase?: string | undefined;
  format: string;
  format_mismatch: string;
  force: boolean;
  regenerate: string;
}

function judge(text: string, want: Wanted): Judged {
  let key: KeyObject;
  try {
    key = readKey(text, want.passphrase);
  } catch (error) {
    return { reason: (error as Error).message, unreadable: true };
  }
  const is = describeKey(key);
  if (want.force || want.regenerate === 'always') return { key, reason: 'a new one is asked for' };
  if (want.passphrase !== undefined && !isEncrypted(text)) return { key, reason: 'it is not encrypted' };
  if (is.type !== want.type) return { key, reason: `it is ${is.type}, not ${want.type}` };
  if (is.type === 'RSA' && is.size !== want.size) return { key, reason: `it has ${is.size} bits, not ${want.size}` };
  if (is.type === 'ECC' && want.curve !== undefined && is.curve !== want.curve)
    return { key, reason: `it is on the curve ${is.curve}, not ${want.curve}` };
  const wrong = want.format !== 'auto_ignore' && !is.type.startsWith('Ed') && formOf(text) !== wantedForm(want);
  if (!wrong) return { key };
  return want.format_mismatch === 'convert' ? { key, converted: true } : { key, reason: `it is ${formOf(text)}` };
}

/** Whether a key that is not the wanted one is replaced, by Ansible's table for `regenerate`. */
function mayReplace(found: Judged, { regenerate, force }: Wanted, exists: boolean): boolean {
  if (!exists || force || regenerate === 'always' || regenerate === 'full_idempotence') return true;
  if (found.unreadable || regenerate === 'fail')
    throw new ModuleFailure(
      `the key that is there is not the wanted one (${found.reason}), and regenerate is ${regenerate}: it is not overwritten`,
    );
  return regenerate === 'partial_idempotence';
}
