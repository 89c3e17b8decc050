/** How many hosts are worked on at once, and what silent ones take from the others. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import pLimit from 'p-limit';
import { givePlace } from '../../engine/run/forks.ts';
import { play } from '../support/play.ts';

describe('forks', () => {
  it('a place that is given away is waited for again, and never are more at work than there are forks', async () => {
    const limit = pLimit(2);
    const order: string[] = [];
    let go = () => {};
    const silent = limit(async () => {
      order.push('silent');
      const again = givePlace(limit, 2);
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      await again();
      order.push('heard');
    });
    const ends: Array<() => void> = [];
    const work = ['a', 'b', 'c'].map((name) =>
      limit(async () => {
        order.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await turn();
    // Two at work beside the silent one, and a third that waits.
    expect(order).to.deep.equal(['silent', 'a', 'b']);
    go();
    await turn();
    expect(order).to.deep.equal(['silent', 'a', 'b']);
    ends[0]!();
    await turn();
    // In turn: the third had waited longer.
    expect(order).to.deep.equal(['silent', 'a', 'b', 'c']);
    ends[1]!();
    await silent;
    expect(order.at(-1)).to.equal('heard');
    ends[2]!();
    await Promise.all(work);
    expect(limit.concurrency).to.equal(2);
  });

  it('lends no more than four places for each fork', () => {
    const limit = pLimit(1);
    for (let i = 0; i < 10; i++) givePlace(limit, 1);
    expect(limit.concurrency).to.equal(5);
  });

  it('a host that keeps silent holds up nobody: with one fork the next host is done before it is given up', async () => {
    const held = new Set<Socket>();
    const mute = createServer((socket) => held.add(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const project = {
      'play.yml': '- hosts: all\n  tasks: [{ command: "true" }]\n',
      hosts: `mute ansible_host=127.0.0.1 ansible_port=${port} ansible_ssh_common_args="-o StrictHostKeyChecking=no"\nhere ansible_connection=local\n`,
    };
    const { events } = await play(project, { forks: 1, timeout: 4 });
    for (const socket of held) socket.destroy();
    mute.close();
    const results = events
      .filter((event) => event.type === 'task:result')
      .map((event) => `${event.host} ${event.result.status}`);
    expect(results).to.deep.equal(['here changed', 'mute unreachable']);
  });
});
