/** What of a play its scopes need, for one batch of its hosts. */
import { existsSync } from 'node:fs';
import { mistake } from '../../errors.ts';
import { keyword } from '../../playbook/keyword.ts';
import { nearFile } from '../../playbook/near_file.ts';
import type { Play } from '../../playbook/nodes.ts';
import { type Dict, isDict, isList, placeOfValue, shownPath, Template, type Value } from '../../values.ts';
import type { HostState } from '../host_state.ts';
import type { Session } from '../session.ts';
import type { PlayView } from '../types.ts';
import { searchPaths } from './files.ts';
import { scopeFor } from './scopes.ts';

export function viewOf(
  session: Session,
  play: Play,
  all: string[],
  batch: readonly string[],
  promptVars: Dict,
  name = play.name,
): PlayView {
  const files = new Map<string, Dict[]>();
  const view: PlayView = {
    play,
    name,
    allHosts: all,
    batch,
    promptVars,
    liveHosts: () => batch.filter((host) => session.host(host).active),
    varsFiles: (host) => {
      let found = files.get(host);
      if (!found) {
        files.set(host, []);
        found = varsFilesOf(session, view, session.host(host));
        files.set(host, found);
      }
      return found;
    },
  };
  return view;
}

/** What is said of an entry of `vars_files` none of whose files is there. */
export function missingVarsFile(
  names: readonly string[],
  searched: readonly string[],
): { message: string; help: string } {
  return {
    message: `there is no file of variables ${names.join(' or ')}`,
    help: [nearFile(names[0] ?? '', searched), 'looked beside the playbook and in vars/'].filter(Boolean).join(' '),
  };
}

/** The dicts of a play's vars_files for one host; names may hold variables of the host. */
function varsFilesOf(session: Session, view: PlayView, state: HostState): Dict[] {
  const found: Dict[] = [];
  // Made for each name anew: it may hold what the file before it says.
  const named = (name: Value) =>
    name instanceof Template
      ? String(scopeFor(session, { ...view, varsFiles: () => found }, view.play, state).resolve(name))
      : String(name);
  const list = keyword(view.play, 'vars_files') ?? [];
  for (const [i, entry] of list.entries()) {
    const place = placeOfValue(list, i);
    const names = (isList(entry) ? entry : [entry]).map(named);
    const searched = names.flatMap((name) => searchPaths(name, 'vars', view.play, view));
    const path = searched.find((candidate) => existsSync(candidate));
    if (path === undefined) {
      const { message, help } = missingVarsFile(names, searched);
      throw mistake(message, place, help);
    }
    const content = session.loader.env.readYaml(path);
    // A list of mappings is as good as one.
    for (const part of isList(content) ? content : [content])
      if (isDict(part)) found.unshift(part);
      else if (content !== null)
        throw mistake(`${shownPath(path, session.options.cwd)} must be a mapping of variables`, place);
  }
  return found;
}
