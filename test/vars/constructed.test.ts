import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { Inventory, type InventoryPlugin } from '../../engine/inventory/index.ts';
import { type Dict, type Json, Source, toPlain } from '../../engine/values.ts';
import { constructed, loadProjectInventory } from '../../engine/vars/constructed.ts';
import { parseYaml } from '../../engine/yaml/index.ts';

const cwd = new URL('constructed', import.meta.url).pathname;
const recorded = JSON.parse(readFileSync(new URL('constructed.json', import.meta.url), 'utf8')) as {
  [name: string]: { hostvars: { [host: string]: Json }; groups: { [group: string]: string[] } };
};

describe('the constructed inventory plugin', () => {
  for (const [name, expected] of Object.entries(recorded)) {
    it(`makes the groups and variables of stock Ansible: ${name}`, async () => {
      const inventory = await loadProjectInventory(['hosts.ini', name], { cwd });
      expect(Object.fromEntries(inventory.groupsDict())).to.deep.equal(expected.groups);
      for (const host of inventory.hosts.values()) {
        const vars: Dict = new Map(inventory.groupsOf(host).flatMap((group) => [...group.vars]));
        for (const [key, value] of host.vars) vars.set(key, value);
        expect(toPlain(vars), host.name).to.deep.equal(expected.hostvars[host.name] ?? {});
      }
    });
  }

  const run = (text: string, plugin: InventoryPlugin = constructed({})): Inventory => {
    const inventory = new Inventory();
    inventory.listHost('h', inventory.addGroup('g'));
    inventory.reconcile();
    plugin(parseYaml(new Source('c.yml', text)) as Dict, inventory, { cwd: '/' });
    return inventory;
  };

  it('with strict, an expression that fails is an error with its place', () => {
    try {
      run('plugin: constructed\nstrict: true\ncompose:\n  a: missing + 1\n');
    } catch (error) {
      const [finding] = (error as AuthorError).findings;
      expect(finding!.message).to.contain('missing');
      expect(finding!.place!.source.position(finding!.place!.offset)).to.deep.equal({ line: 4, column: 6 });
      return;
    }
    throw new Error('no error');
  });

  it('refuses an option it does not know', () => {
    expect(() => run('plugin: constructed\nkeyed_group: []\n')).to.throw(AuthorError, '`keyed_group` is not an option');
  });

  it('reads no template from what a host variable says', () => {
    const inventory = new Inventory();
    inventory.listHost('h', inventory.addGroup('g')).vars.set('evil', '{{ 7 * 7 }}');
    inventory.reconcile();
    constructed({})(parseYaml(new Source('c.yml', 'compose: {copy: evil}')) as Dict, inventory, { cwd: '/' });
    expect(inventory.hosts.get('h')!.vars.get('copy')).to.equal('{{ 7 * 7 }}');
  });
});
