/**
 * Connections by the system's own ssh, for what ssh2 cannot do: key exchanges, MACs and keys of hardware that it does not know,
 * certificates of users and hosts. One ssh logs in (once: a code is used up, a token wants to be touched) and stays; each channel is
 * another one that shares its connection by a socket in a folder of ours. Host keys are OpenSSH's business from end to end.
 */
import { accessSync, chmodSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UnreachableError } from '../../errors.ts';
import type { Connection } from '../shell/channel.ts';
import { LoginAnswers } from '../ssh/answers.ts';
import { withAttempts } from '../ssh/attempts.ts';
import { Clock } from '../ssh/clock.ts';
import type { HostConfig } from '../ssh/config.ts';
import { effectiveChecking } from '../ssh/host_key.ts';
import { homeOf, resolveTarget, type SshOptions } from '../ssh/resolve.ts';
import { afterTimeout } from '../ssh/session_failure.ts';
import type { ConnectionTarget } from '../target.ts';
import { answerQuestions, type SshQuestion } from './askpass.ts';
import { openChannel } from './channel.ts';
import { connectionArguments } from './command.ts';
import { Master } from './master.ts';
import { failureFromWords, type Questions } from './words.ts';

interface Opening {
  target: ConnectionTarget;
  config: HostConfig;
  options: SshOptions;
  warn(text: string): void;
  signal: AbortSignal;
}

/** Connects to a host; tries again where that may help. */
export async function connectOpenssh(
  target: ConnectionTarget,
  options: SshOptions,
  warn: (text: string) => void,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Connection> {
  const { config } = resolveTarget(target, options);
  const where = `${config.user}@${config.hostName} port ${config.port}`;
  const opening: Opening = { target, config, options, warn, signal };
  const connection = await withAttempts(target, config, { where, signal, note }, () => once(opening, where));
  const way = config.get('proxyjump') ?? config.get('proxycommand');
  note(
    `connected to ${where}${way === undefined ? '' : `, through ${way}`}, with ${connection.login}, by the system's ssh`,
  );
  return connection;
}

async function once(opening: Opening, where: string): Promise<Connection & { login: string }> {
  const { target, config, options } = opening;
  // A socket's path has a hundred characters, of which ssh needs some; mkdtemp makes the folder with mode 0700.
  const base = tmpdir().length > 50 ? '/tmp' : tmpdir();
  const folder = mkdtempSync(join(base, 'troupe-ssh-'));
  const control = join(folder, 'c');
  const clock = new Clock(target.timeout ?? Number(config.get('connecttimeout') ?? 10));
  const asked: Questions = { refusedKey: undefined, unanswered: undefined };
  const state: { master?: Master } = {};
  const questions = await answerQuestions(
    join(folder, 'a'),
    answering(opening, clock, asked, () => state.master),
  );
  const tidy = () => {
    questions.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const words = connectionArguments(target, config, options, {
    control,
    newKeys: join(folder, 'known_hosts'),
    config: join(folder, 'config'),
  });
  const environment = environmentOf(options, folder);
  const master = new Master(target.executable ?? 'ssh', words, environment);
  state.master = master;
  void master.ended.then(tidy);
  clock.start('shake hands');
  try {
    await ready(master, control, clock, opening.signal);
  } catch (error) {
    master.kill();
    if (error !== FAILED) throw afterTimeout(error, master.heard);
    const { pinned } = effectiveChecking({ config, checking: target.hostKeyChecking }, options);
    throw failureFromWords(master.said, { asked, user: config.user, password: target.password !== undefined, pinned });
  } finally {
    clock.stop();
  }
  return {
    local: false,
    user: config.user,
    where,
    login: master.login,
    open: (command, { terminal = false } = {}) =>
      openChannel({ master, folder, control, environment, program: target.executable ?? 'ssh' }, command, terminal),
    close: () => master.close(),
    closed: master.ended.then((reason) =>
      reason === undefined ? undefined : new UnreachableError(`the connection to ${where} was lost: ${reason}`),
    ),
  };
}

/** ssh has ended before it was connected; what it said says why. */
const FAILED = new Error('ssh ended');

/** Waits until ssh listens on its socket: it has logged in. */
async function ready(master: Master, control: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const stop = AbortSignal.any([clock.signal, signal]);
  let over = false;
  void master.ended.then(() => {
    over = true;
  });
  let shaken = false;
  while (!existsSync(control)) {
    if (over) throw FAILED;
    if (!shaken && master.shaken) {
      shaken = true;
      clock.start('log in');
    }
    await sleep(10, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) throw stop.reason;
  }
}

/** ssh's environment: the controller's, without what would be sent to the host, and the way to ask us. */
function environmentOf(options: SshOptions, folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(options.environment ?? {}).filter(([name]) => !/^(LANG|LC_\w+|DISPLAY)$/.test(name));
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: homeOf(options),
    ...Object.fromEntries(kept),
    TERM: 'vt100',
    SSH_ASKPASS: askpass(folder),
    SSH_ASKPASS_REQUIRE: 'force',
    // Before 8.4 it asks only where there might be a display.
    DISPLAY: 'none',
    TROUPE_ASKPASS_NODE: process.execPath,
    TROUPE_ASKPASS_SOCKET: join(folder, 'a'),
  };
}

/** The program that asks us; where its file has lost the permission to be run, a copy. */
function askpass(folder: string): string {
  const own = fileURLToPath(new URL('./askpass.sh', import.meta.url));
  try {
    accessSync(own, constants.X_OK);
    return own;
  } catch {
    const copy = join(folder, 'askpass.sh');
    copyFileSync(own, copy);
    copyFileSync(fileURLToPath(new URL('./askpass_client.mjs', import.meta.url)), join(folder, 'askpass_client.mjs'));
    chmodSync(copy, 0o700);
    return copy;
  }
}

/** Answers the questions of one login: the password is for the host itself, whatever its jump hosts ask. */
function answering(
  { target, options, warn }: Opening,
  clock: Clock,
  asked: Questions,
  master: () => Master | undefined,
): (question: SshQuestion) => Promise<string | undefined> {
  const ask =
    options.askLogin &&
    ((question: string, secret: boolean) => clock.pausedFor(options.askLogin!(target.name, question, secret)));
  const own = new LoginAnswers({ password: target.password, passwordPrompt: target.passwordPrompt, ask });
  const jumps = new LoginAnswers({ ask });
  const wrong = new Set<string>();
  return async ({ question, kind, asker }) => {
    const mine = asker === (await master()?.pid);
    if (/continue connecting \(yes\/no/.test(question)) {
      // Only what has been left open is asked: see command.ts. A jump host's key may be new if the run says so.
      if (!mine && options.hostKeyChecking === 'accept-new') return 'yes';
      asked.refusedKey ??= question;
      return 'no';
    }
    if (kind === 'none') {
      warn(question.replace(/\s+/g, ' ').trim());
      return undefined;
    }
    const locked = /^Enter passphrase for (?:key )?'?(.*?)'?: ?$/.exec(question)?.[1];
    if (locked !== undefined) {
      const again = wrong.has(locked);
      wrong.add(locked);
      if (mine && !again && target.passphrase !== undefined) return target.passphrase;
      return options.askPassphrase && clock.pausedFor(options.askPassphrase(locked, again));
    }
    if (kind === 'confirm') return undefined;
    const answers = mine ? own : jumps;
    const answer = await answers.answer({ text: question, echo: false });
    asked.unanswered ??= answers.unanswered;
    // Asked again and again in vain, the host would only take its time.
    if (answer === undefined) master()?.kill();
    return answer;
  };
}
