import { remotePath } from '../../remote/quote.ts';
import { int, list, path, str } from '../args.ts';
import { defineModule, shell, unchanged } from '../define.ts';
import { assess } from './cluster-health.ts';

export default defineModule({
  name: 'etcd_info',
  doc: `Asks an etcd cluster for its members, their state and what is wrong with it.

One request: members, status and health of each endpoint (a read that goes through consensus), alarms. Never fails because
the cluster is ill: \`healthy\` and \`problems\` say so, so that \`until: result.healthy\` waits for it.`,
  args: {
    endpoints: list(str(), { doc: 'Client URLs of the members, as reached from the host.', required: true }),
    cacert: path({ doc: "CA file of the servers' certificates." }),
    cert: path({ doc: "File with the client's certificate." }),
    key: path({ doc: "File with the client's key." }),
    user: str({ doc: 'name:password, where authentication is on.', secret: true }),
    etcdctl: path({ doc: 'The program.', default: '/usr/local/bin/etcdctl' }),
    timeout: int({ doc: 'Seconds for each answer.', default: 5 }),
    expected: int({ doc: 'How many members the cluster must have to be called healthy.' }),
  },
  check: 'full',
  returns: {
    healthy: 'All members started and healthy, one leader, one cluster, one version, no learner, no alarm.',
    problems: 'What keeps it from being healthy, as sentences.',
    members:
      'List of id, name, endpoint, peer_urls, client_urls, learner, started, healthy, error, leader, version, db_size, db_size_in_use, raft_index, raft_applied_index, alarms.',
    leader: 'Name of the leader, empty if there is none.',
    voters: 'Number of voting members.',
    healthy_voters: 'How many of them answered a read through consensus.',
    quorum: 'How many must be healthy for the cluster to work.',
    can_stop_one: 'Whether the cluster works on with one healthy member less.',
    cluster_id: 'In hex, as etcdctl shows it.',
    versions: 'The versions that run, each once.',
    alarms: 'List of member and alarm.',
    revision: 'The newest revision that an endpoint told.',
    table: 'The members as lines of text.',
  },
  async run(args, { remote, signal }) {
    signal.throwIfAborted();
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
    return unchanged({ ...assess(answers, args.endpoints, args.expected) });
  },
});
