import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, refused, type Site, site, well } from './cluster.ts';
import { addPackages } from './extra_programs.mjs';

const roles = fileURLToPath(new URL('../../../roles', import.meta.url));

describe('the ways between the hosts, before the first write', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  before(async () => {
    const mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        advertise_format: 'ip',
      },
    });
    for (const host of ['node-1', 'node-2', 'node-3'])
      await addPackages(lab(), host, [
        'nftables',
        'libnftables1',
        'libnftnl11',
        'libmnl0',
        'libjansson4',
        'libedit2',
        'libbsd0',
        'libxtables12',
      ]);
  });
  after(() => by?.remove());
  const nft = (rules: string, host = 'node-2') => lab().exec(host, `nft -f - <<'END'\n${rules}\nEND`, { check: true });
  const written = () =>
    everywhere(lab(), 'ls -d /usr/local/lib/etcd /etc/etcd.conf /etc/systemd/system/etcd3.service 2>/dev/null');
  const open = 'flush ruleset';
  const closed = (verdict: string) => `flush ruleset
    table inet filter {
    chain input {
      type filter hook input priority 0; policy accept;
      ct state established,related accept
      iif lo accept
      tcp dport 22 accept
      tcp dport 2379-2380 ${verdict}
    }
    }`;

  it('says which rule is missing where a firewall drops, or rejects; nothing has been written then, and nobody listens any more', async () => {
    // As a run that was killed while it tried leaves them.
    const listen = readFileSync(join(roles, 'etcd_preflight/files/listen.sh'), 'utf8');
    for (const { name, address } of lab().hosts)
      await lab().exec(name, `IP=${address} PORTS='2379 2380' DO=start sh <<'END'\n${listen}\nEND`, { check: true });
    await nft(closed('drop'));
    const [one, two, three] = lab().hosts.map(({ address }) => address);
    const dropped = await by.play('install.yaml');
    refused(
      dropped,
      `node-1 (${one}) cannot reach node-2 at ${two} port 2380 (no answer`,
      `node-3 (${three}) cannot reach node-2 at ${two} port 2379`,
      `On node-2: nft insert rule inet filter input ip saddr ${one} tcp dport 2380 accept`,
      'etcd_firewall: nftables',
    );
    expect(dropped.text)
      .not.to.match(/cannot reach node-[13]/)
      .and.not.to.include('is in use');
    await nft(closed('reject with tcp reset'));
    refused(await by.play('install.yaml'), 'refused, although something listens there');
    expect(await written()).to.deep.equal(['', '', '']);
    expect(
      await everywhere(
        lab(),
        "systemctl list-units --all 'troupe-reach*' --no-legend; grep -c ' 0A .*:094[BC]' /proc/net/tcp",
      ),
    ).to.deep.equal(['0', '0', '0']);
  });

  it('opens the ports itself where it is told to, also after the firewall was loaded again', async () => {
    await nft(closed('drop'));
    const opened = { etcd_firewall: 'nftables', etcd_firewall_clients: [lab().gateway] };
    // The other hosts have no such chain: nothing is filtered there.
    well(await by.play('install.yaml', opened), true);
    well(await by.play('install.yaml', opened), false);
    const rules = await lab().exec('node-2', 'nft list chain inet filter input');
    expect(rules.stdout.match(/troupe-etcd/g)).to.have.length(7);
    await lab().exec('node-2', 'systemctl restart etcd3-firewall', { check: true });
    expect(
      (await lab().exec('node-2', 'nft list chain inet filter input')).stdout.match(/troupe-etcd/g),
    ).to.have.length(7);
    // A client that is not named is kept out.
    const [, second] = lab().hosts;
    const reached = spawnSync('curl', ['-sS', '--max-time', '10', `http://${second!.address}:2379/version`]);
    expect(reached.status).to.equal(0);
    well(await by.play('install.yaml', { ...opened, etcd_firewall_clients: ['192.0.2.1'] }), true);
    const kept = spawnSync('curl', ['-sS', '--max-time', '2', `http://${second!.address}:2379/version`]);
    expect(kept.status).to.equal(28);
    // What is set up is ours by the manifest. Taking it away would cut the host off here, by a rule or by the policy: refused, and nothing is removed.
    expect((await lab().exec('node-2', 'cat /etc/etcd3.manifest')).stdout).to.contain('/etc/etcd3.firewall\n');
    refused(
      await by.play('install.yaml'),
      /rules that it set on node-2 .* in the chain inet filter input nothing else lets in port 2380 \(a rule drops it\)/,
      'Keep etcd_firewall: nftables',
    );
    await nft('delete chain inet filter input');
    await nft(`table inet filter {
      chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport 22 accept
      }
    }`);
    await lab().exec('node-2', 'systemctl restart etcd3-firewall', { check: true });
    refused(await by.play('install.yaml'), 'the chain has the policy drop');
    expect((await lab().exec('node-2', 'nft list chain inet filter input')).stdout).to.contain('troupe-etcd');
    expect(await everywhere(lab(), 'ls /run/etcd3-maintenance 2>/dev/null; true')).to.deep.equal(['', '', '']);
    // Whoever takes the rules away lets the members in by another one first.
    await nft('insert rule inet filter input tcp dport 2379-2380 accept');
    well(await by.play('install.yaml', {}), true);
    expect((await lab().exec('node-2', 'nft list chain inet filter input')).stdout).not.to.contain('troupe-etcd');
    await nft(open);
    well(await by.play('install.yaml'), false);
  });
});
