/** Lookups in CSV and INI files. */

import { csvRows } from '../../../python/csv.ts';
import type { Section, Sections } from '../../../python/ini.ts';
import { BoundedRegExp } from '../../../python/regex/bounded.ts';
import { toText } from '../../../python/text.ts';
import { fail } from '../../../python/undefined.ts';
import type { Value } from '../../../values.ts';
import { toBool } from '../filters/core_text.ts';
import { readIni } from '../ini.ts';
import type { Lookup } from '../lookups.ts';
import { compileRegex } from '../regex.ts';
import { found } from './files.ts';
import { keyValues } from './key_values.ts';

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

/** `%(name)s` in an INI value. */
function interpolated(value: string, section: Section, sections: Sections, depth = 0): string {
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
    const allowNoValue = yes(get('allow_no_value', false)) || yes(get('allow_none', false));
    const first = properties ? { first: 'java_properties' } : {};
    const sections = readIni(env.readFile(path), { caseSensitive, allowNoValue, ...first });
    const name = properties ? 'java_properties' : toText(get('section', 'global'));
    const own =
      sections.get(name) ?? (name === 'DEFAULT' ? new Map() : fail(`there is no section '${name}' in ${path}`));
    const section: Section = new Map([...(sections.get('DEFAULT') ?? []), ...own]);
    const read = (value: string | null): Value =>
      value === null || !yes(get('interpolation', true)) ? value : interpolated(value, section, sections);
    if (yes(get('re', false))) {
      const pattern = compileRegex(rest);
      return [...section].filter(([key]) => new BoundedRegExp(pattern, 'uy').test(key)).map(([, value]) => read(value));
    }
    const value = section.get(caseSensitive ? rest : rest.toLowerCase());
    return value === undefined ? [get('default', '')] : [read(value)];
  });

export const TABLE_LOOKUPS: Record<string, Lookup> = { csvfile, ini };
