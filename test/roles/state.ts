/** What a role leaves on a host: everything people would look at, as lines that can be compared. */
import type { Lab } from '../lab/lab.mjs';

// `\$` where the shell, not this text, is to see a dollar before a brace.
const survey = String.raw`
dpkg-query -W -f 'package \${Package} \${db:Status-Status}\n'
find /etc /usr/local /opt /srv /home /root /tmp /var/tmp /var/www /var/lib /var/log /var/spool -xdev \
  \( -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/log/journal -o -path '*/.ansible' \
  -o -path /etc/ssl/certs -o -path /var/lib/ucf -o -name 'systemd-private-*' -o -name 'ansible*' -o -name '.*-unix' -o -path '*/__pycache__' \) -prune -o -printf 'file %p %y %m %u %g %l\n'
find /etc /usr/local /opt /srv /home /root /tmp /var/tmp /var/www /var/spool -xdev \( -path /etc/ssl/certs -o -path '*/.ansible' -o -path '*/__pycache__' -o -name 'systemd-private-*' -o -name 'ansible*' \) -prune \
  -o -type f -size -400k ! -name '*-' ! -name machine-id ! -name 'ssh_host_*' ! -name ld.so.cache ! -name 99lab ! -name hosts ! -name shadow ! -name 'id_*' \
  -print0 | xargs -0 grep -H '' 2>/dev/null | sed 's/^/text /'
sed -E 's/:([$][^$:]*)[$][^:]*:/:\1 hashed:/; s/^/shadow /' /etc/shadow
systemctl list-unit-files --no-legend --no-pager | sed -E 's/^ *([^ ]+) +([^ ]+).*/unit \1 \2/'
systemctl list-units --all --plain --no-legend --no-pager --type=service,timer,socket | grep -v 'user@\|session' | sed -E 's/^ *([^ ]+) +[^ ]+ +([^ ]+) +([^ ]+).*/active \1 \2 \3/'
ss -Hltn | sed -E 's/^[^ ]+ +[^ ]+ +[^ ]+ +([^ ]+).*/listens \1/' | sort -u
{ iptables-save; ip6tables-save; nft list ruleset; } 2>/dev/null | grep -v '^#' | sed -E 's/\[[0-9]+:[0-9]+\]//; s/packets [0-9]+ bytes [0-9]+//; s/^/firewall /'
sysctl -a 2>/dev/null | grep '^net\.' | sed 's/^/sysctl /'
`;

/** The lines that describe a host now; its addresses and whatever two hosts cannot share are made equal. */
export async function stateOf(lab: Lab, host: string): Promise<Set<string>> {
  const { stdout } = await lab.exec(host, survey.replaceAll('\\${', '${'), { via: 'nsenter' });
  const own = lab.hosts.find((each) => each.name === host)!;
  const text = stdout.replaceAll(own.address, 'ADDRESS').replaceAll(lab.gateway, 'GATEWAY');
  return new Set(text.split('\n').filter(Boolean));
}

/** How two hosts changed differently: lines that only one of them gained, or lost. */
export function differences(
  ansible: { before: Set<string>; after: Set<string> },
  troupe: { before: Set<string>; after: Set<string> },
): string[] {
  const gained = (one: typeof ansible, other: typeof ansible) =>
    [...one.after].filter((line) => !one.before.has(line) && !other.after.has(line));
  const lost = (one: typeof ansible, other: typeof ansible) =>
    [...one.before].filter((line) => !one.after.has(line) && other.after.has(line));
  return [
    ...gained(ansible, troupe).map((line) => `only with Ansible: ${line}`),
    ...gained(troupe, ansible).map((line) => `only with Troupe: ${line}`),
    ...lost(ansible, troupe).map((line) => `gone with Ansible alone: ${line}`),
    ...lost(troupe, ansible).map((line) => `gone with Troupe alone: ${line}`),
  ].sort();
}
