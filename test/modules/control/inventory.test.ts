import { expect } from 'chai';
import addHost from '../../../engine/modules/control/add_host.ts';
import groupBy from '../../../engine/modules/control/group_by.ts';
import { attempt, failure, values } from './support.ts';

// Expected values: what ansible-core 2.19 registers for the same tasks.
describe('module add_host', () => {
  it('describes the new host as ansible does', async () => {
    expect(await values(addHost, { name: 'h1:2222', groups: 'g1,g2', foo: 1 })).to.deep.equal({
      add_host: { groups: ['g1', 'g2'], host_name: 'h1', host_vars: { ansible_ssh_port: 2222, foo: 1 } },
    });
    expect(await values(addHost, { hostname: 'h', groupname: ['g', 'g'] })).to.deep.equal({
      add_host: { groups: ['g'], host_name: 'h', host_vars: {} },
    });
  });

  it('asks the run to add it', async () => {
    const { result } = await attempt(addHost, { name: 'h', x: 'y' });
    expect(result.effects).to.deep.equal([{ type: 'add_host', name: 'h', groups: [], vars: new Map([['x', 'y']]) }]);
  });

  it('knows addresses with and without a port', async () => {
    const name = async (written: string) =>
      ((await values(addHost, { name: written })) as { add_host: { host_name: string } }).add_host.host_name;
    expect(await name('fe80::1')).to.equal('fe80::1');
    expect(await name('[fe80::1]:22')).to.equal('fe80::1');
    expect(await name('[fe80::1]')).to.equal('fe80::1');
    expect((await failure(addHost, { groups: 'g' }))['msg']).to.include('needs the argument `name`');
  });

  it('runs once', () => {
    expect(addHost.once).to.equal(true);
  });
});

describe('module group_by', () => {
  it('makes blanks dashes, in the parents too', async () => {
    expect(await values(groupBy, { key: 'a b', parents: ['p q'] })).to.deep.equal({
      add_group: 'a-b',
      parent_groups: ['p-q'],
    });
    const { result } = await attempt(groupBy, { key: 'os_debian' });
    expect(result.effects).to.deep.equal([{ type: 'group_by', key: 'os_debian', parents: ['all'] }]);
  });
});
