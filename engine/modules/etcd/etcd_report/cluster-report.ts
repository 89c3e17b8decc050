/** From what the hosts of a cluster answered to one report, for programs and for people. */

interface Snapshot {
  where: string;
  file: string;
}

interface Asked {
  /** What etcd_info told on each host. */
  answers: Map<string, Record<string, unknown>>;
  /** Days left of each certificate, by host and by the certificate's name. */
  certificates: Map<string, Map<string, number>>;
  snapshots: Snapshot[];
  kvAddr: string;
  /** Hours after which the newest snapshot is too old; 0: never. */
  backupHours: number;
  /** Days that a certificate must have left. */
  certificateDays: number;
  now: number;
}

interface NewestSnapshot extends Snapshot {
  time: string;
  age_seconds: number;
}

interface Report {
  healthy: boolean;
  problems: string[];
  cluster_id: string;
  leader: string;
  versions: string[];
  alarms: unknown[];
  revision: number;
  members: unknown[];
  kv_addr: string;
  certificates: Record<string, number>;
  hosts: Record<string, { certificates: Record<string, number> }>;
  /** The newest snapshot of all, and of each place. */
  backup: NewestSnapshot | null;
  backups: NewestSnapshot[];
}

/** The report, and the same as lines of text. */
export function report(asked: Asked): { report: Report; lines: string[] } {
  const seen = [...asked.answers.values()];
  const best = seen.find((one) => Array.isArray(one['members']) && one['members'].length > 0) ?? seen[0] ?? {};
  const backups = newestOf(asked);
  const certificates = fewest(asked.certificates);
  const problems = [...problemsOf(best), ...certificateProblems(asked), ...backupProblems(asked, backups[0])];
  const text = (key: string) => String(best[key] ?? '');
  const list = <T>(key: string) => (Array.isArray(best[key]) ? (best[key] as T[]) : []);
  const told: Report = {
    healthy: problems.length === 0,
    problems,
    cluster_id: text('cluster_id'),
    leader: text('leader'),
    versions: list('versions'),
    alarms: list('alarms'),
    revision: Number(best['revision'] ?? 0),
    members: list('members'),
    kv_addr: asked.kvAddr,
    certificates,
    hosts: Object.fromEntries(
      [...asked.answers.keys()].map((host) => [
        host,
        { certificates: Object.fromEntries(asked.certificates.get(host) ?? []) },
      ]),
    ),
    backup: backups[0] ?? null,
    backups,
  };
  return { report: told, lines: [...list<string>('table'), '', ...linesOf(told)] };
}

function problemsOf(answer: Record<string, unknown>): string[] {
  if (Array.isArray(answer['problems'])) return answer['problems'].map(String);
  return [String(answer['msg'] ?? 'no host was asked').split('\n')[0]!];
}

function fewest(byHost: Asked['certificates']): Record<string, number> {
  const found: Record<string, number> = {};
  for (const certificates of byHost.values())
    for (const [name, days] of certificates) found[name] = Math.min(found[name] ?? days, days);
  return found;
}

function certificateProblems({ certificates, certificateDays }: Asked): string[] {
  return [...certificates].flatMap(([host, own]) =>
    [...own]
      .filter(([, days]) => days < certificateDays)
      .map(([name, days]) =>
        days < 0
          ? `the certificate ${name} of ${host} has expired`
          : `the certificate ${name} of ${host} ends in ${days} days`,
      ),
  );
}

/** A snapshot's name tells when it was taken: etcd-20261121T020000Z-r7.db */
function timeOf(file: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^etcd-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-r\d+\.db$/.exec(file) ?? [];
  return year ? Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) : undefined;
}

/** The newest snapshot of each place, the newest of all first. */
function newestOf({ snapshots, now }: Asked): NewestSnapshot[] {
  const byPlace = new Map<string, NewestSnapshot>();
  for (const { where, file } of snapshots) {
    const time = timeOf(file);
    if (time === undefined || !(time <= now + 86_400_000)) continue;
    const known = byPlace.get(where);
    if (known && known.file >= file) continue;
    const age = Math.max(0, Math.round((now - time) / 1000));
    byPlace.set(where, { where, file, time: new Date(time).toISOString().replace('.000', ''), age_seconds: age });
  }
  return [...byPlace.values()].sort((a, b) => a.age_seconds - b.age_seconds);
}

function backupProblems({ backupHours }: Asked, newest: NewestSnapshot | undefined): string[] {
  if (backupHours <= 0) return [];
  if (!newest) return ['there is no snapshot'];
  if (newest.age_seconds <= backupHours * 3600) return [];
  return [`the newest snapshot is ${ageText(newest.age_seconds)} old (${newest.where}/${newest.file})`];
}

function ageText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours >= 2 ? `${hours} hours` : `${Math.floor(seconds / 60)} minutes`;
}

function linesOf(told: Report): string[] {
  const state = told.healthy ? 'healthy' : `NOT HEALTHY: ${told.problems.join('; ')}`;
  const days = Object.entries(told.hosts)
    .filter(([, { certificates }]) => Object.keys(certificates).length > 0)
    .map(([host, { certificates }]) => {
      const each = Object.entries(certificates).map(([name, left]) => `${name} ${left}`);
      return `${host}, days left of certificates: ${each.join(', ')}`;
    });
  return [
    `cluster ${told.cluster_id}, revision ${told.revision}, ${state}`,
    ...days,
    ...(told.backups.length === 0 ? ['no snapshot was found'] : []),
    ...told.backups.map((one) => `newest snapshot in ${one.where}: ${one.file}, ${ageText(one.age_seconds)} old`),
    'KV_BACKEND=etcd',
    `KV_ADDR=${told.kv_addr}`,
  ];
}
