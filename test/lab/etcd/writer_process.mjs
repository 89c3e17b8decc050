// The process behind startWriter(): puts a numbered key every 20 ms through all members, in a process of its own so that
// nothing else delays it. The argument is a JSON object: endpoints, and with TLS the paths of ca, cert and key. At SIGTERM
// it waits for what is under way and prints what it saw.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const every = 20; // milliseconds
const patience = 12_000; // how long a put is tried, through one member after another
const atOnce = 100; // puts under way: where the machine or the cluster cannot do more, more would only stand in line
const { endpoints, files } = JSON.parse(process.argv[2]);
const client = files ? https : http;

const acknowledged = []; // numbers of the puts that were
let tries = 0;
let waiting = 0;
let since = 0; // ticks since a put was acknowledged: a machine that is too busy to tick does not count
let longest = 0;
let agent;
let age = 0;

// A connection that failed may have, because certificates changed: the next one reads the files anew.
function connection() {
  if (!agent) {
    const tls = files
      ? Object.fromEntries(Object.entries(files).map(([kind, path]) => [kind, readFileSync(path)]))
      : {};
    agent = new client.Agent({ keepAlive: true, maxSockets: 4, ...tls });
    age = performance.now();
  }
  return agent;
}

function forget() {
  if (performance.now() - age < 100) return;
  agent?.destroy();
  agent = undefined;
}

function put(endpoint, number, timeout) {
  const base64 = (text) => Buffer.from(text).toString('base64');
  const body = JSON.stringify({ key: base64(`/written/${number}`), value: base64(String(number)) });
  return new Promise((resolve) => {
    const options = { method: 'POST', agent: connection(), timeout, headers: { 'content-type': 'application/json' } };
    const request = client.request(`${endpoint}/v3/kv/put`, options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 && text.includes('"revision"')));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end(body);
  });
}

async function write(number) {
  const end = performance.now() + patience;
  for (let i = number; performance.now() < end; i++) {
    if (await put(endpoints[i % endpoints.length], number, 3000).catch(() => false)) {
      acknowledged.push(number);
      since = 0;
      return;
    }
    forget();
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

const began = performance.now();
const timer = setInterval(async () => {
  longest = Math.max(longest, ++since);
  if (waiting >= atOnce) return;
  waiting++;
  await write(++tries);
  waiting--;
}, every);

process.on('SIGTERM', async () => {
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, every));
  process.stdout.write(JSON.stringify({ acknowledged, tries, seconds, stall: (longest * every) / 1000 }), () =>
    process.exit(0),
  );
});
// Whoever started it is gone.
process.stdin.resume().on('end', () => process.exit(1));
process.stdout.write('ready\n');
