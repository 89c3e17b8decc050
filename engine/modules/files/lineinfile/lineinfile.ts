import { ModuleFailure } from '../../../errors.ts';
import { atMostOneOf, bool, str } from '../../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, unchanged } from '../../define.ts';
import { type EditArgs, editArgs, editDiffs, latin, linesWithEnds, readFile, writeFile } from '../../parts/edit.ts';
import {
  eachLine,
  isLarge,
  type LargeFile,
  largeDiffs,
  scanPieces,
  streaming,
  writePieces,
} from '../../parts/edit-large.ts';
import { pythonRegex } from '../../parts/python-regex.ts';
import { bare, type Edit, type LineArgs, LinePlan, planFor } from './line-plan.ts';

export default defineModule({
  name: 'lineinfile',
  doc: 'Makes sure that a line is in a file, or is not.',
  reference: 'ansible.builtin.lineinfile',
  args: {
    ...editArgs,
    state: str({ doc: 'Whether the line shall be there.', choices: ['absent', 'present'], default: 'present' }),
    regexp: str({ doc: 'Which lines to replace or remove (Python syntax).', aliases: ['regex'] }),
    search_string: str({ doc: 'The same as literal text.' }),
    line: str({ doc: 'The line.', aliases: ['value'] }),
    insertafter: str({ doc: 'Insert after the last line that matches, or at EOF.' }),
    insertbefore: str({ doc: 'Insert before the last line that matches, or at BOF.' }),
    backrefs: bool({ doc: '`line` may refer to groups of `regexp`; without a match nothing is done.', default: false }),
    create: bool({ doc: 'Make the file if it is missing.', default: false }),
    firstmatch: bool({ doc: 'Take the first match instead of the last.', default: false }),
  },
  rules: [
    atMostOneOf('insertbefore', 'insertafter'),
    atMostOneOf('regexp', 'search_string'),
    atMostOneOf('backrefs', 'search_string'),
  ],
  check: 'full',
  returns: { msg: 'What was done.', backup: 'Name of the backup.', found: 'Lines removed (state absent).' },
  examples: `- lineinfile:
    path: /etc/ssh/sshd_config
    regexp: ^#?PermitRootLogin
    line: PermitRootLogin no
    validate: sshd -t -f %s
- lineinfile:
    path: /etc/hosts
    line: 10.0.0.11 db1
`,
  async run(args, env) {
    warnOfEmpty(args, env);
    if (args.state === 'present') {
      if (args.backrefs && args.regexp === undefined) throw new ModuleFailure('regexp is required with backrefs=true');
      if (args.line === undefined) throw new ModuleFailure('line is required with state=present');
      return present(args as Lines, env);
    }
    if (args.regexp === undefined && args.search_string === undefined && args.line === undefined)
      throw new ModuleFailure('one of line, search_string, or regexp is required with state=absent');
    return absent(args, env);
  },
});

type Lines = EditArgs & LineArgs & { create: boolean };

function warnOfEmpty(args: Lines, env: ModuleEnv): void {
  const what = args.regexp === '' ? 'regular expression' : args.search_string === '' ? 'search string' : undefined;
  if (!what) return;
  const more = " If this is desired, use '^' to match every line in the file and avoid this warning.";
  env.warn(
    `The ${what} is an empty string, which will match every line in the file. This may have unintended consequences, such as ` +
      `replacing the last line in the file rather than appending.${what === 'regular expression' ? more : ''}`,
  );
}

/** Whether a line is to go. */
function unwanted(args: Lines): (line: string) => boolean {
  const expression = args.regexp === undefined ? undefined : pythonRegex(args.regexp, { bytes: true });
  const wanted = latin(args.search_string ?? args.line ?? '');
  return (line) => {
    if (expression) return expression.test(line);
    return args.search_string === undefined ? bare(line) === wanted : line.includes(wanted);
  };
}

async function absent(args: Lines, env: ModuleEnv): Promise<ModuleResult> {
  const file = await readFile(args, env.remote, undefined, streaming.above);
  if (!file.exists) return unchanged({ msg: 'file not present' });
  const goes = unwanted(args);
  if (isLarge(file)) return absentFromLarge(file, goes, args, env);
  const lines = linesWithEnds(file.content);
  const kept = lines.filter((line) => !goes(line));
  const found = lines.length - kept.length;
  const after = found > 0 ? Buffer.from(kept.join(''), 'latin1') : undefined;
  const written = await writeFile(file, after, args, env);
  const msg = message(found > 0 ? `${found} line(s) removed` : '', written.attributes);
  const diff = editDiffs(file, after, written, env.diff);
  const values = { found, msg, backup: written.backup, diff: diff.registered };
  return changed(found > 0 || written.attributes, values, env.diff ? diff.shown : undefined);
}

async function absentFromLarge(
  file: LargeFile,
  goes: (line: string) => boolean,
  args: Lines,
  env: ModuleEnv,
): Promise<ModuleResult> {
  let found = 0;
  let { size } = file.large;
  const expected = await scanPieces(file, env.remote, (piece) =>
    eachLine(piece, (line) => {
      if (!goes(line)) return;
      found++;
      size -= line.length;
    }),
  );
  const change = { size, of: (piece = '') => without(piece, goes) };
  const written = await writePieces(file, found > 0 ? change : undefined, expected, args, env);
  const msg = message(found > 0 ? `${found} line(s) removed` : '', written.attributes);
  const diff = largeDiffs(file, written);
  return changed(
    found > 0 || written.attributes,
    { found, msg, backup: written.backup, diff },
    env.diff ? diff : undefined,
  );
}

function without(piece: string, goes: (line: string) => boolean): string {
  let kept = '';
  eachLine(piece, (line) => {
    if (!goes(line)) kept += line;
  });
  return kept;
}

function message(msg: string, attributes: boolean): string {
  return attributes ? `${msg}${msg ? ' and ' : ''}ownership, perms or SE linux context changed` : msg;
}

/** The lines with the change, as bytes; undefined if there is none. */
function applied(lines: string[], edit: Edit | undefined): Buffer | undefined {
  if (!edit) return undefined;
  const { at, remove, add } = edit;
  return Buffer.from(lines.toSpliced(at, remove === undefined ? 0 : 1, ...add).join(''), 'latin1');
}

async function present(args: Lines, env: ModuleEnv): Promise<ModuleResult> {
  const fresh = args.create && !env.check ? applied([], planFor([], args)) : undefined;
  const file = await readFile(args, env.remote, fresh, streaming.above);
  if (!file.exists && !args.create) throw new ModuleFailure(`Destination ${file.path} does not exist !`, { rc: 257 });
  if (isLarge(file)) return presentInLarge(file, args, env);
  const lines = linesWithEnds(file.content);
  const edit = planFor(lines, args);
  const after = applied(lines, edit);
  const written = await writeFile(file, after, args, env);
  const attributes = written.attributes && (file.exists || !env.check);
  const { registered, shown } = editDiffs(file, after, written, env.diff);
  const many = file.exists || !env.check ? 2 : 1;
  const values = { msg: message(edit?.msg ?? '', attributes), backup: written.backup, diff: registered.slice(0, many) };
  return changed(edit !== undefined || attributes, values, env.diff ? shown.slice(0, many) : undefined);
}

async function presentInLarge(file: LargeFile, args: Lines, env: ModuleEnv): Promise<ModuleResult> {
  const plan = new LinePlan(args);
  const expected = await scanPieces(file, env.remote, (piece) => eachLine(piece, (line) => plan.see(line)));
  const edit = plan.edit();
  const written = await writePieces(file, edit && lineChange(file, edit), expected, args, env);
  const diff = largeDiffs(file, written);
  const values = { msg: message(edit?.msg ?? '', written.attributes), backup: written.backup, diff };
  return changed(edit !== undefined || written.attributes, values, env.diff ? diff : undefined);
}

function lineChange(file: LargeFile, { at, remove, add }: Edit) {
  const added = add.join('');
  let number = 0;
  return {
    size: file.large.size + added.length - (remove?.length ?? 0),
    of(piece: string | undefined) {
      // Behind the last line.
      if (piece === undefined) return number === at ? added : '';
      const lines = linesIn(piece);
      const inside = at - number;
      number += lines;
      if (inside < 0 || inside >= lines) return piece;
      const start = startOfLine(piece, inside);
      return piece.slice(0, start) + added + piece.slice(start + (remove?.length ?? 0));
    },
  };
}

function linesIn(piece: string): number {
  let count = piece.endsWith('\n') || piece === '' ? 0 : 1;
  for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', end + 1)) count++;
  return count;
}

function startOfLine(piece: string, number: number): number {
  let at = 0;
  for (let i = 0; i < number; i++) at = piece.indexOf('\n', at) + 1;
  return at;
}
