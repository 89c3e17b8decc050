import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestHost } from './host.ts';

const listen = (server: Server, host?: string) =>
  new Promise<number>((done) => server.listen(0, host, () => done((server.address() as { port: number }).port)));

for (const shell of [['dash'], ['busybox', 'sh']]) {
  describe(`wait_for under ${shell[0]}`, () => {
    const host = new TestHost({ shell });
    let dir: string;
    const sockets = new Set<Socket>();
    const server = createServer((s) => {
      sockets.add(s);
      s.on('error', () => {});
      s.end('220 ready, version 4.2\r\n');
    });
    let port: number;
    before(async () => {
      dir = mkdtempSync(join(tmpdir(), 'wait-'));
      port = await listen(server, '127.0.0.1');
    });
    after(() => {
      for (const s of sockets) s.destroy();
      server.close();
      rmSync(dir, { recursive: true });
    });

    it('an open port, without connecting to it', async () => {
      const r = await host.run('wait_for', { port, timeout: 5 });
      expect(r).to.deep.include({ changed: false, failed: false, requests: 1 });
      expect(r.values).to.deep.equal({
        state: 'started',
        port,
        search_regex: null,
        match_groups: [],
        match_groupdict: {},
        path: null,
        elapsed: 0,
      });
      expect(sockets.size).to.equal(0);
    });
    it('a closed port: stopped at once, started not in time', async () => {
      const other = createServer();
      const free = await listen(other);
      await new Promise((done) => other.close(done));
      expect((await host.run('wait_for', { port: free, state: 'stopped', timeout: 5 })).failed).to.equal(false);
      const r = await host.run('wait_for', { port: free, timeout: 1 });
      expect(r.failed).to.equal(true);
      expect(r.values.msg).to.equal(`Timeout when waiting for 127.0.0.1:${free}`);
      expect(r.values.elapsed).to.be.within(1, 2);
      const own = await host.run('wait_for', { port: free, timeout: 1, msg: 'no server' });
      expect(own.values.msg).to.equal('no server');
    });
    it('an address that is not the loopback is connected to', async () => {
      const everywhere = createServer((s) => s.destroy());
      const p = await listen(everywhere, '0.0.0.0');
      const address = (await host.sh('hostname -I 2>/dev/null || hostname -i')).split(' ')[0]!;
      expect((await host.run('wait_for', { host: address, port: p, timeout: 5 })).failed).to.equal(false);
      everywhere.close();
      const closed = await host.run('wait_for', { host: address, port: p, state: 'stopped', timeout: 5 });
      expect(closed.failed).to.equal(false);
    });
    it('what the port says', async () => {
      const r = await host.run('wait_for', { port, search_regex: 'version (?P<major>\\d+)\\.(\\d+)', timeout: 8 });
      expect(r.values.match_groups).to.deep.equal(['4', '2']);
      expect(r.values.match_groupdict).to.deep.equal({ major: '4' });
    });
    it('a file that comes, and a text in it', async () => {
      const path = join(dir, 'a file');
      setTimeout(() => writeFileSync(path, 'one\nstate: up\n'), 500);
      const r = await host.run('wait_for', { path, timeout: 10 });
      expect(r.failed).to.equal(false);
      expect(r.values.elapsed).to.be.at.least(0);
      const found = await host.run('wait_for', { path, search_regex: '^state: (\\w+?)$', timeout: 5 });
      expect(found.values.match_groups).to.deep.equal(['up']);
      const not = await host.run('wait_for', { path, search_regex: 'down', timeout: 1 });
      expect(not.values.msg).to.equal(`Timeout when waiting for search string down in ${path}`);
      expect((await host.run('wait_for', { path: `${path}x`, state: 'absent' })).failed).to.equal(false);
      const still = await host.run('wait_for', { path, state: 'absent', timeout: 1 });
      expect(still.values.msg).to.equal(`Timeout when waiting for ${path} to be absent.`);
    });
    it('drained, with hosts left out', async () => {
      const keep = createServer(() => {});
      const p = await listen(keep, '127.0.0.1');
      const { connect } = await import('node:net');
      const client = connect(p, '127.0.0.1');
      await new Promise((done) => client.once('connect', done));
      const r = await host.run('wait_for', { port: p, state: 'drained', timeout: 1 });
      expect(r.values.msg).to.equal(`Timeout when waiting for 127.0.0.1:${p} to drain`);
      const left = await host.run('wait_for', { port: p, state: 'drained', exclude_hosts: '127.0.0.1', timeout: 2 });
      expect(left.failed).to.equal(false);
      client.destroy();
      keep.close();
    });
    it('refuses what makes no sense, and is skipped in check mode', async () => {
      expect((await host.run('wait_for', { port: 1, path: '/x' })).values.msg).to.equal(
        'port and path parameter can not both be passed to wait_for',
      );
      expect((await host.run('wait_for', { path: '/x', search_regex: '(?=a)b' })).values.msg).to.contain('simplify');
      expect((await host.run('wait_for', { port: 1 }, { check: true })).skipped).to.equal(true);
    });
  });
}
