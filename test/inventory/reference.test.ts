import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Inventory, loadInventory } from '../../engine/inventory/index.ts';
import { type Dict, type Json, toPlain } from '../../engine/values.ts';

interface Recorded {
  list: { _meta: { hostvars: { [host: string]: { [name: string]: Json } } } };
  graph: string;
  groups: { [group: string]: string[] };
  patterns?: { [pattern: string]: string[] };
}

const here = new URL('.', import.meta.url).pathname;
const recorded = JSON.parse(readFileSync(`${here}recorded.json`, 'utf8')) as { [sources: string]: Recorded };

/** A host's variables as `ansible-inventory --list` shows them: its groups' merged in order, then its own. */
function merged(inventory: Inventory, name: string): Json {
  const vars: Dict = new Map();
  const host = inventory.getHost(name)!;
  for (const group of inventory.groupsOf(host)) for (const [k, v] of group.vars) vars.set(k, v);
  for (const [k, v] of host.vars) vars.set(k, v);
  return toPlain(vars);
}

describe('inventories as stock Ansible reads them', () => {
  for (const [sources, expected] of Object.entries(recorded)) {
    describe(sources, () => {
      let inventory: Inventory;
      before(async () => {
        inventory = await loadInventory(sources.split(' '), { cwd: `${here}cases` });
      });

      it('has the same groups, with the same hosts in the same order', () => {
        expect(Object.fromEntries(inventory.groupsDict())).to.deep.equal(expected.groups);
        expect([...inventory.groupsDict().keys()]).to.have.members(Object.keys(expected.groups));
      });

      it('gives every host the same variables', () => {
        const ours = Object.fromEntries([...inventory.hosts.keys()].map((name) => [name, merged(inventory, name)]));
        const theirs = Object.fromEntries([...inventory.hosts.keys()].map((name) => [name, {}]));
        for (const [host, vars] of Object.entries(expected.list._meta.hostvars)) {
          // group_vars beside the inventory are read by vars/, and tested there.
          const { gv: _, ...own } = vars;
          theirs[host] = own;
        }
        expect(ours).to.deep.equal(theirs);
      });

      for (const [pattern, hosts] of Object.entries(expected.patterns ?? {})) {
        it(`selects by ${pattern}`, () => {
          expect(inventory.select(pattern).map((host) => host.name)).to.deep.equal(hosts);
        });
      }
    });
  }
});
