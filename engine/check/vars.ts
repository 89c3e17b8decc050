/** Files of variables that a run will read: what is wrong in them is told before a host is touched, not at the first task that needs them. */
import { existsSync } from 'node:fs';
import { AuthorError, type Finding } from '../errors.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import type { Play } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { searchPaths } from '../run/view/files.ts';
import { missingVarsFile } from '../run/view/play_view.ts';
import { type Dict, isDict, isList, type Place, placeOfValue, type Value } from '../values.ts';
import { isVault } from '../yaml/index.ts';
import type { Definitions } from './definitions.ts';
import { worksHere } from './files.ts';
import { checkNumbers } from './numbers.ts';
import { hostsNow } from './sure.ts';
import { checkVaultTexts } from './vaults.ts';

/** After so many the rest is more of the same: a file of a group is wrong for each of its hosts. */
const ENOUGH = 50;

/** Reads group_vars/ and host_vars/ of the plays' hosts, and `vars_files` whose names hold no template. */
export function checkVarsFiles(
  session: Session,
  plays: readonly Play[],
  definitions: Definitions,
  looksOnly: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<Dict>();
  // An earlier play that works here may make a file that is not there now.
  let making = false;
  for (const play of plays) {
    for (const host of hostsNow(session, play)) {
      if (findings.filter((f) => !f.warning).length >= ENOUGH) break;
      collect(() => checkLevels(session, host, play, seen, looksOnly, findings), looksOnly, findings);
    }
    for (const { names, paths, place } of plainVarsFiles(play)) {
      const path = paths.find((candidate) => existsSync(candidate));
      if (path !== undefined) collect(() => session.loader.env.readYaml(path), looksOnly, findings);
      else if (hostsNow(session, play).length > 0)
        findings.push({ ...missingVarsFile(names, paths), place, warning: making });
    }
    making ||= worksHere(play, definitions);
  }
  return findings;
}

/** What a host's files hold, each of which many hosts share. */
function checkLevels(
  session: Session,
  host: string,
  play: Play,
  seen: Set<Dict>,
  looksOnly: boolean,
  findings: Finding[],
): void {
  const { hostVars: _host, groupVars: _group, ...files } = session.variables.forHost(host, play.directory);
  for (const level of Object.values(files))
    for (const dict of Array.isArray(level) ? (level as unknown[]) : []) {
      if (!isDict(dict as Value) || seen.has(dict as Dict)) continue;
      seen.add(dict as Dict);
      checkNumbers(dict as Dict, session.options.cwd, (finding) => findings.push(finding));
      if (!looksOnly) checkVaultTexts(dict as Dict, session.options.vault ?? [], (finding) => findings.push(finding));
    }
}

interface VarsFile {
  names: string[];
  /** Where these are looked for, the strongest place first. */
  paths: string[];
  place: Place | undefined;
}

/** Entries of `vars_files` without templates; of a list in the list the first that is there is meant. */
function plainVarsFiles(play: Play): VarsFile[] {
  const list = ownKeyword(play, 'vars_files') ?? [];
  const entries: Value[] = isList(list) ? list : [list];
  return entries.flatMap((entry, i) => {
    const names: Value[] = isList(entry) ? entry : [entry];
    if (!names.every((name): name is string => typeof name === 'string')) return [];
    const paths = names.flatMap((name) => searchPaths(name, 'vars', play, { play }));
    return [{ names, paths, place: isList(list) ? placeOfValue(list, i) : placeOfValue(play.own, 'vars_files') }];
  });
}

function collect(read: () => unknown, looksOnly: boolean, findings: Finding[]): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof AuthorError)) throw error;
    // Who only looks needs no password: `--syntax-check` on another machine.
    findings.push(...error.findings.filter((f) => !(looksOnly && f.place && isVault(f.place.source.text))));
  }
}
