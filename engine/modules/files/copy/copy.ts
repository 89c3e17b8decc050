import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ModuleFailure } from '../../../errors.ts';
import { dumpJson } from '../../../python/json.ts';
import { toText } from '../../../python/text.ts';
import { remotePath } from '../../../remote/quote.ts';
import { bytesOfText, isDict, isList, type Value } from '../../../values.ts';
import { atMostOneOf, bool, fileMode, path, raw, str } from '../../args.ts';
import { type ControllerFiles, changed, defineModule, type ModuleEnv, type ModuleResult, shell } from '../../define.ts';
import { attributeArgs, attributeVariables, modeText, pathInfo } from '../../parts/attributes.ts';
import { type CopyArgs, putFile, resultOf, type SourceFile, sourceOf, streamedSource } from '../../parts/copy-file.ts';
import { checkValidate } from '../../parts/edit.ts';
import { putFolder } from './copy-folder.ts';

export default defineModule({
  name: 'copy',
  doc: 'Puts a file, a folder or inline content on the host.',
  reference: 'ansible.builtin.copy',
  args: {
    src: path({
      doc: 'File or folder of the controller (of the host with remote_src); a folder with a slash at its end means what is in it.',
    }),
    content: raw({ doc: 'The content itself, instead of src.' }),
    dest: path({ doc: 'Where to put it.', required: true }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    force: bool({ doc: 'Replace a file whose content differs.', default: true }),
    validate: str({ doc: 'Command that must succeed before the file is put in place; `%s` is the new file.' }),
    directory_mode: fileMode({ doc: 'Mode of folders that are made.' }),
    remote_src: bool({ doc: 'src is on the host.', default: false }),
    local_follow: bool({ doc: 'Follow links in src; yes for a folder of the controller if not given.' }),
    follow: bool({ doc: 'Write through a link that dest is.', default: false }),
    checksum: str({ doc: 'SHA1 that the content must have.' }),
    decrypt: bool({ doc: 'Decrypt src if it is a vault.', default: true }),
    ...attributeArgs,
  },
  rules: [atMostOneOf('src', 'content')],
  refusal: (given) => {
    if (!given('src') && !given('content')) return 'src (or content) is required';
    if (!given('dest')) return 'dest is required';
    return given('src') && given('content') ? 'src and content are mutually exclusive' : undefined;
  },
  check: 'full',
  traits: { controllerFile: { arg: 'src', in: 'files' }, notRepeated: ['content'] },
  returns: {
    dest: 'The file.',
    src: 'Where it came from.',
    checksum: 'SHA1 of the content.',
    md5sum: 'MD5 of the content.',
    backup_file: 'Name of the backup.',
  },
  examples: `- copy:
    src: app.conf            # files/app.conf of the role or the playbook
    dest: /etc/app/app.conf
    owner: root
    mode: "0640"
    validate: appctl check %s
  notify: restart app
- copy:
    content: "{{ settings | to_nice_json }}"
    dest: /etc/app/settings.json
`,
  async run(args, env) {
    const { src, content } = args;
    const hasContent = content !== undefined && content !== null;
    if (!src && !hasContent) throw new ModuleFailure('src (or content) is required');
    if (src && hasContent) throw new ModuleFailure('src and content are mutually exclusive');
    if (hasContent) {
      if (args.dest.endsWith('/')) throw new ModuleFailure('can not use content with a dir as dest');
      // Ansible preserves the mode of its own temporary file.
      const mode = args.mode === 'preserve' ? '0600' : args.mode;
      return putFile(sourceOf(contentBytes(content), ''), { ...args, mode }, env);
    }
    if (args.remote_src) return copyOnHost(args as RemoteCopy, env);
    const found = env.files.find(src!, 'files').replace(/\/+$/, '');
    const info = statSync(found);
    if (info.isDirectory()) {
      return putFolder(src!.endsWith('/') ? `${found}/` : found, { ...args, decrypt: args.decrypt }, env);
    }
    const source = await sourceOnController(found, env.files, args.decrypt);
    return putFile(source, { ...args, mode: args.mode === 'preserve' ? octal(info.mode) : args.mode }, env);
  },
});

/** Mode bits as the argument `mode` writes them. */
export const octal = (mode: number): string => modeText((mode & 0o7777).toString(8));

function contentBytes(content: Value): Buffer {
  return bytesOfText(isDict(content) || isList(content) ? dumpJson(content) : toText(content));
}

const STREAMED = 8 * 1024 * 1024;

/** A file of the controller: in memory, decrypted if it is a vault; a large one is streamed. */
async function sourceOnController(file: string, files: ControllerFiles, decrypt: boolean): Promise<SourceFile> {
  const { size } = statSync(file);
  if (size > STREAMED) return streamedSource(file, size, basename(file));
  const content = decrypt ? await files.read(file) : readFileSync(file);
  return sourceOf(content, basename(file), file, file);
}

interface RemoteCopy extends CopyArgs {
  src: string;
  local_follow?: boolean | undefined;
}

async function copyOnHost(args: RemoteCopy, env: ModuleEnv): Promise<ModuleResult> {
  const reply = await env.remote.call(shell('copy_remote', import.meta.url), {
    ...attributeVariables(args),
    src: remotePath(args.src),
    dest: remotePath(args.dest),
    force: args.force ?? true,
    follow: args.follow,
    backup: args.backup,
    validate: checkValidate(args.validate),
    directory_mode: args.directory_mode,
    local_follow: args.local_follow === undefined ? '' : args.local_follow ? 'yes' : 'no',
    expected: args.checksum,
    remote_src: true,
  });
  const src = reply.get('src');
  if (reply.has('kept'))
    return changed(false, { msg: 'file already exists', src, dest: reply.get('dest'), ...pathInfo(reply) });
  const source: SourceFile = {
    size: 0,
    sha1: reply.get('checksum'),
    md5: reply.get('md5sum'),
    name: '',
    src,
  };
  const result = resultOf(reply, source, { ...env, diff: false });
  const folder = reply.has('folder');
  Object.assign(result.values, { src, checksum: folder ? null : source.sha1, md5sum: folder ? null : source.md5 });
  delete result.values['path'];
  delete result.values['diff'];
  return result;
}
