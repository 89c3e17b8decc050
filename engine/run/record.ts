/** Begins the record of a run, and opens that of the run that it resumes. */
import { hostname, userInfo } from 'node:os';
import { basename, relative, resolve } from 'node:path';
import { AuthorError, type Finding, UsageError } from '../errors.ts';
import type { Play } from '../playbook/nodes.ts';
import { newRunId, type RunFile, readRunFile } from '../record/folder.ts';
import { Journal } from '../record/journal.ts';
import { Replay } from '../record/replay.ts';
import { Seal } from '../record/seal.ts';
import { shownPath, toPlain } from '../values.ts';
import { Planner } from './plan.ts';
import { changedTask, PlayPlaces, Recording } from './recording.ts';
import type { Session } from './session.ts';

type Playbooks = readonly { plays: readonly Play[] }[];

/** The record of this run; none where it keeps none and resumes none. */
export function recordingOf(session: Session, playbooks: Playbooks): Recording | undefined {
  const { record, resume, plan } = session.options;
  const planner = plan && new Planner(session);
  const replay = resume && replayOf(session, resume.folder);
  const keys = replay ? keysOf(playbooks) : new Set<string>();
  if (replay) requireSame(session, replay, keys);
  const journal = record && begun(session, replay);
  if (journal) session.door.heard = (event) => journal.event(event);
  if (!journal && !replay && !planner) return undefined;
  for (const secret of replay?.secrets ?? []) session.addSecret(secret);
  if (replay) {
    const text = `goes on with the run ${replay.id}: ${replay.count} results are taken from its record`;
    session.emit({ type: 'message', level: 'info', text });
  }
  return new Recording(journal, replay, resume?.anyway, (key) => keys.has(key), planner);
}

function begun(session: Session, replay: Replay | undefined): Journal | undefined {
  const { record, vault } = session.options;
  const seal = replay?.seal ?? Seal.made(vault ?? []);
  return Journal.begin({
    records: resolve(session.options.cwd, record!.folder),
    ...(record!.keep !== undefined && { keep: record!.keep }),
    run: { ...runFile(session), ...(seal && { sealed: seal.kept }), ...(replay && { resumes: replay.id }) },
    seal,
    secret: (text) => session.redactor.text(text) !== text,
    warn: (text) => session.warn(text),
  });
}

function runFile(session: Session): RunFile {
  const { options, redactor } = session;
  const { record = { folder: '' }, cwd, playbook, inventory, limit } = options;
  const list = (named: string | readonly string[] | undefined) => (named === undefined ? [] : [named].flat());
  const began = new Date(session.startTime);
  return {
    format: 1,
    id: newRunId(began),
    version: record.version ?? '',
    began: began.toISOString(),
    by: record.by ?? caller(),
    pid: process.pid,
    cwd,
    words: (record.words ?? []).map((word) => redactor.text(word)),
    playbook: list(playbook).map((file) => relative(cwd, resolve(cwd, file)) || file),
    inventory: list(inventory).map((source) => redactor.text(source)),
    check: options.check ?? false,
    ...(limit !== undefined && { limit }),
    files: Object.fromEntries(session.files),
  };
}

/** `user@host`; in a container the user may be in no database. */
function caller(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}

/** The record of the run to go on with. */
function replayOf(session: Session, folder: string): Replay {
  const run = readRunFile(folder);
  if (!run) throw new UsageError(`the record ${folder} cannot be read`);
  const { sealed } = run;
  const seal = sealed === undefined ? undefined : Seal.opened(sealed, session.options.vault ?? []);
  if (sealed !== undefined && !seal)
    throw new UsageError(
      `the record of the run ${basename(folder)} is sealed by a vault password, and none is given that opens it`,
      'give the one of that run, as --vault-password-file or --vault-id',
    );
  const replay = new Replay(folder, seal, toPlain);
  const changed = Object.entries(run.files).filter(([path, hash]) => session.files.get(path) !== hash);
  if (changed.length > 0) {
    const names = changed.map(([path]) => shownPath(path, session.options.cwd)).join(', ');
    session.warn(`changed since the run ${replay.id}: ${names}`);
  }
  return replay;
}

/** Refuses what would not be the same run: tasks that are done and have changed since, and those that nobody can say the end of. */
function requireSame(session: Session, replay: Replay, keys: ReadonlySet<string>): void {
  const { inventory, limit, options } = session;
  const chosen = limit === undefined ? undefined : new Set(inventory.select('all', limit).map(({ name }) => name));
  const takesPart = (host: string) => !chosen || chosen.has(host);
  const changed = options.resume?.anyway ? [] : changedTasks(replay, keys, takesPart);
  if (changed.length > 0) throw new AuthorError(changed);
  const uncertain = options.resume?.rerunUncertain ? [] : replay.uncertain(takesPart);
  if (uncertain.length === 0) return;
  const lines = uncertain.map(({ host, name, at, done }) => {
    const what = done ? 'came to its end, but its result is secret and was not kept' : 'had begun when the run ended';
    return `${host}: \`${name}\` (${at}) ${what}`;
  });
  throw new UsageError(
    `whether these tasks are done is uncertain, and running them again may do harm:\n  ${lines.join('\n  ')}`,
    'look at the hosts; `--rerun-uncertain` runs them again',
  );
}

/** The keys of all tasks that are known before the run. */
function keysOf(playbooks: Playbooks): Set<string> {
  const counts = new Map<string, number>();
  const plays = playbooks.flatMap((one) => one.plays);
  return new Set(plays.flatMap((play) => [...new PlayPlaces(play, counts).known.values()]));
}

function changedTasks(replay: Replay, keys: ReadonlySet<string>, takesPart: (host: string) => boolean): Finding[] {
  const gone = replay.done(takesPart).filter(({ key, known }) => known && !keys.has(key));
  return gone.map((before) => changedTask(before, replay.id));
}
