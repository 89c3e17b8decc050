// A client that writes while the cluster is operated on, and what is asked of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Lab } from '../lab.mjs';

const program = fileURLToPath(new URL('writer_process.mjs', import.meta.url));

export interface Written {
  /** Numbers of the puts that were acknowledged. */
  acknowledged: number[];
  lost: number[];
  tries: number;
  seconds: number;
  /** The longest time without an acknowledged put, in seconds. Time in which this machine was too busy to try does not count. */
  stall: number;
  /** What the members' journals say of a cluster that was left without a leader. */
  leaderless: string[];
}

export interface Writer {
  /** Ends it and compares what it was told with what the cluster has. */
  stop(): Promise<Written>;
}

/** Starts a client on this machine that puts a numbered key every 20 ms, with the certificate of the lab's first host. */
export async function startWriter(lab: Lab, { tls = true, members = 3 } = {}): Promise<Writer> {
  const [first] = lab.hosts;
  const folder = join(lab.root(first!), 'etc/etcdtls');
  const files = {
    ca: join(folder, 'etcd-ca.pem'),
    cert: join(folder, 'etcd-client.crt'),
    key: join(folder, 'etcd-client.key'),
  };
  const endpoints = lab.hosts.slice(0, members).map(({ address }) => `http${tls ? 's' : ''}://${address}:2379`);
  const child = spawn(process.execPath, [program, JSON.stringify({ endpoints, files: tls ? files : undefined })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child.stdout!, 'data');
  const began = (Date.now() / 1000).toFixed(3);
  return {
    stop: async () => {
      await ended(child);
      const told = JSON.parse(text.slice(text.indexOf('{')));
      const etcdctl = 'set -a; . /etc/etcd3.client.env; etcdctl --command-timeout=60s';
      const keys = await lab.exec(
        first!,
        `${etcdctl} get --prefix /written/ --keys-only && ${etcdctl} del --prefix /written/ >/dev/null`,
        { check: true },
      );
      const journals = await Promise.all(
        lab.hosts.slice(0, members).map(async (host) => {
          const journal = await lab.exec(host, `journalctl -u etcd3 --since @${began} --no-pager -o cat`, {
            check: true,
          });
          return leaderless(journal.stdout).map((line) => `${host.name}: ${line}`);
        }),
      );
      const there = new Set(keys.stdout.match(/\d+/g)?.map(Number));
      const lost = told.acknowledged.filter((number: number) => !there.has(number));
      return { ...told, lost, leaderless: journals.flat() };
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

/**
 * The lines of a member's journal that say that the cluster was left without a leader: an election by time-out, or a leader
 * without a quorum. The election of one to whom the lead is handed over is none: it comes with MsgTimeoutNow.
 */
export function leaderless(journal: string): string[] {
  let handedOver = false;
  return journal.split('\n').filter((line) => {
    if (line.includes('MsgTimeoutNow')) handedOver = true;
    else if (/became (?:candidate|follower|leader)/.test(line)) handedOver = false;
    return (
      line.includes('quorum is not active') || (!handedOver && /is starting a new election|pre-candidate/.test(line))
    );
  });
}

/** What each try costs where an election by time-out is needed: 5 s and more, as the library sets it. */
const TIME_OUT = 5;

/**
 * Nothing acknowledged is lost. Nearly all is acknowledged, by a client that has been at it all the time. The cluster was not
 * without a leader for as long as an election by time-out takes: the lead is handed over. Where the machine is so busy that
 * all stands still for so long, the members' journals tell that from an election; for half a minute it must not even then.
 */
export function nothingLost(what: string, written: Written): void {
  const { acknowledged, lost, tries, seconds, stall } = written;
  const rate = acknowledged.length / seconds;
  console.log(
    `      ${what}: ${acknowledged.length} of ${tries} writes acknowledged in ${seconds.toFixed(1)} s (${rate.toFixed(0)} a second), longest stall ${stall.toFixed(2)} s`,
  );
  for (const line of written.leaderless) console.log(`        ${line}`);
  expect(lost).to.deep.equal([]);
  expect(acknowledged.length / tries, 'acknowledged of those tried').to.be.at.least(0.95);
  // 50 a second are meant; less than 5 would mean that the client, not the cluster, stood still.
  expect(rate, 'acknowledged a second').to.be.at.least(5);
  expect(stall, 'seconds without an acknowledged write').to.be.below(6 * TIME_OUT);
  if (stall >= TIME_OUT) expect(written.leaderless, `${stall} s without an acknowledged write`).to.deep.equal([]);
}
