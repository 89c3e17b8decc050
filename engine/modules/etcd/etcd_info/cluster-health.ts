/** From what etcdctl printed to one picture of the cluster. */

interface Member {
  /** In hex, as etcdctl's commands take it. */
  id: string;
  name: string;
  /** The endpoint under which it was asked; empty if none led to it. */
  endpoint: string;
  peer_urls: string[];
  client_urls: string[];
  learner: boolean;
  /** It has told the cluster its name and addresses. */
  started: boolean;
  healthy: boolean;
  error: string;
  leader: boolean;
  version: string;
  storage_version: string;
  db_size: number;
  db_size_in_use: number;
  raft_term: number;
  raft_index: number;
  raft_applied_index: number;
  alarms: string[];
}

/** Those of a member that was removed stay, and count: then `member` is its id. */
interface Alarm {
  member: string;
  alarm: string;
  gone: boolean;
}

export interface ClusterHealth {
  healthy: boolean;
  problems: string[];
  members: Member[];
  leader: string;
  voters: number;
  healthy_voters: number;
  quorum: number;
  can_stop_one: boolean;
  cluster_id: string;
  versions: string[];
  alarms: Alarm[];
  revision: number;
  table: string[];
}

export interface Answers {
  members: string;
  status: string;
  health: string;
  alarms: string;
}

interface Header {
  cluster_id?: string;
  member_id?: string;
  revision?: number;
}
interface MemberRow {
  ID: string;
  name?: string;
  peerURLs?: string[];
  clientURLs?: string[];
  isLearner?: boolean;
}
interface StatusRow {
  Endpoint: string;
  Status: {
    header: Header;
    version: string;
    storageVersion?: string;
    dbSize?: number;
    dbSizeInUse?: number;
    leader?: string;
    raftTerm?: number;
    raftIndex?: number;
    raftAppliedIndex?: number;
    errors?: string[];
    isLearner?: boolean;
  };
}
interface HealthRow {
  endpoint: string;
  health: boolean;
  error?: string;
}

/** Entries of the log by which a member may be behind: what clients write between two questions is far less. */
const MAX_LAG = 5000;

const ALARMS = ['NONE', 'NOSPACE', 'CORRUPT'];

/** The line of etcdctl's output that is its answer, among the warnings; ids stay exact (they exceed 2^53). */
function answer<T>(text: string): T | undefined {
  for (const line of text.split('\n')) {
    if (!/^(\{"(header|members|alarms)"|\{\}|\[)/.test(line)) continue;
    const exact = line.replace(/"(ID|cluster_id|member_id|memberID|leader)":\s*(\d+)/g, '"$1":"$2"');
    try {
      return JSON.parse(exact) as T;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

const hex = (decimal: string | undefined): string => (decimal ? BigInt(decimal).toString(16) : '');

/** The reason in etcdctl's complaint, without its log lines. */
function complaint(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('{"level"'));
  return lines.at(-1)?.replace(/^Error: /, '') ?? 'etcdctl gave no answer';
}

/** One picture of the cluster from the four answers; `expected` members make it complete. */
export function assess(answers: Answers, endpoints: readonly string[], expected?: number): ClusterHealth {
  const list = answer<{ header?: Header; members?: MemberRow[] }>(answers.members);
  const status = answer<StatusRow[]>(answers.status) ?? [];
  const health = answer<HealthRow[]>(answers.health) ?? [];
  const alarmRows = answer<{ alarms?: { memberID: string; alarm: number }[] }>(answers.alarms)?.alarms ?? [];

  const members = (list?.members ?? [])
    .map((row) => describeMember(row, status, health))
    .sort((a, b) => Number(!a.name) - Number(!b.name) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  const alarms = alarmRows.map((row): Alarm => {
    const alarm = ALARMS[row.alarm] ?? String(row.alarm);
    const member = members.find((m) => m.id === hex(row.memberID));
    member?.alarms.push(alarm);
    return { member: member ? member.name : hex(row.memberID), alarm, gone: member === undefined };
  });
  const voters = members.filter((m) => !m.learner);
  const healthyVoters = voters.filter((m) => m.healthy).length;
  const quorum = Math.floor(voters.length / 2) + 1;
  const clusters = new Set(status.map((row) => hex(row.Status.header.cluster_id)));
  const result: ClusterHealth = {
    healthy: false,
    problems: [],
    members,
    leader: members.find((m) => m.leader)?.name ?? '',
    voters: voters.length,
    healthy_voters: healthyVoters,
    quorum,
    can_stop_one: voters.length > 0 && healthyVoters - 1 >= quorum,
    cluster_id: hex(list?.header?.cluster_id) || [...clusters][0] || '',
    versions: [...new Set(members.map((m) => m.version).filter(Boolean))].sort(),
    alarms,
    revision: Math.max(0, ...status.map((row) => row.Status.header.revision ?? 0)),
    table: [],
  };
  result.problems = findProblems(result, {
    listed: list !== undefined,
    clusters,
    answers,
    health,
    endpoints,
    expected,
  });
  result.healthy = result.problems.length === 0;
  result.table = drawTable(members);
  return result;
}

/** What one may wait for: all is well; every voter answers; as many voters answer as the cluster needs to work. */
type Settled = 'healthy' | 'voters' | 'quorum';

/** Whether the cluster is as far as one waits for. The member `without`, about to be stopped or gone, does not count. */
export function settled(cluster: ClusterHealth, state: Settled, without = ''): boolean {
  if (state === 'healthy') return cluster.healthy;
  const counted = cluster.members.filter((m) => !m.learner && m.name !== without);
  const answering = counted.filter((m) => m.healthy).length;
  const enough = state === 'voters' ? counted.length : Math.min(cluster.quorum, counted.length);
  return cluster.leader !== '' && answering >= enough;
}

/** etcd's own words for a question without a user, where authentication is on, say neither why nor what to do. */
function explain(error: string): string {
  if (!error.includes('user name is empty')) return error;
  return "authentication is on, and it was asked without a user: that is the common name of the client's certificate (tls.enabled)";
}

function describeMember(row: MemberRow, status: StatusRow[], health: HealthRow[]): Member {
  const own = status.find((s) => s.Status.header.member_id === row.ID);
  const endpoint = own?.Endpoint ?? health.find((h) => row.clientURLs?.includes(h.endpoint))?.endpoint ?? '';
  const check = health.find((h) => h.endpoint === endpoint);
  return {
    id: hex(row.ID),
    name: row.name ?? '',
    endpoint,
    peer_urls: row.peerURLs ?? [],
    client_urls: row.clientURLs ?? [],
    learner: row.isLearner ?? false,
    started: (row.clientURLs ?? []).length > 0,
    // etcdctl calls a member with an alarm ill; it answers, and its alarm is told by itself.
    healthy: check !== undefined && (check.health || /\bActive Alarm/.test(check.error ?? '')),
    error: explain(check?.error ?? ''),
    leader: own !== undefined && own.Status.leader === row.ID && row.ID !== '0',
    version: own?.Status.version ?? '',
    storage_version: own?.Status.storageVersion ?? '',
    db_size: own?.Status.dbSize ?? 0,
    db_size_in_use: own?.Status.dbSizeInUse ?? 0,
    raft_term: own?.Status.raftTerm ?? 0,
    raft_index: own?.Status.raftIndex ?? 0,
    raft_applied_index: own?.Status.raftAppliedIndex ?? 0,
    alarms: [],
  };
}

/** The host of a URL or a bare address, in one spelling; IPv6 has many. */
function hostOf(text: string): string {
  const url = text.includes('://') ? text : `http://${text.includes(':') ? `[${text}]` : text}`;
  return URL.canParse(url) ? new URL(url).hostname : text.toLowerCase();
}

/**
 * Compares the members with those that are `known`, by name or by an address in their URLs: `strangers` are members that are
 * none of them, `missing` those that are not members. Where nobody told the members, nothing is known of either.
 */
export function compareMembers(
  members: readonly Member[],
  known: ReadonlyMap<string, readonly string[]>,
): { strangers: string[]; missing: string[] } {
  const left = new Map([...known].map(([name, addresses]) => [name, new Set(addresses.filter(Boolean).map(hostOf))]));
  const strangers: string[] = [];
  // By name first, so that an address that two share does not take one for the other.
  const byAddress = members.filter((m) => !left.delete(m.name));
  for (const member of byAddress) {
    const hosts = [...member.peer_urls, ...member.client_urls].map(hostOf);
    const same = [...left].find(([, addresses]) => hosts.some((host) => addresses.has(host)));
    if (same) left.delete(same[0]);
    else strangers.push(member.name || member.peer_urls[0] || member.id);
  }
  return { strangers, missing: members.length > 0 ? [...left.keys()] : [] };
}

interface Seen {
  listed: boolean;
  clusters: Set<string>;
  answers: Answers;
  health: HealthRow[];
  endpoints: readonly string[];
  expected: number | undefined;
}

function findProblems(cluster: ClusterHealth, seen: Seen): string[] {
  const { members } = cluster;
  const problems: string[] = [];
  if (!seen.listed) {
    problems.push(`no endpoint answers (${seen.endpoints.join(', ')}): ${complaint(seen.answers.members)}`);
    return problems;
  }
  if (seen.expected !== undefined && members.length !== seen.expected)
    problems.push(`the cluster has ${members.length} members, not ${seen.expected}`);
  const leading = members.find((m) => m.leader);
  for (const member of members) {
    const name = member.name || member.peer_urls.join(',');
    if (!member.started) problems.push(`${name} has not started`);
    else if (member.learner) problems.push(`${name} is still a learner`);
    else if (!member.healthy) problems.push(`${name} is not healthy: ${member.error || 'no endpoint leads to it'}`);
    if (
      leading &&
      member.started &&
      !member.learner &&
      leading.raft_index - member.raft_applied_index > MAX_LAG &&
      member.healthy
    )
      problems.push(`${name} is ${leading.raft_index - member.raft_applied_index} entries behind the leader`);
    for (const alarm of member.alarms) problems.push(`${name} has the alarm ${alarm}`);
  }
  for (const { member, alarm, gone } of cluster.alarms) {
    if (gone) problems.push(`there is still the alarm ${alarm} of ${member}, which is no member any more`);
  }
  for (const row of seen.health) {
    if (!row.health && !/\bActive Alarm/.test(row.error ?? '') && !members.some((m) => m.endpoint === row.endpoint))
      problems.push(`${row.endpoint} does not answer: ${row.error ?? 'unhealthy'}`);
  }
  const leaders = members.filter((m) => m.leader);
  if (leaders.length === 0) problems.push('there is no leader');
  if (leaders.length > 1)
    problems.push(`there are ${leaders.length} leaders: ${leaders.map((m) => m.name).join(', ')}`);
  if (seen.clusters.size > 1) problems.push(`the endpoints belong to ${seen.clusters.size} clusters`);
  if (cluster.versions.length > 1) problems.push(`different versions run: ${cluster.versions.join(', ')}`);
  return problems;
}

/** The members as a table for people. */
function drawTable(members: Member[]): string[] {
  const rows = [['NAME', 'ID', 'ENDPOINT', 'VERSION', 'ROLE', 'HEALTH', 'DB SIZE']];
  for (const m of members) {
    rows.push([
      m.name || '(not started)',
      m.id,
      m.client_urls[0] ?? m.peer_urls[0] ?? '',
      m.version || '-',
      m.learner ? 'learner' : m.leader ? 'leader' : 'follower',
      m.alarms.length > 0 ? m.alarms.join(',') : m.healthy ? 'healthy' : 'UNHEALTHY',
      m.version ? size(m.db_size) : '-',
    ]);
  }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount >= 10 || power === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
