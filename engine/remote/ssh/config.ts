/**
 * ssh's configuration, as far as it has a meaning for connections: `Host` and `Match` blocks of ~/.ssh/config and
 * /etc/ssh/ssh_config, where the first value found for a keyword is the one that counts. Compared with `ssh -G` in the tests.
 */

import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { reasonOf } from '../../errors.ts';
import { fnmatch, glob } from '../../python/fnmatch.ts';

/** Where the configuration is read, and what its patterns and tokens are matched with. */
interface ConfigSource {
  /** The user's file was asked for by its name (`-F`). */
  named?: boolean | undefined;
  /** Home folder of the local user. */
  home: string;
  localUser: string;
  /** ~/.ssh/config, or another (`-F`); undefined: none. */
  userFile?: string | undefined;
  systemFile?: string | undefined;
  /** For `${NAME}` in paths, and IdentityAgent. */
  environment?: Record<string, string | undefined> | undefined;
  localHost?: string | undefined;
}

/** What ssh would do for one host. */
export interface HostConfig {
  /** As it was asked for. */
  alias: string;
  hostName: string;
  port: number;
  user: string;
  /** Values by lower-case keyword, as written; of those that may be given several times, all. */
  values: ReadonlyMap<string, readonly string[]>;
  /** What was written and can't be honoured. */
  notes: string[];
  /** First value, with `none` as undefined. */
  get(keyword: string): string | undefined;
  /** Paths of a keyword with `~`, `%` tokens and `${NAME}` replaced; undefined if it is not set. */
  paths(keyword: string): string[] | undefined;
  /** Replaces `%` tokens. */
  expand(text: string): string;
}

/** Keywords whose values add up; of all others the first counts. */
const SEVERAL = new Set(['identityfile', 'certificatefile', 'sendenv', 'setenv', 'localforward', 'remoteforward']);
/** Keywords whose value is the rest of the line. */
const WHOLE_LINE = new Set(['proxycommand', 'localcommand', 'remotecommand', 'knownhostscommand']);
/** Keywords that hold a list of words. */
const WORDS = new Set(['userknownhostsfile', 'globalknownhostsfile', 'canonicaldomains']);
const OTHER_NAMES: Record<string, string> = {
  hostkeyalgorithms: 'hostkeyalgorithms',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  identityfile2: 'identityfile',
  userknownhostsfile2: 'userknownhostsfile',
};
const MAX_DEPTH = 16;

/** Configuration for a host; `given` are options that were there before any file (command line), as `[keyword, value]`. */
export function resolveConfig(
  alias: string,
  given: ReadonlyArray<readonly [string, string]>,
  source: ConfigSource,
): HostConfig {
  const reading = new Reading(alias, source);
  for (const [keyword, value] of given) reading.set(keyword.toLowerCase(), value);
  reading.files();
  if (reading.wantsFinal) {
    reading.final = true;
    reading.files();
  }
  return reading.result();
}

class Reading {
  readonly values = new Map<string, string[]>();
  readonly notes: string[] = [];
  wantsFinal = false;
  final = false;

  constructor(
    readonly alias: string,
    readonly source: ConfigSource,
  ) {}

  files(): void {
    const { userFile, systemFile } = this.source;
    if (userFile !== undefined) this.file(userFile, dirname(userFile), true, 0);
    if (systemFile !== undefined) this.file(systemFile, '/etc/ssh', true, 0);
  }

  file(path: string, base: string, active: boolean, depth: number): void {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      // Nobody needs one; that one is there and closed, or was asked for by name, is worth a word.
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!missing || this.source.named) this.notes.push(`${path} cannot be read: ${reasonOf(error)}`);
      return;
    }
    const outer = active;
    let inBlock = active;
    for (const line of text.split(/\r?\n/)) {
      const parsed = splitLine(line);
      if (!parsed) continue;
      const { keyword, rest } = parsed;
      if (keyword === 'host') inBlock = outer && this.#host(splitWords(rest));
      else if (keyword === 'match') inBlock = outer && this.#match(splitWords(rest));
      else if (keyword === 'include') {
        if (depth < MAX_DEPTH) for (const word of splitWords(rest)) this.#include(word, base, inBlock, depth);
      } else if (inBlock) this.#assign(keyword, rest);
    }
  }

  #include(word: string, base: string, active: boolean, depth: number): void {
    const path = this.#home(word);
    for (const file of glob(isAbsolute(path) ? path : join(base, path))) this.file(file, base, active, depth + 1);
  }

  #assign(keyword: string, rest: string): void {
    if (WHOLE_LINE.has(keyword)) this.set(keyword, rest);
    else if (WORDS.has(keyword)) this.setAll(keyword, splitWords(rest));
    else if (SEVERAL.has(keyword)) for (const word of splitWords(rest).slice(0, 1)) this.set(keyword, word);
    else this.set(keyword, splitWords(rest)[0] ?? '');
  }

  set(keyword: string, value: string): void {
    if (WORDS.has(keyword)) this.setAll(keyword, splitWords(value));
    else this.setAll(keyword, [value]);
  }

  setAll(written: string, values: string[]): void {
    const keyword = OTHER_NAMES[written] ?? written;
    // Whichever of the two comes first says how the host is reached.
    if (keyword === 'proxycommand' && this.values.has('proxyjump')) return;
    if (keyword === 'proxyjump' && this.values.has('proxycommand')) return;
    const before = this.values.get(keyword);
    if (!before) this.values.set(keyword, [...values]);
    else if (SEVERAL.has(keyword)) before.push(...values.filter((value) => !before.includes(value)));
  }

  #host(patterns: string[]): boolean {
    let matched = false;
    for (const pattern of patterns) {
      const negated = pattern.startsWith('!');
      if (!matchPattern(this.alias, negated ? pattern.slice(1) : pattern)) continue;
      if (negated) return false;
      matched = true;
    }
    return matched;
  }

  #match(words: string[]): boolean {
    let result = true;
    for (let at = 0; at < words.length; at++) {
      const negated = words[at]!.startsWith('!');
      const written = negated ? words[at]!.slice(1) : words[at]!;
      const [name, glued] = splitOnce(written, '=');
      const criterion = name.toLowerCase();
      if (criterion === 'all') continue;
      let holds: boolean;
      if (criterion === 'canonical' || criterion === 'final') {
        if (criterion === 'final') this.wantsFinal = true;
        holds = this.final;
      } else {
        holds = this.#criterion(criterion, glued ?? words[++at] ?? '');
      }
      if (holds === negated) result = false;
    }
    return result;
  }

  #criterion(name: string, list: string): boolean {
    switch (name) {
      case 'host':
        return matchList(this.hostName().toLowerCase(), list.toLowerCase());
      case 'originalhost':
        return matchList(this.alias.toLowerCase(), list.toLowerCase());
      case 'user':
        return matchList(this.values.get('user')?.[0] ?? this.source.localUser, list);
      case 'localuser':
        return matchList(this.source.localUser, list);
      case 'exec':
        this.notes.push(`"Match exec" is not run; its block is left out: ${list}`);
        return false;
      default:
        this.notes.push(`"Match ${name}" is not known; its block is left out`);
        return false;
    }
  }

  hostName(): string {
    const written = this.values.get('hostname')?.[0];
    return written === undefined ? this.alias : written.replace(/%([%h])/g, (_, c) => (c === 'h' ? this.alias : '%'));
  }

  #home(path: string): string {
    return path === '~' || path.startsWith('~/') ? join(this.source.home, path.slice(1)) : path;
  }

  result(): HostConfig {
    const { alias, source, values } = this;
    const hostName = this.hostName().toLowerCase();
    const port = Number(values.get('port')?.[0] ?? 22);
    const user = values.get('user')?.[0] ?? source.localUser;
    const tokens: Record<string, string> = {
      '%': '%',
      d: source.home,
      h: hostName,
      k: values.get('hostkeyalias')?.[0] ?? alias,
      l: source.localHost ?? '',
      L: (source.localHost ?? '').split('.')[0]!,
      n: alias,
      p: String(port),
      r: user,
      u: source.localUser,
    };
    const expand = (text: string) => text.replace(/%(.)/g, (all, letter: string) => tokens[letter] ?? all);
    const environment = (text: string) =>
      text.replace(/\$\{(\w+)\}/g, (all, name: string) => source.environment?.[name] ?? all);
    const get = (keyword: string) => {
      const value = values.get(keyword.toLowerCase())?.[0];
      return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
    };
    return {
      alias,
      hostName,
      port,
      user,
      values,
      notes: this.notes,
      get,
      expand,
      paths: (keyword) =>
        values
          .get(keyword.toLowerCase())
          ?.filter((value) => value.toLowerCase() !== 'none')
          .map((value) => expand(environment(this.#home(value)))),
    };
  }
}

function splitLine(line: string): { keyword: string; rest: string } | undefined {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+|$)(.*?)\s*$/.exec(line);
  if (!match) return undefined;
  return { keyword: match[1]!.toLowerCase(), rest: match[2]! };
}

/** Words as ssh splits them: quotes, a backslash before a quote or a backslash, `#` begins a comment. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    const next = text[at + 1];
    if (c === '\\' && next !== undefined && (/["'\\]/.test(next) || (quoted === '' && next === ' '))) {
      word = (word ?? '') + next;
      at++;
    } else if (quoted !== '') {
      if (c === quoted) quoted = '';
      else word = (word ?? '') + c;
    } else if (c === '"' || c === "'") {
      quoted = c;
      word ??= '';
    } else if (c === ' ' || c === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === '#' && word === undefined) {
      break;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `*` and `?` only, as in ssh's patterns. */
export function matchPattern(text: string, pattern: string): boolean {
  return fnmatch(pattern.replaceAll('[', '[[]')).test(text);
}

/** A comma-separated list of patterns: one must match, and none that is negated. */
export function matchList(text: string, list: string): boolean {
  let matched = false;
  for (const pattern of list.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchPattern(text, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}
