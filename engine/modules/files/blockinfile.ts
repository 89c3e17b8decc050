import { ModuleFailure } from '../../errors.ts';
import { atMostOneOf, bool, str } from '../args.ts';
import { changed, defineModule, unchanged } from '../define.ts';
import { type EditArgs, editArgs, editDiffs, latin, readFile, splitLines, writeFile } from '../parts/edit.ts';
import { isMultiline, pythonRegex } from '../parts/python-regex.ts';

export default defineModule({
  name: 'blockinfile',
  doc: 'Keeps a block of lines, surrounded by marker lines, in a file.',
  reference: 'ansible.builtin.blockinfile',
  args: {
    ...editArgs,
    state: str({ doc: 'Whether the block shall be there.', choices: ['absent', 'present'], default: 'present' }),
    marker: str({
      doc: 'Marker line; `{mark}` becomes marker_begin or marker_end.',
      default: '# {mark} ANSIBLE MANAGED BLOCK',
    }),
    block: str({ doc: 'The lines; an empty block is removed.', aliases: ['content'], default: '' }),
    insertafter: str({ doc: 'Where a new block goes: after the last line that matches, or EOF.' }),
    insertbefore: str({ doc: 'Where a new block goes: before the last line that matches, or BOF.' }),
    create: bool({ doc: 'Make the file if it is missing.', default: false }),
    marker_begin: str({ default: 'BEGIN' }),
    marker_end: str({ default: 'END' }),
    append_newline: bool({ doc: 'An empty line after the block.', default: false }),
    prepend_newline: bool({ doc: 'An empty line before the block.', default: false }),
  },
  rules: [atMostOneOf('insertbefore', 'insertafter')],
  check: 'full',
  returns: { msg: 'What was done.', backup_file: 'Name of the backup.' },
  examples: `- blockinfile:
    path: /etc/hosts
    block: |
      10.0.0.11 db1
      10.0.0.12 db2
`,
  async run(args, env) {
    const present = args.state === 'present';
    const fresh: string[] = [];
    const making = args.create && present && !env.check;
    if (making) insertBlock(fresh, Buffer.alloc(0), args as Block, present);
    const file = await readFile(args, env.remote, making ? Buffer.from(fresh.join(''), 'latin1') : undefined);
    if (!file.exists && !args.create) throw new ModuleFailure(`Path ${file.path} does not exist !`, { rc: 257 });
    if (!file.exists && !present) return unchanged({ msg: `File ${file.path} not present` });
    const lines = splitLines(file.content);
    const hasBlock = insertBlock(lines, file.content, args as Block, present);
    const after = Buffer.from(lines.join(''), 'latin1');
    const isChanged = !file.exists || !after.equals(file.content);
    let msg = '';
    if (isChanged) msg = !file.exists ? 'File created' : hasBlock ? 'Block inserted' : 'Block removed';
    const written = await writeFile(file, isChanged ? after : undefined, args, env);
    const attributes = written.attributes && (file.exists || !env.check);
    if (attributes) msg += `${msg ? ' and ' : ''}ownership, perms or SE linux context changed`;
    const values: Record<string, unknown> = { msg };
    if (written.backup) values['backup_file'] = written.backup;
    const diff = editDiffs(file, isChanged ? after : undefined, written, env.diff);
    values['diff'] = diff.registered;
    return changed(isChanged || attributes, values, env.diff ? diff.shown : undefined);
  },
});

interface Block extends EditArgs {
  marker: string;
  marker_begin: string;
  marker_end: string;
  block: string;
  insertafter?: string | undefined;
  insertbefore?: string | undefined;
  append_newline: boolean;
  prepend_newline: boolean;
}

/** Takes the old block out of the lines and puts the new one in; tells whether there is a new one. */
function insertBlock(lines: string[], original: Buffer, args: Block, present: boolean): boolean {
  const mark = (word: string) => `${latin(args.marker).replaceAll('{mark}', () => latin(word))}\n`;
  const [first, last] = [mark(args.marker_begin), mark(args.marker_end)];
  const inner = present ? latin(args.block) : '';
  const block =
    inner === ''
      ? []
      : [first, ...splitLines(Buffer.from(inner.endsWith('\n') ? inner : `${inner}\n`, 'latin1')), last];
  let at = placeOfBlock(lines, first, last);
  if (at === undefined) at = newPlace(lines, original, args);
  if (at > 0 && !lines[at - 1]!.endsWith('\n')) lines[at - 1] += '\n';
  if (args.prepend_newline && present && at !== 0 && lines[at - 1] !== '\n') lines.splice(at++, 0, '\n');
  lines.splice(at, 0, ...block);
  if (args.append_newline && present) {
    const behind = at + block.length;
    if (behind < lines.length && lines[behind] !== '\n') lines.splice(behind, 0, '\n');
  }
  return block.length > 0;
}

/** Takes out the lines from one marker to the other and tells where they were; undefined if both are not there. */
function placeOfBlock(lines: string[], first: string, last: string): number | undefined {
  const begin = lines.lastIndexOf(first);
  const end = lines.lastIndexOf(last);
  if (begin < 0 || end < 0) return undefined;
  const start = Math.min(begin, end);
  lines.splice(start, Math.abs(end - begin) + 1);
  return start;
}

function newPlace(lines: string[], original: Buffer, args: Block): number {
  const { insertbefore } = args;
  const insertafter = args.insertafter ?? (insertbefore === undefined ? 'EOF' : undefined);
  const written = insertafter !== undefined ? insertafter : insertbefore!;
  if (written === (insertafter !== undefined ? 'EOF' : 'BOF')) return insertafter !== undefined ? lines.length : 0;
  const expression = pythonRegex(written, { bytes: true });
  let found = -1;
  if (isMultiline(written)) {
    const text = original.toString('latin1');
    const match = expression.exec(text);
    const until = match ? match.index + (insertafter !== undefined ? match[0].length : 0) : -1;
    if (match) found = text.slice(0, until).split('\n').length - 1;
  } else found = lines.findLastIndex((line) => expression.test(line));
  if (found < 0) return lines.length;
  return insertafter !== undefined ? found + 1 : found;
}
