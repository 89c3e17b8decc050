/** ansible_ssh_common_args and the like: what ssh's command line would have been given, read as options. */
import { splitWords } from './config.ts';

/** Letters that take a value, and the option they stand for; '' has no meaning here. */
const WITH_VALUE: Record<string, string> = {
  p: 'port',
  l: 'user',
  i: 'identityfile',
  J: 'proxyjump',
  F: '-F',
  o: '-o',
  b: 'bindaddress',
  c: '',
  m: '',
  L: '',
  R: '',
  D: '',
  W: '',
  w: '',
  e: '',
  E: '',
  I: '',
  O: '',
  Q: '',
  S: '',
  B: '',
};
/** Letters that change nothing for us, and need no word about it. */
const QUIET = /^[46CqvTtxnNkaM]$/;

/** Options that connections here honour. */
const HONOURED = new Set(
  (
    'hostname port user identityfile identitiesonly identityagent proxyjump proxycommand userknownhostsfile globalknownhostsfile ' +
    'stricthostkeychecking hostkeyalias connecttimeout connectionattempts serveraliveinterval serveralivecountmax ' +
    'hashknownhosts passwordauthentication pubkeyauthentication kbdinteractiveauthentication preferredauthentications ' +
    'challengeresponseauthentication addressfamily bindaddress'
  ).split(' '),
);
/** Options that say nothing about what a run does: sharing connections is what we always do, and nobody is asked. */
const HARMLESS = new Set(
  (
    'controlmaster controlpath controlpersist batchmode compression loglevel requesttty sendenv tcpkeepalive ' +
    'visualhostkey updatehostkeys checkhostip numberofpasswordprompts gssapiauthentication escapechar forkafterauthentication ' +
    'permitlocalcommand exitonforwardfailure clearallforwardings warnweakcrypto'
  ).split(' '),
);

interface SshArgs {
  options: Array<[keyword: string, value: string]>;
  /** A configuration file instead of ~/.ssh/config (`-F`). */
  configFile?: string;
  warnings: string[];
  /** A word that is no option: ssh would take it for the host to connect to. */
  stray?: string;
}

/** Reads a command line's options; what has no meaning here becomes a warning. */
export function readSshArgs(text: string): SshArgs {
  const result: SshArgs = { options: [], warnings: [] };
  const words = splitWords(text);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const letters = /^-([A-Za-z0-9].*)$/.exec(word)?.[1];
    if (letters === undefined) {
      result.stray ??= word;
      continue;
    }
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!;
      const option = WITH_VALUE[letter];
      if (option === undefined) {
        if (!QUIET.test(letter)) result.warnings.push(`ssh arguments: -${letter} has no meaning here`);
        continue;
      }
      const value = letters.slice(i + 1) || words[++at];
      take(result, letter, option, value);
      break;
    }
  }
  return result;
}

function take(result: SshArgs, letter: string, option: string, value: string | undefined): void {
  if (value === undefined) result.warnings.push(`ssh arguments: -${letter} lacks its value`);
  else if (option === '') result.warnings.push(`ssh arguments: -${letter} ${value} has no meaning here`);
  else if (option === '-F') result.configFile = value;
  else if (option !== '-o') result.options.push([option, value]);
  else {
    const match = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(value);
    const keyword = match?.[1]?.toLowerCase() ?? '';
    const raw = match?.[2] ?? '';
    // A list of files is split into its words later.
    const given =
      keyword.endsWith('knownhostsfile') || keyword === 'proxycommand' ? raw : raw.replace(/^"(.*)"$/, '$1');
    if (HONOURED.has(keyword)) result.options.push([keyword, given]);
    else if (!HARMLESS.has(keyword)) {
      result.warnings.push(`ssh arguments: -o ${value} has no meaning here`);
    }
  }
}
