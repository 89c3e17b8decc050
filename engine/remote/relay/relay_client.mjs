// Stands in the place of ssh for a program that Troupe has started (`rsync -e`): relay_client.mjs SOCKET HOST WORD...
// Hands words, input, output and exit code between that program and relay.ts, which runs the words on the host.
// Plain JavaScript, because it is started by itself: nothing compiles it on its way.
import { connect } from 'node:net';

// rsync ends its children with it, and Node would open a port for a debugger. The end comes by the socket.
process.on('SIGUSR1', () => {});

const [path, ...words] = process.argv.slice(2);
const outputs = { 1: process.stdout, 2: process.stderr };
const socket = connect({ path, allowHalfOpen: true });
let left = Buffer.alloc(0);
let code;

socket.write(`${JSON.stringify(words)}\n`);
process.stdin.pipe(socket);
process.stdin.on('error', () => {});
process.stdout.on('error', () => socket.destroy());

socket.on('data', (chunk) => {
  left = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
  while (left.length >= 5) {
    const size = left.readUInt32BE(1);
    if (left.length < 5 + size) return;
    const content = left.subarray(5, 5 + size);
    const output = outputs[left[0]];
    left = left.subarray(5 + size);
    if (!output) code = content[0];
    else if (!output.write(content)) {
      socket.pause();
      output.once('drain', () => socket.resume());
    }
  }
});
socket.on('error', (error) => process.stderr.write(`the way to the host is closed: ${error.message}\n`));
// The answer is complete. The program may keep its end of our input open until we are gone.
socket.on('end', () => socket.destroy());
socket.on('close', () => {
  process.exitCode = code ?? 255;
  process.stdin.unpipe(socket);
  process.stdin.destroy();
});
