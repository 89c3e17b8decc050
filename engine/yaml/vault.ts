/**
 * Ansible's vault format: a header line and hexadecimal lines that hold salt, HMAC and AES-256-CTR text.
 * Keys come from the password by PBKDF2-HMAC-SHA256, 10000 rounds: 32 bytes cipher key, 32 bytes HMAC key, 16 bytes counter.
 */
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { AuthorError } from '../errors.ts';
import type { Place } from '../values.ts';

/** A vault password and its id; `default` where none was given. */
export interface VaultSecret {
  id: string;
  password: string | Buffer;
  /** Opens texts of its own id alone (the setting `vault_id_match`). */
  ownIdOnly?: boolean;
  /** Told of each text that this secret opened: what was encrypted is masked wherever it is shown. */
  opened?: (plain: Buffer) => void;
}

/** What is wrong with a vault is no mistake of the playbook: its code tells, and the command ends with 1. */
const mistake = (message: string, place?: Place, help?: string): AuthorError =>
  new AuthorError({ message, place, help, code: 'vault' });

const HEADER = /^\$ANSIBLE_VAULT;(1\.[12]);(\w+)(?:;([^\r\n]*))?\s*$/;

/** Is this text in Ansible's vault format? */
export function isVault(text: string): boolean {
  return text.trimStart().startsWith('$ANSIBLE_VAULT;');
}

/** The vault id that a 1.2 header names. */
export function vaultId(text: string): string | undefined {
  return HEADER.exec(text.trim().split('\n', 1)[0]!)?.[3]?.trim();
}

/** The plain text, by the secret whose id the header names or else by any that fits. */
export function decryptVault(text: string, secrets: readonly VaultSecret[], place?: Place): string {
  return decryptVaultBytes(text, secrets, place).toString('utf8');
}

interface Encrypted {
  /** The vault id that the header names. */
  id: string | undefined;
  salt: Buffer;
  mac: Buffer;
  cipherText: Buffer;
}

/** Throws what can be known to be wrong without trying a password, which takes time: none was given, or the text is damaged. */
export function requireOpenable(text: string, secrets: readonly VaultSecret[], place?: Place): Encrypted {
  const [header, ...body] = text.trim().split(/\r?\n/);
  const found = HEADER.exec(header!.trim());
  if (!found) {
    const folded = /^\$ANSIBLE_VAULT;\S+ +[0-9a-f]/.test(text.trim());
    throw mistake(
      folded ? 'the lines of this encrypted text were joined into one' : "this is not in Ansible's vault format",
      place,
      folded
        ? 'write `!vault |`, with the `|`, and each line as it was'
        : 'it begins with a line `$ANSIBLE_VAULT;1.1;AES256`',
    );
  }
  if (found[2] !== 'AES256') {
    throw mistake(
      `the vault cipher \`${found[2]}\` is not supported`,
      place,
      'encrypt it again with a current ansible-vault: AES256',
    );
  }
  const id = found[3]?.trim();
  if (secrets.length === 0) {
    throw mistake(
      `this is encrypted${withId(id)}, and no vault password was given`,
      place,
      'give one: --vault-password-file FILE, --vault-id ID@FILE or --ask-vault-pass',
    );
  }
  return { id, ...unpack(body.map((line) => line.trim()).join(''), place) };
}

const withId = (id: string | undefined): string => (id ? ` with the id \`${id}\`` : '');

/** As decryptVault, for content that is not text. */
export function decryptVaultBytes(text: string, secrets: readonly VaultSecret[], place?: Place): Buffer {
  const { id, salt, mac, cipherText } = requireOpenable(text, secrets, place);
  // The named id first: deriving a key takes several milliseconds.
  const others = secrets.filter((s) => s.id !== id && !(s.ownIdOnly && id !== undefined));
  const ordered = [...secrets.filter((s) => s.id === id), ...others];
  for (const secret of ordered) {
    const keys = deriveKeys(secret.password, salt);
    const expected = createHmac('sha256', keys.hmac).update(cipherText).digest();
    if (expected.length !== mac.length || !timingSafeEqual(expected, mac)) continue;
    const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter);
    const plain = unpad(Buffer.concat([decipher.update(cipherText), decipher.final()]), place);
    secret.opened?.(plain);
    return plain;
  }
  const tried = secrets.map((s) => s.id).join(', ');
  throw mistake(
    `none of the vault passwords decrypts this${withId(id)}`,
    place,
    `tried: ${tried}; is it another password, or was the text changed?`,
  );
}

/** A text in vault format, lines of 80 characters; with a header of 1.2 where the secret has an id other than `default`. */
export function encryptVault(plain: string | Buffer, secret: VaultSecret, salt: Buffer = randomBytes(32)): string {
  const keys = deriveKeys(secret.password, salt);
  const content = Buffer.isBuffer(plain) ? plain : Buffer.from(plain, 'utf8');
  const padding = 16 - (content.length % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const cipherText = Buffer.concat([
    cipher.update(content),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const mac = createHmac('sha256', keys.hmac).update(cipherText).digest();
  const inner = [salt, mac, cipherText].map((part) => part.toString('hex')).join('\n');
  const hex = Buffer.from(inner, 'latin1').toString('hex');
  const header = secret.id === 'default' ? '$ANSIBLE_VAULT;1.1;AES256' : `$ANSIBLE_VAULT;1.2;AES256;${secret.id}`;
  return [header, ...(hex.match(/.{1,80}/g) ?? [])].join('\n') + '\n';
}

function unpack(hex: string, place?: Place): { salt: Buffer; mac: Buffer; cipherText: Buffer } {
  const parts = Buffer.from(hex, 'hex').toString('latin1').split('\n');
  const [salt, mac, cipherText] = parts.map((part) => Buffer.from(part, 'hex'));
  const whole =
    hex.length % 2 === 0 &&
    /^[0-9a-f]*$/i.test(hex) &&
    parts.length === 3 &&
    parts.every((p) => /^(?:[0-9a-f]{2})+$/i.test(p));
  if (!whole)
    throw mistake(
      'the encrypted text is damaged: it is not complete hexadecimal',
      place,
      'copy it again, with all its lines',
    );
  return { salt: salt!, mac: mac!, cipherText: cipherText! };
}

interface Keys {
  cipher: Buffer;
  hmac: Buffer;
  counter: Buffer;
}

function deriveKeys(password: string | Buffer, salt: Buffer): Keys {
  const derived = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  return { cipher: derived.subarray(0, 32), hmac: derived.subarray(32, 64), counter: derived.subarray(64, 80) };
}

function unpad(content: Buffer, place?: Place): Buffer {
  const padding = content[content.length - 1];
  if (padding === undefined || padding < 1 || padding > 16 || padding > content.length) {
    throw mistake('the encrypted text is damaged: its padding is wrong', place);
  }
  return content.subarray(0, content.length - padding);
}
