/** INI texts in templates: what is wrong with one is the template's mistake. */
import { IniError, type IniOptions, parseIni, type Sections } from '../../python/ini.ts';
import { fail } from '../../python/undefined.ts';

/** The sections of a text. */
export function readIni(text: string, options: IniOptions = {}): Sections {
  try {
    return parseIni(text, options);
  } catch (error) {
    if (error instanceof IniError) fail(`the INI text has ${error.message} line ${error.line}: ${error.text}`);
    throw error;
  }
}
