/** Names that modules give to variables. */
import { ModuleFailure } from '../../errors.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const RESERVED = new Set(['False', 'None', 'True']);

/** Whether a template could refer to a variable of this name. */
export const isVariableName = (name: string): boolean => NAME.test(name) && !RESERVED.has(name);

/** The name itself if a template could refer to it; Ansible refuses Python's constants too. */
export function variableName(name: string): string {
  if (isVariableName(name)) return name;
  throw new ModuleFailure(
    `Invalid variable name '${name}'. Variable names must be strings starting with a letter or underscore character, ` +
      'and contain only letters, numbers and underscores.',
  );
}
