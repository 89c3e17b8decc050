/**
 * Names of actions. The one place that knows which name means which module: `ansible.builtin.copy`, `copy`, and names under
 * which a module of today was known before. Nothing else takes such a name apart.
 */

/** Collections whose modules we have, each under its own name alone. */
const COLLECTIONS = [
  'ansible.builtin',
  'ansible.legacy',
  'ansible.posix',
  'ansible.utils',
  'ansible.netcommon',
  'community.general',
  'community.crypto',
  'community.docker',
  'troupe',
];
/** Folders of community.general, which its first versions had in the names of its modules. */
const FOLDERS =
  /^(files|identity|net_tools|packaging\.(language|os)|source_control|storage|system|web_infrastructure)\./;

/** Other names under which Ansible knows a module that we have. */
const ALIASES: Readonly<Record<string, string>> = { systemd_service: 'systemd', gather_facts: 'setup', dnf5: 'dnf' };

/**
 * Modules that were renamed: the redirects of ansible-core and of its collections whose target we have. All others lead to
 * a collection under the same name, or to modules that are not here.
 */
const RENAMED: Readonly<Record<string, string>> = {
  openssl_certificate: 'x509_certificate',
  openssl_certificate_info: 'x509_certificate_info',
};

/** Every name that stands for another one, and for which. */
export const otherNames: Readonly<Record<string, string>> = { ...RENAMED, ...ALIASES };

const known = new Map<string, string>();

/** The short name of a module or word of the language, written with or without its collection; any other name as it is. */
export function shortName(written: string): string {
  let short = known.get(written);
  if (short === undefined) {
    const name = withoutCollection(written);
    short = Object.hasOwn(otherNames, name) ? otherNames[name]! : name;
    known.set(written, short);
  }
  return short;
}

function withoutCollection(written: string): string {
  const collection = COLLECTIONS.find((one) => written.startsWith(`${one}.`));
  if (collection === undefined) return written;
  const name = written.slice(collection.length + 1).replace(FOLDERS, '');
  return /^[a-z0-9_]+$/.test(name) ? name : written;
}

/** The collection that a name is written with; undefined where it is written without one. */
export function collectionOf(written: string): string | undefined {
  return /^(\w+\.\w+)\.\w+(?:\.\w+)*$/.exec(written)?.[1];
}

/** Whether a name is one of Ansible's own, written with or without the collection that says so. */
export function isBuiltin(written: string): boolean {
  const collection = collectionOf(written);
  return collection === undefined || collection === 'ansible.builtin' || collection === 'ansible.legacy';
}
