/** Why there is no connection, in words: one place for what a user reads about keys, logins and networks. */
import { UnreachableError } from '../../errors.ts';
import { fingerprint, keyType } from './known_hosts.ts';
import { SessionFailure } from './session_failure.ts';
import { SocketFailure } from './socket.ts';

/** The file that ssh-keygen changes by itself. */
const USUAL_FILE = '~/.ssh/known_hosts';

/** What another transport is for. */
const OTHER_TRANSPORT =
  "the system's own ssh may have it: set `ansible_connection: openssh` for the host (or `transport = openssh` in ansible.cfg)";

interface UnknownKey {
  name: string;
  host: string;
  port: number;
  key: Buffer;
  /** known_hosts has a certificate authority for the host. */
  certAuthority: boolean;
  /** Where its key would be remembered. */
  file: string;
  /** StrictHostKeyChecking is set for the host: --accept-new does not help. */
  pinned: boolean;
}

/** A host whose key nobody has seen before. */
export function unknownKey({ name, host, port, key, certAuthority, file, pinned }: UnknownKey): UnreachableError {
  const scan = `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host} >> ${file}`;
  const authority = certAuthority
    ? '; known_hosts names a certificate authority for it, and certificates of hosts are for `ansible_connection: openssh`'
    : '';
  return new UnreachableError(
    `the host key of ${name} is not known: it shows a ${keyType(key)} key with the fingerprint ${fingerprint(key)}${authority}`,
    `compare the fingerprint with the host's own, then: ${scan}. ${howToTrust(pinned)}`,
  );
}

/** How unknown keys may be taken, as far as the settings of the host allow. */
export function howToTrust(pinned: boolean): string {
  return pinned
    ? "Strict checking is set for this host, by its variables or ssh's configuration, and wins over --accept-new"
    : 'Or trust new hosts at first sight with --accept-new';
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

interface Refusal {
  user: string;
  /** What the host takes. */
  methods: readonly string[];
  /** Keys and the password that were tried. */
  tried: readonly string[];
  /** Key files that could not be used, and why. */
  unusable: ReadonlyMap<string, string>;
  /** Files of certificates that are there, and that only the other transport can use. */
  certificates?: readonly string[];
  /** A question of the host that nobody could answer. */
  unanswered?: string | undefined;
  /** What the host said besides. */
  said?: string | undefined;
}

/** A login that was refused: what was tried, and what the host takes. */
export function authFailure(refusal: Refusal): UnreachableError {
  const { user, methods, tried, unusable, unanswered, said, certificates = [] } = refusal;
  const takes = methods.length > 0 ? `; the host takes ${methods.join(', ')}` : '';
  const shown = tried.length > 0 ? `tried: ${tried.join('; ')}` : 'there was no key and no password to try';
  const useless = [...unusable].map(([path, why]) => `; could not use ${path}: ${why}`).join('');
  const open =
    unanswered === undefined ? '' : `; it asked "${unanswered}" besides, and there was nobody to answer that`;
  const more = said && !/all configured authentication methods failed/i.test(said) ? ` (${said})` : '';
  return new UnreachableError(
    `permission denied for user ${user}${takes}; ${shown}${useless}${open}${more}`,
    certificates.length > 0
      ? `${certificates.join(', ')}: certificates of users are for \`ansible_connection: openssh\``
      : unanswered !== undefined
        ? 'run it at a terminal, where you are asked, or let a key be enough for this user'
        : 'give a key with --private-key or ansible_ssh_private_key_file, load it into the agent, or give a password with -k',
  );
}

/** Whether another attempt may help: never where the host's key or our credentials were refused; after silence only if asked for. */
export function mayHelp(error: unknown, afterSilence: boolean): boolean {
  if (error instanceof SocketFailure) return error.again === 'after silence' ? afterSilence : error.again;
  if (!(error instanceof SessionFailure)) return false;
  return error.kind === 'lost' || error.kind === 'slow' || (error.kind === 'timeout' && afterSilence);
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
  const help = error instanceof SessionFailure && error.kind === 'algorithms' ? OTHER_TRANSPORT : undefined;
  return new UnreachableError(`could not connect to ${where}: ${error.message}${times}`, help);
}
