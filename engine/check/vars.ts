/** Files of variables that a run will read: what is wrong in them is told before a host is touched, not at the first task that needs them. */
import { existsSync } from 'node:fs';
import { AuthorError, type Finding } from '../errors.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import type { Play } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { searchPaths } from '../run/view/files.ts';
import { type Dict, isDict, isList, type Value } from '../values.ts';
import { isVault } from '../yaml/index.ts';
import { checkNumbers } from './numbers.ts';
import { hostsNow } from './sure.ts';

/** After so many the rest is more of the same: a file of a group is wrong for each of its hosts. */
const ENOUGH = 50;

/** Reads group_vars/ and host_vars/ of the plays' hosts, and `vars_files` whose names hold no template. */
export function checkVarsFiles(session: Session, plays: readonly Play[], looksOnly: boolean): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<Dict>();
  for (const play of plays) {
    for (const host of hostsNow(session, play)) {
      if (findings.filter((f) => !f.warning).length >= ENOUGH) break;
      collect(() => checkLevels(session, host, play, seen, findings), looksOnly, findings);
    }
    for (const path of plainVarsFiles(play)) collect(() => session.loader.env.readYaml(path), looksOnly, findings);
  }
  return findings;
}

/** What a host's files hold, each of which many hosts share. */
function checkLevels(session: Session, host: string, play: Play, seen: Set<Dict>, findings: Finding[]): void {
  const { hostVars: _host, groupVars: _group, ...files } = session.variables.forHost(host, play.directory);
  for (const level of Object.values(files))
    for (const dict of Array.isArray(level) ? (level as unknown[]) : []) {
      if (!isDict(dict as Value) || seen.has(dict as Dict)) continue;
      seen.add(dict as Dict);
      checkNumbers(dict as Dict, session.options.cwd, (finding) => findings.push(finding));
    }
}

/** Paths of `vars_files`: of a list in the list the first that is there. One that is missing may be made by an earlier play. */
function plainVarsFiles(play: Play): string[] {
  const list = ownKeyword(play, 'vars_files') ?? [];
  return (isList(list) ? list : [list]).flatMap((entry) => {
    const names: Value[] = isList(entry) ? entry : [entry];
    if (!names.every((name) => typeof name === 'string')) return [];
    const paths = names.flatMap((name) => searchPaths(name, 'vars', play, { play }));
    return paths.find((path) => existsSync(path)) ?? [];
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
