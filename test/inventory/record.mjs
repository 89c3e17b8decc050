// Records what stock Ansible makes of the inventories in cases/: node test/inventory/record.mjs
import { readdirSync, writeFileSync } from 'node:fs';
import { runReference } from '../conformance/reference.mjs';

const here = new URL('.', import.meta.url).pathname;
const sources = [
  ...readdirSync(`${here}cases`)
    .sort()
    .map((name) => [name]),
  ['localhost,h1,[::1]:22'],
  ['order.ini', 'groups.yml'],
];
const patterns = {
  'order.ini': [
    ...['all', '*', 'top', 'super', 'mid', 'late:early', 'top:!e1', '!e1', 'top:&early', 'late,early', 'e1:early'],
    ...[
      'all[0]',
      'all[-1]',
      'all[1:2]',
      'all[1:]',
      'early[0-0]',
      'all[0:0]',
      '~l.*',
      '~e[12]',
      'e*',
      '[el]*',
      '?1',
      'l?te',
      'top:!late[0]',
    ],
    ...[
      'other:!*',
      'super:&late:!e1',
      'all:!~e',
      'localhost',
      '~^(late|other)$',
      'ungrouped',
      'o1,e2',
      '&early:top',
      'e[!1]',
      '~e[',
    ],
  ],
  'groups.yml': [
    'all',
    'web',
    'db',
    'm*',
    'web:db',
    'db:web',
    'w2.ex.com',
    '*.ex.com',
    'primary:&web',
    'empty',
    'all:!web:!db',
  ],
};

const recorded = {};
for (const names of sources) {
  const args = names.flatMap((name) => ['-i', name]);
  const run = (argv) => runReference({ argv, cwd: `${here}cases` });
  const list = await run(['ansible-inventory', ...args, '--list']);
  const graph = await run(['ansible-inventory', ...args, '--graph']);
  const groups = await run(['ansible', ...args, 'localhost', '-m', 'debug', '-a', 'var=groups']);
  const entry = {
    list: JSON.parse(list.stdout),
    graph: graph.stdout,
    groups: JSON.parse(groups.stdout.replace(/^.*?=> /s, '')).groups,
  };
  for (const pattern of patterns[names.join()] ?? []) {
    const { stdout } = await run(['ansible', ...args, pattern, '--list-hosts']);
    entry.patterns = {
      ...entry.patterns,
      [pattern]: stdout
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .filter(Boolean),
    };
  }
  recorded[names.join(' ')] = entry;
}
writeFileSync(`${here}recorded.json`, `${JSON.stringify(recorded, null, 1)}\n`);
