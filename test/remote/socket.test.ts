/** The way to a host below SSH. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { openTcp } from '../../engine/remote/ssh/socket.ts';

describe('a TCP connection to a host', () => {
  it('sends what one turn writes in one piece, and all of it before it ends', async () => {
    let got = '';
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        got += chunk.toString();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const signal = new AbortController().signal;
    const socket = await openTcp({ host: '127.0.0.1', port, timeout: 30, signal });
    const calls: number[] = [];
    const single = socket._write.bind(socket);
    socket._write = (...words) => {
      calls.push(1);
      single(...words);
    };
    const several = socket._writev!.bind(socket);
    socket._writev = (chunks, done) => {
      calls.push(chunks.length);
      several(chunks, done);
    };
    // As ssh2 writes a packet: its length, the rest, the code that authenticates both.
    for (const part of ['length ', 'packet ', 'code ']) socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
    socket.write('another ');
    socket.end('the last');
    await once(socket, 'close');
    server.close();
    expect(calls).to.deep.equal([3, 2]);
    expect(got).to.equal('length packet code another the last');
  });
});
