import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { useLabHost } from './lab-host.ts';

type Types = string | Types[] | { [key: string]: Types };

/** Names and kinds of the values that stock Ansible's setup gave on the same image. */
const recorded = JSON.parse(readFileSync(new URL('../recorded/setup.json', import.meta.url), 'utf8')) as {
  types: Record<string, Types>;
};
const notOurs = new Set(['ansible_python', 'ansible_python_version']);

function compare(path: string, types: Types, value: unknown, wrong: string[]): void {
  if (typeof types === 'string') {
    const kind =
      value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'str' : typeof value;
    if (kind !== types) wrong.push(`${path}: ${kind}, not ${types}`);
  } else if (Array.isArray(types)) {
    if (!Array.isArray(value)) wrong.push(`${path}: not a list`);
    else if (types[0] !== undefined && value.length > 0) compare(`${path}[0]`, types[0], value[0], wrong);
  } else if (value === null || typeof value !== 'object' || Array.isArray(value)) wrong.push(`${path}: not a dict`);
  else {
    for (const [key, inner] of Object.entries(types)) {
      const found = (value as Record<string, unknown>)[key];
      if (found === undefined) wrong.push(`${path}.${key}: missing`);
      else compare(`${path}.${key}`, inner, found, wrong);
    }
  }
}

describe('setup on a host with Python, beside what Ansible gathers there', function () {
  this.timeout(60_000);
  const host = useLabHost('python');
  it('has every fact of Ansible, of the same type, but those of Python', async () => {
    const r = await host().run('setup');
    expect(r.requests).to.equal(1);
    const wrong: string[] = [];
    for (const [name, types] of Object.entries(recorded.types)) {
      if (!notOurs.has(name)) compare(name, types, r.facts![name], wrong);
    }
    expect(wrong).to.deep.equal([]);
    expect(r.facts).to.not.have.property('ansible_python');
  });
});

for (const image of ['plain', 'busybox'] as const) {
  describe(`setup on a ${image} host`, function () {
    this.timeout(60_000);
    const host = useLabHost(image);

    it('agrees with what the host says', async () => {
      const { facts = {}, requests, warnings } = await host().run('setup');
      expect(requests).to.equal(1);
      expect(warnings).to.deep.equal([]);
      expect(facts['ansible_kernel']).to.equal(await host().sh('uname -r'));
      expect(facts['ansible_machine']).to.equal(await host().sh('uname -m'));
      expect(facts['ansible_hostname']).to.equal('node-1');
      expect(facts['ansible_fqdn']).to.equal('node-1.lab.troupe.test');
      expect(facts['ansible_domain']).to.equal('lab.troupe.test');
      expect(String(facts['ansible_processor_nproc'])).to.equal(await host().sh('nproc'));
      expect(facts['ansible_user_id']).to.equal('root');
      expect(facts['ansible_env'].HOME).to.equal('/root');
      const address = (await host().sh('ip -o -4 addr show eth0')).match(/inet (\S+)\//)![1];
      expect(facts['ansible_default_ipv4']).to.include({ address, interface: 'eth0', prefix: '24', type: 'ether' });
      expect(facts['ansible_default_ipv4'].gateway).to.equal(String(address).replace(/\.\d+$/, '.1'));
      expect(facts['ansible_all_ipv4_addresses']).to.deep.equal([address]);
      expect(facts['ansible_eth0'].macaddress).to.equal(await host().sh('cat /sys/class/net/eth0/address'));
      expect(facts['ansible_interfaces']).to.include.members(['lo', 'eth0']);
      expect(Math.abs(Number(facts['ansible_date_time'].epoch) - Date.now() / 1000)).to.be.below(120);
      expect(facts['ansible_virtualization_type']).to.equal('container');
      expect(facts['ansible_memtotal_mb']).to.be.above(100);
    });
    if (image === 'plain') {
      it('knows Debian', async () => {
        const { facts } = await host().run('setup', { gather_subset: ['!all'] });
        expect(facts).to.include({
          ansible_distribution: 'Debian',
          ansible_os_family: 'Debian',
          ansible_distribution_major_version: '12',
          ansible_distribution_release: 'bookworm',
          ansible_pkg_mgr: 'apt',
          ansible_service_mgr: 'systemd',
        });
        expect(facts).to.not.have.property('ansible_memtotal_mb');
      });
    }
    it('subsets and filters', async () => {
      const names = async (args: Record<string, unknown>) => Object.keys((await host().run('setup', args)).facts!);
      expect(await names({ gather_subset: ['!all', '!min', 'network'] }))
        .to.include('ansible_default_ipv4')
        .and.not.include('ansible_distribution');
      expect(await names({ gather_subset: ['!all', '!min', 'distribution'] }))
        .to.include('ansible_distribution')
        .and.not.include('ansible_kernel');
      expect(await names({ gather_subset: ['!hardware'] }))
        .to.include('ansible_kernel')
        .and.not.include('ansible_mounts');
      const filtered = await names({ filter: ['ansible_distribution*', 'kernel'] });
      expect(filtered.filter((n) => !n.startsWith('ansible_distribution'))).to.deep.equal(['ansible_kernel']);
      expect(await names({ filter: 'module_*' })).to.deep.equal(['module_setup']);
      const bad = await host().run('setup', { gather_subset: ['nope'] });
      expect(bad.values.msg).to.match(/^Bad subset 'nope' given to Ansible/);
    });
    it("the host's own facts, and one that hangs", async () => {
      await host().sh(`mkdir -p /etc/ansible/facts.d && cd /etc/ansible/facts.d
printf '{"a": [1, "x"]}' >one.fact
printf '[general]\nKey = some value\n[other]\nb: 2\n' >two.fact
printf '#!/bin/sh\necho "{\\\\"made\\\\": \\\\"$((1+1))\\\\"}"\n' >three.fact
printf '#!/bin/sh\nsleep 600\n' >four.fact
chmod +x three.fact four.fact; chmod -x one.fact two.fact`);
      const began = Date.now();
      const { facts, warnings } = await host().run('setup', { gather_subset: ['!all'], gather_timeout: 1 });
      expect(Date.now() - began).to.be.below(300_000);
      await host().sh('rm -r /etc/ansible/facts.d');
      expect(facts!['ansible_local']).to.deep.include({
        one: { a: [1, 'x'] },
        two: { general: { key: 'some value' }, other: { b: '2' } },
        three: { made: '2' },
      });
      expect(facts!['ansible_local'].four).to.match(/^Failure executing fact script \(four.fact\), rc: \d+/);
      expect(warnings.length).to.equal(1);
    });
  });
}
