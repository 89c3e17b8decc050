import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseKeyValues } from '../../engine/yaml/index.ts';

type Parsed = { [key: string]: string } | null;
const recorded = JSON.parse(readFileSync(new URL('key_values.json', import.meta.url), 'utf8')) as {
  text: string;
  plain: Parsed;
  raw: Parsed;
}[];
/** The keys that Ansible takes out of a command line. */
const OWN = ['creates', 'removes', 'chdir', 'executable', 'warn', 'stdin', 'stdin_add_newline', 'strip_empty_ends'];

function ours(text: string, raw: boolean): Parsed {
  try {
    const { free, values } = parseKeyValues(text, undefined, { trusted: false, ...(raw ? { only: OWN } : {}) });
    const all = Object.fromEntries(values) as { [key: string]: string };
    return free === '' ? all : { ...all, _raw_params: free };
  } catch {
    return null;
  }
}

describe('key=value text as Ansible splits it', () => {
  for (const { text, plain, raw } of recorded) {
    it(JSON.stringify(text), () => {
      expect(ours(text, true), 'of a command').to.deep.equal(raw);
      // Words that are not key=value are an error of the caller's choice here (`strict`).
      if (plain !== null) expect(ours(text, false)).to.deep.equal(plain);
    });
  }
});
