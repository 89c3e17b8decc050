import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startMirror } from '../mirror.mjs';
import { useOwnLab } from '../shared.ts';
import { everywhere, refused, type Site, site, well } from './cluster.ts';
import { prometheusPrograms } from './extra_programs.mjs';

const textfile = '/var/lib/prometheus/node-exporter';

/** When each alert must be raised: series as promtool's tests have them, the time, and the labels of the alert. */
const job = 'job="etcd",instance="n1:2379"';
const alerts: [name: string, at: string, series: Record<string, string>][] = [
  ['EtcdMemberDown', '5m', { [`up{${job}}`]: '0x30', 'up{job="etcd",instance="n2:2379"}': '1x30' }],
  ['EtcdNoQuorum', '5m', { [`up{${job}}`]: '1x30', 'up{job="etcd",instance="n2:2379"}': '0x30' }],
  ['EtcdNoLeader', '5m', { [`etcd_server_has_leader{${job}}`]: '0x30' }],
  ['EtcdLeaderChanges', '30m', { [`etcd_server_leader_changes_seen_total{${job}}`]: '0+1x40' }],
  [
    'EtcdFsyncSlow',
    '20m',
    {
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${job},le="0.5"}`]: '0+1x40',
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${job},le="2"}`]: '0+60x40',
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${job},le="+Inf"}`]: '0+60x40',
    },
  ],
  [
    'EtcdCommitSlow',
    '20m',
    {
      [`etcd_disk_backend_commit_duration_seconds_bucket{${job},le="0.2"}`]: '0+1x40',
      [`etcd_disk_backend_commit_duration_seconds_bucket{${job},le="2"}`]: '0+60x40',
      [`etcd_disk_backend_commit_duration_seconds_bucket{${job},le="+Inf"}`]: '0+60x40',
    },
  ],
  [
    'EtcdQuotaNear',
    '20m',
    { [`etcd_mvcc_db_total_size_in_bytes{${job}}`]: '85x40', [`etcd_server_quota_backend_bytes{${job}}`]: '100x40' },
  ],
  // promtool's clock begins at 0: one that ends after ten days, and a snapshot taken then.
  [
    'EtcdCertificateEnds',
    '2h',
    { 'etcd_node_certificate_not_after_seconds{file="f",instance="n1:9100"}': '864000x200' },
  ],
  ['EtcdSnapshotOld', '27h', { 'etcd_node_snapshot_newest_seconds{where="node"}': '0x2000' }],
];

describe('monitoring.yaml', function () {
  this.timeout(600_000);
  const lab = useOwnLab({ hosts: 3 });
  let by: Site;
  let programs: string;
  let prometheus: ChildProcess | undefined;
  const file = (name: string) => join(by.folder, 'monitoring', name);
  const promtool = (...words: string[]) =>
    execFileSync(join(programs, 'promtool'), words, { encoding: 'utf8', stdio: 'pipe' });
  before(async () => {
    programs = await prometheusPrograms();
    const mirror = await startMirror(lab());
    by = site(lab(), {
      vars: {
        etcd_version: mirror.versions['3.5'],
        etcd_download_url: mirror.url,
        etcd_quota_bytes: 1_073_741_824,
        advertise_format: 'ip',
        tls: { enabled: true },
        etcd_textfile_dir: textfile,
      },
    });
    well(await by.play('create_ca.yaml'));
    well(await by.play('install.yaml'));
  });
  after(() => {
    prometheus?.kill('SIGKILL');
    by?.remove();
  });

  it('writes what promtool takes, the same the second time', async () => {
    // A program of others in the place of ours stays as it is; ours is known by the manifest.
    const program = '/usr/local/sbin/etcd-textfile';
    await lab().exec('node-2', `echo theirs >${program}`, { check: true });
    refused(await by.play('monitoring.yaml'), `${program} is there already`, 'set etcd_textfile_dir to nothing');
    await lab().exec('node-2', `rm ${program}`, { check: true });
    well(await by.play('monitoring.yaml'), true);
    expect(new Set(await everywhere(lab(), `grep -cx ${program} /etc/etcd3.manifest`))).to.deep.equal(new Set(['1']));
    well(await by.play('monitoring.yaml'), false);
    expect(promtool('check', 'rules', file('etcd-rules.yaml'))).to.contain('9 rules found');
    const scrape = readFileSync(file('etcd-scrape.yaml'), 'utf8');
    writeFileSync(
      file('prometheus.yaml'),
      `global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [etcd-rules.yaml]\n${scrape}`,
    );
    expect(promtool('check', 'config', file('prometheus.yaml'))).to.contain('SUCCESS');
  });

  it('raises each alert when it is time, and none of them where all is well', () => {
    const fine = {
      [`up{${job}}`]: '1x2000',
      'up{job="etcd",instance="n2:2379"}': '1x2000',
      'etcd_node_snapshot_newest_seconds{where="node"}': '0+60x2000',
      'etcd_node_certificate_not_after_seconds{file="f"}': '31536000x2000',
    };
    const tests = alerts.flatMap(([name, at, series]) => {
      // The whole series without the ones of the alert: only its own is raised, or none.
      const input = Object.entries({ ...fine, ...series }).map(([one, values]) => ({ series: one, values }));
      const raised = `count(ALERTS{alertname="${name}",alertstate="firing"})`;
      return [
        {
          interval: '1m',
          input_series: input,
          promql_expr_test: [{ expr: raised, eval_time: at, exp_samples: [{ labels: '{}', value: 1 }] }],
        },
      ];
    });
    const quiet = {
      interval: '1m',
      input_series: Object.entries(fine).map(([series, values]) => ({ series, values })),
      promql_expr_test: [{ expr: 'count(ALERTS)', eval_time: '27h', exp_samples: [] }],
    };
    writeFileSync(
      file('tests.yaml'),
      JSON.stringify({ rule_files: ['etcd-rules.yaml'], evaluation_interval: '1m', tests: [...tests, quiet] }),
    );
    expect(promtool('test', 'rules', file('tests.yaml'))).to.contain('SUCCESS');
  });

  it('a real Prometheus reads every member with its own identity, and sees one that is down', async () => {
    const port = 19_090 + (process.pid % 900);
    const words = [
      `--config.file=${file('prometheus.yaml')}`,
      `--storage.tsdb.path=${file('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    prometheus = spawn(join(programs, 'prometheus'), words, { stdio: 'ignore' });
    const ask = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer = await fetch(url).catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as { data: { result: [] } }).data.result : [];
    };
    const until = async (query: string, count: number) => {
      for (const end = Date.now() + 120_000; ; await sleep(500)) {
        const found = await ask(query);
        if (found.length === count) return;
        expect(Date.now(), `${query}: ${JSON.stringify(found)}`).to.be.below(end);
      }
    };
    await until('up{job="etcd"} == 1', 3);
    await until('etcd_server_has_leader == 1', 3);
    // Every series that a rule names is one that etcd has.
    for (const name of [
      'etcd_disk_wal_fsync_duration_seconds_bucket',
      'etcd_disk_backend_commit_duration_seconds_bucket',
    ])
      await until(`count(${name})`, 1);
    await until('etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes < 0.8', 3);
    await until('etcd_server_leader_changes_seen_total', 3);
    await lab().exec('node-3', 'systemctl stop etcd3', { check: true });
    await until('up{job="etcd"} == 0', 1);
    await until('ALERTS{alertname="EtcdMemberDown"}', 1);
    await lab().exec('node-3', 'systemctl start etcd3', { check: true });
    await until('up{job="etcd"} == 1', 3);
  });

  it('tells the node exporter what openssl reads in the certificates, and the newest snapshot', async () => {
    well(await by.play('backup.yaml'));
    await everywhere(lab(), 'systemctl start etcd-textfile');
    const told = await everywhere(lab(), `cat ${textfile}/etcd.prom`);
    for (const [i, text] of told.entries()) {
      for (const name of ['etcd-ca.pem', 'server.pem', 'peer.pem', 'etcd-client.crt']) {
        const path = join(lab().root(lab().hosts[i]!), 'etc/etcdtls', name);
        expect(existsSync(path)).to.equal(true);
        const end = execFileSync('openssl', ['x509', '-in', path, '-noout', '-enddate'], { encoding: 'utf8' });
        const seconds = Date.parse(end.replace('notAfter=', '')) / 1000;
        expect(text).to.contain(`etcd_node_certificate_not_after_seconds{file="/etc/etcdtls/${name}"} ${seconds}\n`);
      }
      execFileSync(join(programs, 'promtool'), ['check', 'metrics'], { input: `${text}\n`, stdio: 'pipe' });
    }
    const taken = told
      .map((text) => /etcd_node_snapshot_newest_seconds\{where="node"\} (\d+)/.exec(text)?.[1])
      .filter(Boolean);
    expect(taken).to.have.length(1);
    expect(Date.now() / 1000 - Number(taken[0])).to.be.within(0, 900);
  });

  it('removes what told the node exporter when it is no longer wanted', async () => {
    well(await by.play('monitoring.yaml', { etcd_textfile_dir: '' }), true);
    expect(
      new Set(
        await everywhere(
          lab(),
          'ls /etc/etcd3.textfile /usr/local/sbin/etcd-textfile 2>/dev/null; systemctl is-enabled etcd-textfile.timer 2>/dev/null',
        ),
      ),
    ).to.deep.equal(new Set(['']));
    well(await by.play('monitoring.yaml', { etcd_textfile_dir: '' }), false);
  });
});
