/** The variables that a template file sees besides those of the host: who it is and where its text goes. */
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { localUser } from '../../remote/local_user.ts';
import { type Dict, Timestamp, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';

/** Asked once: it reads the user database. */
let me: { uid: number; username: string } | undefined;

/** `template_path`, `ansible_managed` and the like; an `ansible_managed` of the user's is left alone. */
export function templateVars(scope: VarScope, path: string, fullPath: string, dest: string | null): Dict {
  const { mtime, uid } = statSync(fullPath);
  me ??= { uid: process.getuid?.() ?? -1, username: localUser() };
  const found: [string, Value][] = [
    ['template_host', hostname()],
    ['template_path', path],
    ['template_mtime', localTime(mtime)],
    ['template_uid', uid === me.uid ? me.username : uid],
    ['template_run_date', localTime(new Date())],
    ['template_destpath', dest],
    ['template_fullpath', fullPath],
  ];
  if (!scope.has('ansible_managed')) found.push(['ansible_managed', 'Ansible managed']);
  return new Map(found);
}

/** A time without a zone, as Python's `datetime.now()` is: what a clock here shows. */
function localTime(time: Date): Timestamp {
  const shown = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return new Timestamp(shown.toISOString().replace('T', ' ').replace('Z', '000'), shown, false);
}
