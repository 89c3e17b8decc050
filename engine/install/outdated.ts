/** What of the locked roles and collections has newer versions. */
import { gitAddress, refsOf } from './git.ts';
import type { InstallOptions } from './install.ts';
import { type Lock, partOf } from './lock.ts';
import type { Requirement } from './requirements.ts';
import { compareVersions, isVersion, newest } from './versions.ts';
import { versionsOf } from './web.ts';

export interface Standing {
  requirement: Requirement;
  installed: string;
  /** Undefined where there is nothing to compare with. */
  newest: string | undefined;
  outdated: boolean;
}

/** How one requirement stands; throws AuthorError where its source cannot be asked. */
export async function standing(requirement: Requirement, lock: Lock, options: InstallOptions): Promise<Standing> {
  const part = partOf(lock, requirement.kind);
  const [name, locked] =
    Object.entries(part).find(([each, { source }]) =>
      requirement.name === '' ? source === requirement.source : each === requirement.name,
    ) ?? [];
  const known = { ...requirement, name: name ?? (requirement.name || requirement.source) };
  if (!locked) return { requirement: known, installed: '-', newest: undefined, outdated: true };
  const installed = locked.version ?? locked.hash.slice(0, 19);
  if (locked.from === 'archive') return { requirement: known, installed, newest: undefined, outdated: false };
  if (locked.from === 'index') {
    const last = newest(await versionsOf(requirement, requirement.server ?? options.server));
    return {
      requirement: known,
      installed,
      newest: last,
      outdated: last !== undefined && compareVersions(installed, last) < 0,
    };
  }
  const { tags, heads, head } = await refsOf(gitAddress(locked.source, options.base), options);
  if (installed !== 'HEAD' && isVersion(installed)) {
    const last = newest([...tags.keys()]);
    return {
      requirement: known,
      installed,
      newest: last,
      outdated: last !== undefined && compareVersions(installed, last) < 0,
    };
  }
  const commit = installed === 'HEAD' ? head : heads.get(installed);
  const short = (hash: string | undefined) => hash?.slice(0, 12);
  return {
    requirement: known,
    installed: `${installed} ${short(locked.commit)}`,
    newest: commit && `${installed} ${short(commit)}`,
    outdated: commit !== undefined && commit !== locked.commit,
  };
}
