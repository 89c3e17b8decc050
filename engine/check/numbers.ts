/** What YAML 1.1 reads otherwise than its author meant: `version: 1.20` is 1.2, `22:22` counts in sixties, `country: no` is false. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding } from '../errors.ts';
import { Float, isDict, isList, type Place, placeOfValue, type Value } from '../values.ts';
import { isVault } from '../yaml/index.ts';

const NAMES_A_VERSION = /(?:^|_)(?:version|release|tag)$/i;

/** Warnings of such numbers anywhere in the value of a file; `cwd` is what the names of sources are relative to. */
export function checkNumbers(value: Value, cwd: string, report: (finding: Finding) => void): void {
  const each = (container: Value): void => {
    const entries = isList(container) ? container.entries() : isDict(container) ? container : [];
    for (const [key, item] of entries) {
      // What meta/main.yml tells the world about a role is nothing that a run reads.
      if (key === 'galaxy_info') continue;
      if (typeof item === 'boolean') {
        const finding = misreadWord(container, key, placeOfValue(container as Value[], key));
        if (finding && !isEncrypted(finding.place!, cwd)) report(finding);
      } else if (typeof item === 'number' || item instanceof Float) {
        const finding = misread(String(key), item, placeOfValue(container as Value[], key));
        if (finding && !isEncrypted(finding.place!, cwd)) report(finding);
      } else each(item);
    }
  };
  each(value);
}

/** Names whose values are codes, of which `no` (Norway) and `on` (Ontario) are two. */
const NAMES_A_CODE = /(?:^|_)(?:countr(?:y|ies)|lang|language|locale|region|province|iso|iso_code|country_code)$/i;

/** A word that YAML 1.1 takes for true or false, where its author meant the word: under the name of a code, or in a list of words. */
function misreadWord(container: Value, key: Value, place: Place | undefined): Finding | undefined {
  const text = place && /^[A-Za-z]+/.exec(place.source.text.slice(place.offset, place.offset + 6))?.[0];
  if (text === undefined || !/^(?:no|on|off|yes|y|n)$/i.test(text)) return undefined;
  const others = isList(container) ? container.filter((item) => typeof item !== 'boolean') : [];
  const among = others.length > 0 && others.every((item) => typeof item === 'string' && /^[A-Za-z]{2}$/.test(item));
  if (!among && !(typeof key === 'string' && NAMES_A_CODE.test(key))) return undefined;
  const read = /^(?:on|yes|y)$/i.test(text);
  return { message: `YAML reads ${text} as ${read}`, place, help: `quote it: "${text}"`, warning: true };
}

function misread(name: string, value: number | Float, place: Place | undefined): Finding | undefined {
  const text = place && /^[\d.:]+/.exec(place.source.text.slice(place.offset, place.offset + 40))?.[0];
  if (text === undefined) return undefined;
  const shortened = NAMES_A_VERSION.test(name) && /^\d+\.\d+0$/.test(text);
  if (!shortened && !/^\d+(?::\d+)+/.test(text)) return undefined;
  const help = `quote it: "${text}"`;
  return { message: `YAML reads ${text} as the number ${Number(value)}`, place, help, warning: true };
}

/** What a vault holds is shown nowhere. */
function isEncrypted({ source }: Place, cwd: string): boolean {
  try {
    return isVault(readFileSync(resolve(cwd, source.file), 'utf8'));
  } catch {
    return true;
  }
}
