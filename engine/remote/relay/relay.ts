/**
 * A way for a program on the controller to run commands on a host through the connection that is there already: `rsync` gets
 * `relay_client.mjs` in the place of ssh, which speaks with this end over a socket in a folder of its own. So the host's key,
 * passwords, jumps and becoming are those of every other task, and no second login is needed.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { HostPool } from '../host_pool.ts';
import type { Relay } from '../remote.ts';
import type { Channel } from '../shell/channel.ts';
import { openProgram } from '../shell/programs.ts';
import type { TaskBinding } from '../target.ts';

/** The first byte of a frame to the client; four bytes of length and the content follow. */
const FRAME = { stdout: 1, stderr: 2, exit: 3 } as const;
/** What ssh exits with when it is the connection that failed. */
const LOST = 255;
/** The words of a command line are no longer than what a system lets a program be started with. */
const LONGEST = 4 * 1024 * 1024;

/** Opens the relay to one host as one user; see Remote.relay. */
export async function openRelay(pool: HostPool, task: TaskBinding): Promise<Relay> {
  // Before anything is started that would only see its other end close.
  await pool.connection();
  // A socket's path has a hundred characters; mkdtemp makes the folder with mode 0700.
  const base = tmpdir().length > 60 ? '/tmp' : tmpdir();
  const folder = mkdtempSync(join(base, 'troupe-relay-'));
  const path = join(folder, 'socket');
  const open = new Set<Channel>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    serve(socket, pool, task, open).catch((error: Error) => end(socket, LOST, `${error.message}\n`));
  });
  const close = () => {
    server.close();
    for (const channel of open) channel.kill();
    for (const socket of sockets) socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(server, path);
    chmodSync(path, 0o600);
  } catch (error) {
    close();
    throw error;
  }
  const client = fileURLToPath(new URL('./relay_client.mjs', import.meta.url));
  return { command: [process.execPath, client, path], close };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** One command: its words come as a line of JSON, its input after that. */
async function serve(socket: Socket, pool: HostPool, task: TaskBinding, open: Set<Channel>): Promise<void> {
  const words = await firstLine(socket);
  // As ssh does: the first is the host, the others with blanks between them are for the login shell to read.
  const channel = await openProgram(pool, task, words.slice(1).join(' '), false);
  open.add(channel);
  socket.once('close', () => {
    if (open.has(channel)) channel.kill();
  });
  socket.pipe(channel.stdin);
  const streams = [hand(channel.stdout, socket, FRAME.stdout), hand(channel.stderr, socket, FRAME.stderr)];
  const { code, lost } = await channel.ended;
  open.delete(channel);
  // What is still on its way belongs to the output; a background process may keep the streams open for ever.
  if (!lost) await Promise.race([Promise.all(streams), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  end(socket, lost ? LOST : (code ?? LOST), lost ? `${lost.message}\n` : '');
  channel.release();
}

async function firstLine(socket: Socket): Promise<string[]> {
  let head = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const over = () => reject(new Error('the relay was asked nothing'));
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const at = head.indexOf('\n');
      if (at < 0 && head.length < LONGEST) return;
      socket.off('data', onData).off('end', over);
      socket.pause();
      if (at < 0) return reject(new Error('the relay was asked something without an end'));
      if (at + 1 < head.length) socket.unshift(head.subarray(at + 1));
      resolve((JSON.parse(head.subarray(0, at).toString()) as unknown[]).map(String));
    };
    socket.on('data', onData).once('end', over);
  });
}

/** Sends a stream as frames, no faster than the other end takes them; resolves at its end. */
function hand(from: Readable, socket: Socket, kind: number): Promise<void> {
  from.on('data', (chunk: Buffer) => {
    if (socket.destroyed) return;
    if (!send(socket, kind, chunk)) {
      from.pause();
      socket.once('drain', () => from.resume());
    }
  });
  from.resume();
  return new Promise((resolve) => {
    from.once('end', resolve);
    from.once('close', resolve);
  });
}

function send(socket: Socket, kind: number, content: Buffer): boolean {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(content.length, 1);
  socket.write(head);
  return socket.write(content);
}

function end(socket: Socket, code: number, said: string): void {
  if (socket.destroyed) return;
  if (said !== '') send(socket, FRAME.stderr, Buffer.from(said));
  send(socket, FRAME.exit, Buffer.from([code & 255]));
  socket.end();
}
