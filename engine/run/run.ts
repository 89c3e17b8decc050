/** A run from its options to its recap. */
import { AuthorError, explained, type Finding, gathered, UnknownError, UsageError } from '../errors.ts';
import { EXIT, type Recap, type RunEvent } from '../events.ts';
import { type Json, toPlain } from '../values.ts';
import { Broadcast } from './broadcast.ts';
import type { RunOptions } from './options.ts';
import { type Prepared, prepare } from './prepare.ts';
import { recordingOf } from './record.ts';
import type { Session } from './session.ts';
import { runPlay } from './walk/batch.ts';
import { Interrupted } from './walk/signals.ts';

/** A run under way. Any number of readers may iterate; one that begins before another has read 1,000 events sees them from the first on. */
export interface Run extends AsyncIterable<RunEvent> {
  /** The counts of each host and the exit code, once the run has ended. */
  readonly recap: Promise<Recap>;
}

/**
 * Runs a playbook. It returns immediately; the events and the recap come as the run goes on, also for a caller that reads only one of
 * them. What has failed on hosts is in the recap (`exitCode`, `hosts`) and in the results, and is not thrown.
 *
 * ```ts
 * const run = runPlaybook({ playbook: 'site.yaml', inventory: 'hosts' });
 * for await (const event of run)
 *   if (event.type === 'task:result' && event.result.status === 'failed') console.error(event.host, event.result.msg);
 * const { exitCode, hosts } = await run.recap;
 * ```
 *
 * Both `recap` and the iteration reject with an `AuthorError` when the playbook, a role, the inventory or a file of variables
 * has mistakes (all that were found before a host was touched are in its `findings`, which `describe` words), and with a
 * `UsageError` when an option cannot be met: a file that is not there, a limit that no host meets.
 */
export function runPlaybook(options: RunOptions): Run {
  const events = new Broadcast<RunEvent>();
  const recap = carryOut(options, events);
  recap.then(
    () => events.end(),
    (error: unknown) => events.end(error),
  );
  // Whoever only iterates must not be met by an unhandled rejection: the iteration throws the same error.
  recap.catch(() => {});
  return { recap, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
}

async function carryOut(options: RunOptions, events: Broadcast<RunEvent>): Promise<Recap> {
  const prepared = await prepare(options, events);
  const { session, playbooks } = prepared;
  let recap: Recap | undefined;
  try {
    const errors = prepared.findings.filter((f) => !f.warning);
    if (errors.length > 0) throw new AuthorError(prepared.findings);
    requireHosts(session);
    session.recording = recordingOf(session, playbooks);
    for (const finding of gathered(prepared.findings))
      session.warn(finding.place ? explained(finding) : oneLine(finding));
    await playAll(prepared);
    session.keepFacts();
    const drifted = session.recording?.planner?.end();
    recap = ended(session, session.signal.aborted, true);
    if (drifted) recap.drifted = drifted;
    return recap;
  } catch (error) {
    if (error instanceof Interrupted) {
      recap = ended(session, true);
      return recap;
    }
    // A mistake that only the run could show: how far each host came is told all the same.
    if (session.seen.size > 0) recap = { ...ended(session, false), exitCode: EXIT.mistakes };
    throw error;
  } finally {
    session.pool.close();
    session.recording?.end(recap, Object.fromEntries(session.files));
  }
}

/** As ansible-playbook: a limit that no host of the inventory meets is a mistake of the command line. */
function requireHosts(session: Session): void {
  const { inventory, limit } = session;
  if (
    limit === undefined ||
    inventory.select('all', limit).length > 0 ||
    inventory.select('localhost', limit).length > 0
  )
    return;
  const [warning] = inventory.warnings.splice(0);
  throw new UsageError(`\`--limit ${session.options.limit}\` leaves no host of the inventory`, warning?.help);
}

/** With `mustSay`, a failure that no event has told of is a bug of ours, and is not silent (S-40). */
function ended(session: Session, interrupted: boolean, mustSay = false): Recap {
  const recap = recapOf(session, interrupted);
  if (mustSay && !interrupted && recap.exitCode !== 0 && !session.door.saidWhy)
    session.emit({ type: 'bug', stack: `the run ends with exit code ${recap.exitCode}, and nothing has said why` });
  session.emit({ type: 'run:end', recap });
  return recap;
}

const oneLine = ({ message, help }: Finding): string => (help ? `${message}; ${help}` : message);

async function playAll({ session, playbooks }: Prepared): Promise<void> {
  const starting = { reached: false };
  for (const { file, plays } of playbooks) {
    session.emit({
      type: 'run:start',
      playbook: file,
      check: session.options.check ?? false,
      hosts: session.inventory.hosts.size,
      plays: plays.length,
      groups: groupsOf(session),
    });
    for (const play of plays) {
      const goesOn = await runPlay(session, play, starting).catch((error: unknown) => passedBy(session, error));
      if (!goesOn) return;
    }
  }
}

/** Groups with the hosts in them; `all` says nothing. */
function groupsOf({ inventory }: Session): { [group: string]: string[] } {
  const named = [...inventory.groupsDict()].filter(([name, hosts]) => name !== 'all' && hosts.length > 0);
  return Object.fromEntries(named.map(([name, hosts]) => [name, [...hosts]]));
}

/** In a plan, the hosts of a play may be known only in a real run. */
function passedBy(session: Session, error: unknown): boolean {
  if (!(error instanceof UnknownError)) throw error;
  session.warnOnce(`a play ${error.message}; the plan goes on without it`);
  return true;
}

/** Counts of all hosts that took part, and the exit code that follows from them. */
function recapOf(session: Session, interrupted: boolean): Recap {
  const hosts: Recap['hosts'] = {};
  const reached: { [host: string]: string } = {};
  let failed = false;
  let unreachable = false;
  const came = interrupted ? [...session.hosts.keys()].filter((name) => session.host(name).reached !== '') : [];
  for (const name of new Set([...session.seen, ...came])) {
    const state = session.host(name);
    hosts[name] = { ...state.recap };
    reached[name] = state.reached;
    failed ||= state.failed;
    unreachable ||= state.unreachable;
  }
  const recap: Recap = {
    hosts,
    exitCode: interrupted ? EXIT.interrupted : unreachable ? EXIT.unreachable : failed ? EXIT.failed : EXIT.ok,
    interrupted,
    duration: (Date.now() - session.startTime) / 1000,
  };
  if (interrupted) recap.reached = reached;
  const journal = session.recording?.journal;
  if (journal) recap.record = journal.run.id;
  if (session.hostStats.size > 0)
    recap.hostStats = Object.fromEntries(
      [...session.hostStats].map(([host, stats]) => [host, toPlain(stats) as { [key: string]: Json }]),
    );
  if (session.stats.size > 0) recap.stats = toPlain(session.stats) as { [key: string]: Json };
  return recap;
}
