import { type Dict, isDict, toPlain, type Value } from '../../../values.ts';
import { dict, int, list, raw, str } from '../../args.ts';
import { defineModule, unchanged } from '../../define.ts';
import { report } from './cluster-report.ts';

export default defineModule({
  name: 'etcd_report',
  doc: 'Puts together what etcd_info, certificates and snapshots told of a cluster: one report for programs and people.',
  args: {
    answers: dict({ doc: 'By host, what etcd_info told there.', required: true }),
    certificates: dict({ doc: 'By host, results of a loop of x509_certificate_info over items with a `name`.' }),
    snapshots: list(raw(), { doc: 'Snapshots that were found, each a list of where and file.' }),
    kv_addr: str({ doc: 'The address that consumers are told.', default: '' }),
    backup_hours: int({ doc: 'The newest snapshot must not be older than so many hours; 0 does not ask.', default: 0 }),
    certificate_days: int({ doc: 'Certificates must have so many days left.', default: 0 }),
  },
  controllerOnly: true,
  check: 'full',
  returns: { report: 'The report.', lines: 'The same as lines of text.' },
  async run(args) {
    const { report: told, lines } = report({
      answers: new Map([...args.answers].map(([host, one]) => [String(host), plain(one)])),
      certificates: new Map([...(args.certificates ?? [])].map(([host, one]) => [String(host), daysLeft(one)])),
      snapshots: (args.snapshots ?? []).map((one) => {
        const [where, file] = Array.isArray(one) ? one : [];
        return { where: String(where ?? ''), file: String(file ?? '') };
      }),
      kvAddr: args.kv_addr,
      backupHours: args.backup_hours,
      certificateDays: args.certificate_days,
      now: Date.now(),
    });
    return unchanged({ report: told, lines });
  },
});

function plain(value: Value): Record<string, unknown> {
  return isDict(value) ? (toPlain(value) as Record<string, unknown>) : {};
}

function daysLeft(value: Value): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of Array.isArray(value) ? value : []) {
    if (!isDict(row)) continue;
    const item = (row as Dict).get('item');
    const days = (row as Dict).get('days_left');
    if (isDict(item as Value) && days !== undefined) found.set(String((item as Dict).get('name')), Number(days));
  }
  return found;
}
