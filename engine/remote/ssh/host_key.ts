/** How a host's key is judged, and which of its keys it is asked for. */
import { reasonOf, UnreachableError } from '../../errors.ts';
import type { HostKeyChecking } from '../target.ts';
import type { HostConfig } from './config.ts';
import { changedKey, revokedKey, unknownKey } from './failures.ts';
import { addKnownHost, fingerprint, KnownHosts, keyType, lookupName } from './known_hosts.ts';
import { checkingOf, homeOf, knownHostsFiles, type SshOptions } from './resolve.ts';

/** One host on the way, as far as its key goes. */
interface KeyOwner {
  config: HostConfig;
  /** What the host's variables say; of a jump host, nothing. */
  checking: HostKeyChecking | undefined;
  warn(text: string): void;
}

/** Says yes or why not to the key that a host shows. */
export function hostKeyJudge(
  owner: KeyOwner,
  options: SshOptions,
): { knownTypes: string[]; verify(key: Buffer): Error | undefined } {
  const { config } = owner;
  const { own, global } = knownHostsFiles(config, options);
  const known = new KnownHosts([...own, ...global]);
  const alias = config.get('hostkeyalias');
  const host = alias ?? config.hostName;
  const port = alias === undefined ? config.port : 22;
  const { checking, pinned } = effectiveChecking(owner, options);
  const shown = (path: string) => shownFile(path, homeOf(options));
  return {
    knownTypes: known.types(host, port),
    verify: (key) => {
      const verdict = known.check(host, port, key);
      const name = lookupName(host, port);
      if (verdict.is === 'known') return undefined;
      if (verdict.is === 'revoked') return revokedKey(name, key, verdict.place);
      if (verdict.is === 'changed') return changedKey(name, key, verdict, shown(verdict.place.replace(/:\d+$/, '')));
      if (checking === 'no') return undefined;
      if (known.unreadable !== undefined)
        return new UnreachableError(`nobody can tell whether the host key of ${name} is known: ${known.unreadable}`);
      if (checking === 'yes') {
        const { certAuthority } = verdict;
        return unknownKey({ name, host, port, key, certAuthority, file: shown(own[0]!), pinned });
      }
      let kept = `was added to ${own[0]}`;
      try {
        addKnownHost(own[0]!, host, port, key, /^yes$/i.test(config.get('hashknownhosts') ?? ''));
      } catch (error) {
        kept = `could not be added to ${own[0]}: ${reasonOf(error)}`;
      }
      owner.warn(`the ${keyType(key)} key of ${name} (${fingerprint(key)}) was new and ${kept}`);
      return undefined;
    },
  };
}

/**
 * How unknown keys are met. What is said for the host (its variables, ssh's configuration) wins over what is said for the run
 * (--accept-new): whoever pinned one host does not mean to open it by a word for all. `pinned`: there is such a word, and it is strict.
 */
export function effectiveChecking(
  { config, checking }: Pick<KeyOwner, 'config' | 'checking'>,
  options: SshOptions,
): { checking: HostKeyChecking; pinned: boolean } {
  const own = checking ?? checkingOf(config);
  return { checking: own ?? options.hostKeyChecking ?? 'yes', pinned: own === 'yes' };
}

/** `~/.ssh/known_hosts`, as one would write it. */
function shownFile(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
