/** The controller's end of askpass.sh: a socket in a folder of its own, on which ssh's questions come and answers go. */
import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/** A question of ssh. */
export interface SshQuestion {
  question: string;
  /** `confirm`: yes or no; `none`: a notice, which stays until ssh takes it away (a key that waits to be touched). */
  kind: string;
  /** Process id of the ssh that asks. */
  asker: number;
}

/** Longer than any question. */
const LONGEST = 64 * 1024;

/** Answers questions until it is closed; an answer that is undefined is a refusal. */
export async function answerQuestions(
  path: string,
  answer: (question: SshQuestion) => Promise<string | undefined>,
): Promise<{ close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      const asked = text.includes('\n');
      text += chunk;
      if (asked || text.length > LONGEST || !text.includes('\n')) return;
      const question = JSON.parse(text) as SshQuestion;
      answer(question).then(
        (words) => {
          if (question.kind === 'none' && words === undefined) return;
          socket.end(words === undefined ? '' : `${words}\n`);
        },
        () => socket.destroy(),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  chmodSync(path, 0o600);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
