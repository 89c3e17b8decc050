/**
 * Every operation on a cluster while a client of its own puts a key every 20 ms, with and without TLS, on three members and on
 * five; prints the table of docs/etcd.md. Not part of npm test: it takes about half an hour.
 *
 *     TROUPE_ETCD_BINARIES=FOLDER node --import tsx test/lab/etcd/stalls.ts [plain|tls] [3|5]
 *
 * Without the real programs of 3.6 the upgrade goes from 3.4 to 3.5, and there is no way down.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startLab } from '../lab.mjs';
import { startMirror } from '../mirror.mjs';
import { site, well } from './cluster.ts';
import { startWriter } from './writer.ts';

const [onlyTls, onlyMembers] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
let lostInAll = 0;

async function life(tls: boolean, members: number): Promise<void> {
  const lab = await startLab({ hosts: members + 1 });
  try {
    const mirror = await startMirror(lab);
    const has36 = mirror.versions['3.6'] !== undefined;
    const [from, to] = has36
      ? [mirror.versions['3.5']!, mirror.versions['3.6']!]
      : [mirror.versions['3.4']!, mirror.versions['3.5']!];
    const names = lab.hosts.map(({ name }) => name);
    const [nodes, spare] = [names.slice(0, members), names[members]!];
    const vars: Record<string, unknown> = {
      etcd_version: from,
      etcd_download_url: mirror.url,
      etcd_quota_bytes: 1_073_741_824,
      advertise_format: 'ip',
      tls: { enabled: tls },
    };
    const by = site(lab, { vars, groups: { nodes } });
    vars['etcd_site_dir'] = by.folder;
    const grown = site(lab, { vars, groups: { nodes, new_nodes: [spare] } });
    const all = site(lab, { vars, groups: { nodes: names } });
    if (tls) well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));

    /** The playbooks one after the other, under one writer. `goesBack`: what was written during it is gone on purpose. */
    const during = async (what: string, run: () => Promise<{ rc: unknown; text: string }>, goesBack = false) => {
      const writer = await startWriter(lab, { tls, members });
      const began = Date.now();
      const played = await run();
      const seconds = (Date.now() - began) / 1000;
      const written = await writer.stop();
      if (!goesBack) lostInAll += written.lost.length;
      const lost = goesBack ? 'back to the snapshot' : String(written.lost.length);
      const ended = played.rc === 0 ? '' : ` FAILED (${String(played.rc)})`;
      say(
        `| ${what}${ended} | ${tls ? 'TLS' : 'plain'} | ${members} | ${written.acknowledged.length} of ${written.tries} | ${lost} | ${written.stall.toFixed(2)} | ${seconds.toFixed(0)} |`,
      );
      if (played.rc !== 0)
        say(
          played.text
            .split('\n')
            .filter((line) => /fatal|lacks|error/.test(line))
            .join('\n'),
        );
    };

    await during('`install.yaml`, nothing to do', () => by.play('install.yaml'));
    vars['etcd_log_level'] = 'warn';
    await during('`install.yaml`, a setting of all members', () => by.play('install.yaml'));
    await during('`backup.yaml`', () => by.play('backup.yaml'));
    await during('`defrag.yaml`, forced', () => by.play('defrag.yaml', { etcd_defrag_force: true }));
    if (tls) {
      await during('`rotate-certs.yaml`', () => by.play('rotate-certs.yaml'));
      await during('`rotate-certs.yaml --tags ca`, at once', () =>
        by.play('rotate-certs.yaml', { etcd_ca_at_once: true }, ['--tags', 'ca']),
      );
      await during('`auth.yaml`, on', () => by.play('auth.yaml', { etcd_auth_root_password: 'of-the-lab' }));
      await during('`auth.yaml`, off', () => by.play('auth.yaml', { etcd_auth: false }));
    }
    await during('`add-member.yaml`', () => grown.play('add-member.yaml'));
    await during('`remove-member.yaml`', () => all.play('remove-member.yaml', {}, ['-e', `member=${spare}`]));
    await during('`replace-member.yaml`', () => by.play('replace-member.yaml', {}, ['-e', `member=${nodes.at(-1)}`]));
    await during(`\`upgrade.yaml\`, ${from} to ${to}`, () => by.play('upgrade.yaml', { etcd_version: to }));
    if (has36) {
      await during(`\`downgrade.yaml\`, ${to} to ${from}`, () => by.play('downgrade.yaml', { etcd_version: from }));
    } else vars['etcd_version'] = to;
    const newest = () =>
      readdirSync(join(by.folder, 'etcd-backups'))
        .filter((name) => /^etcd-.*\.db$/.test(name))
        .sort()
        .at(-1)!;
    await during(
      '`restore.yaml`',
      () => by.play('restore.yaml', { backup_file: join(by.folder, 'etcd-backups', newest()) }),
      true,
    );
    for (const one of [by, grown, all]) one.remove();
  } finally {
    await lab.stop();
  }
}

say(
  '| operation | | members | acknowledged of tried | lost | longest stall, s | whole run, s |\n|---|---|---|---|---|---|---|',
);
for (const members of [3, 5])
  for (const tls of [false, true]) {
    if ((onlyTls && onlyTls !== (tls ? 'tls' : 'plain')) || (onlyMembers && Number(onlyMembers) !== members)) continue;
    await life(tls, members);
  }
say(`\nacknowledged writes lost: ${lostInAll}`);
process.exitCode = lostInAll === 0 ? 0 : 1;
