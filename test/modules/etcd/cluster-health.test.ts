import { expect } from 'chai';
import {
  type Answers,
  assess,
  compareMembers,
  settled,
} from '../../../engine/modules/etcd/etcd_info/cluster-health.ts';

// Ids beyond 2^53, as etcd gives them.
const ids = ['10501334649042878790', '14841639068965178418', '9372538179322589801'];
const hex = ids.map((id) => BigInt(id).toString(16));
const urls = [1, 2, 3].map((n) => `http://10.0.0.${n}:2379`);

const member = (i: number, more = '') =>
  `{"ID":${ids[i]},"name":"etcd-${i + 1}","peerURLs":["http://10.0.0.${i + 1}:2380"],"clientURLs":["${urls[i]}"]${more}}`;
const state = (i: number, { leader = 0, version = '3.5.30', cluster = '15875391935852295136' } = {}) =>
  `{"Endpoint":"${urls[i]}","Status":{"header":{"cluster_id":${cluster},"member_id":${ids[i]},"revision":7,"raft_term":2},"version":"${version}","dbSize":20480,"leader":${ids[leader]},"raftIndex":8,"raftTerm":2,"raftAppliedIndex":8,"dbSizeInUse":16384}}`;
const well = (i: number) => `{"endpoint":"${urls[i]}","health":true,"took":"2ms"}`;
const ill = (i: number) => `{"endpoint":"${urls[i]}","health":false,"took":"2s","error":"context deadline exceeded"}`;
const three = (one: (i: number) => string) => [0, 1, 2].map(one).join(',');

function answers(more: Partial<Answers> = {}): Answers {
  return {
    members: `{"header":{"cluster_id":15875391935852295136},"members":[${three((i) => member(i))}]}`,
    status: `[${three((i) => state(i))}]`,
    health: `[${three(well)}]`,
    alarms: '{"header":{}}',
    ...more,
  };
}

describe('etcd_info', () => {
  it('sees a healthy cluster, ids exact', () => {
    const seen = assess(answers(), urls, 3);
    expect(seen.problems).to.deep.equal([]);
    expect(seen).to.include({
      healthy: true,
      leader: 'etcd-1',
      voters: 3,
      healthy_voters: 3,
      quorum: 2,
      can_stop_one: true,
    });
    expect(seen.members.map((m) => m.id)).to.deep.equal(hex);
    expect(seen.cluster_id).to.equal(BigInt('15875391935852295136').toString(16));
    expect(seen.table[1]).to.match(
      /^etcd-1 +91bc3c398fb3c146 +http:\/\/10\.0\.0\.1:2379 +3\.5\.30 +leader +healthy +20 KiB$/,
    );
  });

  it('finds the answer among the warnings of etcdctl', () => {
    const warning = '{"level":"warn","ts":"2026-11-21","msg":"retrying of unary invoker failed"}\n';
    const seen = assess(
      answers({
        status: `${warning}Failed to get the status of endpoint ${urls[2]} (context deadline exceeded)\n[${state(0)},${state(1)}]`,
        health: `${warning}[${well(0)},${well(1)},${ill(2)}]\nError: unhealthy cluster`,
      }),
      urls,
    );
    expect(seen.problems).to.deep.equal(['etcd-3 is not healthy: context deadline exceeded']);
    expect(seen).to.include({ healthy: false, healthy_voters: 2, can_stop_one: false });
  });

  it('is not healthy without an answer, a leader, or with too few members', () => {
    const none = assess(answers({ members: 'Error: context deadline exceeded', status: '', health: '' }), urls);
    expect(none.problems[0]).to.match(/^no endpoint answers .*: context deadline exceeded$/);
    const zero = three((i) => state(i).replace(/"leader":\d+/, '"leader":0'));
    expect(assess(answers({ status: `[${zero}]` }), urls).problems).to.deep.equal(['there is no leader']);
    expect(assess(answers(), urls, 5).problems).to.deep.equal(['the cluster has 3 members, not 5']);
  });

  it('G-01: waits for a leader and for as many as the cluster needs, the one to be stopped left aside', () => {
    const one = assess(answers({ health: `[${well(0)},${well(1)},${ill(2)}]` }), urls);
    expect([settled(one, 'healthy'), settled(one, 'voters'), settled(one, 'quorum')]).to.deep.equal([
      false,
      false,
      true,
    ]);
    // etcd-3 itself is to be worked on: the other two are enough; were it etcd-1, one would be left.
    expect([settled(one, 'voters', 'etcd-3'), settled(one, 'quorum', 'etcd-3')]).to.deep.equal([true, true]);
    expect([settled(one, 'voters', 'etcd-1'), settled(one, 'quorum', 'etcd-1')]).to.deep.equal([false, false]);
    const dumb = assess(answers({ status: '[]' }), urls);
    expect([settled(dumb, 'voters'), settled(dumb, 'quorum')]).to.deep.equal([false, false]);
    expect(settled(assess(answers(), urls), 'healthy')).to.equal(true);
  });

  it('G-04: is not healthy while a member is far behind the leader', () => {
    const at = (i: number, applied: number) =>
      state(i)
        .replace('"raftIndex":8', '"raftIndex":90000')
        .replace('"raftAppliedIndex":8', `"raftAppliedIndex":${applied}`);
    const seen = (applied: number) =>
      assess(answers({ status: `[${at(0, 90_000)},${at(1, 89_999)},${at(2, applied)}]` }), urls);
    expect(seen(10_000).problems).to.deep.equal(['etcd-3 is 80000 entries behind the leader']);
    expect(seen(89_000).problems).to.deep.equal([]);
  });

  it('tells learners, members not started, alarms, two clusters and two versions', () => {
    const members = `{"header":{},"members":[${member(0)},${member(1, ',"isLearner":true')},{"ID":${ids[2]},"peerURLs":["http://10.0.0.3:2380"]}]}`;
    const seen = assess(answers({ members }), urls);
    expect(seen.problems).to.deep.equal(['etcd-2 is still a learner', 'http://10.0.0.3:2380 has not started']);
    expect(seen).to.include({ voters: 2, healthy_voters: 1 + 1 });
    const alarms = `{"header":{},"alarms":[{"memberID":${ids[1]},"alarm":1}]}`;
    expect(assess(answers({ alarms }), urls).problems).to.deep.equal(['etcd-2 has the alarm NOSPACE']);
    // Of a member that was removed: etcd refuses requests all the same.
    const left = assess(answers({ alarms: '{"header":{},"alarms":[{"memberID":255,"alarm":2}]}' }), urls);
    expect(left.problems).to.deep.equal(['there is still the alarm CORRUPT of ff, which is no member any more']);
    expect(left.alarms).to.deep.equal([{ member: 'ff', alarm: 'CORRUPT', gone: true }]);
    // etcdctl then calls every member unhealthy; they answer all the same, and can be worked on one by one.
    const full = (i: number) => well(i).replace('true', 'false').replace('}', ',"error":"Active Alarm(s): NOSPACE "}');
    const room = assess(answers({ alarms, health: `[${three(full)}]` }), urls);
    expect(room.problems).to.deep.equal(['etcd-2 has the alarm NOSPACE']);
    expect(room).to.include({ healthy: false, healthy_voters: 3, can_stop_one: true });
    const split = `[${state(0)},${state(1)},${state(2, { leader: 2, cluster: '99', version: '3.4.23' })}]`;
    expect(assess(answers({ status: split }), urls).problems).to.deep.equal([
      'there are 2 leaders: etcd-1, etcd-3',
      'the endpoints belong to 2 clusters',
      'different versions run: 3.4.23, 3.5.30',
    ]);
  });

  it('says that authentication is on where it was asked without a user', () => {
    const asked = (i: number) => ill(i).replace('context deadline exceeded', 'etcdserver: user name is empty');
    const seen = assess(answers({ health: `[${well(0)},${well(1)},${asked(2)}]` }), urls);
    expect(seen.problems[0]).to.match(/^etcd-3 is not healthy: authentication is on, .*client's certificate/);
    expect(seen.healthy_voters).to.equal(2);
  });

  it('tells who is a member and should not be, and who should be and is none: by name, or by an address', () => {
    const compare = (known: Record<string, string[]>) =>
      compareMembers(assess(answers(), urls).members, new Map(Object.entries(known)));
    const by = (i: number) => [`10.0.0.${i}`, `one-${i}.example.com`];
    expect(compare({ 'etcd-1': by(1), 'etcd-2': by(2), 'etcd-3': by(3) })).to.deep.equal({
      strangers: [],
      missing: [],
    });
    // Under another name, as after a takeover; and moved to another address, as before a move.
    expect(compare({ 'etcd-a': by(1), 'etcd-2': by(9), 'etcd-3': [] })).to.deep.equal({ strangers: [], missing: [] });
    expect(compare({ 'etcd-1': by(1), 'etcd-2': by(2) })).to.deep.equal({ strangers: ['etcd-3'], missing: [] });
    expect(compare({ 'etcd-1': by(1), 'etcd-2': by(2), 'etcd-3': by(3), 'etcd-4': by(4) }).missing).to.deep.equal([
      'etcd-4',
    ]);
    const nameless = `{"header":{},"members":[{"ID":${ids[2]},"peerURLs":["http://[fd00::3]:2380"]}]}`;
    const seen = assess(answers({ members: nameless }), urls).members;
    expect(compareMembers(seen, new Map([['etcd-3', ['fd00:0:0::3']]]))).to.deep.equal({ strangers: [], missing: [] });
    expect(compareMembers(seen, new Map()).strangers).to.deep.equal(['http://[fd00::3]:2380']);
    expect(compareMembers([], new Map([['etcd-3', []]])).missing).to.deep.equal([]);
  });
});
