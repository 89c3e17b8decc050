/** Why the system's ssh has not connected, from what it said. */
import { UnreachableError } from '../../errors.ts';
import { authFailure, howToTrust } from '../ssh/failures.ts';
import { SessionFailure } from '../ssh/session_failure.ts';
import { SocketFailure } from '../ssh/socket.ts';

/** What ssh asked in vain. */
export interface Questions {
  /** Whether a new key is good: has the name and the fingerprint. */
  refusedKey: string | undefined;
  /** What nobody could answer. */
  unanswered: string | undefined;
}

interface Login {
  asked: Questions;
  user: string;
  /** One was given. */
  password: boolean;
  /** Strict checking is set for the host. */
  pinned: boolean;
}

/** The failure as the other transport would throw it, so that attempts and words are the same. */
export function failureFromWords(said: string, login: Login): Error {
  const text = said.trim();
  const last = text.split('\n').at(-1)?.trim() || 'ssh ended without a word';
  const { refusedKey } = login.asked;
  if (/IDENTIFICATION HAS CHANGED|has changed and you have requested/i.test(text)) return changed(text);
  if (/REVOKED HOST KEY|is marked as revoked/i.test(text))
    return new UnreachableError('the host key is marked as revoked');
  if (refusedKey !== undefined) return unknown(refusedKey, login.pinned);
  if (/Host key verification failed/i.test(text)) return new UnreachableError(`the host key was refused: ${last}`);
  const denied = /Permission denied \(([^)]*)\)/i.exec(text);
  if (denied || login.asked.unanswered !== undefined || /Too many authentication failures/i.test(text))
    return refused(text, denied?.[1] ?? '', login);
  const nothing = /Unable to negotiate with .*?: (.*)/i.exec(text);
  if (nothing) return new UnreachableError(`there is nothing that both sides have: ${nothing[1]}`);
  if (/Could not resolve hostname/i.test(text))
    return new SocketFailure('there is no such host: its name has no address', /Temporary failure/i.test(text));
  if (/Connection refused/i.test(text))
    return new SocketFailure('connection refused: nothing listens on that port', true);
  if (/jumphost loop/i.test(text)) return new UnreachableError(`ProxyJump leads through the host itself: ${last}`);
  if (/timed out/i.test(text)) return new SocketFailure('it does not answer in time', 'after silence');
  if (/No route to host/i.test(text)) return new SocketFailure('there is no route to it', true);
  if (/Network is unreachable/i.test(text)) return new SocketFailure('there is no network to it', false);
  if (/Bad configuration|Bad owner|unknown option|illegal option|command-line/i.test(text))
    return new UnreachableError(`ssh does not take its options: ${text.replace(/\s+/g, ' ')}`);
  if (/(^|\W)not found|No such file or directory$/i.test(last) && /^(\S*sh|exec): /.test(last))
    return new UnreachableError(`the program ssh could not be started: ${last}`);
  return new SessionFailure('lost', last);
}

function unknown(question: string, pinned: boolean): UnreachableError {
  const name = /authenticity of host '([^']+)'/.exec(question)?.[1] ?? 'the host';
  const key = /(\w+) key fingerprint is:?\s+(\S+?)\.?\s/.exec(question);
  const shows = key ? `: it shows a ${key[1]} key with the fingerprint ${key[2]}` : '';
  return new UnreachableError(
    `the host key of ${name} is not known${shows}`,
    `compare the fingerprint with the host's own, then add it to known_hosts. ${howToTrust(pinned)}`,
  );
}

function changed(text: string): UnreachableError {
  const print = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(text);
  const place = /Offending (?:\S+ )?key in (\S+)/.exec(text)?.[1];
  return new UnreachableError(
    `the host key has changed${print ? `: it shows a ${print[1]} key with the fingerprint ${print[2]}` : ''}` +
      (place ? `, but ${place} has another one` : ''),
    'someone may be between you and the host; if it was installed anew, remove the line with ssh-keygen -R',
  );
}

function refused(text: string, methods: string, { asked, user, password }: Login): UnreachableError {
  const unusable = new Map<string, string>();
  for (const [, path, why] of text.matchAll(
    /^(?:no such identity: |Load key "|identity_sign: private key )?([^\s":]+)"?: (.*)$/gm,
  ))
    if (path!.startsWith('/') && why) unusable.set(path!, why);
  return authFailure({
    user,
    methods: methods === '' ? [] : methods.split(','),
    tried: ["the keys that the system's ssh has", ...(password ? ['the password'] : [])],
    unusable,
    unanswered: asked.unanswered,
  });
}
