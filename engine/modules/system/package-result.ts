/** Results of the package managers: what the shell half replied, as Ansible's modules word it. */
import { ModuleFailure } from '../../errors.ts';
import type { Diff } from '../../events.ts';
import type { Reply } from '../../remote/remote.ts';
import { changed, type ModuleResult } from '../define.ts';
import { outputs } from '../parts/output.ts';

/** The result of a request to a package manager; `extra` are keys of this manager alone. */
export function packageResult(reply: Reply, wantDiff: boolean, extra: Record<string, unknown> = {}): ModuleResult {
  const ran = reply.has('cmd');
  const said = ran ? outputs(reply.get('stdout'), reply.stderr, false) : {};
  if (reply.has('rc')) {
    const rc = Number(reply.get('rc'));
    const why = reply.stderr.toString().trim() || reply.get('stdout').trim();
    const unknown = unknownToApt(why);
    if (unknown !== undefined) throw new ModuleFailure(unknown);
    throw new ModuleFailure(`'${reply.get('cmd')}' failed: ${why}`, {
      ...extra,
      rc,
      ...said,
      msg: `'${reply.get('cmd')}' failed: ${why}`,
    });
  }
  const isChanged = reply.changes.length > 0;
  const diff: Diff[] = wantDiff && ran ? [{ prepared: prepared(reply.get('stdout')) }] : [];
  return changed(isChanged, { ...said, ...extra }, diff);
}

/** Ansible's module looks into the lists before it runs apt-get, and says it in these words; roles ask for them. */
function unknownToApt(why: string): string | undefined {
  const name = /^E: (?:Unable to locate package (\S+)|Package '(\S+)' has no installation candidate)/m.exec(why);
  if (name) return `No package matching '${name[1] ?? name[2]}' is available`;
  const version = /^E: Version '(\S+)' for '(\S+)' was not found/m.exec(why);
  return version ? `no available installation candidate for ${version[2]}=${version[1]}` : undefined;
}

/** The age of apt's lists, which Ansible tells where it may have installed by name. */
export function aptLists(reply: Reply): Record<string, unknown> {
  if (!reply.has('cache_update_time') || reply.has('upgraded')) return {};
  return {
    cache_updated: reply.get('cache_updated') === '1',
    cache_update_time: Number(reply.get('cache_update_time')),
  };
}

/** What apt-get says it will do, without the noise before and after. */
function prepared(output: string): string {
  const all = output.split('\n');
  const start = all.findIndex((line) => line.startsWith('Reading state information...')) + 1;
  const end = all.findIndex((line) => /^\d+ (packages )?upgraded/.test(line));
  return all.slice(start, end < 0 ? undefined : end + 1).join('\n');
}
