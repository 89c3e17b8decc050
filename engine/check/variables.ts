/** Names that a variable can't have, in `vars` of a play, block, task or role, and where a module's arguments are names. */
import { isVariableName } from '../modules/control/variable-name.ts';
import { GLOBALS } from '../template/index.ts';
import { isDict, placeOfKey, Template, type Value } from '../values.ts';
import type { Report } from './report.ts';

/** Reports names that can't be, and warns of those of functions; with `rendered`, those that hold templates are known only in the run. */
export function checkNames(vars: Value | undefined, report: Report, rendered = false): void {
  if (!isDict(vars)) return;
  for (const key of vars.keys()) {
    if (typeof key === 'string' && isVariableName(key)) {
      if (GLOBALS.has(key))
        report({
          message: `Found variable using reserved name '${key}'`,
          place: placeOfKey(vars, key),
          help: 'templates have a function of that name, which the variable takes away; choose another one',
          warning: true,
        });
      continue;
    }
    if (rendered && (key instanceof Template || String(key).includes('{{'))) continue;
    const name = key instanceof Template ? key.text : String(key);
    const fixed = name.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
    const help =
      typeof key === 'boolean'
        ? 'YAML reads yes, no, on and off as true and false; use another name'
        : `letters, digits and underscores only, not beginning with a digit: \`${fixed === name ? `${name}_` : fixed}\``;
    report({ message: `\`${name}\` can't be the name of a variable`, place: placeOfKey(vars, key), help });
  }
}
