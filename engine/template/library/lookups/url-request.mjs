/** One request of the lookup url: what is asked comes on standard input as JSON, the reply or what failed goes to standard output. */
import http from 'node:http';
import https from 'node:https';

let told = '';
for await (const part of process.stdin) told += part;
const { url, verify, ca, timeout, ...init } = JSON.parse(told);
const by = { 'http:': http, 'https:': https };
const get = (address, left) =>
  new Promise((done, fail) => {
    const from = new URL(address);
    if (!by[from.protocol]) return fail(new Error('only http and https are asked'));
    const { request } = by[from.protocol];
    const asked = request(address, { ...init, rejectUnauthorized: verify, ...(ca && { ca }), timeout }, (reply) => {
      const { statusCode, headers } = reply;
      if (statusCode >= 300 && statusCode < 400 && headers.location && left > 0) {
        reply.resume();
        const next = new URL(headers.location, address);
        if (from.protocol === 'https:' && next.protocol !== 'https:')
          return fail(new Error('redirected to an address without TLS'));
        if (next.host !== from.host) delete init.headers.Authorization;
        return done(get(next.href, left - 1));
      }
      const parts = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => done({ status: statusCode, text: Buffer.concat(parts).toString('utf8') }));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', fail);
    asked.end();
  });
try {
  console.log(JSON.stringify(await get(url, 10)));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
