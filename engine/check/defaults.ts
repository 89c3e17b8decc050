/** `module_defaults`: modules and groups that there are, and arguments that the modules have. */
import { AuthorError, didYouMean } from '../errors.ts';
import { findModule, ownModules } from '../modules/find.ts';
import { checkArgs } from '../modules/parts/arguments.ts';
import { isBuiltin } from '../names.ts';
import { ownKeyword } from '../playbook/keyword.ts';
import { asList, type Scoped } from '../playbook/nodes.ts';
import type { Session } from '../run/session.ts';
import { type Dict, isDict, placeOf, placeOfKey, Template } from '../values.ts';
import { moduleGroups } from './module_groups.ts';
import type { Report } from './report.ts';
import { checkTemplates } from './templates.ts';

/** Checks the module_defaults of a play, block or task: names as they are loaded, arguments where a task may meet them. */
export async function checkModuleDefaults(
  session: Pick<Session, 'loader' | 'definition'>,
  owner: Scoped,
  strictly: Report,
  report: Report,
): Promise<void> {
  checkTemplates(ownKeyword(owner, 'module_defaults'), [], report);
  for (const dict of asList(ownKeyword(owner, 'module_defaults'))) {
    if (!isDict(dict)) continue;
    for (const key of dict.keys()) {
      const name = String(key);
      if (key instanceof Template) continue;
      if (name.startsWith('group/')) checkGroup(name, dict, strictly);
      else if (findModule(name, [...session.loader.libraries])) await checkModule(session, name, dict, report);
      else checkUnknown(name, dict, strictly);
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

/** A playbook may have defaults for modules of collections that are not here, which then have no effect. */
function checkUnknown(name: string, dict: Dict, report: Report): void {
  const near = isBuiltin(name) ? didYouMean(name.split('.').at(-1)!, ownModules().keys()) : undefined;
  report({
    message: `there is no module \`${name}\` for \`module_defaults\``,
    place: placeOfKey(dict, name),
    help: near ?? 'its defaults have no effect',
    warning: near === undefined,
    code: 'unknown-module',
    subject: name,
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
  try {
    for (const finding of checkArgs(await session.definition(name), args))
      if (finding.code !== 'missing-argument') report(finding);
  } catch (error) {
    // A module that cannot be used says so where a task has it.
    if (!(error instanceof AuthorError)) throw error;
  }
}
