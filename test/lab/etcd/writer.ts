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
  /** The longest row of tries of which none was acknowledged, in seconds: 20 ms for each. */
  stall: number;
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
  return {
    stop: async () => {
      await ended(child);
      const told = JSON.parse(text.slice(text.indexOf('{')));
      const etcdctl = 'set -a; . /etc/etcd3.client.env; etcdctl';
      const keys = await lab.exec(
        first!,
        `${etcdctl} get --prefix /written/ --keys-only && ${etcdctl} del --prefix /written/ >/dev/null`,
        {
          check: true,
        },
      );
      const there = new Set(keys.stdout.match(/\d+/g)?.map(Number));
      return { ...told, lost: told.acknowledged.filter((number: number) => !there.has(number)) };
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

/**
 * Nothing acknowledged is lost; nearly all is acknowledged, and the client has been at it all the time; never was the
 * cluster without a leader for as long as an election by time-out takes (5 s and more, as the library sets it): the lead
 * is handed over.
 */
export function nothingLost(what: string, { acknowledged, lost, tries, seconds, stall }: Written): void {
  const rate = acknowledged.length / seconds;
  console.log(
    `      ${what}: ${acknowledged.length} of ${tries} writes acknowledged in ${seconds.toFixed(1)} s (${rate.toFixed(0)} a second), longest stall ${stall.toFixed(2)} s`,
  );
  expect(lost).to.deep.equal([]);
  expect(acknowledged.length / tries, 'acknowledged of those tried').to.be.at.least(0.95);
  // 50 a second are meant; less than 10 would mean that the client, not the cluster, stood still.
  expect(tries / seconds, 'tries a second').to.be.at.least(10);
  expect(stall, 'seconds without an acknowledged write').to.be.below(5);
}
