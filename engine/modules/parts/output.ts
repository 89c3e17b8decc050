/** Output of commands as Ansible's results give it. */
import { ModuleFailure } from '../../errors.ts';

/** Lines of a text as Python's splitlines() splits it: `stdout_lines`. */
export function lines(text: string): string[] {
  const found = text.split(/\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/);
  if (found.at(-1) === '') found.pop();
  return found;
}

/** `stdout`, `stderr` and their `_lines`. */
export function outputs(stdout: Buffer | string, stderr: Buffer | string, strip = true): Record<string, unknown> {
  const text = (part: Buffer | string) => {
    const all = typeof part === 'string' ? part : part.toString('utf8');
    return strip ? all.replace(/[\r\n]+$/, '') : all;
  };
  const [out, err] = [text(stdout), text(stderr)];
  return { stdout: out, stdout_lines: lines(out), stderr: err, stderr_lines: lines(err) };
}

/** Splits a line into words as Python's shlex.split does; fails on an open quote. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (/[ \t\r\n]/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) throw new ModuleFailure('No closing quotation');
      word = (word ?? '') + line.slice(i + 1, end);
      i = end;
    } else if (c === '"') {
      [word, i] = doubleQuoted(line, i, word ?? '');
    } else if (c === '\\') {
      if (i + 1 >= line.length) throw new ModuleFailure('No escaped character');
      word = (word ?? '') + line[++i];
    } else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function doubleQuoted(line: string, start: number, before: string): [string, number] {
  let word = before;
  for (let i = start + 1; i < line.length; i++) {
    const c = line[i]!;
    if (c === '"') return [word, i];
    if (c === '\\' && (line[i + 1] === '"' || line[i + 1] === '\\')) word += line[++i];
    else word += c;
  }
  throw new ModuleFailure('No closing quotation');
}
