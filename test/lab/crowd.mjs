// A crowd: one host of a lab that answers at many addresses, for what only numbers show. Its inventory's hosts share one
// file system and one sshd, so only what does not depend on that can be tried on it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './machine.mjs';

/** Gives the first host of a lab `count` more addresses (at most 4000). Resolves to { addresses, inventory(path) }. */
export async function makeCrowd(lab, { count }) {
  const [host] = lab.hosts;
  const subnet = Number(host.address.split('.')[2]);
  // A block of 4096 addresses for each lab, beside the labs' own network.
  const first = (10 << 24) + (224 << 16) + (subnet << 12);
  const dotted = (n) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
  const addresses = Array.from({ length: count }, (_, i) => dotted(first + i + 1));
  if (count > 4000) throw new Error('a crowd has 4000 hosts at most');
  // The default of 10:30:100 refuses a burst, which many sshds would take.
  const sshd =
    'printf "MaxStartups 4096\\nMaxSessions 64\\n" > /etc/ssh/sshd_config.d/crowd.conf && systemctl reload ssh';
  await lab.exec(host, sshd, { via: 'nsenter', check: true });
  await lab.exec(host, 'ip -batch -', {
    via: 'nsenter',
    check: true,
    input: addresses.map((each) => `addr add ${each}/32 dev eth0\n`).join(''),
  });
  await run('ip', ['route', 'replace', `${dotted(first)}/20`, 'via', host.address]);
  const known = join(lab.folder, 'known_hosts.crowd');
  const key = readFileSync(lab.knownHostsFile, 'utf8').split('\n')[0].split(' ').slice(1).join(' ');
  writeFileSync(known, addresses.map((each) => `${each} ${key}\n`).join(''));
  return {
    addresses,
    inventory(path) {
      lab.inventory(path);
      const [, vars] = readFileSync(path, 'utf8').split(/(?=^\[all:vars\])/m);
      const lines = addresses.map(
        (each, i) => `crowd-${i + 1} ansible_host=${each} ip="${each}" fqdn="crowd-${i + 1}.lab.troupe.test"\n`,
      );
      writeFileSync(path, `[nodes]\n${lines.join('')}\n${vars.replaceAll(lab.knownHostsFile, known)}`);
      return path;
    },
  };
}
