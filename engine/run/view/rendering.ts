/** What templates may reach in a run: lookups, files, filters that need YAML or vault. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AuthorError, didYouMean, ModuleFailure, mistake, TemplateError } from '../../errors.ts';
import type { Play, Scoped } from '../../playbook/nodes.ts';
import { parseIni } from '../../python/ini.ts';
import { renderHandlebars } from '../../template/handlebars.ts';
import { renderText, renderValue, type TemplateOptions, toText } from '../../template/index.ts';
import { type LookupEnv, lookups } from '../../template/library/lookups.ts';
import { type Dict, fromPlain, isDict, Source, shownPath, Template, type Value } from '../../values.ts';
import { type ScopeOptions, VarScope } from '../../vars/scope.ts';
import { decryptVault, encryptVault, isVault, parseYaml, parseYamlDocuments, toYaml } from '../../yaml/index.ts';
import type { Session } from '../session.ts';
import type { PlayView } from '../types.ts';
import { type FileKind, namingFile, searchPaths } from './files.ts';
import { templateVars } from './template_vars.ts';

/** The options of every template rendered for one node, the same for all hosts. */
export function templateOptions(session: Session, view: PlayView, node: Scoped): ScopeOptions {
  let known = byNode.get(view);
  if (!known) {
    known = new WeakMap();
    byNode.set(view, known);
  }
  let options = known.get(node);
  if (!options) {
    options = {
      ...sharedOptions(session),
      lookup: (name, terms, kwargs, wantlist, scope) => lookedUp(scope as VarScope, name, terms, kwargs, wantlist),
      folder: view.play.directory,
      searchFile: (name) =>
        searchPaths(name, 'templates', node, view, session.options.ssh?.home).find((path) => existsSync(path)),
      warn: (text) => session.warn(text),
    };
    nodes.set(options, { session, view, node });
    known.set(node, options);
  }
  return options;
}

const byNode = new WeakMap<PlayView, WeakMap<Scoped, ScopeOptions>>();

interface Standing {
  session: Session;
  view: PlayView;
  node: Scoped;
}

/** Where the scope of some options stands; lookups need it to find files. */
const nodes = new WeakMap<TemplateOptions, Standing>();
const shared = new WeakMap<Session, ScopeOptions>();

function sharedOptions(session: Session): ScopeOptions {
  const known = shared.get(session);
  if (known) return known;
  const vault = () => [...(session.options.vault ?? [])];
  const options: ScopeOptions = {
    vaultSecrets: vault(),
    hashBehaviour: session.options.hashBehaviour ?? 'replace',
    readFile: (path) => readProjectFile(path, session),
    secret: (text) => session.addSecret(text),
    parseYaml: (text, all) => {
      const source = new Source('<from_yaml>', text);
      return all ? parseYamlDocuments(source, { trusted: false }) : parseYaml(source, { trusted: false, json: false });
    },
    dumpYaml: (value, settings) => toYaml(value, Object.fromEntries(settings) as never),
    vault: (text, secret, settings) => {
      const salt = toText(settings.get('salt') ?? '');
      const fixed = salt === '' ? undefined : Buffer.from(salt, 'utf8');
      return encryptVault(text, { id: String(settings.get('vault_id') ?? ''), password: secret }, fixed);
    },
    unvault: (text, secret) => decryptVault(text, secret ? [{ id: 'default', password: secret }] : vault()),
    environment: (name) => session.options.environment?.[name],
  };
  shared.set(session, options);
  return options;
}

/** A text file of the project, decrypted if it is a vault. */
function readProjectFile(path: string, session: Session, encoding = 'utf-8'): string {
  session.used.add(path);
  let text: string;
  try {
    text = /^utf-?8$/i.test(encoding) ? readFileSync(path, 'utf8') : decoderOf(encoding).decode(readFileSync(path));
  } catch (error) {
    throw namingFile(error, path);
  }
  return isVault(text) ? decryptVault(text, [...(session.options.vault ?? [])]) : text;
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    throw mistake(
      `there is no encoding \`${encoding}\``,
      undefined,
      'names are those of the Web: utf-8, iso-8859-15, utf-16le',
    );
  }
}

/** `lookup()`: one value, or all joined by commas; `query()` and wantlist: the list. `errors` says what a failure is. */
function lookedUp(scope: VarScope, name: string, terms: Value[], kwargs: Map<string, Value>, wantlist: boolean): Value {
  const errors = String(kwargs.get('errors') ?? 'strict');
  const list = wantlist || kwargs.get('wantlist') === true;
  const own = new Map([...kwargs].filter(([key]) => key !== 'errors' && key !== 'wantlist'));
  try {
    const found = runLookup(scope, name, terms, own);
    if (list) return found;
    if (found.length === 1) return found[0]!;
    return found.length > 0 && found.every((value) => typeof value === 'string') ? found.join(',') : found;
  } catch (error) {
    if (
      errors === 'strict' ||
      !(error instanceof AuthorError || error instanceof ModuleFailure || error instanceof TemplateError)
    )
      throw error;
    if (errors === 'warn') scope.options.warn?.(`lookup \`${name}\` failed: ${error.message}`);
    return list ? [] : null;
  }
}

/** Runs a lookup as `with_*` and `lookup()` do; what it returns is data. */
export function runLookup(
  scope: VarScope,
  name: string,
  terms: Value,
  kwargs: Map<string, Value> = new Map(),
): Value[] {
  const standing = nodes.get(scope.options);
  if (!standing) throw new Error('a scope without its place in the run');
  const short = name.replace(/^(ansible\.builtin|community\.general)\./, '');
  const lookup = Object.hasOwn(lookups, short) ? lookups[short] : undefined;
  if (!lookup) {
    throw mistake(
      `there is no lookup \`${name}\``,
      undefined,
      didYouMean(short, Object.keys(lookups)) ?? `lookups are: ${Object.keys(lookups).sort().join(', ')}`,
    );
  }
  return lookup(Array.isArray(terms) ? terms : [terms], kwargs, lookupEnv(scope, standing));
}

function lookupEnv(scope: VarScope, { session, view, node }: Standing): LookupEnv {
  const { options } = session;
  return {
    scope,
    options: scope.options,
    searchFiles: (kind, name) =>
      searchPaths(name, kind as FileKind, node, view, options.ssh?.home).filter((path) => existsSync(path)),
    folders: (kind) => [...new Set(searchPaths('x', kind as FileKind, node, view, options.ssh?.home).map(dirname))],
    readFile: (path, encoding) => readProjectFile(path, session, encoding),
    spawn: (command) => {
      const done = Array.isArray(command)
        ? spawnSync(command[0]!, command.slice(1), { cwd: view.play.directory, env: { ...options.environment } })
        : spawnSync('/bin/sh', ['-c', command], { cwd: view.play.directory, env: { ...options.environment } });
      return {
        rc: done.status ?? 127,
        stdout: done.stdout?.toString('utf8') ?? '',
        stderr: done.stderr?.toString('utf8') ?? String(done.error ?? ''),
      };
    },
    environment: (name) => options.environment?.[name],
    config: (name) => configured(session, name),
    configFile: (section, key) => inConfigFile(options.settingsFile, section, key),
    inventoryHostnames: (pattern) => matching(session, pattern),
    decrypt: (text) => decryptVault(text, [...(options.vault ?? [])]),
    render: (text, settings, path) => {
      const source = new Source(path === undefined ? '<lookup>' : shownPath(path, options.cwd), text);
      const more = new Map(settings ?? []);
      const vars = more.get('template_vars');
      for (const name of ['template_vars', 'convert_data']) more.delete(name);
      const own = path === undefined ? new Map() : templateVars(scope, path, path, null);
      const inner = scope.with(new Map([...own, ...(isDict(vars) ? vars : [])]));
      const style = { trim_blocks: true, ...scope.options, ...Object.fromEntries(more) } as never;
      return renderValue(text, inner, style, { source, offset: 0 });
    },
    secret: (text) => session.addSecret(text),
  };
}

/** The hosts of a pattern; none where `host_pattern_mismatch` makes one that matches nothing an error. */
function matching({ inventory }: Session, pattern: string): string[] {
  try {
    return inventory.select(pattern).map((host) => host.name);
  } catch (error) {
    if (error instanceof AuthorError) return [];
    throw error;
  }
}

function inConfigFile(file: string | undefined, section: string, key: string) {
  if (file === undefined) return undefined;
  const value = parseIni(readFileSync(file, 'utf8'), { inlineComments: ';' }).get(section)?.get(key);
  return value === undefined || value === null ? undefined : { value, file };
}

/** Settings by Ansible's names, for `lookup('config', ...)`: those that have a meaning here. */
function configured({ options }: Session, name: string): Value | undefined {
  const known: Record<string, unknown> = {
    DEFAULT_FORKS: options.forks ?? 50,
    DEFAULT_REMOTE_USER: options.user ?? null,
    DEFAULT_PRIVATE_KEY_FILE: options.privateKeyFile ?? null,
    DEFAULT_TIMEOUT: options.timeout ?? 10,
    DEFAULT_BECOME: options.become?.enabled ?? false,
    DEFAULT_BECOME_USER: options.become?.user ?? 'root',
    DEFAULT_BECOME_METHOD: options.become?.method ?? 'sudo',
    DEFAULT_ROLES_PATH: [...(options.rolesPath ?? [])],
    DEFAULT_PRIVATE_ROLE_VARS: options.privateRoleVars ?? false,
    DEFAULT_HASH_BEHAVIOUR: options.hashBehaviour ?? 'replace',
    DEFAULT_GATHERING: options.gathering ?? 'implicit',
    DEFAULT_FORCE_HANDLERS: options.forceHandlers ?? false,
    DEFAULT_TRANSPORT: options.connection ?? 'ssh',
    DEFAULT_VERBOSITY: options.verbosity ?? 0,
  };
  return Object.hasOwn(known, name) ? fromPlain(known[name]) : undefined;
}

/** The text of a template file, rendered for a host: Handlebars for `.hbs`, else Jinja2 with Ansible's settings. */
export function renderFile(
  scope: VarScope,
  text: string,
  path: string,
  settings: { [setting: string]: Value },
  extra?: Dict,
  cwd?: string,
): string {
  const { dest, src, ...style } = settings;
  const own = templateVars(scope, String(src ?? path), path, dest === undefined ? null : String(dest));
  const inner = scope.with(new Map([...own, ...(extra ?? [])]));
  const source = new Source(shownPath(path, cwd), text);
  if (path.endsWith('.hbs')) return renderHandlebars(text, inner, inner.options, { source, offset: 0 });
  return renderText(text, inner, { trim_blocks: true, ...inner.options, ...style } as never, { source, offset: 0 });
}

/**
 * Renders something with known variables before the run, lookups and all; what is not known then stays an error of the author.
 * Files are looked for from the directory of the first playbook.
 */
export function renderStatic(value: Value, vars: readonly Dict[], session: Session, directory: string): Value {
  if (!(value instanceof Template)) return value;
  const scope = new VarScope(
    { extraVars: new Map(), blockVars: [...vars], magic: () => undefined, magicNames: [] },
    staticOptions(session, directory),
  );
  return scope.resolve(value);
}

function staticOptions(session: Session, directory: string): ScopeOptions {
  let view = early.get(session);
  if (!view) {
    const play = { kind: 'play', own: new Map(), directory, file: directory, name: '' } as unknown as Play;
    view = { play } as PlayView;
    early.set(session, view);
  }
  return templateOptions(session, view, view.play);
}

/** Before there are plays. */
const early = new WeakMap<Session, PlayView>();
