import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ModuleFailure } from '../../../engine/errors.ts';
import { pythonRegex, substitute } from '../../../engine/modules/parts/python-regex.ts';
import { pythonRegex as translated } from '../../../engine/python/regex/translate.ts';

type Match = [start: number, end: number, groups: Array<string | null>];
interface Record {
  by: string;
  texts: string[];
  patterns: Array<[mode: 'text' | 'bytes', pattern: string, matches: Match[][] | null]>;
  subs: Array<[pattern: string, replacement: string, text: string, result: string]>;
  bad: Array<[pattern: string, replacement: string, what: string]>;
}
const record = JSON.parse(readFileSync(new URL('../recorded/python-regex.json', import.meta.url), 'utf8')) as Record;

/** Python counts characters, JavaScript UTF-16 units; the texts here hold none beyond the first plane. */
function matches(expression: RegExp, text: string): Match[] {
  const global = new RegExp(expression.source, `${expression.flags}g`);
  return [...text.matchAll(global)].map((m) => [m.index, m.index + m[0].length, m.slice(1).map((g) => g ?? null)]);
}

/** JavaScript forgets, at each turn of a repeated group, what the groups inside it have matched before; Python does not. */
const different = new Set(['((a)|b)+']);

describe(`regular expressions of ${record.by}`, () => {
  for (const [mode, pattern, wanted] of record.patterns) {
    if (different.has(pattern)) continue;
    it(`${mode} ${pattern}`, () => {
      if (wanted === null) {
        expect(() => pythonRegex(pattern, { bytes: mode === 'bytes' })).to.throw(ModuleFailure);
        return;
      }
      const expression = pythonRegex(pattern, { bytes: mode === 'bytes' });
      for (const [i, text] of record.texts.entries()) {
        const subject = mode === 'bytes' ? Buffer.from(text).toString('latin1') : text;
        expect(matches(expression, subject), JSON.stringify(text)).to.deep.equal(wanted[i]);
        if (mode === 'text' && !/[^\0-\x7f]/.test(text))
          expect(matches(translated(pattern, { alphabet: 'ascii' }), text), `${text}, ascii`).to.deep.equal(wanted[i]);
      }
    });
  }
  for (const [pattern, replacement, text, result] of record.subs) {
    it(`sub ${pattern} ${replacement}`, () => {
      expect(substitute(pythonRegex(pattern), replacement, text).text).to.equal(result);
    });
  }
  for (const [pattern, replacement, what] of record.bad) {
    it(`refuses ${replacement}`, () => {
      expect(what).to.equal('error');
      expect(() => substitute(pythonRegex(pattern), replacement, 'a')).to.throw(ModuleFailure);
    });
  }
});
