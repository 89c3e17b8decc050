/** CSV and INI texts. */
import type { Py } from './py.ts';
import { toText } from './text.ts';
import { fail } from './undefined.ts';

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

export type Sections = Map<string, Map<string, string | null>>;

/** Python's configparser: sections of `key = value` or `key: value`, with continued lines. */
export function parseIni(text: string, caseSensitive = false, allowNoValue = false, properties = false): Sections {
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

/** A dict of sections as INI text. */
export function iniText(sections: Map<Py, Py>): string {
  const parts: string[] = [];
  for (const [name, section] of sections) {
    if (!(section instanceof Map)) fail(`the section '${toText(name)}' must be a dict`);
    const lines = [...section].map(
      ([key, value]) => `${toText(key).toLowerCase()} = ${toText(value).replaceAll('\n', '\n\t')}\n`,
    );
    parts.push(`[${toText(name)}]\n${lines.join('')}\n`);
  }
  return parts.join('').replace(/\n$/, '');
}
