// Records what stock Ansible's constructed plugin makes of constructed/: node test/vars/record_constructed.mjs
import { writeFileSync } from 'node:fs';
import { runReference } from '../conformance/reference.mjs';

const cwd = new URL('constructed', import.meta.url).pathname;
const unmarked = (_key, value) => value?.__ansible_unsafe ?? value;
const recorded = {};
for (const name of ['1.yml', '2.yml']) {
  const sources = ['-i', 'hosts.ini', '-i', name];
  const list = await runReference({ argv: ['ansible-inventory', ...sources, '--list'], cwd });
  const groups = await runReference({
    argv: ['ansible', ...sources, 'localhost', '-m', 'debug', '-a', 'var=groups'],
    cwd,
  });
  recorded[name] = {
    hostvars: JSON.parse(list.stdout, unmarked)._meta.hostvars,
    groups: JSON.parse(groups.stdout.replace(/^.*?=> /s, '')).groups,
  };
}
writeFileSync(new URL('constructed.json', import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`);
