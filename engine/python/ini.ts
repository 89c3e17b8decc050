/** INI as Python's configparser reads and writes it. */

/** Options by their names, `null` for one that has no value. */
export type Section = Map<string, string | null>;
export type Sections = Map<string, Section>;

export interface IniOptions {
  /** Names of options stay as they are written; else they are in small letters. */
  caseSensitive?: boolean;
  /** A line without `=` or `:` is an option without a value. */
  allowNoValue?: boolean;
  /** Marks that begin a remark behind a value, after white space. */
  inlineComments?: string;
  /** Options before the first heading belong to this section. */
  first?: string;
  /** An option that is there twice in its section is an error. */
  once?: boolean;
}

/** A line that is none of INI, by its number from 1; the caller says whose text it is. */
export class IniError extends Error {
  override name = 'IniError';
  constructor(
    message: string,
    readonly line: number,
    readonly text: string,
  ) {
    super(message);
  }
}

/**
 * Sections of `key = value` or `key: value`. A line that is indented more than its option continues the value; a section or
 * an option that is there again adds to the first, or replaces it. `[DEFAULT]` is a section like any other.
 */
export function parseIni(text: string, options: IniOptions = {}): Sections {
  const sections: Map<string, Map<string, string[] | null>> = new Map();
  let section: Map<string, string[] | null> | undefined;
  if (options.first !== undefined) {
    section = new Map();
    sections.set(options.first, section);
  }
  let key: string | undefined;
  let indent = 0;
  const inline = options.inlineComments && new RegExp(`(^|\\s)[${options.inlineComments}].*$`);
  for (const [index, written] of text.split(/\r\n|\r|\n/).entries()) {
    if (/^\s*[#;]/.test(written)) continue;
    const line = inline ? written.replace(inline, '') : written;
    const value = line.trim();
    const lines = key === undefined ? undefined : section?.get(key);
    if (value === '') {
      if (line === written) lines?.push('');
      continue;
    }
    const margin = line.length - line.trimStart().length;
    if (lines && margin > indent) {
      lines.push(value);
      continue;
    }
    indent = margin;
    const heading = /^\[(.+)\]/.exec(value)?.[1];
    if (heading !== undefined) {
      section = sections.get(heading) ?? new Map();
      sections.set(heading, section);
      key = undefined;
      continue;
    }
    if (!section) throw new IniError('no section before', index + 1, value);
    const mark = value.search(/[=:]/);
    const name = mark >= 0 ? value.slice(0, mark).trimEnd() : options.allowNoValue ? value : '';
    if (name === '') throw new IniError('no option and no section in', index + 1, value);
    key = options.caseSensitive ? name : name.toLowerCase();
    if (options.once && section.has(key)) throw new IniError('Duplicate option in', index + 1, value);
    section.set(key, mark >= 0 ? [value.slice(mark + 1).trimStart()] : null);
  }
  const joined = (lines: string[] | null) => lines?.join('\n').trimEnd() ?? null;
  return new Map([...sections].map(([name, own]) => [name, new Map([...own].map(([k, v]) => [k, joined(v)]))]));
}

/** Sections as INI text, an empty line behind each. */
export function iniText(sections: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const option = ([key, value]: [string, string]) => `${key} = ${value.replaceAll('\n', '\n\t')}\n`;
  return [...sections].map(([name, section]) => `[${name}]\n${[...section].map(option).join('')}\n`).join('');
}
