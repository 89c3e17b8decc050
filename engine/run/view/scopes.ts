/** The variables that a task sees on a host: references to what exists, nothing merged. */
import { dirname, resolve } from 'node:path';
import type { Inventory } from '../../inventory/index.ts';
import { actionName } from '../../playbook/actions.ts';
import { keyword } from '../../playbook/keyword.ts';
import type { Block, RoleUse, Scoped, Task } from '../../playbook/nodes.ts';
import type { Dict, Value } from '../../values.ts';
import { type Magic, magicVariables } from '../../vars/magic.ts';
import { type ScopeSources, VarScope } from '../../vars/scope.ts';
import type { HostState } from '../host_state.ts';
import type { RunOptions } from '../options.ts';
import type { Session } from '../session.ts';
import type { Asked, Frame, PlayView } from '../types.ts';
import { connectionName } from './connection_names.ts';
import { playbookPython } from './playbook_python.ts';
import { templateOptions } from './rendering.ts';

/** A scope for a node (a task, or the play itself) on a host. */
export function scopeFor(
  session: Session,
  view: PlayView,
  node: Scoped,
  state: HostState,
  frame?: Frame,
  loopVars?: Dict,
): VarScope {
  const role = node.role;
  const uses = roleChain(role);
  const needed = role?.dependencies ?? [];
  const others = view.play.roles.filter((use) => use.public && !uses.includes(use)).toReversed();
  const own = node.kind === 'task' ? keyword(node, 'vars') : undefined;
  const playVars = keyword(view.play, 'vars');
  const magic = magicOf(session, view, state.name);
  const asked: Asked = { session, view, node, state, hostScope: (host) => hostScope(session, view, host) };
  const sources: ScopeSources = {
    host: state.name,
    extraVars: session.extraVars,
    includeParams: [...ownParams(node), ...includeParams(node, frame)],
    roleParams: uses.map((use) => use.params).filter((params) => params.size > 0),
    setFacts: state.variables,
    includeVars: state.includedVars,
    facts: state.facts,
    factVars: state.factVars,
    blockVars: varsAround(node),
    // The `vars` of an entry in `roles:` win over the variables of its own role, and not over those for its dependencies. Variables
    // of the roles that this one depends on win over those of the roles that depend on it.
    roleVars: [
      ...(role ? [role.vars, role.role.vars] : []),
      ...needed.map((use) => use.role.vars),
      ...uses.slice(1).flatMap((use) => [use.role.vars, use.vars]),
      ...others.map((use) => use.role.vars),
    ],
    playVarsFiles: view.varsFiles(state.name),
    playVarsPrompt: view.promptVars,
    inventory: session.variables.forHost(state.name, view.play.directory),
    roleDefaults: [...uses, ...needed, ...others].map((use) => use.role.defaults),
    magic: (name) => (Object.hasOwn(runMagic, name) ? runMagic[name]!(asked) : magic.get(name)),
    magicNames: [...runMagicNames, ...magic.names],
    fallback: (name, scope) => connectionName(name, scope, asked),
  };
  if (own) sources.taskVars = own;
  if (playVars) sources.playVars = playVars;
  if (loopVars) sources.loopVars = loopVars;
  return new VarScope(sources, templateOptions(session, view, node));
}

function roleChain(use: RoleUse | undefined): RoleUse[] {
  const chain: RoleUse[] = [];
  for (let current = use; current; current = current.parent) chain.push(current);
  return chain;
}

/** Variables of the blocks around, innermost first; those of includes are parameters, which are stronger. */
function varsAround(node: Scoped): Dict[] {
  const found: Dict[] = [];
  for (let scoped = node.parent; scoped && scoped.kind === 'block'; scoped = scoped.parent) {
    const vars = keyword(scoped, 'vars');
    if ((scoped as Block).from !== 'include' && vars) found.push(vars);
  }
  return found;
}

/** What an include hands down it sees itself, at the same strength. */
function ownParams(node: Scoped): Dict[] {
  const own =
    node.kind === 'task' && actionName((node as Task).action) !== undefined ? keyword(node, 'vars') : undefined;
  return own ? [own] : [];
}

/** Variables of the includes around, innermost first, with the loop item of each. */
function includeParams(node: Scoped, frame: Frame | undefined): Dict[] {
  const found: Dict[] = [];
  for (let scoped = node.parent; scoped && scoped.kind === 'block'; scoped = scoped.parent) {
    for (let f: Frame | undefined = frame; f; f = f.outer) if (f.block === scoped) found.push(f.vars);
    const vars = keyword(scoped, 'vars');
    if ((scoped as Block).from === 'include' && vars) found.push(vars);
  }
  return found;
}

const version: Dict = new Map<Value, Value>([
  ['full', '2.19.0'],
  ['string', '2.19.0'],
  ['major', 2],
  ['minor', 19],
  ['revision', 0],
]);

/** Magic variables that only the run knows. */
const runMagic: Record<string, (asked: Asked) => Value | undefined> = {
  playbook_dir: ({ view }) => view.play.directory,
  role_path: ({ node }) => node.role?.role.path,
  role_name: ({ node }) => node.role?.role.shortName,
  ansible_search_path: searchPath,
  ansible_collection_name: ({ node }) => node.role?.role.collection,
  ansible_role_name: ({ node }) => node.role?.role.name,
  ansible_play_name: ({ view }) => view.name,
  ansible_play_hosts: ({ session, view }) => view.allHosts.filter((host) => session.host(host).active),
  ansible_play_hosts_all: ({ view }) => [...view.allHosts],
  ansible_play_batch: ({ view }) => view.liveHosts(),
  play_hosts: ({ view }) => view.liveHosts(),
  ansible_play_role_names: ({ view }) => direct(view.play.roles),
  ansible_dependent_role_names: ({ view }) => names(view.play.roles.filter((r) => r.parent && !r.included)),
  ansible_role_names: ({ view }) => names(view.play.roles),
  role_names: ({ view }) => direct(view.play.roles),
  ansible_parent_role_names: ({ node }) =>
    node.role?.included && node.role.parent ? roleChain(node.role.parent).map((r) => r.role.name) : undefined,
  ansible_parent_role_paths: ({ node }) =>
    node.role?.included && node.role.parent ? roleChain(node.role.parent).map((r) => r.role.path) : undefined,
  // Nothing here runs it: inventories hand it on as the interpreter of localhost.
  ansible_playbook_python: ({ session }) => playbookPython(session.options.environment?.['PATH'] ?? ''),
  ansible_config_file: ({ session }) => session.options.settingsFile ?? null,
  ansible_check_mode: ({ session }) => session.options.check ?? false,
  ansible_diff_mode: ({ session }) => session.options.diff ?? false,
  ansible_forks: ({ session }) => session.options.forks ?? 50,
  ansible_verbosity: ({ session }) => session.options.verbosity ?? 0,
  ansible_version: () => version,
  ansible_run_tags: ({ session }) => [...(session.options.tags?.length ? session.options.tags : ['all'])],
  ansible_skip_tags: ({ session }) => [...(session.options.skipTags ?? [])],
  ansible_limit: ({ session }) => session.options.limit,
};

/** Where a task's files are looked for: its roles, the innermost first, the directory of its own file and the playbook's. */
function searchPath({ session, view, node }: Asked): Value | undefined {
  if (node.kind !== 'task') return undefined;
  const beside = resolve(session.options.cwd ?? '.', dirname((node as Task).file));
  return [...new Set([...roleChain(node.role).map((use) => use.role.path), beside, view.play.directory])];
}

/** The roles that the play or a task names, as often as it does: not those that others depend on. */
const direct = (uses: readonly RoleUse[]): string[] =>
  uses.filter((use) => use.included || !use.parent).map((use) => use.role.name);

const names = (uses: readonly RoleUse[]): string[] => [...new Set(uses.map((use) => use.role.name))];

/** hostvars, groups and the like change with the inventory alone, so one answerer for each play and host will do. */
const inventoryMagic = new WeakMap<PlayView, Map<string, Magic>>();

function magicOf(session: Session, view: PlayView, host: string): Magic {
  let hosts = inventoryMagic.get(view);
  if (!hosts) {
    hosts = new Map();
    inventoryMagic.set(view, hosts);
  }
  let known = hosts.get(host);
  if (!known) {
    known = magicVariables({
      inventory: session.inventory,
      host,
      hostScope: (other) => hostVarsScope(session, view, other),
    });
    hosts.set(host, known);
  }
  return known;
}

/** Magic variables that are the same all through a run, for what is rendered before it. */
export function magicBefore(options: RunOptions, inventory: Inventory): Dict {
  const session = { options } as Session;
  const known: Dict = new Map([['groups', inventory.groupsDict() as Dict]]);
  known.set('ansible_inventory_sources', [...inventory.sources]);
  for (const name of beforeHosts) {
    const value = runMagic[name]!({ session } as Asked);
    if (value !== undefined) known.set(name, value);
  }
  return known;
}

const beforeHosts = [
  ...['ansible_playbook_python', 'ansible_config_file', 'ansible_check_mode', 'ansible_diff_mode', 'ansible_forks'],
  ...['ansible_verbosity', 'ansible_version', 'ansible_run_tags', 'ansible_skip_tags', 'ansible_limit'],
];

/** Names of the magic variables that only a run knows. */
export const runMagicNames: readonly string[] = Object.keys(runMagic);

/** Magic variables of the play and its roles, which no other host has. */
const ofPlay =
  /^(ansible_play_|play_hosts$|ansible_search_path$|ansible_collection_name$|(ansible_)?(dependent_|parent_)?role_)/;

/** Another host as seen through `hostvars`: what belongs to the host, nothing of the play. */
function hostVarsScope(session: Session, view: PlayView, host: string): VarScope | undefined {
  if (!session.inventory.getHost(host)) return undefined;
  const state = session.host(host);
  const magic = magicOf(session, view, host);
  return new VarScope(
    {
      host,
      extraVars: session.extraVars,
      setFacts: state.variables,
      includeVars: state.includedVars,
      facts: state.facts,
      factVars: state.factVars,
      inventory: session.variables.forHost(host, view.play.directory),
      magic: (name) =>
        Object.hasOwn(runMagic, name)
          ? ofPlay.test(name)
            ? undefined
            : runMagic[name]!({
                session,
                view,
                node: view.play,
                state,
                hostScope: (other) => hostScope(session, view, other),
              })
          : magic.get(name),
      magicNames: [...runMagicNames.filter((name) => !ofPlay.test(name)), ...magic.names],
    },
    templateOptions(session, view, view.play),
  );
}

/** The scope of a host to which a task is delegated: everything but task and role level. */
export function hostScope(session: Session, view: PlayView, host: string): VarScope | undefined {
  if (!session.inventory.getHost(host)) return undefined;
  return scopeFor(session, view, view.play, session.host(host));
}
