import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const roles = readdirSync(join(root, 'roles'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const yamlFiles = ['roles', 'playbooks'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|tasks\/)[\w-]+\.yaml$/.test(file))
    .map((file) => `${folder}/${file}`),
);
const specs = (role: string): Record<string, { short_description?: string; options?: Record<string, object> }> =>
  parse(read(`roles/${role}/meta/argument_specs.yaml`)).argument_specs;

/** The roles that are called, with their entry points, and who calls them. */
const calls = yamlFiles.flatMap((file) => {
  const text = read(file);
  const found = [
    ...text.matchAll(/(?:include|import)_role:\n +name: (\w+)\n(?: +tasks_from: (\S+|"\{\{ item \}\}"))?/g),
  ].map(([, role, from = 'main']) => ({ file, role: role!, from }));
  const listed = [...text.matchAll(/^ {2}roles:\n((?: {4}- \w+\n)+)/gm)].flatMap(([, list]) =>
    [...list!.matchAll(/- (\w+)/g)].map(([, role]) => ({ file, role: role!, from: 'main' })),
  );
  return [...found, ...listed];
});

describe('the roles of the etcd library', () => {
  it('have the prefix etcd_, a row in the README, and depend on the settings alone', () => {
    const readme = read('roles/README.md');
    const rows = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);
    expect(rows.sort()).to.deep.equal(roles);
    for (const role of roles) {
      expect(role).to.match(/^etcd_/);
      const meta = `roles/${role}/meta/main.yaml`;
      if (role === 'etcd_settings') expect(existsSync(join(root, meta))).to.equal(false);
      else expect(parse(read(meta)), role).to.deep.equal({ dependencies: ['etcd_settings'] });
    }
  });

  it('are called at entry points that say what they take, by the README as well', () => {
    expect(calls.length).to.be.above(60);
    const readme = read('roles/README.md');
    for (const { file, role, from } of calls) {
      if (from.includes('{{')) continue;
      expect(Object.keys(specs(role)), `${file}: ${role}`).to.include(from);
    }
    for (const role of roles)
      for (const [entry, { short_description }] of Object.entries(specs(role))) {
        expect(short_description, `${role} ${entry}`).to.match(/^[A-Z].*\.$/);
        const row = readme.split('\n').find((line) => line.startsWith(`| \`${role}\``))!;
        expect(row, entry).to.contain(`\`${entry}\``);
      }
  });

  it('reach into no other role by a path', () => {
    for (const file of yamlFiles) expect(read(file), file).to.not.match(/role_path|\.\.\//);
  });

  it('have every variable of theirs in the settings, with its type', () => {
    const defaults = Object.keys(parse(read('roles/etcd_settings/defaults/main.yaml')));
    // The list of hosts is not there where create_ca.yaml runs without an inventory.
    const typed = ['members', ...Object.keys(specs('etcd_settings')['main']!.options!)];
    expect(typed.sort()).to.deep.equal(defaults.sort());
  });

  it('have tasks whose names are imperatives', () => {
    const wrong =
      /^ *- name: "?(?:The|No|Not|A|An|What|Which|Who|Whose|May|Is|It|Nothing|Nobody|Every|All|There|This|One)\b.*$/gm;
    for (const file of yamlFiles) expect(read(file).match(wrong) ?? [], file).to.deep.equal([]);
  });
});
