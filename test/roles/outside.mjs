// The world outside of a lab, for its hosts: Debian's mirror through a cache, and named sites served from a folder.
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, get } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { stateDir } from '../lab/machine.mjs';
import { ensureAuthority, issue, trust } from '../lab/mirror.mjs';

const debian = /^http:\/\/(deb|security)\.debian\.org\/(debian|debian-security)\/[\w./+~%:=-]+$/;
const port = 3142;

/**
 * Lets the labs' hosts install Debian's packages (one cache for all runs on this machine) and, over HTTPS, read
 * `folder/NAME/PATH` as https://NAME/PATH for each of `names`. Ends with stop().
 */
export async function startOutside(labs, { folder, names = [] } = {}) {
  const servers = [];
  const listen = (server, number, address) =>
    new Promise((resolve, reject) => {
      servers.push(server);
      server.once('error', reject).listen(number, address, resolve);
    });
  for (const lab of labs) {
    await listen(createServer(proxy), port, lab.gateway);
    if (names.length > 0) await listen(await sites(lab, folder, names), 443, lab.gateway);
    await Promise.all(lab.hosts.map((host) => connect(lab, host, names)));
  }
  return {
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function connect(lab, host, names) {
  const root = lab.root(host);
  writeFileSync(join(root, 'etc/apt/apt.conf.d/99lab'), `Acquire::http::Proxy "http://${lab.gateway}:${port}";\n`);
  if (names.length === 0) return;
  writeFileSync(join(root, 'etc/hosts'), `${lab.gateway} ${names.join(' ')}\n`, { flag: 'a' });
  await trust(lab, host, (await ensureAuthority()).cert);
}

async function sites(lab, folder, names) {
  const own = join(lab.folder, 'sites');
  mkdirSync(own, { recursive: true });
  await issue(await ensureAuthority(), own, lab.gateway, names);
  const server = createSecureServer({
    key: readFileSync(join(own, 'key.pem')),
    cert: readFileSync(join(own, 'cert.pem')),
  });
  return server.on('request', (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'https://site').pathname));
    const file = join(folder, request.headers.host ?? '', path);
    if (!names.includes(request.headers.host) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end('not found\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': statSync(file).size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
}

// A forward proxy for Debian's mirror alone. Packages never change under their name; lists are kept for an hour, so that
// twin hosts see the same ones.
async function proxy(request, response) {
  const url = request.url ?? '';
  if (!debian.test(url) || url.includes('..')) {
    response.writeHead(403).end('only Debian packages\n');
    return;
  }
  const file = join(stateDir, 'packages', new URL(url).hostname, new URL(url).pathname);
  try {
    const fresh = existsSync(file) && (file.endsWith('.deb') || Date.now() - statSync(file).mtimeMs < 3_600_000);
    if (!fresh) await download(url, file);
  } catch (error) {
    response.writeHead(error.status ?? 502).end(`${error.message}\n`);
    return;
  }
  response.writeHead(200, { 'content-length': statSync(file).size });
  createReadStream(file).pipe(response);
}

const underWay = new Map();

function download(url, file) {
  const known = underWay.get(file);
  if (known) return known;
  const started = fetchTo(url, file).finally(() => underWay.delete(file));
  underWay.set(file, started);
  return started;
}

async function fetchTo(url, file) {
  const answer = await new Promise((resolve, reject) => {
    get(url, { timeout: 60_000 }, resolve).once('error', reject);
  });
  if (answer.statusCode !== 200) {
    answer.resume();
    throw Object.assign(new Error(`${url}: ${answer.statusCode}`), { status: answer.statusCode });
  }
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  try {
    await pipeline(answer, createWriteStream(part));
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}
