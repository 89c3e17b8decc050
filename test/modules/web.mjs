// A web server on the loopback for modules that download: fixed contents, conditional requests, passwords, redirections, faults.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const body = Buffer.from('the file\n');
const sha256 = createHash('sha256').update(body).digest('hex');
const modified = 'Wed, 01 Jan 2020 00:00:00 GMT';

export const contents = {
  body,
  sha256,
  sha1: createHash('sha1').update(body).digest('hex'),
  md5: createHash('md5').update(body).digest('hex'),
};

const routes = {
  '/file.txt': (request, response) => {
    const since = request.headers['if-modified-since'];
    if (since && Date.parse(since) >= Date.parse(modified)) return reply(response, 304, '');
    return reply(response, 200, body, { 'last-modified': modified });
  },
  '/other/file.txt': (_, response) => reply(response, 200, 'other\n'),
  '/empty': (_, response) => reply(response, 200, ''),
  '/binary': (_, response) => reply(response, 200, Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
  '/SHA256SUMS': (_, response) => reply(response, 200, `${'0'.repeat(64)}  nothing\n${sha256}  file.txt\n`),
  '/SHA256SUMS.binary': (_, response) => reply(response, 200, `${sha256} *file.txt\n`),
  '/SHA256SUMS.dot': (_, response) => reply(response, 200, `${sha256}  ./file.txt\n`),
  '/SHA256SUMS.bsd': (_, response) => reply(response, 200, `SHA256 (file.txt) = ${sha256}\n`),
  '/SHA256SUMS.none': (_, response) => reply(response, 200, `${sha256}  another.txt\n`),
  '/file.txt.sha256': (_, response) => reply(response, 200, `${sha256}\n`),
  '/redirect': (_, response) => reply(response, 302, '', { location: '/file.txt' }),
  '/named': (_, response) =>
    reply(response, 200, body, { 'content-disposition': 'attachment; filename="given name.txt"' }),
  '/evil': (_, response) => reply(response, 200, body, { 'content-disposition': 'attachment; filename="../../evil"' }),
  '/auth': (request, response) => {
    const wanted = `Basic ${Buffer.from('user:se cret"\\').toString('base64')}`;
    if (request.headers.authorization === wanted) return reply(response, 200, 'let in\n');
    return reply(response, 401, 'no\n', { 'www-authenticate': 'Basic realm="x"' });
  },
  '/header': (request, response) => reply(response, 200, `${request.headers['x-test'] ?? 'none'}\n`),
  '/agent': (request, response) => reply(response, 200, `${request.headers['user-agent']}\n`),
  '/json': (_, response) =>
    reply(response, 200, '{"a": [1, 2.5, null, true], "b": {"c": "d"}}', { 'content-type': 'application/json' }),
  '/echo': async (request, response) => {
    const got = [];
    for await (const chunk of request) got.push(chunk);
    const { authorization, 'content-type': type } = request.headers;
    const echo = { method: request.method, url: request.url, authorization, type, body: Buffer.concat(got).toString() };
    reply(response, 200, JSON.stringify(echo), { 'content-type': 'application/json' });
  },
  '/big': (_, response) => reply(response, 200, 'of the net\n'.repeat(5000)),
  '/status/204': (_, response) => reply(response, 204, ''),
  '/cookie': (_, response) => reply(response, 200, 'set\n', { 'set-cookie': 'a=b; Path=/' }),
  '/error': (_, response) => reply(response, 500, 'broken\n'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('half');
    setTimeout(() => response.destroy(), 50);
  },
};

function reply(response, status, text, headers = {}) {
  response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** Starts it; resolves to its address and a way to end it. */
export function startWeb(address = '127.0.0.1') {
  const server = createServer((request, response) => {
    const route = routes[decodeURIComponent(request.url.split('?')[0])];
    if (route) route(request, response);
    else reply(response, 404, 'not found\n');
  });
  return new Promise((resolve) => {
    server.unref();
    server.listen(0, address, () => {
      resolve({ url: `http://${address}:${server.address().port}`, close: () => server.close() });
    });
  });
}
