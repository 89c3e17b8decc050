import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ModuleFailure } from '../../errors.ts';
import { encodeText, UnencodableError } from '../../python/codecs.ts';
import { bytesOfText, type Value } from '../../values.ts';
import { utf8Text } from '../../yaml/index.ts';
import { bool, path, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { attributeArgs } from '../parts/attributes.ts';
import { putFile, sourceOf } from '../parts/copy-file.ts';
import { octal } from './copy/copy.ts';

export default defineModule({
  name: 'template',
  doc: 'Renders a template of the controller and puts the text on the host.\n\nA file called .hbs is Handlebars, any other is Jinja2.',
  reference: 'ansible.builtin.template',
  args: {
    src: path({ doc: 'The template; looked for in templates/.', required: true }),
    dest: path({ doc: 'Where to put the text.', required: true }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    force: bool({ doc: 'Replace a file whose content differs.', default: true }),
    follow: bool({ doc: 'Write through a link that dest is.', default: false }),
    validate: str({ doc: 'Command that must succeed before the file is put in place; `%s` is the new file.' }),
    newline_sequence: str({
      doc: 'How lines end.',
      default: '\n',
      choices: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
    }),
    block_start_string: str({ default: '{%' }),
    block_end_string: str({ default: '%}' }),
    variable_start_string: str({ default: '{{' }),
    variable_end_string: str({ default: '}}' }),
    comment_start_string: str({ default: '{#' }),
    comment_end_string: str({ default: '#}' }),
    trim_blocks: bool({ doc: 'The newline after a block is removed.', default: true }),
    lstrip_blocks: bool({ doc: 'Blanks before a block are removed.', default: false }),
    output_encoding: str({ doc: 'Encoding of the text on the host.', default: 'utf-8' }),
    ...attributeArgs,
  },
  refusal: (given) => (given('src') && given('dest') ? undefined : 'src and dest are required'),
  check: 'full',
  traits: { controllerFile: { arg: 'src', in: 'templates', template: true } },
  returns: { dest: 'The file.', checksum: 'SHA1 of the text.', backup_file: 'Name of the backup.' },
  examples: `- template:
    src: site.conf.j2        # templates/site.conf.j2; a name that ends in .hbs is Handlebars
    dest: /etc/nginx/conf.d/site.conf
    mode: "0644"
    validate: nginx -t -c %s
  notify: reload nginx
`,
  async run(args, env) {
    const found = env.files.find(args.src, 'templates');
    const text = utf8Text(await env.files.read(found), found);
    await env.naming?.(text);
    const sequence = args.newline_sequence.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
    const options: Record<string, Value> = {
      block_start_string: args.block_start_string,
      block_end_string: args.block_end_string,
      variable_start_string: args.variable_start_string,
      variable_end_string: args.variable_end_string,
      comment_start_string: args.comment_start_string,
      comment_end_string: args.comment_end_string,
      trim_blocks: args.trim_blocks,
      lstrip_blocks: args.lstrip_blocks,
      newline_sequence: sequence,
      src: args.src,
      dest: args.dest,
    };
    // Newlines at the end are Ansible's, not the template's; they are as the others are.
    const ended = env
      .renderFile(text, found, options)
      .replace(/(\r?\n)+$/, (end) => (sequence === '\n' ? end : sequence.repeat(end.split('\n').length - 1)));
    const rendered = encode(ended, args.output_encoding);
    const mode = args.mode === 'preserve' ? octal(statSync(found).mode) : args.mode;
    return putFile(sourceOf(rendered, basename(found), found, found), { ...args, mode }, env);
  },
});

function encode(text: string, encoding: string): Buffer {
  if (/^(utf-?8)?$/i.test(encoding)) return bytesOfText(text);
  try {
    const bytes = encodeText(text, encoding);
    if (bytes) return bytes;
  } catch (error) {
    if (!(error instanceof UnencodableError)) throw error;
    throw new ModuleFailure(`${JSON.stringify(error.character)} cannot be written in ${encoding}`);
  }
  throw new ModuleFailure(
    `output_encoding ${encoding} is not known here; it may be UTF-8, UTF-16 or one byte a character`,
  );
}
