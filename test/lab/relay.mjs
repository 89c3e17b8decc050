// Distance: one TCP port on the bridge for each host of a lab, which passes everything on, later. The kernel has no netem.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const firstPort = 2201;

/**
 * Starts a relay in front of the lab's sshds that holds every chunk back `delay` milliseconds in each direction.
 * `inventory(path)` writes an inventory that goes through it.
 */
export async function startRelay(lab, { delay }) {
  const servers = await Promise.all(
    lab.hosts.map((host, i) => listen(lab.gateway, firstPort + i, host.address, delay)),
  );
  return {
    inventory(path) {
      const known = join(lab.folder, 'known_hosts.relay');
      const port = (address) => firstPort + lab.hosts.findIndex((host) => host.address === address);
      const moved = (text) =>
        text.replaceAll(/^(\S+) (?=ssh-)/gm, (_, address) => `[${lab.gateway}]:${port(address)} `);
      writeFileSync(known, moved(readFileSync(lab.knownHostsFile, 'utf8')));
      lab.inventory(path);
      const through = readFileSync(path, 'utf8')
        .replaceAll(/ansible_host=(\S+)/g, (_, address) => `ansible_host=${lab.gateway} ansible_port=${port(address)}`)
        .replaceAll(lab.knownHostsFile, known);
      writeFileSync(path, through);
      return path;
    },
    async stop() {
      for (const { server, sockets } of servers) {
        server.close();
        for (const socket of sockets) socket.destroy();
      }
    },
  };
}

function listen(address, port, target, delay) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target, port: 22, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delay));
      from.on('end', () => setTimeout(() => to.end(), delay));
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve({ server, sockets }));
  });
}
