/** Lookups in CSV and INI files. */
import type { Value } from '../../values.ts';
import { toBool } from '../filters/core_text.ts';
import type { Lookup } from '../lookups.ts';
import { compileRegex } from '../regex.ts';
import { toText } from '../text.ts';
import { fail } from '../undefined.ts';
import { found } from './files.ts';
import { keyValues } from './key_values.ts';

/** The rows of a CSV text in Excel's dialect. */
export function csvRows(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  let begun = false;
  const end = () => {
    row.push(field);
    field = '';
    begun = false;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && !begun) {
      quoted = true;
      begun = true;
    } else if (c === delimiter) end();
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      if (row.length || field !== '' || begun) {
        end();
        rows.push(row);
      }
      row = [];
    } else {
      field += c;
      begun = true;
    }
  }
  if (row.length || field !== '' || begun) {
    end();
    rows.push(row);
  }
  return rows;
}

const csvfile: Lookup = (terms, kwargs, env) => {
  if (terms.length === 0) fail('the lookup csvfile needs the key to search for');
  return terms.flatMap((term) => {
    const { rest: key, named } = keyValues(toText(term));
    if (key === '') fail('the lookup csvfile needs the key to search for');
    const get = (name: string, otherwise: Value): Value => named.get(name) ?? kwargs.get(name) ?? otherwise;
    const delimiter = toText(get('delimiter', 'TAB'));
    const path = found(env, 'files', toText(get('file', 'ansible.csv')));
    const [keyColumn, column] = [Number(get('keycol', 0)), Number(get('col', 1))];
    const row = csvRows(env.readFile(path), delimiter === 'TAB' ? '\t' : delimiter).find((r) => r[keyColumn] === key);
    if (row) return [row[column] ?? fail(`the lookup csvfile: the row of '${key}' has no column ${column}`)];
    const otherwise = get('default', null);
    return otherwise === null ? [] : Array.isArray(otherwise) ? otherwise : [otherwise];
  });
};

type Sections = Map<string, Map<string, string | null>>;

/** Python's configparser: sections of `key = value` or `key: value`, with continued lines. */
function parseIni(text: string, caseSensitive: boolean, allowNoValue: boolean, properties: boolean): Sections {
  const sections: Sections = new Map();
  let section: Map<string, string | null> | undefined;
  if (properties) {
    section = new Map();
    sections.set('java_properties', section);
  }
  let lastKey: string | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    if (/^\s/.test(raw) && lastKey !== undefined && section) {
      section.set(lastKey, `${section.get(lastKey) ?? ''}\n${line}`.trimStart());
    } else if (header) {
      section = sections.get(header[1]!) ?? new Map();
      sections.set(header[1]!, section);
      lastKey = undefined;
    } else {
      const pair = /^(.*?)\s*[=:]\s*(.*)$/.exec(line);
      if (!section) fail(`the INI text has no section before \`${line}\``);
      if (!pair && !allowNoValue) fail(`the INI text has a line without \`=\`: ${line}`);
      const name = pair?.[1] ?? line;
      lastKey = caseSensitive ? name : name.toLowerCase();
      section.set(lastKey, pair ? pair[2]! : null);
    }
  }
  return sections;
}

/** `%(name)s` in an INI value. */
function interpolated(value: string, section: Map<string, string | null>, sections: Sections, depth = 0): string {
  if (depth > 10) fail('the INI value refers to itself');
  return value.replace(/%(?:%|\((\w+)\)s)/g, (whole, name?: string) => {
    if (name === undefined) return whole === '%%' ? '%' : whole;
    const key = name.toLowerCase();
    const found = section.get(key) ?? sections.get('DEFAULT')?.get(key);
    return interpolated(
      found ?? fail(`the INI value refers to \`${name}\`, which is not there`),
      section,
      sections,
      depth + 1,
    );
  });
}

const yes = (value: Value): boolean => (typeof value === 'string' ? toBool(value) : value === true);

const ini: Lookup = (terms, kwargs, env) =>
  terms.flatMap((term) => {
    const { rest, named } = keyValues(toText(term));
    const get = (name: string, otherwise: Value): Value => named.get(name) ?? kwargs.get(name) ?? otherwise;
    const properties = get('type', 'ini') === 'properties';
    const path = found(env, 'files', toText(get('file', 'ansible.ini')));
    const caseSensitive = yes(get('case_sensitive', false));
    const noValue = yes(get('allow_no_value', false)) || yes(get('allow_none', false));
    const sections = parseIni(env.readFile(path), caseSensitive, noValue, properties);
    const name = properties ? 'java_properties' : toText(get('section', 'global'));
    const own =
      sections.get(name) ?? (name === 'DEFAULT' ? new Map() : fail(`there is no section '${name}' in ${path}`));
    const section: Map<string, string | null> = new Map([...(sections.get('DEFAULT') ?? []), ...own]);
    const read = (value: string | null): Value =>
      value === null || !yes(get('interpolation', true)) ? value : interpolated(value, section, sections);
    if (yes(get('re', false))) {
      const pattern = compileRegex(rest);
      return [...section]
        .filter(([key]) => new RegExp(`^(?:${pattern.source})`, 'u').test(key))
        .map(([, value]) => read(value));
    }
    const value = section.get(caseSensitive ? rest : rest.toLowerCase());
    return value === undefined ? [get('default', '')] : [read(value)];
  });

export const TABLE_LOOKUPS: Record<string, Lookup> = { csvfile, ini };
