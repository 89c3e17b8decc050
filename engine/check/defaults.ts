/** `module_defaults`: modules and groups that there are, and arguments that the modules have. */
import { didYouMean, type Finding } from '../errors.ts';
import { findModule, ownModules } from '../modules/find.ts';
import { checkArgs } from '../modules/parts/arguments.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import { asList, type Scoped } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { moduleGroups } from '../run/task/module_groups.ts';
import { type Dict, isDict, placeOf, placeOfKey, Template } from '../values.ts';

type Report = (finding: Finding) => void;

/** Checks the module_defaults that stand on a play, block or task. */
export async function checkModuleDefaults(
  session: Pick<Session, 'loader' | 'definition'>,
  owner: Scoped,
  report: Report,
): Promise<void> {
  for (const dict of asList(ownKeyword(owner, 'module_defaults'))) {
    if (!isDict(dict)) continue;
    for (const key of dict.keys()) {
      const name = String(key);
      if (key instanceof Template) continue;
      if (name.startsWith('group/')) checkGroup(name, dict, report);
      else if (findModule(name, [...session.loader.libraries])) await checkModule(session, name, dict, report);
      else checkUnknown(name, dict, report);
    }
  }
}

function checkGroup(name: string, dict: Dict, report: Report): void {
  const group = name.slice('group/'.length);
  if (moduleGroups.has(group)) return;
  report({
    message: `there is no group of modules \`${group}\` for \`module_defaults\``,
    place: placeOfKey(dict, name),
    help:
      didYouMean(group, moduleGroups) ??
      "groups are those of Ansible's collections, such as `group/aws` or `group/community.docker.docker`",
  });
}

/** A playbook may have defaults for modules that it does not use here; a name near one of ours is a slip. */
function checkUnknown(name: string, dict: Dict, report: Report): void {
  const near = didYouMean(name.split('.').at(-1)!, ownModules().keys());
  report({
    message: `there is no module \`${name}\` for \`module_defaults\``,
    place: placeOfKey(dict, name),
    help: near ?? 'its defaults have no effect',
    warning: near === undefined,
  });
}

async function checkModule(
  session: Pick<Session, 'definition'>,
  name: string,
  dict: Dict,
  report: Report,
): Promise<void> {
  const args = dict.get(name);
  if (args instanceof Template || args === null || args === undefined) return;
  if (!isDict(args)) {
    report({
      message: `the defaults of \`${name}\` are a mapping of its arguments`,
      place: placeOf(args) ?? placeOfKey(dict, name),
    });
    return;
  }
  for (const finding of checkArgs(await session.definition(name), args))
    if (!/needs the argument|is required/.test(finding.message)) report(finding);
}
