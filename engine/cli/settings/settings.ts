/** Settings from ansible.cfg and ANSIBLE_ variables: settings_table.ts has those that count here; the others are named, not silently lost. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reasonOf, UsageError } from '../../errors.ts';
import { IniError, parseIni, type Sections } from '../../python/ini.ts';
import { NEEDLESS, NEEDLESS_SECTIONS, NEEDLESS_VARIABLE, settingsTable } from './settings_table.ts';

export class Settings {
  readonly warnings: string[] = [];
  /** The ansible.cfg that was read. */
  file: string | undefined;
  readonly #values = new Map<string, string>();
  /** The folder that relative paths of a setting start from. */
  readonly #folders = new Map<string, string>();

  set(name: string, value: string, folder: string): void {
    this.#values.set(name, value);
    this.#folders.set(name, folder);
  }
  text(name: string): string | undefined {
    return this.#values.get(name);
  }
  number(name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    const range =
      most < Number.MAX_SAFE_INTEGER ? ` from ${least} to ${most}` : least > 0 ? ` of at least ${least}` : '';
    throw new UsageError(`the setting \`${name}\` needs a whole number${range}, not \`${text}\``);
  }
  bool(name: string): boolean | undefined {
    const text = this.#values.get(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (['1', 'yes', 'y', 'true', 't', 'on'].includes(text)) return true;
    if (['0', 'no', 'n', 'false', 'f', 'off'].includes(text)) return false;
    throw new UsageError(`the setting \`${name}\` needs yes or no, not \`${text}\``);
  }
  path(name: string, home: string): string | undefined {
    const text = this.#values.get(name);
    return text === undefined ? undefined : this.#absolute(name, text, home);
  }
  /** Paths apart at `separator`; a host list (`a,b,`) of the inventory is left to the caller. */
  paths(name: string, separator: string, home: string): string[] | undefined {
    const texts = this.#values
      .get(name)
      ?.split(separator)
      .map((text) => text.trim());
    return texts?.filter((text) => text !== '').map((text) => this.#absolute(name, text, home));
  }

  #absolute(name: string, text: string, home: string): string {
    if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
    return resolve(this.#folders.get(name)!, text.replace('{{CWD}}', '.'));
  }
}

interface Where {
  cwd: string;
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Reads the first ansible.cfg that Ansible would read, then the variables, which win over it. */
export function readSettings(where: Where): Settings {
  const settings = new Settings();
  const file = configFile(where, settings);
  if (file !== undefined) readConfig(file, settings);
  settings.file = file;
  for (const { name, variable } of settingsTable) {
    const value = where.environment[variable];
    if (value !== undefined && value !== '') settings.set(name, value, where.cwd);
  }
  for (const [name, value] of Object.entries(where.environment)) if (value) warnOfVariable(name, settings);
  return settings;
}

/** A variable of Ansible's that would change what a run does, and does not here. */
function warnOfVariable(name: string, settings: Settings): void {
  if (!name.startsWith('ANSIBLE_') || NEEDLESS_VARIABLE.test(name)) return;
  if (settingsTable.some((setting) => setting.variable === name)) return;
  if (!NEEDLESS.has(name.slice('ANSIBLE_'.length).toLowerCase()))
    settings.warnings.push(`the variable \`${name}\` is not supported and has no effect`);
}

function configFile({ cwd, home, environment }: Where, settings: Settings): string | undefined {
  const named = environment['ANSIBLE_CONFIG'];
  if (named) {
    const path = named.startsWith('~/') ? join(home, named.slice(2)) : resolve(cwd, named);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'ansible.cfg') : path;
  }
  const here = join(cwd, 'ansible.cfg');
  if (statSync(here, { throwIfNoEntry: false })?.isFile()) {
    // Whoever may write here could make the run use their inventory and passwords (CVE-2018-10875).
    if (((statSync(cwd).mode ?? 0) & 0o002) === 0) return here;
    settings.warnings.push(
      `${here} is ignored: everybody may write to its folder; name it in ANSIBLE_CONFIG to use it`,
    );
  }
  return [join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg'].find(isReadable);
}

/** As Ansible, which passes over a file that it may not read: the home of another user, in a container. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readConfig(file: string, settings: Settings): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  for (const [section, options] of sectionsOf(text, file)) {
    for (const [key, value] of options) {
      const setting = settingsTable.find((s) => s.section === section && s.key === key);
      if (setting) settings.set(setting.name, value ?? '', dirname(file));
      else if (!NEEDLESS.has(key) && !NEEDLESS_SECTIONS.has(section))
        settings.warnings.push(`${file}: \`${key}\` in [${section}] is not supported and has no effect`);
    }
  }
}

function sectionsOf(text: string, file: string): Sections {
  try {
    return parseIni(text, { inlineComments: ';' });
  } catch (error) {
    if (error instanceof IniError) throw new UsageError(`${file}:${error.line}: not a setting: \`${error.text}\``);
    throw error;
  }
}
