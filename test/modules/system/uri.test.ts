import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestHost } from './host.ts';

const tools = ['curl', 'wget', 'busybox'] as const;

for (const tool of tools) {
  describe(`uri with ${tool}`, () => {
    let dir: string;
    let base: string;
    let seen: { method?: string | undefined; headers: IncomingMessage['headers']; body: string };
    const server = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (c) => chunks.push(c));
      request.on('end', () => {
        seen = { method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() };
        const path = request.url ?? '';
        if (path === '/json') {
          answer.setHeader('Content-Type', 'application/json; charset=utf-8');
          answer.setHeader('Set-Cookie', ['a=1; Path=/', 'b=two; HttpOnly']);
          answer.setHeader('X-Some-Thing', 'yes');
          return answer.end('{"k": [1, "é"]}');
        }
        if (path === '/moved') return answer.writeHead(302, { Location: '/json' }).end('moved');
        if (path === '/secret') {
          const ok = request.headers.authorization === `Basic ${Buffer.from('us er:p"a\\ss').toString('base64')}`;
          if (!ok) return answer.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end('no');
          return answer.end('in');
        }
        if (path === '/gone') return answer.writeHead(404, { 'Content-Type': 'text/plain' }).end('nothing here');
        if (path === '/dated' && request.headers['if-modified-since']) return answer.writeHead(304).end();
        answer.end('plain');
      });
    });
    let host: TestHost;
    before(async () => {
      dir = mkdtempSync(join(tmpdir(), 'uri-'));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      // A PATH without the tools that come first.
      const bin = join(dir, 'bin');
      const real = 'mkdir chmod rm cat sed stat id readlink mv cp touch chown mktemp printf dirname timeout';
      const links = real.split(' ').map((n) => `ln -s "$(command -v ${n})" ${bin}/${n}`);
      const wget =
        tool === 'busybox'
          ? `ln -s "$(command -v busybox)" ${bin}/wget`
          : `ln -s "$(command -v ${tool})" ${bin}/${tool}`;
      await new TestHost().sh(`mkdir ${bin}; ${links.join('; ')}; ${wget}`);
      host = new TestHost({ shell: ['dash'], environment: { PATH: bin } });
    });
    after(() => {
      server.close();
      rmSync(dir, { recursive: true });
    });

    it('GET of JSON: every return key', async () => {
      const r = await host.run('uri', { url: `${base}/json`, return_content: true });
      expect(r.values.msg).to.match(/^OK \((\d+|unknown) bytes\)$/);
      expect(r).to.deep.include({ changed: false, failed: false, requests: 1 });
      expect(r.values).to.deep.include({
        status: 200,
        url: `${base}/json`,
        redirected: false,
        content: '{"k": [1, "é"]}',
        json: { k: [1, 'é'] },
        cookies: { a: '1', b: 'two' },
        cookies_string: 'a=1; b=two',
        x_some_thing: 'yes',
        content_type: 'application/json; charset=utf-8',
        elapsed: 0,
      });
      expect(seen.headers['user-agent']).to.equal(tool === 'busybox' ? 'Wget' : 'ansible-httpget', 'user agent');
      expect((await host.run('uri', { url: `${base}/other` })).values).to.not.have.property('content');
    });
    it('a status that was not asked for fails with it', async () => {
      const r = await host.run('uri', { url: `${base}/gone`, return_content: tool !== 'busybox' });
      expect(r.failed).to.equal(true);
      expect(r.values.msg).to.equal('Status code was 404 and not [200]: HTTP Error 404: Not Found');
      expect(r.values.status).to.equal(404);
      if (tool !== 'busybox') expect(r.values.content).to.equal('nothing here');
      const wanted = await host.run('uri', { url: `${base}/gone`, status_code: '200, 404' });
      expect(wanted.failed).to.equal(false);
    });
    it('redirects are followed for GET', async () => {
      const r = await host.run('uri', { url: `${base}/moved` });
      expect(r.values).to.include({ status: 200, redirected: true, url: `${base}/json` });
      if (tool === 'busybox') return;
      const none = await host.run('uri', { url: `${base}/moved`, follow_redirects: 'none', status_code: 302 });
      expect(none.values).to.include({ status: 302, redirected: false, location: `${base}/json` });
    });
    it('no server', async () => {
      const r = await host.run('uri', { url: 'http://127.0.0.1:1/x', timeout: 2 });
      expect(r.values.msg).to.match(/^Status code was -1 and not \[200\]: Request failed: /);
    });
    it('POST of a form', async () => {
      const body = { name: 'a b&c', list: ['1', '2'] };
      const r = await host.run('uri', { url: `${base}/`, method: 'post', body, body_format: 'form-urlencoded' });
      expect(r.failed).to.equal(false);
      expect(seen).to.deep.include({ method: 'POST', body: 'name=a+b%26c&list=1&list=2' });
      expect(seen.headers['content-type']).to.equal('application/x-www-form-urlencoded');
    });
    it('dest: written, with its mode', async () => {
      const dest = join(dir, 'got it');
      const r = await host.run('uri', { url: `${base}/x`, dest, mode: '0600', force: true });
      expect(r.changed).to.equal(true);
      expect(r.values).to.include({ path: dest, mode: '0600', status: 200 });
      expect(readFileSync(dest, 'utf8')).to.equal('plain');
      const skip = await host.run('uri', { url: `${base}/x`, creates: dest });
      expect(skip.values.stdout).to.equal(`skipped, since '${dest}' exists`);
      const bad = await host.run('uri', { url: `${base}/gone`, dest: `${dest}2` });
      expect(bad.failed).to.equal(true);
      expect(await host.sh(`ls '${dest}2' 2>/dev/null || echo none`)).to.equal('none');
    });
    if (tool === 'curl')
      it('dest a second time: a file that is current is neither a change nor a failure', async () => {
        const dest = join(dir, 'dated');
        expect((await host.run('uri', { url: `${base}/dated`, dest })).changed).to.equal(true);
        const again = await host.run('uri', { url: `${base}/dated`, dest });
        expect(again.failed, String(again.values.msg)).to.equal(false);
        expect(again.changed).to.equal(false);
        expect(again.values.status).to.equal(304);
        expect(readFileSync(dest, 'utf8')).to.equal('plain');
      });
    if (tool === 'busybox') {
      it('refuses to show a secret in its arguments', async () => {
        const r = await host.run('uri', { url: `${base}/secret`, url_username: 'u', url_password: 'p' });
        expect(r.values.msg).to.contain('curl or GNU wget is needed');
      });
      return;
    }
    it('JSON bodies, other methods, hostile headers', async () => {
      const body = { a: [1, true, null], b: "it's $(id)" };
      const headers = { 'X-Odd': `a "b" \\c 'd' $(id)`, Accept: 'x/y' };
      await host.run('uri', { url: `${base}/`, method: 'PUT', body, body_format: 'json', headers });
      expect(seen.method).to.equal('PUT');
      expect(JSON.parse(seen.body)).to.deep.equal(body);
      expect(seen.headers['x-odd']).to.equal(`a "b" \\c 'd' $(id)`);
      expect(seen.headers['content-type']).to.equal('application/json');
      await host.run('uri', { url: `${base}/`, method: 'DELETE' });
      expect(seen.method).to.equal('DELETE');
    });
    it('user and password, not in arguments', async () => {
      const args = { url: `${base}/secret`, url_username: 'us er', url_password: 'p"a\\ss', return_content: true };
      for (const force_basic_auth of [true, false]) {
        const r = await host.run('uri', { ...args, force_basic_auth });
        expect(r.values.content).to.equal('in');
      }
    });
    it('src of the controller and of the host, multipart', async () => {
      const src = join(dir, 'body.bin');
      writeFileSync(src, `${'x'.repeat(40_000)}end`);
      await host.run('uri', { url: `${base}/`, method: 'POST', src, remote_src: true });
      expect(seen.body.length).to.equal(40_003);
      await host.run('uri', { url: `${base}/`, method: 'POST', src: src });
      expect(seen.body.slice(-4)).to.equal('xend');
      const form = { plain: 'v1', file: { filename: 'a.txt', content: 'inside', mime_type: 'text/plain' } };
      await host.run('uri', { url: `${base}/`, method: 'POST', body: form, body_format: 'form-multipart' });
      expect(seen.headers['content-type']).to.match(/^multipart\/form-data; boundary=/);
      expect(seen.body).to.contain(
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ninside\r\n',
      );
    });
  });
}
