/** requirements.yml: which roles and collections a project needs, and from where. */
import { didYouMean, mistake } from '../errors.ts';
import {
  type Dict,
  isDict,
  isList,
  type Place,
  placeOf,
  placeOfKey,
  placeOfValue,
  toPlain,
  type Value,
} from '../values.ts';

export interface Requirement {
  kind: 'role' | 'collection';
  /** As it is installed: `nginx`, `acme.web`. */
  name: string;
  from: 'git' | 'archive' | 'index';
  /** Address or path; of an index the name there. */
  source: string;
  /** Tag, branch, commit; or a range of versions of an index. */
  version: string | undefined;
  /** The directory in a repository. */
  directory: string | undefined;
  /** The index, where one is named. */
  server: string | undefined;
  place: Place | undefined;
}

const ROLE_KEYS = ['src', 'role', 'name', 'version', 'scm', 'path', 'directory'];
const COLLECTION_KEYS = ['name', 'source', 'version', 'type', 'signatures'];

/** What a file of requirements says; throws AuthorError. */
export function readRequirements(content: Value): Requirement[] {
  if (isList(content)) return each(content, role);
  if (!isDict(content))
    throw mistake(
      'a file of requirements is a mapping with `roles` and `collections`, or a list of roles',
      placeOf(content),
    );
  for (const key of content.keys())
    if (!['roles', 'collections'].includes(String(key)))
      throw mistake(
        `a file of requirements has no key \`${String(key)}\``,
        placeOfKey(content, key),
        didYouMean(String(key), ['roles', 'collections']),
      );
  const found = [...each(listAt(content, 'roles'), role), ...each(listAt(content, 'collections'), collection)];
  const seen = new Set<string>();
  for (const { kind, name, place } of found) {
    if (seen.has(`${kind} ${name}`)) throw mistake(`the ${kind} \`${name}\` is required twice`, place);
    seen.add(`${kind} ${name}`);
  }
  return found;
}

function listAt(content: Dict, key: string): Value[] {
  const list = content.get(key) ?? [];
  if (!isList(list)) throw mistake(`\`${key}\` must be a list`, placeOfValue(content, key));
  return list;
}

const each = (list: Value[], read: (item: Value, place: Place | undefined) => Requirement): Requirement[] =>
  list.map((item, i) => read(item, placeOfValue(list, i)));

function fieldsOf(item: Value, place: Place | undefined, known: readonly string[]): Map<string, string> {
  if (!isDict(item)) throw mistake('this is not a requirement', place, 'write `- name: ...`, or `- src: ...`');
  const fields = new Map<string, string>();
  for (const [key, value] of item) {
    if (!known.includes(String(key)))
      throw mistake(
        `a requirement has no key \`${String(key)}\``,
        placeOfKey(item, key),
        didYouMean(String(key), known) ?? `its keys are: ${known.join(', ')}`,
      );
    if (value !== null) fields.set(String(key), String(toPlain(value)));
  }
  return fields;
}

function role(item: Value, place: Place | undefined): Requirement {
  const fields = typeof item === 'string' ? shortRole(item) : fieldsOf(item, place, ROLE_KEYS);
  const src = fields.get('src') ?? fields.get('role') ?? fields.get('name');
  if (!src) throw mistake('a role needs `src`, or its name', place);
  const scm = fields.get('scm');
  if (scm !== undefined && scm !== 'git') throw mistake(`\`scm: ${scm}\` is not supported: only git is`, place);
  const git = scm === 'git' || isGit(src);
  const archive = !git && isArchive(src);
  const [source, hash] = splitDirectory(src.replace(/^git\+/, ''));
  const name = safeRoleName(fields.get('name') ?? lastName(source), place);
  return {
    kind: 'role',
    name,
    from: git ? 'git' : archive ? 'archive' : 'index',
    source,
    version: fields.get('version') ?? hash.version,
    directory: fields.get('path') ?? fields.get('directory') ?? hash.directory,
    server: undefined,
    place,
  };
}

/** `src,version,name`. */
function shortRole(text: string): Map<string, string> {
  const [src = '', version, name] = text.split(',').map((part) => part.trim());
  const fields = new Map([['src', src]]);
  if (version) fields.set('version', version);
  if (name) fields.set('name', name);
  return fields;
}

function collection(item: Value, place: Place | undefined): Requirement {
  const fields = typeof item === 'string' ? new Map([['name', item]]) : fieldsOf(item, place, COLLECTION_KEYS);
  const written = fields.get('name') ?? fields.get('source');
  if (!written) throw mistake('a collection needs its name', place);
  const type = fields.get('type');
  const byName = /^\w+\.\w+(:.*)?$/.test(written) && type !== 'git' && type !== 'url' && type !== 'file';
  const address = byName ? written : (fields.get('source') ?? written);
  const git = type === 'git' || (!byName && isGit(address));
  const [source, hash] = splitDirectory(address.replace(/^git\+/, ''));
  const [bare, range] = byName ? written.split(':') : [];
  // Of a repository or an archive the name is read from what is in it.
  return {
    kind: 'collection',
    name: bare ?? (/^\w+\.\w+$/.test(fields.get('name') ?? '') ? fields.get('name')! : ''),
    from: byName ? 'index' : git ? 'git' : 'archive',
    source: byName ? bare! : source,
    version: fields.get('version') ?? range ?? hash.version,
    directory: hash.directory,
    server: byName ? fields.get('source') : undefined,
    place,
  };
}

const isArchive = (source: string): boolean => /\.(tar|tar\.gz|tgz)$/.test(source.replace(/[?#].*$/, ''));
const isGit = (source: string): boolean =>
  !isArchive(source) &&
  (/^git[+@]/.test(source) ||
    /^(git|ssh|https?|file):\/\//.test(source) ||
    /\.git(#|,|$)/.test(source) ||
    /^[./~]/.test(source));

/** `url#/directory,version`. */
function splitDirectory(source: string): [string, { directory?: string; version?: string }] {
  const [address = '', rest] = source.split('#', 2);
  const [url = '', version] = address.split(',', 2);
  if (rest === undefined) return [url, version ? { version } : {}];
  const [directory = '', later] = rest.split(',', 2);
  const found = { ...(directory.replace(/^\/+/, '') && { directory: directory.replace(/^\/+/, '') }) };
  return [url, later ? { ...found, version: later } : found];
}

const lastName = (source: string): string =>
  (source.replace(/\/+$/, '').split('/').at(-1) ?? '').replace(/\.git$/, '').replace(/\.(tar\.gz|tgz|tar)$/, '');

function safeRoleName(name: string, place: Place | undefined): string {
  if (/^[\w][\w.-]*$/.test(name)) return name;
  throw mistake(`\`${name}\` cannot be the name of a role`, place, 'give it one with `name`');
}
