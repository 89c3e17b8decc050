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

const CSV_OPTIONS = ['file', 'col', 'keycol', 'delimiter', 'default', 'encoding'];
const INI_OPTIONS = [
  'type',
  'file',
  'section',
  're',
  'encoding',
  'default',
  'case_sensitive',
  'allow_no_value',
  'allow_none',
  'interpolation',
];

function requireOptions(lookup: string, named: ReadonlyMap<string, string>, options: readonly string[]): void {
  for (const name of named.keys())
    if (!options.includes(name))
      fail(`'${name}' is not a valid option of the lookup ${lookup}`, `its options are ${options.join(', ')}`);
}

/** A name of an encoding as JavaScript knows it: `ISO8859-15` is iso-8859-15 here. */
const encodingOf = (name: Value): string => toText(name).replace(/^iso-?8859/i, 'iso-8859');

const csvfile: Lookup = (terms, kwargs, env) => {
  if (terms.length === 0)
    fail('Search key is required but was not found: the lookup csvfile needs one as its first term');
  return terms.flatMap((term) => {
    const { rest: key, named } = keyValues(toText(term));
    requireOptions('csvfile', named, CSV_OPTIONS);
    if (key === '') fail('Search key is required but was not found: the lookup csvfile needs one as its first term');
    const get = (name: string, otherwise: Value): Value => named.get(name) ?? kwargs.get(name) ?? otherwise;
    const delimiter = toText(get('delimiter', 'TAB'));
    const file = toText(get('file', 'ansible.csv'));
    const [path] = env.searchFiles('files', file);
    if (path === undefined) fail(`No such file or directory: '${file}', which the lookup csvfile reads`);
    const [keyColumn, column] = [Number(get('keycol', 0)), Number(get('col', 1))];
    const row = csvRows(
      env.readFile(path, encodingOf(get('encoding', 'utf-8'))),
      delimiter === 'TAB' ? '\t' : delimiter,
    ).find((r) => r[keyColumn] === key);
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
    requireOptions('ini', named, INI_OPTIONS);
    if (rest === '') fail('No key to lookup was provided as first term with in string inline options');
    const get = (name: string, otherwise: Value): Value => named.get(name) ?? kwargs.get(name) ?? otherwise;
    const properties = get('type', 'ini') === 'properties';
    const path = found(env, 'files', toText(get('file', 'ansible.ini')));
    const caseSensitive = yes(get('case_sensitive', false));
    const allowNoValue = yes(get('allow_no_value', false)) || yes(get('allow_none', false));
    const first = properties ? { first: 'java_properties' } : {};
    const text = env.readFile(path, encodingOf(get('encoding', 'utf-8')));
    const sections = readIni(text, { caseSensitive, allowNoValue, once: true, ...first });
    const name = properties ? 'java_properties' : toText(get('section', 'global'));
    const own = sections.get(name) ?? (name === 'DEFAULT' ? new Map() : fail(`No section '${name}' is in ${path}`));
    const section: Section = new Map([...(sections.get('DEFAULT') ?? []), ...own]);
    const read = (value: string | null): Value =>
      value === null || !yes(get('interpolation', true)) ? value : interpolated(value, section, sections);
    if (yes(get('re', false))) {
      const pattern = compileRegex(rest);
      return [...section].filter(([key]) => new BoundedRegExp(pattern, 'uy').test(key)).map(([, value]) => read(value));
    }
    const value = section.get(caseSensitive ? rest : rest.toLowerCase());
    if (value === undefined) return [get('default', '')];
    return value === null ? [] : [read(value)];
  });

export const TABLE_LOOKUPS: Record<string, Lookup> = { csvfile, ini };
