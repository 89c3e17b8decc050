/** Host names in inventories: `web[01:50].example.com:2222` stands for fifty hosts and a port. */
import { isIPv6 } from 'node:net';
import { mistake } from '../errors.ts';
import type { Place } from '../values.ts';

/** Names of the machine that Troupe runs on: hosts even without an inventory, reached without SSH. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];

/** Whether a name means the machine that Troupe runs on, unless an inventory lists it. */
export const isLocalName = (name: string): boolean => LOCAL.includes(name);

const RANGE_HELP = 'a host range is [begin:end] or [begin:end:step], with numbers or single letters: [01:20], [a:f]';

/** The names that a host line or key stands for, and the port behind them. */
export function expandHostName(text: string, place?: Place): { names: string[]; port?: number } {
  const { name, port } = splitPort(text);
  if (name.endsWith(':')) {
    throw mistake(
      `\`${text}\` ends with a colon`,
      place,
      'a colon is followed by a port; in a YAML inventory the file ends in .yml or .yaml',
    );
  }
  const open = name.lastIndexOf('[');
  if (open >= 0 && !name.includes(']', open))
    throw mistake(`the range in \`${text}\` has no closing \`]\``, place, RANGE_HELP);
  const names = expandRanges(name, place);
  return port === undefined ? { names } : { names, port };
}

function splitPort(text: string): { name: string; port?: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed && isIPv6(bracketed[1]!)) {
    return bracketed[2] ? { name: bracketed[1]!, port: Number(bracketed[2]) } : { name: bracketed[1]! };
  }
  const found = /^(.+):(\d+)$/.exec(text);
  // A colon elsewhere, outside a range, means an IPv6 address without a port.
  if (!found || found[1]!.replace(/\[[^\]]*\]/g, '').includes(':')) return { name: text };
  return { name: found[1]!, port: Number(found[2]) };
}

const RANGE = /^(.*?)\[([^[\]]*:[^[\]]*)\](.*)$/;
const MOST_HOSTS = 1_000_000;

function expandRanges(name: string, place?: Place): string[] {
  const found = RANGE.exec(name);
  if (!found || isIPv6(name)) return [name];
  const [, head, range, tail] = found;
  const tails = expandRanges(tail!, place);
  const names: string[] = [];
  for (const middle of rangeMembers(range!, name, place)) {
    for (const rest of tails) names.push(`${head}${middle}${rest}`);
    if (names.length > MOST_HOSTS) throw mistake(`\`${name}\` stands for more than a million hosts`, place);
  }
  return names;
}

function rangeMembers(range: string, name: string, place?: Place): string[] {
  const parts = range.split(':');
  const help = RANGE_HELP;
  if (parts.length > 3) throw mistake(`the range \`[${range}]\` in \`${name}\` has too many parts`, place, help);
  const begin = parts[0] || '0';
  const end = parts[1]!;
  const step = parts[2] ? Number(parts[2]) : 1;
  if (end === '') throw mistake(`the range \`[${range}]\` in \`${name}\` has no end`, place, help);
  if (!Number.isInteger(step) || step < 1)
    throw mistake(`the step of \`[${range}]\` in \`${name}\` is not a number above 0`, place, help);
  const members: string[] = [];
  if (/^[A-Za-z]$/.test(begin) && /^[A-Za-z]$/.test(end)) {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
    if (letters.indexOf(begin) > letters.indexOf(end))
      throw mistake(`the range \`[${range}]\` in \`${name}\` runs backwards`, place, help);
    for (let i = letters.indexOf(begin); i <= letters.indexOf(end); i += step) members.push(letters[i]!);
    return members;
  }
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end)) {
    throw mistake(`the range \`[${range}]\` in \`${name}\` is neither of numbers nor of letters`, place, help);
  }
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) {
    throw mistake(
      `begin and end of \`[${range}]\` in \`${name}\` differ in length, but the begin has leading zeros`,
      place,
      help,
    );
  }
  if (Number(begin) > Number(end)) throw mistake(`the range \`[${range}]\` in \`${name}\` runs backwards`, place, help);
  if ((Number(end) - Number(begin)) / step > MOST_HOSTS)
    throw mistake(`\`${name}\` stands for more than a million hosts`, place);
  for (let i = Number(begin); i <= Number(end); i += step)
    members.push(padded ? String(i).padStart(begin.length, '0') : String(i));
  return members;
}
