// askpass_client.mjs SOCKET QUESTION: hands a question of ssh to askpass.ts and prints the answer.
// Plain JavaScript, because it is started by itself: nothing compiles it on its way.
import { connect } from 'node:net';

const [path, question = ''] = process.argv.slice(2);
const socket = connect({ path });
let answer = '';
// askpass.sh has become this program: its parent is the ssh that asks, be it one that ssh has started for a jump host.
socket.write(`${JSON.stringify({ question, kind: process.env.SSH_ASKPASS_PROMPT ?? '', asker: process.ppid })}\n`);
socket.setEncoding('utf8');
socket.on('data', (chunk) => {
  answer += chunk;
});
socket.on('error', () => {});
socket.on('close', () => {
  if (answer === '') process.exitCode = 1;
  else process.stdout.write(answer);
});
