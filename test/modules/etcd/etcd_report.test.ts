import { expect } from 'chai';
import { report } from '../../../engine/modules/etcd/etcd_report/cluster-report.ts';

type Asked = Parameters<typeof report>[0];

const now = Date.parse('2026-11-21T12:00:00Z');
const healthy = { members: [{ name: 'etcd-1' }], problems: [], leader: 'etcd-1', table: ['NAME'] };
const asked = (more: Partial<Asked> = {}): Asked => ({
  answers: new Map([['node-1', healthy]]),
  certificates: new Map(),
  snapshots: [],
  kvAddr: 'node-1:2379',
  backupHours: 0,
  certificateDays: 0,
  now,
  ...more,
});

describe('etcd_report', () => {
  it('takes the picture of the first host that reached the cluster', () => {
    const lost = { members: [], problems: ['no endpoint answers'], table: [] };
    const answers = new Map<string, Record<string, unknown>>([
      ['node-1', lost],
      ['node-2', healthy],
    ]);
    expect(report(asked({ answers })).report).to.include({ healthy: true, leader: 'etcd-1' });
    const none = report(asked({ answers: new Map([['node-1', lost]]) })).report;
    expect(none).to.deep.include({ healthy: false, problems: ['no endpoint answers'] });
    const failed = report(
      asked({ answers: new Map([['node-1', { failed: true, msg: 'there is no etcdctl' }]]) }),
    ).report;
    expect(failed.problems).to.deep.equal(['there is no etcdctl']);
  });

  it('finds the newest snapshot of each place by its name, and says how old it is', () => {
    const snapshots = [
      { where: 's3://x', file: 'etcd-20261121T020000Z-r7.db' },
      { where: 's3://x', file: 'etcd-20261120T020000Z-r9.db' },
      { where: '/here', file: 'etcd-20261119T120000Z-r5.db' },
      { where: '/here', file: 'notes.db' },
      { where: '/there', file: '' },
    ];
    const { report: told, lines } = report(asked({ snapshots, backupHours: 12 }));
    expect(told.healthy).to.equal(true);
    expect(told.backup).to.deep.equal({
      where: 's3://x',
      file: 'etcd-20261121T020000Z-r7.db',
      time: '2026-11-21T02:00:00Z',
      age_seconds: 36_000,
    });
    expect(told.backups.map(({ where }) => where)).to.deep.equal(['s3://x', '/here']);
    expect(lines).to.include('newest snapshot in /here: etcd-20261119T120000Z-r5.db, 2 days old');
    const old = report(asked({ snapshots, backupHours: 9 })).report;
    expect(old.problems).to.deep.equal(['the newest snapshot is 10 hours old (s3://x/etcd-20261121T020000Z-r7.db)']);
    expect(report(asked({ backupHours: 9 })).report.problems).to.deep.equal(['there is no snapshot']);
  });

  it('tells the fewest days of each certificate, and which one ends too soon', () => {
    const certificates = new Map([
      ['node-1', new Map([['server', 200]])],
      ['node-2', new Map([['server', 10]])],
    ]);
    const { report: told } = report(asked({ certificates, certificateDays: 30 }));
    expect(told.certificates).to.deep.equal({ server: 10 });
    expect(told.problems).to.deep.equal(['the certificate server of node-2 ends in 10 days']);
  });
});
