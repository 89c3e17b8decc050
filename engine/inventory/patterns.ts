/** Host patterns: `web:&staging:!w3`, `web[0:2]`, `*.example.com`, `~web\d+`, and `@file` for a limit. */

import { readFileSync } from 'node:fs';
import { mistake, nearest } from '../errors.ts';
import { fnmatch } from '../python/fnmatch.ts';
import { pythonRegex } from '../python/regex/translate.ts';
import type { Host, Inventory } from './hosts.ts';
import { isLocalName } from './names.ts';

export type HostOrder = 'inventory' | 'sorted' | 'reverse_sorted' | 'reverse_inventory' | 'shuffle';

/** The hosts that a pattern stands for, less those outside `limit`. A pattern that matches nothing becomes a warning of the inventory. */
export function selectHosts(
  inventory: Inventory,
  pattern: string | string[],
  limit?: string | string[],
  order?: HostOrder,
): Host[] {
  let hosts = evaluate(inventory, splitPatterns(pattern));
  if (limit !== undefined) {
    const within = new Set(evaluate(inventory, limitPatterns(limit)));
    hosts = hosts.filter((host) => within.has(host));
  }
  return inOrder(hosts, order);
}

function inOrder(hosts: Host[], order: HostOrder = 'inventory'): Host[] {
  const byName = (a: Host, b: Host): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (order === 'sorted') return hosts.sort(byName);
  if (order === 'reverse_sorted') return hosts.sort(byName).reverse();
  if (order === 'reverse_inventory') return hosts.reverse();
  if (order === 'shuffle') {
    for (let i = hosts.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [hosts[i], hosts[j]] = [hosts[j]!, hosts[i]!];
    }
  }
  return hosts;
}

/** A limit's patterns; `@file` stands for the lines of a file (a retry file). */
function limitPatterns(limit: string | string[]): string[] {
  return splitPatterns(limit).flatMap((part) => {
    if (!part.startsWith('@')) return [part];
    let text: string;
    try {
      text = readFileSync(part.slice(1), 'utf8');
    } catch (error) {
      const folder = (error as NodeJS.ErrnoException).code === 'EISDIR';
      throw mistake(`the limit ${folder ? 'must be a file, not a folder' : "file can't be read"}: ${part.slice(1)}`);
    }
    const lines = text.split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(splitPatterns);
  });
}

/** The parts of a pattern: at commas, else at colons outside brackets; an IPv6 address is one part. */
function splitPatterns(pattern: string | string[]): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(splitPatterns);
  if (pattern.includes(',')) return pattern.split(',').flatMap(splitPatterns);
  const text = pattern.trim();
  if (
    /^[!&]?(?:[0-9a-fA-F]*:){2,}[0-9a-fA-F.]*$/.test(text) &&
    !/^[!&]?[0-9a-fA-F]+(?::[g-zG-Z])/.test(text) &&
    isAddress(text)
  ) {
    return [text];
  }
  return text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [];
}

function isAddress(text: string): boolean {
  const parts = text.replace(/^[!&]/, '').split(':');
  return parts.length >= 3 && parts.length <= 8 && (text.includes('::') || parts.length === 8);
}

/** All parts of a pattern in turn: additions first, then `&` and `!`, whatever their order. */
function evaluate(inventory: Inventory, patterns: string[]): Host[] {
  const additions = patterns.filter((p) => !/^[!&]/.test(p));
  const ordered = [
    ...(additions.length > 0 ? additions : ['all']),
    ...patterns.filter((p) => p.startsWith('&')),
    ...patterns.filter((p) => p.startsWith('!')),
  ];
  let hosts = new Set<Host>();
  for (const part of ordered) {
    const found = inventory.hosts.has(part)
      ? [inventory.hosts.get(part)!]
      : matchPart(inventory, part.replace(/^[!&]/, ''));
    if (part.startsWith('!')) for (const host of found) hosts.delete(host);
    else if (part.startsWith('&')) {
      const both = new Set(found);
      hosts = new Set([...hosts].filter((host) => both.has(host)));
    } else for (const host of found) hosts.add(host);
  }
  return [...hosts];
}

function matchPart(inventory: Inventory, part: string): readonly Host[] {
  const { expression, pick } = splitSubscript(part);
  const hosts = matchExpression(inventory, expression);
  if (!pick || hosts.length === 0) return hosts;
  if (pick.length === 2) {
    const [begin, end] = pick;
    return hosts.slice(begin, end === -1 ? undefined : end + 1);
  }
  const index = pick[0] < 0 ? hosts.length + pick[0] : pick[0];
  const host = hosts[index];
  if (!host) {
    throw mistake(
      `\`${part}\` asks for host number ${pick[0]}, but \`${expression}\` has only ${hosts.length} hosts`,
      undefined,
      'counting begins at 0',
    );
  }
  return [host];
}

type Pick = [index: number] | [begin: number, end: number];

/** `web[0]`, `web[-1]`, `web[0:2]`, `web[1:]`; brackets that hold anything else belong to a wildcard. */
function splitSubscript(part: string): { expression: string; pick?: Pick } {
  const found = part.startsWith('~') ? null : /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(part);
  if (!found) return { expression: part };
  const expression = found[1]!;
  if (found[2] !== undefined) return { expression, pick: [Number(found[2])] };
  return { expression, pick: [Number(found[3]), found[4] === '' ? -1 : Number(found[4])] };
}

function matchExpression(inventory: Inventory, expression: string): readonly Host[] {
  const wild = expression.startsWith('~') || /[.?*[]/.test(expression);
  if (!wild) {
    const group = inventory.groups.get(expression);
    if (group) return inventory.membersOf(group);
    const host = inventory.getHost(expression);
    if (host) return [host];
  } else {
    const matches = expression.startsWith('~') ? regexMatcher(expression.slice(1)) : wildcardMatcher(expression);
    const hosts = new Set<Host>();
    let anyGroup = false;
    for (const [name, group] of inventory.groups) {
      if (!matches(name)) continue;
      anyGroup = true;
      for (const host of inventory.membersOf(group)) hosts.add(host);
    }
    for (const host of inventory.hosts.values()) if (matches(host.name)) hosts.add(host);
    if (hosts.size > 0 || anyGroup) return [...hosts];
    if (isLocalName(expression)) return [inventory.getHost(expression)!];
  }
  if (expression !== 'all') warnNoMatch(inventory, expression);
  return [];
}

function warnNoMatch(inventory: Inventory, expression: string): void {
  if (inventory.mismatch === 'ignore') return;
  const message = `no host or group matches the pattern \`${expression}\``;
  if (inventory.warnings.some((w) => w.message === message)) return;
  const near = nearest(expression, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  const groups = [...inventory.groups.keys()].filter((name) => name !== 'all' && name !== 'ungrouped');
  const [kind, names] = groups.length > 0 ? ['groups', groups] : ['hosts', [...inventory.hosts.keys()]];
  const help = near
    ? `did you mean \`${near}\`?`
    : names.length > 0
      ? `the ${kind} are: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
      : 'the inventory has neither hosts nor groups';
  if (inventory.mismatch === 'error') throw mistake(message, undefined, help);
  inventory.warnings.push({ message, help, warning: true });
}

function wildcardMatcher(pattern: string): (name: string) => boolean {
  const regex = fnmatch(pattern);
  return (name) => regex.test(name);
}

/** A regular expression as Python's `re.match`: from the start of the name, open at its end. */
function regexMatcher(pattern: string): (name: string) => boolean {
  try {
    const regex = pythonRegex(pattern, {}, 'y');
    return (name) => {
      regex.lastIndex = 0;
      return regex.test(name);
    };
  } catch (error) {
    throw mistake(
      `the pattern \`~${pattern}\` is not a valid regular expression: ${(error as Error).message.replace(/^invalid.*`: /s, '')}`,
    );
  }
}
