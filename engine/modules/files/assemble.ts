import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import type { Reply } from '../../remote/remote.ts';
import { bool, path, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, shell } from '../define.ts';
import { type Attributes, attributeArgs, attributeVariables, pathInfo } from '../parts/attributes.ts';
import { putFile, sourceOf } from '../parts/copy-file.ts';
import { checkValidate } from '../parts/edit.ts';
import { pythonRegex } from '../parts/python-regex.ts';

export default defineModule({
  name: 'assemble',
  doc: 'Puts a file together from the fragments in a folder, in the order of their names.',
  reference: 'ansible.builtin.assemble',
  args: {
    src: path({ doc: 'Folder of the fragments.', required: true }),
    dest: path({ doc: 'The file.', required: true }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    delimiter: str({ doc: 'Line between fragments; \\n in it is a newline.' }),
    remote_src: bool({ doc: 'The folder is on the host.', default: true }),
    regexp: str({ doc: 'Only fragments whose names match (Python syntax).' }),
    ignore_hidden: bool({ doc: 'Leave out names that begin with a dot.', default: false }),
    validate: str({ doc: 'Command that must succeed before the file is put in place; `%s` is the new file.' }),
    decrypt: bool({ doc: 'Decrypt fragments of the controller that are vaults.', default: true }),
    ...attributeArgs,
  },
  refusal: (given) => (given('src') && given('dest') ? undefined : 'src and dest are required'),
  check: 'full',
  returns: { dest: 'The file.', checksum: 'SHA1 of the content.' },
  examples: `- assemble:
    src: /etc/app/conf.d
    dest: /etc/app/app.conf
    remote_src: true
    mode: '0644'
`,
  async run(args, env) {
    const expression = args.regexp === undefined ? undefined : pythonRegex(args.regexp);
    const wanted = (name: string) =>
      (!expression || expression.test(name)) && !(args.ignore_hidden && name.startsWith('.'));
    if (args.remote_src) return onHost(args, expression ? wanted : undefined, env);
    const folder = env.files.find(args.src, 'files');
    const fragments = await fragmentsOfController(folder, wanted, args.decrypt ? env.files.read : undefined);
    const content = joined(fragments, delimiterOf(args.delimiter));
    const source = sourceOf(content, basename(args.src), args.src);
    const result = await putFile(source, args, env);
    Object.assign(result.values, { md5sum: source.md5, src: args.src });
    delete result.values['path'];
    delete result.values['diff'];
    return result;
  },
});

interface AssembleArgs extends Attributes {
  src: string;
  dest: string;
  delimiter?: string | undefined;
  backup: boolean;
  ignore_hidden: boolean;
  validate?: string | undefined;
}

/** One request; where a regular expression chooses, two if anything is to change. */
async function onHost(
  args: AssembleArgs,
  wanted: ((name: string) => boolean) | undefined,
  env: ModuleEnv,
): Promise<ModuleResult> {
  const script = shell('assemble', import.meta.url);
  const variables = {
    ...attributeVariables(args),
    src: remotePath(args.src),
    dest: remotePath(args.dest),
    ignore_hidden: args.ignore_hidden,
  };
  let names: string[] | undefined;
  if (wanted) {
    const reply = await env.remote.call(script, { ...variables, list: true });
    const same = unchangedAlready(reply, wanted, delimiterOf(args.delimiter));
    if (same) return changed(false, { msg: 'OK', ...pathInfo(reply), src: reply.get('src'), ...same });
    names = reply.all('name').filter(wanted);
  }
  const reply = await env.remote.call(script, {
    ...variables,
    chosen: names !== undefined,
    names,
    delimiter: delimiterOf(args.delimiter),
    backup: args.backup,
    validate: checkValidate(args.validate),
    validate_rc: true,
  });
  const values: Record<string, unknown> = { msg: 'OK', ...pathInfo(reply) };
  for (const key of ['src', 'dest', 'checksum', 'md5sum']) values[key] = reply.get(key);
  if (reply.has('backup_file')) values['backup_file'] = reply.get('backup_file');
  if (args.validate && reply.changes.includes('content')) values['validation'] = { rc: 0, stdout: '', stderr: '' };
  return changed(reply.changes.length > 0, values);
}

/** What is returned of a file that is already what the chosen fragments make; undefined if it is not, or was not told. */
function unchangedAlready(
  reply: Reply,
  wanted: (name: string) => boolean,
  delimiter: string,
): { dest: string; checksum: string; md5sum: string | null } | undefined {
  if (!reply.has('sizes') || reply.changes.length > 0) return undefined;
  const all = reply.bytes('content');
  const sizes = reply.get('sizes').split('\n').map(Number);
  const fragments: Buffer[] = [];
  let at = 0;
  for (const [i, name] of reply.all('name').entries()) {
    const end = at + sizes[i]!;
    if (wanted(name)) fragments.push(all.subarray(at, end));
    at = end;
  }
  // a fragment was written to meanwhile
  if (at !== all.length) return undefined;
  const { sha1, md5 } = sourceOf(joined(fragments, delimiter), '');
  return sha1 === reply.get('sum') ? { dest: reply.get('dest'), checksum: sha1, md5sum: md5 } : undefined;
}

/** The delimiter as it is written: with its escapes resolved, on a line of its own. */
function delimiterOf(delimiter: string | undefined): string {
  if (!delimiter) return '';
  const text = unescaped(delimiter);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Each fragment begins on a line of its own; the delimiter stands between them. */
function joined(fragments: Buffer[], delimiter: string): Buffer {
  const parts: Buffer[] = [];
  for (const [i, fragment] of fragments.entries()) {
    const before = fragments[i - 1];
    if (before && before.at(-1) !== 10) parts.push(Buffer.from('\n'));
    if (before) parts.push(Buffer.from(delimiter));
    parts.push(fragment);
  }
  return Buffer.concat(parts);
}

function unescaped(text: string): string {
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };
  return text.replace(/\\(.)/gs, (whole, letter: string) => known[letter] ?? whole);
}

async function fragmentsOfController(
  folder: string,
  wanted: (name: string) => boolean,
  read: ((path: string) => Promise<Buffer>) | undefined,
): Promise<Buffer[]> {
  if (!statSync(folder).isDirectory()) throw new ModuleFailure(`Source (${folder}) is not a directory`);
  const names = readdirSync(folder).filter((name) => wanted(name) && statSync(join(folder, name)).isFile());
  return Promise.all(
    sortNames(names).map((name) => (read ? read(join(folder, name)) : readFileSync(join(folder, name)))),
  );
}

const sortNames = (names: string[]) => names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
