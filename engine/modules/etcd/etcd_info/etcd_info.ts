import { setTimeout as sleep } from 'node:timers/promises';
import { remotePath } from '../../../remote/quote.ts';
import type { Remote } from '../../../remote/remote.ts';
import type { Dict } from '../../../values.ts';
import { dict, int, list, path, str } from '../../args.ts';
import { defineModule, shell, unchanged } from '../../define.ts';
import { assess, type ClusterHealth, compareMembers, settled } from './cluster-health.ts';

export default defineModule({
  name: 'etcd_info',
  doc: `Asks an etcd cluster for its members, their state and what is wrong with it.

One request: members, status and health of each endpoint (a read that goes through consensus), alarms. Never fails because
the cluster is ill: \`healthy\` and \`problems\` say so. With \`wait\` it asks again until the cluster is as \`wait_for\` says.`,
  args: {
    endpoints: list(str(), { doc: 'Client URLs of the members, as reached from the host.', required: true }),
    cacert: path({ doc: "CA file of the servers' certificates." }),
    cert: path({ doc: "File with the client's certificate." }),
    key: path({ doc: "File with the client's key." }),
    user: str({ doc: 'name:password, where authentication is on.', secret: true }),
    etcdctl: path({ doc: 'The program.', default: '/usr/local/bin/etcdctl' }),
    timeout: int({ doc: 'Seconds for each answer.', default: 5 }),
    wait: int({ doc: 'Seconds to wait for `wait_for`, asking once a second.', default: 0 }),
    wait_for: str({
      doc: 'healthy: all is well. voters: there is a leader and every voter answers. quorum: as many as the cluster needs to work.',
      choices: ['healthy', 'voters', 'quorum'] as const,
      default: 'healthy',
    }),
    without: str({ doc: 'Name of a member that voters and quorum leave aside: the one that is about to be stopped.' }),
    known: dict({ doc: 'Who the members should be: lists of addresses by name. Told are `strangers` and `missing`.' }),
    expected: int({ doc: 'How many members the cluster must have to be called healthy.' }),
  },
  check: 'full',
  traits: { observes: true },
  returns: {
    healthy: {
      type: 'bool',
      doc: 'All members started and healthy, one leader, one cluster, one version, no learner, no alarm.',
    },
    problems: { type: 'list', of: { type: 'str' }, doc: 'What keeps it from being healthy, as sentences.' },
    members: {
      type: 'list',
      of: { type: 'dict' },
      doc: 'List of id, name, endpoint, peer_urls, client_urls, learner, started, healthy, error, leader, version, db_size, db_size_in_use, raft_index, raft_applied_index, alarms.',
    },
    leader: { type: 'str', doc: 'Name of the leader, empty if there is none.' },
    voters: { type: 'int', doc: 'Number of voting members.' },
    healthy_voters: { type: 'int', doc: 'How many of them answered a read through consensus.' },
    quorum: { type: 'int', doc: 'How many must be healthy for the cluster to work.' },
    can_stop_one: { type: 'bool', doc: 'Whether the cluster works on with one healthy member less.' },
    cluster_id: 'In hex, as etcdctl shows it.',
    versions: 'The versions that run, each once.',
    alarms: 'List of member, alarm, and gone: whether the member has been removed, and its alarm stays.',
    revision: 'The newest revision that an endpoint told.',
    table: 'The members as lines of text.',
    strangers: 'With `known`: names (or URLs) of members that are none of those, neither by name nor by address.',
    missing: 'With `known`: names of those that are not members.',
  },
  examples: `- etcd_info:
    endpoints: [https://10.0.0.11:2379, https://10.0.0.12:2379]
    cacert: /etc/etcdtls/etcd-root-ca.pem
  register: etcd
- debug:
    var: etcd.problems
`,
  async run(args, { remote, signal }) {
    const end = Date.now() + args.wait * 1000;
    for (;;) {
      const seen = await ask(args, remote);
      if (settled(seen, args.wait_for, args.without) || Date.now() + 1000 > end)
        return unchanged({ ...seen, ...(args.known ? compareMembers(seen.members, addresses(args.known)) : {}) });
      await sleep(1000, undefined, { signal });
    }
  },
});

/** The lists of addresses by name, as text. */
function addresses(known: Dict): Map<string, string[]> {
  return new Map(
    [...known].map(([name, value]) => [
      String(name),
      (Array.isArray(value) ? value : [value]).map((one) => String(one ?? '')),
    ]),
  );
}

interface Question {
  endpoints: string[];
  cacert?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  user?: string | undefined;
  etcdctl: string;
  timeout: number;
  expected?: number | undefined;
}

async function ask(args: Question, remote: Remote): Promise<ClusterHealth> {
  const reply = await remote.call(
    shell('etcd_info', import.meta.url),
    {
      endpoints: args.endpoints.join(','),
      cacert: remotePath(args.cacert),
      cert: remotePath(args.cert),
      key: remotePath(args.key),
      user: args.user,
      etcdctl: remotePath(args.etcdctl),
      timeout: args.timeout,
    },
    { timeout: args.timeout * 4 * (args.endpoints.length + 1) + 10 },
  );
  const answers = {
    members: reply.get('members'),
    status: reply.get('status'),
    health: reply.get('health'),
    alarms: reply.get('alarms'),
  };
  return assess(answers, args.endpoints, args.expected);
}
