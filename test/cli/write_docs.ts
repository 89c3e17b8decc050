/** Writes the tables of docs/cli.md anew: npx tsx test/cli/write_docs.ts */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { optionsMarkdown } from '../../engine/cli/option_table.ts';
import { playOptions } from '../../engine/cli/play_options.ts';
import { settingsMarkdown } from '../../engine/cli/settings.ts';

export const page = new URL('../../docs/cli.md', import.meta.url);

/** The page with its tables as the code has them. */
export function withTables(text: string): string {
  const tables = { options: optionsMarkdown(playOptions), settings: settingsMarkdown() };
  for (const [name, table] of Object.entries(tables)) {
    const [before, rest] = text.split(`<!-- ${name} -->\n`) as [string, string];
    const after = rest.slice(rest.indexOf(`<!-- /${name} -->`));
    text = `${before}<!-- ${name} -->\n${table.trim()}\n${after}`;
  }
  return text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, withTables(readFileSync(page, 'utf8')));
