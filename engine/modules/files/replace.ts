import { ModuleFailure } from '../../errors.ts';
import { encodeText, UnencodableError } from '../../python/codecs.ts';
import { str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, unchanged } from '../define.ts';
import { type EditArgs, editArgs, readFile, writeFile } from '../parts/edit.ts';
import { isLarge, type LargeFile, largeDiffs, scanPieces, streaming, writePieces } from '../parts/edit-large.ts';
import { pythonRegex, substitute } from '../parts/python-regex.ts';

export default defineModule({
  name: 'replace',
  doc: 'Replaces all that matches a regular expression in a file.',
  reference: 'ansible.builtin.replace',
  args: {
    ...editArgs,
    regexp: str({ doc: 'What to replace (Python syntax, `^` and `$` match at lines).', required: true }),
    replace: str({ doc: 'What to put there; may refer to groups as \\1.', default: '' }),
    after: str({ doc: 'Only what follows this expression.' }),
    before: str({ doc: 'Only what comes before this expression.' }),
    encoding: str({ doc: "The file's encoding.", default: 'utf-8' }),
  },
  check: 'full',
  returns: { msg: 'How many replacements were made.', rc: '0', backup_file: 'Name of the backup.' },
  examples: `- replace:
    path: /etc/app/app.conf
    regexp: '^port = \\d+$'
    replace: port = 8080
`,
  async run(args, env) {
    const file = await readFile(args, env.remote, undefined, staysInLines(args) ? streaming.above : undefined);
    if (!file.exists) throw new ModuleFailure(`Path ${file.path} does not exist !`, { rc: 257 });
    if (isLarge(file)) return replaceInLarge(file, args, env);
    const text = decode(file.content, args.encoding);
    const part = section(text, args.after, args.before);
    if (typeof part === 'string') {
      return unchanged({ rc: 0, msg: `Pattern for before/after params did not match the given file: ${part}` });
    }
    const expression = pythonRegex(args.regexp, { multiline: true });
    const inside = text.slice(part.start, part.end);
    const result = replaced(expression, args.replace, inside);
    const isChanged = result.count > 0 && result.text !== inside;
    const after = text.slice(0, part.start) + result.text + text.slice(part.end);
    const written = await writeFile(file, isChanged ? encode(after, args.encoding) : undefined, args, env);
    let msg = isChanged ? `${result.count} replacements made` : '';
    if (written.attributes) msg += `${msg ? ' and ' : ''}ownership, perms or SE linux context changed`;
    const values: Record<string, unknown> = { rc: 0, msg };
    if (written.backup) values['backup_file'] = written.backup;
    const diff = { before_header: file.path, before: text, after_header: file.path, after };
    return changed(isChanged || written.attributes, values, env.diff && isChanged ? [diff] : undefined);
  },
});

function replaced(expression: RegExp, by: string, text: string): { text: string; count: number } {
  try {
    return substitute(expression, by, text);
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    throw new ModuleFailure(`Unable to process replace due to error: ${error.message}`);
  }
}

interface ReplaceArgs extends EditArgs {
  regexp: string;
  replace: string;
  after?: string | undefined;
  before?: string | undefined;
  encoding: string;
}

/**
 * Whether the expression matches nothing but inside of lines, so that a file may be changed in pieces of whole lines: it has no class that a line's
 * end is in, and asks for no place of the whole text.
 */
export function staysInLines(args: ReplaceArgs): boolean {
  if (args.after || args.before || !/^(utf-?8|latin-?1|(us-)?ascii|iso-?8859-1)$/i.test(args.encoding)) return false;
  return !/\n|\r|\\[nrsSDWAZfvx0ouUN]|\[\^|\(\?[a-z]*[sx]/.test(args.regexp) && !args.replace.includes('\n');
}

async function replaceInLarge(file: LargeFile, args: ReplaceArgs, env: ModuleEnv): Promise<ModuleResult> {
  const expression = pythonRegex(args.regexp, { multiline: true });
  let count = 0;
  let size = 0;
  let different = false;
  const of = (piece: string) => {
    const end = piece.endsWith('\n') ? '\n' : '';
    const inside = decode(Buffer.from(piece.slice(0, piece.length - end.length), 'latin1'), args.encoding);
    const result = replaced(expression, args.replace, inside);
    count += result.count;
    different ||= result.text !== inside;
    return encode(result.text, args.encoding).toString('latin1') + end;
  };
  let ended = false;
  const expected = await scanPieces(file, env.remote, (piece) => {
    ended = piece.endsWith('\n');
    size += of(piece).length;
  });
  // The empty text behind the last line's end is a line to `^` and `$`.
  if (ended) size += of('').length;
  const change = { size, of: (piece: string | undefined) => (piece !== undefined || ended ? of(piece ?? '') : '') };
  const [isChanged, times] = [count > 0 && different, count];
  const written = await writePieces(file, isChanged ? change : undefined, expected, args, env);
  let msg = isChanged ? `${times} replacements made` : '';
  if (written.attributes) msg += `${msg ? ' and ' : ''}ownership, perms or SE linux context changed`;
  const backup = written.backup ? { backup_file: written.backup } : {};
  return changed(
    isChanged || written.attributes,
    { rc: 0, msg, ...backup },
    env.diff ? largeDiffs(file, written) : undefined,
  );
}

/** The part between `after` and `before`, or the expression that did not match. */
function section(text: string, after?: string, before?: string): { start: number; end: number } | string {
  if (!after && !before) return { start: 0, end: text.length };
  const pattern = `${after ?? ''}(?P<subsection>.*${after && before ? '?' : ''})${before ?? ''}`;
  const match = pythonRegex(pattern, { dotAll: true }, 'd').exec(text);
  const indices = match?.indices?.groups?.['subsection'];
  return indices ? { start: indices[0], end: indices[1] } : pattern;
}

const latins = new Set(['latin1', 'latin-1', 'iso-8859-1', 'iso8859-1', 'ascii', 'us-ascii']);

function decode(content: Buffer, encoding: string): string {
  const name = encoding.toLowerCase().replace('_', '-');
  if (latins.has(name)) return content.toString('latin1');
  try {
    return new TextDecoder(name, { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new ModuleFailure(`the file is not ${encoding} text, or ${encoding} is not an encoding that is known here`);
  }
}

function encode(text: string, encoding: string): Buffer {
  try {
    const bytes = encodeText(text, encoding);
    if (bytes) return bytes;
  } catch (error) {
    if (!(error instanceof UnencodableError)) throw error;
    throw new ModuleFailure(`${JSON.stringify(error.character)} cannot be written in ${encoding}`);
  }
  throw new ModuleFailure(`writing ${encoding} is not supported; it may be UTF-8, UTF-16 or one byte a character`);
}
