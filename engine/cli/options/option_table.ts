/** Command lines from a table: the same rows give parsing, `--help`, docs/cli.md and "did you mean". */
import { didYouMean, UsageError } from '../../errors.ts';

export interface Option {
  /** Long name, under which the value is found. */
  name: string;
  short?: string;
  /** Other long names. */
  also?: readonly string[];
  /** What the value is called in the help; an option without one is a switch. */
  value?: string;
  /** `list`: may be given several times; `count`: -vvv. */
  repeat?: 'list' | 'count';
  /** One sentence without a final period. */
  doc: string;
  /** Heading in the help. */
  group: string;
  /** Ansible has it and we refuse it: why. */
  refused?: string;
}

/** What was given on a command line. */
export class Given {
  readonly words: string[] = [];
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }
  has(name: string): boolean {
    return this.#values.has(name);
  }
  /** The last value given. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }
  all(name: string): string[] {
    return this.#values.get(name) ?? [];
  }
  count(name: string): number {
    return this.all(name).length;
  }
  /** A whole number of at least `least`. */
  number(name: string, least = 0): number | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < least)
      throw new UsageError(`--${name} needs a whole number of at least ${least}, not \`${text}\``);
    return n;
  }
}

const flagged = (option: Option): string => (option.short ? `-${option.short}, --${option.name}` : `--${option.name}`);

/** Reads a command line: options and words in any order, `--` ends the options, `-vb` are two, `--lim` may be short for `--limit`. */
export function parseOptions(args: readonly string[], table: readonly Option[]): Given {
  const given = new Given();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      given.words.push(...rest.splice(0));
    } else if (arg.startsWith('--')) {
      const [name, attached] = cut(arg.slice(2), '=');
      take(given, longOption(name, table), attached, rest);
    } else if (arg.startsWith('-') && arg !== '-') {
      shortOptions(given, arg.slice(1), rest, table);
    } else given.words.push(arg);
  }
  return given;
}

function cut(text: string, at: string): [string, string | undefined] {
  const i = text.indexOf(at);
  return i < 0 ? [text, undefined] : [text.slice(0, i), text.slice(i + 1)];
}

function longOption(name: string, table: readonly Option[]): Option {
  const names = (option: Option) => [option.name, ...(option.also ?? [])];
  const exact = table.find((option) => names(option).includes(name));
  if (exact) return exact;
  const begun = name.length > 1 ? table.filter((option) => names(option).some((long) => long.startsWith(name))) : [];
  if (begun.length === 1) return begun[0]!;
  if (begun.length > 1)
    throw new UsageError(`\`--${name}\` could be any of ${begun.map((o) => `\`--${o.name}\``).join(', ')}`);
  const hint = didYouMean(
    `--${name}`,
    table.flatMap(names).map((long) => `--${long}`),
  );
  throw new UsageError(`there is no option \`--${name}\``, hint ?? 'see `run --help`');
}

function shortOptions(given: Given, letters: string, rest: string[], table: readonly Option[]): void {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    const option = table.find((o) => o.short === letter);
    if (!option) throw new UsageError(`there is no option \`-${letter}\``, 'see `run --help`');
    if (option.value === undefined) {
      take(given, option, undefined, rest);
      continue;
    }
    const attached = letters.slice(i + 1).replace(/^=/, '');
    take(given, option, attached === '' ? undefined : attached, rest);
    return;
  }
}

function take(given: Given, option: Option, attached: string | undefined, rest: string[]): void {
  if (option.refused) throw new UsageError(`\`--${option.name}\` is not supported`, option.refused);
  if (option.value === undefined) {
    if (attached !== undefined) throw new UsageError(`\`--${option.name}\` takes no value`);
    given.add(option.name, '');
    return;
  }
  const value = attached ?? rest.shift();
  if (value === undefined)
    throw new UsageError(`\`${flagged(option)}\` needs a value: ${option.value}`, `${option.doc}`);
  given.add(option.name, value);
}

/** Options as aligned lines under their headings, for `--help`. */
export function optionsHelp(table: readonly Option[], columns: number): string {
  const width = 30;
  const lines: string[] = [];
  for (const group of new Set(table.map((option) => option.group))) {
    lines.push('', `${group}:`);
    for (const option of table) {
      if (option.group !== group || option.refused) continue;
      const left = `  ${signature(option)}`;
      const [first, ...others] = wrap(option.doc, Math.max(30, columns - width));
      if (left.length < width - 1) lines.push(left.padEnd(width) + first);
      else lines.push(left, ' '.repeat(width) + first);
      lines.push(...others.map((line) => ' '.repeat(width) + line));
    }
  }
  return lines.join('\n');
}

/** Options as a table for each heading, for docs/cli.md. */
export function optionsMarkdown(table: readonly Option[]): string {
  const parts: string[] = [];
  for (const group of new Set(table.map((option) => option.group))) {
    const rows = table.filter((option) => option.group === group && !option.refused);
    if (rows.length === 0) continue;
    parts.push(`### ${group}`, '', '| option | meaning |', '|---|---|');
    parts.push(...rows.map((option) => `| \`${cell(signature(option).trim())}\` | ${cell(option.doc)} |`), '');
  }
  const refused = table.filter((option) => option.refused);
  if (refused.length > 0) {
    parts.push('### Options of ansible-playbook that are refused', '', '| option | why |', '|---|---|');
    parts.push(...refused.map((option) => `| \`--${option.name}\` | ${option.refused} |`), '');
  }
  return parts.join('\n');
}

/** A `|` would end the cell of a table, even inside backquotes. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function signature(option: Option): string {
  const short = option.short ? `-${option.short}, ` : '    ';
  const longs = [option.name, ...(option.also ?? [])].map((name) => `--${name}`).join(', ');
  return `${short}${longs}${option.value ? ` ${option.value}` : ''}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
