/**
 * What may not be read by everyone who can read the record: sealed by AES-256-GCM under a key of the run, which is kept sealed by the vault
 * password. Deriving a key from a password takes as long as ten tasks, so that is done once a run.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AuthorError } from '../errors.ts';
import { decryptVault, encryptVault, type VaultSecret } from '../yaml/index.ts';

export class Seal {
  readonly #key: Buffer;

  private constructor(
    key: Buffer,
    /** The key as it is kept. */
    readonly kept: string,
  ) {
    this.#key = key;
  }

  /** A seal by the first of the vault passwords; none where there is no password. */
  static made(vault: readonly VaultSecret[]): Seal | undefined {
    const [secret] = vault;
    if (!secret) return undefined;
    const key = randomBytes(32);
    return new Seal(key, encryptVault(key.toString('hex'), plainly(secret)));
  }

  /** The seal of another run's record; none where no password here opens it. */
  static opened(kept: string, vault: readonly VaultSecret[]): Seal | undefined {
    try {
      return new Seal(Buffer.from(decryptVault(kept, vault.map(plainly)), 'hex'), kept);
    } catch (error) {
      if (error instanceof AuthorError) return undefined;
      throw error;
    }
  }

  seal(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}

/** Our own key is none of the user's secrets that are masked in what is shown. */
const plainly = ({ id, password }: VaultSecret): VaultSecret => ({ id, password });
