/** Questions of a login beyond the password: a real keyboard-interactive server asks them. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import ssh2, { type KeyboardAuthContext } from 'ssh2';
import { UnreachableError } from '../../engine/errors.ts';
import type { Pool, PoolOptions } from '../../engine/remote/pool.ts';
import { LoginAnswers } from '../../engine/remote/ssh/answers.ts';
import type { ConnectionTarget } from '../../engine/remote/target.ts';
import { rejection } from './support/scripts.ts';
import { need, noSshd, Sshd } from './support/sshd.ts';

type Prompt = { prompt: string; echo: boolean };
type Round = Prompt[];

describe('the answers to the questions of a login', () => {
  const answers = async (password: string | undefined, texts: string[], passwordPrompt?: string) => {
    const asked: string[] = [];
    const login = new LoginAnswers({
      password,
      passwordPrompt,
      ask: async (question) => {
        asked.push(question);
        return 'typed';
      },
    });
    const given: Array<string | undefined> = [];
    for (const text of texts) given.push(await login.answer({ text, echo: false }));
    return { given, asked };
  };

  it('the password goes to the question for it, in any language, wherever it comes', async () => {
    for (const [texts, given] of [
      [
        ['Password: ', 'Verification code: '],
        ['pw', 'typed'],
      ],
      [
        ['Verification code: ', 'Password: '],
        ['typed', 'pw'],
      ],
      [
        ['(me@host) Password for me@host: ', "One-time password (OATH) for `me': "],
        ['pw', 'typed'],
      ],
      [
        ["One-time password (OATH) for `me': ", 'Passwort: '],
        ['typed', 'pw'],
      ],
      [
        ['Mot de passe : ', 'Code : '],
        ['pw', 'typed'],
      ],
      [
        ['パスワード: ', 'パスワード: '],
        ['pw', 'typed'],
      ],
      [['Password & verification code: '], ['pw']],
      [
        ['Enter PIN for YubiKey: ', 'Password:'],
        ['typed', 'pw'],
      ],
    ] as const)
      expect((await answers('pw', [...texts])).given, texts.join()).to.deep.equal([...given]);
    expect((await answers('pw', ['Say: ', 'Secret word: '], 'Secret word')).given).to.deep.equal(['typed', 'pw']);
    expect((await answers(undefined, ['Password: '])).given).to.deep.equal(['typed']);
  });

  it('a question that nobody answers is remembered', async () => {
    const login = new LoginAnswers({ password: 'pw' });
    expect(await login.answer({ text: 'Password: ', echo: false })).to.equal('pw');
    expect(await login.answer({ text: 'Verification\n code: ', echo: false })).to.equal(undefined);
    expect(login.unanswered).to.equal('Verification code:');
  });
});

describe(`a login with a one-time code${noSshd() ? ` (skipped: ${noSshd()})` : ''}`, function () {
  this.timeout(30000);
  const keys = new Sshd();
  const pools: Pool[] = [];
  let server: ssh2.Server;
  let port = 0;
  let rounds: Round[] = [];
  let seen: string[] = [];

  const ask = (context: KeyboardAuthContext, at: number): void => {
    const round = rounds[at];
    if (!round) {
      const good =
        JSON.stringify(seen) ===
        JSON.stringify(rounds.flat().map(({ prompt }) => (/assword/.test(prompt) ? 'pw' : '123456')));
      if (good) context.accept();
      else context.reject(['keyboard-interactive']);
      return;
    }
    context.prompt(round, (given) => {
      seen.push(...given);
      ask(context, at + 1);
    });
  };

  before(async function () {
    need(this, noSshd());
    await keys.start(['UsePAM no']);
    const hostKey = readFileSync(`${keys.folder}/host_ed25519`);
    server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (context) => {
        if (context.method === 'keyboard-interactive') ask(context, 0);
        else context.reject(['keyboard-interactive']);
      });
      client.on('ready', () =>
        client.on('session', (accept) => {
          accept().on('exec', (acceptExec) => {
            const stream = acceptExec();
            stream.write('in\n');
            stream.exit(0);
            stream.end();
          });
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    port = (server.address() as AddressInfo).port;
    keys.know(`[127.0.0.1]:${port} ${keys.publicHostKey()}\n`);
  });
  beforeEach(() => {
    seen = [];
  });
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
  });
  after(async () => {
    server?.close();
    await keys.remove();
  });

  const raw = (more: Partial<ConnectionTarget>, options: PoolOptions) => {
    const pool = keys.pool(options);
    pools.push(pool);
    return pool.remote(keys.target({ port, password: 'pw', retries: 0, ...more })).raw('x');
  };
  const secret = (prompt: string): Prompt => ({ prompt, echo: false });

  for (const connection of ['ssh', 'openssh'] as const) {
    it(`asks the person for what is not the password (${connection})`, async () => {
      for (const each of [
        [[secret('Password: ')], [secret('Verification code: ')]],
        [[secret('Verification code: '), secret('Password: ')]],
      ]) {
        rounds = each;
        seen = [];
        const asked: string[] = [];
        const askLogin = async (host: string, question: string) => {
          asked.push(`${host}: ${question}`);
          return '123456';
        };
        expect((await raw({ connection }, { ssh: { askLogin } })).stdout.toString()).to.equal('in\n');
        expect(asked).to.have.length(1);
        expect(asked[0]).to.match(/^web1: .*Verification code:$/);
      }
    });

    it(`says which question there was nobody to answer (${connection})`, async () => {
      rounds = [[secret('Password: ')], [secret('Verification code: ')]];
      const error = (await rejection(raw({ connection }, {}))) as UnreachableError;
      expect(error).to.be.instanceOf(UnreachableError);
      expect(error.message).to.match(/it asked ".*Verification code:" besides, and there was nobody to answer that/);
      expect(error.help).to.contain('at a terminal');
      expect(seen.filter((word) => word === 'pw')).to.have.length(1);
    });
  }
});
