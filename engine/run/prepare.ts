import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { isProgram } from '../author/is_program.ts';
import { checkPlays } from '../check/check.ts';
import { Definitions } from '../check/definitions.ts';
import { checkNamesKnown } from '../check/names.ts';
import { checkNumbers } from '../check/numbers.ts';
import { unique } from '../check/report.ts';
import { checkVarsFiles } from '../check/vars.ts';
import { checkVaultTexts } from '../check/vaults.ts';
import { type Finding, mistake, placeText, reasonOf, UndefinedError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Inventory } from '../inventory/index.ts';
import { findModule, ownModules } from '../modules/find.ts';
import { otherNames } from '../names.ts';
import { Loader } from '../playbook/load.ts';
import type { Play } from '../playbook/nodes.ts';
import { packageFolders } from '../playbook/packages.ts';
import { Pool } from '../remote/pool.ts';
import { type Dict, fromPlain, Source, type Value } from '../values.ts';
import { loadProjectInventory } from '../vars/constructed.ts';
import { Variables } from '../vars/variables.ts';
import {
  duplicatesBy,
  openedSource,
  type ParseOptions,
  parseKeyValues,
  parseYaml,
  secretsIn,
  utf8Text,
} from '../yaml/index.ts';
import { Broadcast } from './broadcast.ts';
import { FORKS, givePlace } from './forks.ts';
import { Named } from './named.ts';
import type { RunOptions } from './options.ts';
import { loadOwnFilters } from './own_filters.ts';
import { Programs } from './programs.ts';
import { Redactor } from './redact.ts';
import { Session } from './session.ts';
import { projectFolders } from './view/files.ts';
import { renderStatic } from './view/rendering.ts';
import { magicBefore } from './view/scopes.ts';

export interface Prepared {
  session: Session;
  playbooks: { file: string; plays: Play[] }[];
  findings: Finding[];
}

/** Loads and checks everything that a run needs; findings are returned, not thrown, so that all of them are seen at once. */
export async function prepare(given: RunOptions, heard?: Broadcast<RunEvent>): Promise<Prepared> {
  const events = heard ?? new Broadcast<RunEvent>();
  const redactor = new Redactor();
  // Whatever opens a vault, wherever in the engine: what was in it is a secret from then on.
  const opened = (plain: Buffer) => {
    for (const secret of secretsIn(plain)) redactor.add(secret);
  };
  const vault = (given.vault ?? []).map((secret) => ({ ...secret, opened }));
  const options = { ...given, ...(given.plan && { check: true, diff: true }), vault, cwd: resolve(given.cwd ?? '.') };
  const files = (Array.isArray(options.playbook) ? options.playbook : [options.playbook as string]).map((f: string) =>
    resolve(options.cwd, f),
  );
  for (const file of files)
    if (!options.texts?.has(file) && !existsSync(file))
      throw mistake(`there is no playbook ${relative(options.cwd, file)}`);
  const passwords = [options.password, options.become?.password, ...vault.map((v) => v.password)];
  for (const secret of [...passwords, ...(options.secrets ?? [])]) if (secret) redactor.add(secret);
  const extraVars = options.extraVars instanceof Map ? options.extraVars : (fromPlain(options.extraVars ?? {}) as Dict);
  const named = new Named();
  const inventory = await inventoryOf(options, named, extraVars);
  inventory.mismatch = options.hostPatternMismatch ?? 'warning';
  const directory = dirname(files[0]!);
  const numbers: Finding[] = [];
  const closed: Finding[] = [];
  const twice: Finding[] = [];
  let tell = (finding: Finding): unknown => twice.push(finding);
  const duplicates = duplicatesBy(options.duplicateKeys, (finding) => tell(finding));
  const programs = new Programs(options.cwd, () => [...loader.libraries]);
  const readYaml = (path: string) => {
    if (isProgram(path))
      return programs.read(path, (text) => {
        named.see(text);
        session.files.set(path, sha256(text));
      });
    const seen = (text: string | Buffer) => session.files.set(path, sha256(text));
    const value = readYamlFile(path, options, { named, seen, duplicates });
    checkNumbers(value, options.cwd, (finding) => numbers.push(finding));
    checkVaultTexts(value, vault, (finding) => closed.push(finding));
    return value;
  };
  const before = once(() => magicBefore(options, inventory));
  const loader = new Loader({
    readYaml,
    parseData: (text, path) => parseYaml(new Source(path, text), { trusted: false }),
    renderStatic: (value, vars) =>
      beforeHosts(() => renderStatic(value, [extraVars, ...vars, before()], session, directory)),
    isModule: (name, libraries) => findModule(name, libraries) !== undefined,
    moduleNames: () => [...ownModules().keys(), ...Object.keys(otherNames)],
    parseKeyValues: (text, place, only) => parseKeyValues(text, place, only ? { only } : {}),
    collectionsPath: (options.collectionsPath ?? []).map((path) => resolve(options.cwd, path)),
    privateRoleVars: options.privateRoleVars,
    rolesPath: (options.rolesPath ?? []).map((path) => resolve(options.cwd, path)),
  });
  for (const folder of options.libraries ?? []) loader.addLibrary(resolve(options.cwd, folder));
  for (const folder of packageFolders('library', directory)) loader.addLibrary(folder);
  const filters = await loadOwnFilters(directory, loader.env.rolesPath);
  const variables = Variables.load({
    inventory,
    cwd: options.cwd,
    playbookDir: directory,
    defaultsDir: projectFolders(directory)[1],
    vault,
    seen: (text) => named.see(text),
    duplicates,
  });
  const quitting = new AbortController();
  const session = new Session(
    options,
    extraVars,
    inventory,
    variables,
    poolFor(options, directory, () => session),
    loader,
    redactor,
    events,
    options.signal ? AbortSignal.any([options.signal, quitting.signal]) : quitting.signal,
    () => quitting.abort(),
    () => inventoryOf(options, named, extraVars),
    named,
    programs,
  );
  const playbooks = await programs.loading(
    () => files.map((file) => ({ file: shownFile(file, options.cwd), plays: loader.playbook(file) })),
    () => loader.restart(),
  );
  const plays = playbooks.flatMap((p) => p.plays);
  const definitions = new Definitions();
  const findings = [
    ...loader.findings,
    ...filters,
    ...(await checkPlays(session, plays, definitions, {
      home: options.ssh?.home,
      cwd: options.cwd,
      vault: heard === undefined ? undefined : vault,
    })),
    ...checkVarsFiles(session, plays, definitions, heard === undefined),
    ...numbers,
    ...twice,
    // Who only looks needs no password.
    ...(heard === undefined ? [] : closed),
    ...checkNamesKnown(session, plays, definitions),
    ...inventory.warnings.splice(0).map((w) => ({ ...w, warning: true })),
    ...variables.unusedFiles(),
  ];
  // What is read from now on is read during the run.
  tell = ({ message, place }) => session.warn(`${message}, ${placeText(place!)}`);
  return { session, playbooks, findings: sorted(unique(findings)) };
}

/** What is imported is known before any host is: a name of the hosts or their inventory is told so. */
function beforeHosts<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    const help =
      'imports are read before the run, when facts and variables of the inventory are not known: use include_tasks or include_role';
    throw mistake(error.message, error.place, error.help ?? help);
  }
}

/** The function's value, made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function inventoryOf(options: RunOptions & { cwd: string }, named: Named, extraVars: Dict): Promise<Inventory> {
  const sources =
    options.inventory === undefined
      ? []
      : Array.isArray(options.inventory)
        ? options.inventory
        : [options.inventory as string];
  return loadProjectInventory([...sources], {
    cwd: options.cwd,
    vault: [...(options.vault ?? [])],
    seen: (text) => named.see(text),
    duplicateKeys: options.duplicateKeys,
    hashBehaviour: options.hashBehaviour,
    lenient: options.inventoryOfSettings,
    templates: { extraVars },
  });
}

/** Relative to where the caller stands, unless that is the root folder. */
function shownFile(path: string, cwd: string): string {
  return cwd === '/' ? path : relative(cwd, path);
}

/** A YAML file of the project. Paths in messages are relative to where the caller stands. */
function readYamlFile(
  path: string,
  options: RunOptions & { cwd: string },
  { named, seen, duplicates }: { named: Named; seen: (text: string | Buffer) => unknown } & ParseOptions,
): Value {
  const shown = shownFile(path, options.cwd);
  const name = shown.length < path.length ? shown : path;
  let read: string | Buffer;
  try {
    read = options.texts?.get(path) ?? readFileSync(path);
  } catch (error) {
    throw mistake(`cannot read ${path}: ${reasonOf(error)}`);
  }
  seen(read);
  const text = typeof read === 'string' ? read : utf8Text(read, name);
  const source = openedSource(name, text, options.vault ?? []);
  named.see(source.text);
  return parseYaml(source, { duplicates });
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

function poolFor(options: RunOptions & { cwd: string }, directory: string, session: () => Session): Pool {
  const environment = Object.fromEntries(
    Object.entries(options.environment ?? {}).filter((e): e is [string, string] => e[1] !== undefined),
  );
  const { ssh = {}, ask } = options;
  const checking = { strict: 'yes', 'accept-new': 'accept-new', off: 'no' } as const;
  return new Pool({
    ssh: {
      home: ssh.home,
      configFile: ssh.configFile === false ? null : ssh.configFile,
      agentSocket: ssh.agent,
      environment,
      hostKeyChecking: ssh.hostKeyChecking && checking[ssh.hostKeyChecking],
      askPassphrase:
        ask &&
        ((path, wrong) => ask({ text: `${wrong ? 'That was not it. ' : ''}Passphrase of ${path}: `, secret: true })),
      askLogin: ask && ((host, question, secret) => ask({ text: `${host}: ${question} `, secret })),
    },
    localDirectory: () => directory,
    localEnvironment: environment,
    outputLimit: options.outputLimit === undefined ? undefined : options.outputLimit * 1024 * 1024,
    onSilence: () => givePlace(session().forks, options.forks ?? FORKS),
    onWarning: (host, text) => session().warn(text, host),
    onNote: (host, text) => session().emit({ type: 'message', level: 'verbose', text, host }),
  });
}

/** By file and line, so that the report reads like the files do. */
function sorted(findings: Finding[]): Finding[] {
  const order = (f: Finding) => f.place?.source.file ?? '';
  return findings.sort((a, b) => order(a).localeCompare(order(b)) || (a.place?.offset ?? 0) - (b.place?.offset ?? 0));
}
