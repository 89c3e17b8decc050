/** Begins the record of a run, if one is to be kept. */
import { hostname, userInfo } from 'node:os';
import { relative, resolve } from 'node:path';
import { newRunId, type RunFile } from '../record/folder.ts';
import { Journal } from '../record/journal.ts';
import { Seal } from '../record/seal.ts';
import { Recording } from './recording.ts';
import type { Session } from './session.ts';

export function recordingOf(session: Session): Recording | undefined {
  const { record, vault } = session.options;
  if (!record) return undefined;
  const seal = Seal.made(vault ?? []);
  const journal = Journal.begin({
    records: resolve(session.options.cwd, record.folder),
    ...(record.keep !== undefined && { keep: record.keep }),
    run: { ...runFile(session), ...(seal && { sealed: seal.kept }) },
    seal,
    secret: (text) => session.redactor.text(text) !== text,
    warn: (text) => session.warn(text),
  });
  if (!journal) return undefined;
  session.door.heard = (event) => journal.event(event);
  return new Recording(journal);
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
