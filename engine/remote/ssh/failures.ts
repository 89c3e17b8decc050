/** Why there is no connection, in words: one place for what a user reads about keys, logins and networks. */
import { UnreachableError } from '../../errors.ts';
import { identityPrint } from './keys.ts';
import { fingerprint, keyType } from './known_hosts.ts';
import { SocketFailure } from './socket.ts';
import { type Identity, SessionFailure } from './ssh.ts';

/** The file that ssh-keygen changes by itself. */
const USUAL_FILE = '~/.ssh/known_hosts';

/** A host whose key nobody has seen before. */
export function unknownKey(
  name: string,
  host: string,
  port: number,
  key: Buffer,
  certAuthority: boolean,
  file: string,
): UnreachableError {
  const scan = `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host} >> ${file}`;
  return new UnreachableError(
    `the host key of ${name} is not known: it shows a ${keyType(key)} key with the fingerprint ${fingerprint(key)}` +
      (certAuthority
        ? ' (known_hosts names a certificate authority for it; certificates of hosts are not supported)'
        : ''),
    `compare the fingerprint with the host's own, then: ${scan}. Or trust new hosts at first sight with --accept-new`,
  );
}

/** A host that shows another key than the one that is known. */
export function changedKey(
  name: string,
  key: Buffer,
  known: { place: string; type: string; fingerprint: string; otherType: boolean },
  file: string,
): UnreachableError {
  return new UnreachableError(
    `the host key of ${name} has changed: it shows a ${keyType(key)} key with the fingerprint ${fingerprint(key)}, but ` +
      `${known.place} has a ${known.type} key with the fingerprint ${known.fingerprint}`,
    `someone may be between you and the host; if it was installed anew, remove the line: ssh-keygen ${file === USUAL_FILE ? '' : `-f ${file} `}-R '${name}'`,
  );
}

/** A key that known_hosts marks as revoked. */
export function revokedKey(name: string, key: Buffer, place: string): UnreachableError {
  return new UnreachableError(`the host key of ${name} (${fingerprint(key)}) is marked as revoked in ${place}`);
}

/** A login that was refused: what was tried, and what the host takes. */
export function authFailure(
  error: SessionFailure,
  user: string,
  withPassword: boolean,
  identities: readonly Identity[],
  unusable: ReadonlyMap<string, string>,
): UnreachableError {
  const tried = identities.filter((one) => !unusable.has(one.label)).map((one) => `${one.label} ${identityPrint(one)}`);
  if (withPassword) tried.push('the password');
  const takes = error.methods.length > 0 ? `; the host takes ${error.methods.join(', ')}` : '';
  const shown = tried.length > 0 ? `tried: ${tried.join('; ')}` : 'there was no key and no password to try';
  const useless = [...unusable].map(([path, why]) => `; could not use ${path}: ${why}`).join('');
  const more = /all configured authentication methods failed/i.test(error.message) ? '' : ` (${error.message})`;
  return new UnreachableError(
    `permission denied for user ${user}${takes}; ${shown}${useless}${more}`,
    'give a key with --private-key or ansible_ssh_private_key_file, load it into the agent, or give a password with -k',
  );
}

/** Whether another attempt may help: never where the host's key or our credentials were refused. */
export function mayHelp(error: unknown): boolean {
  if (error instanceof SocketFailure) return error.again;
  return error instanceof SessionFailure && (error.kind === 'lost' || error.kind === 'timeout');
}

/** An error of a jump host. */
export function through(error: unknown, jump: string): unknown {
  if (error instanceof SocketFailure) return new SocketFailure(`through ${jump}: ${error.message}`, error.again);
  if (error instanceof SessionFailure) return new SessionFailure(error.kind, `through ${jump}: ${error.message}`);
  if (error instanceof UnreachableError) return new UnreachableError(`through ${jump}: ${error.message}`, error.help);
  return error;
}

/** Any reason why there is no connection, in words. */
export function worded(error: unknown, where: string, attempts: number): unknown {
  if (error instanceof UnreachableError) {
    return new UnreachableError(`could not connect to ${where}: ${error.message}`, error.help);
  }
  if (!(error instanceof SocketFailure || error instanceof SessionFailure)) return error;
  const times = attempts > 1 ? ` (${attempts} attempts)` : '';
  return new UnreachableError(`could not connect to ${where}: ${error.message}${times}`);
}
