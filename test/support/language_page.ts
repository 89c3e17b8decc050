/** docs/language.md from the tables of the engine: npx tsx test/support/language_page.ts writes it anew. */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownModules } from '../../engine/modules/find.ts';
import { otherNames } from '../../engine/names.ts';
import { actions, metaActions } from '../../engine/playbook/actions.ts';
import { keywords, removedKeywords } from '../../engine/playbook/keywords.ts';
import { FILTERS } from '../../engine/template/library/filters/index.ts';
import { lookups } from '../../engine/template/library/lookups.ts';
import { TESTS } from '../../engine/template/library/tests.ts';

export const page = new URL('../../docs/language.md', import.meta.url);

const names = (list: Iterable<string>) =>
  [...new Set(list)]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');

const tables: Record<string, () => string> = {
  keywords: () =>
    [
      '| keyword | on | inherited | rendered | |',
      '|---|---|---|---|---|',
      ...[...keywords.values()].map(
        (k) => `| \`${k.name}\` | ${k.on.join(', ')} | ${k.inherit} | ${k.rendered} | ${k.doc} |`,
      ),
    ].join('\n'),
  removed: () =>
    Object.entries(removedKeywords)
      .map(([name, instead]) => `- \`${name}\`: ${instead}`)
      .join('\n'),
  actions: () =>
    Object.entries(actions)
      .map(([name, a]) => `- \`${name}\` (${a.args.join(', ')}): ${a.doc}`)
      .join('\n'),
  meta: () =>
    Object.entries(metaActions)
      .map(([name, doc]) => `- \`${name}\`: ${doc}`)
      .join('\n'),
  filters: () => names(FILTERS.keys()),
  tests: () => names(TESTS.keys()),
  lookups: () => names(Object.keys(lookups)),
  modules: () => names([...ownModules().keys(), ...Object.keys(otherNames)]),
};

/** The page with each table between its marks made anew. */
export function languagePage(text: string): string {
  return text.replace(
    /(<!-- table (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => `${begin}${tables[name]!()}\n${end}`,
  );
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(page, languagePage(readFileSync(page, 'utf8')));
}
