/** Encrypted values that the run will not be able to open: without a password, or damaged. Passwords themselves are tried when a value is needed. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { AuthorError, type Finding } from '../errors.ts';
import { isDict, isList, type Place, type Value, VaultText } from '../values.ts';
import { isVault, requireOpenable, type VaultSecret } from '../yaml/index.ts';

/** Warnings of such `!vault` values anywhere in the value of a file: nothing may ever need them. */
export function checkVaultTexts(
  value: Value,
  secrets: readonly VaultSecret[],
  report: (finding: Finding) => void,
  seen = new Set<string>(),
): void {
  if (value instanceof VaultText) {
    for (const finding of unopened(value.text, secrets, value.place)) {
      // The same is wrong with all values of a file: its first place is enough.
      const once = `${finding.message}\0${value.place?.source.file}`;
      if (!seen.has(once)) report({ ...finding, warning: true });
      seen.add(once);
    }
  } else if (isList(value)) for (const item of value) checkVaultTexts(item, secrets, report, seen);
  else if (isDict(value)) for (const item of value.values()) checkVaultTexts(item, secrets, report, seen);
}

/** What is wrong with an encrypted file; nothing with one that is not encrypted. */
export function checkVaultFile(
  path: string,
  secrets: readonly VaultSecret[] | undefined,
  place: Place | undefined,
): Finding[] {
  return secrets !== undefined && isVault(beginning(path)) ? unopened(readFileSync(path, 'utf8'), secrets, place) : [];
}

function unopened(text: string, secrets: readonly VaultSecret[], place: Place | undefined): Finding[] {
  try {
    requireOpenable(text, secrets, place);
    return [];
  } catch (error) {
    if (error instanceof AuthorError) return error.findings;
    throw error;
  }
}

function beginning(path: string): string {
  const bytes = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
