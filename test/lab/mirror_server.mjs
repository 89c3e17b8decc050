// The process behind startMirror(): arguments are the releases, the folder with its certificate, address and port.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [releases, own, address, port] = process.argv.slice(2);
const fault = /^\/(corrupt|cut)(?=\/)/;

const server = createServer({ key: readFileSync(join(own, 'key.pem')), cert: readFileSync(join(own, 'cert.pem')) });
server.on('request', (request, response) => {
  process.stdout.write(`${request.method} ${request.url} ${request.socket.remoteAddress}\n`);
  const kind = fault.exec(request.url)?.[1];
  const path = request.url.replace(fault, '');
  // As a directory is listed by a web server.
  if (path === '/') {
    response.end(
      readdirSync(releases)
        .map((name) => `<a href="${name}/">${name}/</a>\n`)
        .join(''),
    );
    return;
  }
  const file = join(releases, path);
  if (!/^\/v[\d.]+\/[\w.-]+$/.test(path) || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end('not found\n');
    return;
  }
  const content = readFileSync(file);
  const tarball = path.endsWith('.tar.gz');
  if (kind === 'corrupt' && tarball) content[content.length >> 1] ^= 1;
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length });
  if (request.method === 'HEAD') response.end();
  else if (kind === 'cut' && tarball)
    response.write(content.subarray(0, content.length >> 1), () => response.destroy());
  else response.end(content);
});
server.listen(Number(port), address);
// The lab's end removes the folder; whoever ended it, this process must not stay.
setInterval(() => {
  if (!existsSync(join(own, 'cert.pem'))) process.exit(0);
}, 1000);
