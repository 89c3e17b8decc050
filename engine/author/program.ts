/** Loads a playbook, a file of tasks or of variables that is a program: TypeScript or JavaScript. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AuthorError, type Finding, mistake, reasonOf } from '../errors.ts';
import type { ModuleDefinition } from '../modules/define.ts';
import { findModule, loadModule, ownModules } from '../modules/find.ts';
import { importFile, provideModules } from '../modules/library-load.ts';
import { Source, shownPath, type Value } from '../values.ts';
import { CallPlaces } from './call_site.ts';
import { modulesProgram } from './declarations.ts';
import { type ModuleTraits, modulesIn, PlayMaker } from './plays.ts';
import { ValueMaker } from './values.ts';

provideModules(() => modulesProgram([...ownModules().keys()], new URL('./make.ts', import.meta.url).href));

interface LoadedProgram {
  value: Value;
  /** The file itself. */
  text: string;
}

/** What the file exports, as a YAML file would have held it; throws AuthorError with all that is wrong. */
export async function loadProgram(file: string, cwd: string, libraries: readonly string[]): Promise<LoadedProgram> {
  const source = readSource(file, cwd);
  const start = { source, offset: 0 };
  const exported = await importFile(file, 'file').catch((error: unknown) => {
    throw error instanceof AuthorError ? new AuthorError(error.findings.map((one) => shownFrom(one, cwd))) : error;
  });
  if (!('default' in exported))
    throw mistake(
      `${basename(file)} exports nothing`,
      start,
      'it has to have `export default playbook(...)`, or tasks(...)',
    );
  const traits = await traitsOf(modulesIn(exported['default']), [join(dirname(file), 'library'), ...libraries]);
  const values = new ValueMaker(new CallPlaces(cwd));
  const value = new PlayMaker(values, (name) => traits.get(name) ?? {}).exported(exported['default'], start);
  if (values.findings.length > 0) throw new AuthorError(values.findings);
  return { value, text: source.text };
}

/** What must be known of modules to read their arguments. One that cannot be loaded is reported where it is used. */
export async function traitsOf(
  names: Iterable<string>,
  libraries: readonly string[],
): Promise<Map<string, ModuleTraits>> {
  const found = new Map<string, ModuleTraits>();
  for (const name of names) {
    const file = findModule(name, libraries);
    const definition = file && (await loadModule(file).catch(() => undefined));
    if (definition) found.set(name, ofDefinition(definition));
  }
  return found;
}

function ofDefinition({ traits, unrendered = [], freeForm }: ModuleDefinition): ModuleTraits {
  const expressions = [...(traits?.expressions ?? []), ...unrendered];
  return freeForm === undefined ? { expressions } : { expressions, freeForm };
}

function readSource(file: string, cwd: string): Source {
  try {
    return new Source(shownPath(file, cwd), readFileSync(file, 'utf8'));
  } catch (error) {
    throw mistake(`cannot read ${file}: ${reasonOf(error)}`);
  }
}

/** A finding whose file is named relative to where the user stands. */
function shownFrom(finding: Finding, cwd: string): Finding {
  const { place } = finding;
  if (!place) return finding;
  const { file, text, secret } = place.source;
  return { ...finding, place: { ...place, source: new Source(shownPath(file, cwd), text, secret) } };
}
