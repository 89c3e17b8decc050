import { ModuleFailure } from '../../errors.ts';
import { atMostOneOf, bool, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, unchanged } from '../define.ts';
import { type EditArgs, editArgs, editDiffs, latin, linesWithEnds, readFile, writeFile } from '../parts/edit.ts';
import { expandTemplate, pythonRegex } from '../parts/python-regex.ts';

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

interface Lines extends EditArgs {
  regexp?: string | undefined;
  search_string?: string | undefined;
  line?: string | undefined;
  insertafter?: string | undefined;
  insertbefore?: string | undefined;
  backrefs: boolean;
  create: boolean;
  firstmatch: boolean;
}

function warnOfEmpty(args: Lines, env: ModuleEnv): void {
  const what = args.regexp === '' ? 'regular expression' : args.search_string === '' ? 'search string' : undefined;
  if (!what) return;
  const more = " If this is desired, use '^' to match every line in the file and avoid this warning.";
  env.warn(
    `The ${what} is an empty string, which will match every line in the file. This may have unintended consequences, such as ` +
      `replacing the last line in the file rather than appending.${what === 'regular expression' ? more : ''}`,
  );
}

async function absent(args: Lines, env: ModuleEnv): Promise<ModuleResult> {
  const file = await readFile(args, env.remote);
  if (!file.exists) return unchanged({ msg: 'file not present' });
  const expression = args.regexp === undefined ? undefined : pythonRegex(args.regexp, { bytes: true });
  const wanted = latin(args.search_string ?? args.line ?? '');
  const matches = (line: string) => {
    if (expression) return expression.test(line);
    return args.search_string === undefined ? bare(line) === wanted : line.includes(wanted);
  };
  const lines = linesWithEnds(file.content);
  const kept = lines.filter((line) => !matches(line));
  const found = lines.length - kept.length;
  const after = found > 0 ? Buffer.from(kept.join(''), 'latin1') : undefined;
  const written = await writeFile(file, after, args, env);
  const msg = message(found > 0 ? `${found} line(s) removed` : '', written.attributes);
  const diff = editDiffs(file, after, written, env.diff);
  const values = { found, msg, backup: written.backup, diff: diff.registered };
  return changed(found > 0 || written.attributes, values, env.diff ? diff.shown : undefined);
}

function message(msg: string, attributes: boolean): string {
  return attributes ? `${msg}${msg ? ' and ' : ''}ownership, perms or SE linux context changed` : msg;
}

/** A line without its end. */
const bare = (line: string) => line.replace(/[\r\n]+$/, '');

async function present(args: Lines, env: ModuleEnv): Promise<ModuleResult> {
  const fresh: string[] = [];
  const making = args.create && !env.check && edit(fresh, args) !== '';
  const file = await readFile(args, env.remote, making ? Buffer.from(fresh.join(''), 'latin1') : undefined);
  if (!file.exists && !args.create) throw new ModuleFailure(`Destination ${file.path} does not exist !`, { rc: 257 });
  const lines = linesWithEnds(file.content);
  const msg = edit(lines, args);
  const after = msg ? Buffer.from(lines.join(''), 'latin1') : undefined;
  const written = await writeFile(file, after, args, env);
  const attributes = written.attributes && (file.exists || !env.check);
  const { registered, shown } = editDiffs(file, after, written, env.diff);
  const many = file.exists || !env.check ? 2 : 1;
  const values = { msg: message(msg, attributes), backup: written.backup, diff: registered.slice(0, many) };
  return changed(msg !== '' || attributes, values, env.diff ? shown.slice(0, many) : undefined);
}

interface Found {
  /** Index of the line that regexp, search_string or the line itself matched. */
  line: number;
  match?: RegExpExecArray | true;
  exact: boolean;
  /** Index at which insertafter or insertbefore says to insert. */
  insert: number;
}

function search(lines: string[], args: Lines): Found {
  const found: Found = { line: -1, exact: false, insert: -1 };
  const expression = args.regexp === undefined ? undefined : pythonRegex(args.regexp, { bytes: true });
  const literal = args.search_string === undefined ? undefined : latin(args.search_string);
  for (const [number, line] of lines.entries()) {
    const match = expression ? expression.exec(line) : literal !== undefined && line.includes(literal);
    if (!match) continue;
    found.line = number;
    found.match = match;
    if (args.firstmatch) break;
  }
  if (found.match) return found;
  const after = args.insertafter ?? (args.insertbefore === undefined ? 'EOF' : undefined);
  const where = after !== undefined ? (after === 'BOF' || after === 'EOF' ? undefined : after) : args.insertbefore;
  const insertion = where === undefined || where === 'BOF' ? undefined : pythonRegex(where, { bytes: true });
  const wanted = latin(args.line!);
  for (const [number, line] of lines.entries()) {
    if (bare(line) === wanted) {
      found.line = number;
      found.exact = true;
    } else if (insertion?.test(line)) {
      found.insert = after !== undefined ? number + 1 : number;
      if (args.firstmatch) break;
    }
  }
  return found;
}

/** Changes the lines in place; the message tells what was done, '' for nothing. */
function edit(lines: string[], args: Lines): string {
  const found = search(lines, args);
  const line = latin(args.line!);
  const before = args.insertbefore;
  const after = args.insertafter ?? (before === undefined ? 'EOF' : undefined);
  if (found.line >= 0) {
    const text = args.backrefs && typeof found.match === 'object' ? expandTemplate(line, found.match) : line;
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    if (lines[found.line] === whole) return '';
    lines[found.line] = whole;
    return 'line replaced';
  }
  if (args.backrefs) return '';
  if (before === 'BOF' || after === 'BOF') {
    lines.unshift(`${line}\n`);
    return 'line added';
  }
  if (after === 'EOF' || found.insert === -1) {
    if (lines.length > 0 && !/[\r\n]$/.test(lines.at(-1)!)) lines.push('\n');
    lines.push(`${line}\n`);
    return 'line added';
  }
  if (after && lines.length === found.insert) {
    if (bare(lines[found.insert - 1]!) === line) return '';
    if (!/[\r\n]$/.test(lines.at(-1)!)) lines.push('\n');
    lines.push(`${line}\n`);
    return 'line added';
  }
  if (after && bare(lines[found.insert]!) === line) return '';
  lines.splice(found.insert, 0, `${line}\n`);
  return 'line added';
}
