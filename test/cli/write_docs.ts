/** Writes the tables of docs/cli.md and README.md anew: npx tsx test/cli/write_docs.ts */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { optionsMarkdown } from '../../engine/cli/options/option_table.ts';
import { playOptions } from '../../engine/cli/options/play_options.ts';
import { settingsMarkdown } from '../../engine/cli/settings/settings_table.ts';

export const pages = ['README.md', 'docs/cli.md'].map((name) => new URL(`../../${name}`, import.meta.url));

/** The playbooks that ship, each with the comment that it begins with. */
function playbooksMarkdown(): string {
  const folder = new URL('../../playbooks/', import.meta.url);
  // The order in which a cluster meets them; others follow.
  const first = ['install.yaml', 'create_ca.yaml', 'status.yaml', 'backup.yaml', 'restore.yaml', 'upgrade.yaml'];
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const rank = (file: string) => (first.includes(file) ? first.indexOf(file) : first.length);
  const rows = files
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((file) => `| [${file}](playbooks/${file}) | ${opening(readFileSync(new URL(file, folder), 'utf8'))} |`);
  return ['| playbook | does |', '|---|---|', ...rows].join('\n');
}

/** The first sentences of the comment at the top, as many as a cell can hold. */
function opening(playbook: string): string {
  const lines = /^(?:#.*\n)+/.exec(playbook)?.[0].split('\n') ?? [];
  const comment = lines
    .map((line) => line.replace(/^# ?/, ''))
    .join(' ')
    .trim();
  let text = '';
  for (const sentence of comment.split(/(?<=\.) /))
    if (text === '' || text.length + sentence.length < 160) text += (text && ' ') + sentence;
    else break;
  return text.replaceAll('|', '\\|');
}

const tables: Record<string, () => string> = {
  options: () => optionsMarkdown(playOptions),
  settings: settingsMarkdown,
  playbooks: playbooksMarkdown,
};

/** A page with its tables as the code has them. */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- (\w+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
    (_, open: string, name: string, close: string) => `${open}${tables[name]!().trim()}\n${close}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const page of pages) writeFileSync(page, withTables(readFileSync(page, 'utf8')));
