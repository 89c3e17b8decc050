import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ModuleFailure } from '../../../errors.ts';
import { remotePath } from '../../../remote/quote.ts';
import { atMostOneOf, bool, int, list, path, str } from '../../args.ts';
import { changed, defineModule, shell, skipped } from '../../define.ts';
import { attributeArgs, attributeVariables, pathInfo } from '../../parts/attributes.ts';
import { downloadVariables } from '../../parts/download.ts';
import { askable, isUnpacked, question } from './unarchive-same.ts';

export default defineModule({
  name: 'unarchive',
  doc: 'Unpacks a tar or zip archive into a folder of the host.\n\nAn archive that reaches out of the folder is refused.',
  reference: 'ansible.builtin.unarchive',
  args: {
    src: path({ doc: 'The archive: on the controller, or with remote_src on the host or an address.', required: true }),
    dest: path({ doc: 'A folder that is there.', required: true }),
    remote_src: bool({ doc: 'src is on the host.', default: false }),
    copy: bool({ doc: 'The opposite of remote_src (deprecated).' }),
    creates: path({ doc: 'Nothing is done if this is there.' }),
    list_files: bool({ doc: 'Return the names in the archive.', default: false }),
    keep_newer: bool({ doc: 'Keep files that are newer than in the archive.', default: false }),
    exclude: list(str(), { doc: 'Members to leave out.', default: [] }),
    include: list(str(), { doc: 'The only members to unpack.', default: [] }),
    extra_opts: list(str(), { doc: 'Further options of tar or unzip.', default: [] }),
    validate_certs: bool({ doc: "Check the server's certificate.", default: true }),
    io_buffer_size: int({ doc: 'Without meaning here.', default: 65536 }),
    decrypt: bool({ doc: 'Decrypt src if it is a vault.', default: true }),
    ...attributeArgs,
  },
  rules: [atMostOneOf('include', 'exclude'), atMostOneOf('copy', 'remote_src')],
  refusal: (given) => {
    if (given('copy') && given('remote_src')) return "parameters are mutually exclusive: ('copy', 'remote_src')";
    return given('src') && given('dest') ? undefined : 'src (or content) and dest are required';
  },
  check: 'full',
  traits: { controllerFile: { arg: 'src', in: 'files' } },
  returns: {
    dest: 'The folder.',
    handler: { type: 'str', doc: 'Kind of the archive.' },
    files: { type: 'list', of: { type: 'str' }, doc: 'Names in it, with list_files.', optional: true },
  },
  examples: `- unarchive:
    src: /opt/app-2.1.tar.gz
    dest: /opt
    remote_src: true
    creates: /opt/app-2.1/bin/app
`,
  async run(args, { remote, files }) {
    const onHost = args.copy === undefined ? args.remote_src : !args.copy;
    const script = shell('unarchive', import.meta.url);
    const common = { dest: remotePath(args.dest), creates: remotePath(args.creates) };
    const url = onHost && args.src.includes('://') ? args.src : '';
    let upload: string | undefined;
    if (!onHost) {
      const file = files.find(args.src, 'files');
      const { size } = statSync(file);
      if (size === 0) throw new ModuleFailure(`Invalid archive '${file}', the file is 0 bytes`);
      const small = args.decrypt && size < 8 * 1024 * 1024 ? await files.read(file) : undefined;
      const plain = [args.exclude, args.include, args.extra_opts].every((list) => list.length === 0);
      const special = args.attributes ?? args.seuser ?? args.serole ?? args.setype ?? args.selevel;
      const listing = plain && !args.keep_newer && special === undefined ? await askable(small ?? file) : undefined;
      const asked = await remote.call(script, { ...common, ask: true, ...(listing ? question(listing) : {}) });
      if (asked.has('creates')) return skipped(`skipped, since ${asked.get('creates')} exists`);
      if (listing && isUnpacked(listing, asked, args)) {
        const handler = listing.gzip ? 'TgzArchive' : 'TarArchive';
        const told = { dest: asked.get('dest'), src: basename(args.src), handler, ...pathInfo(asked) };
        const names = listing.members.map(({ name }) => name);
        return changed(false, args.list_files ? { ...told, files: names } : told);
      }
      upload = await remote.upload(small ?? createReadStream(file), { name: 'troupe', size: small?.length ?? size });
    }
    const reply = await remote.call(script, {
      ...attributeVariables(args),
      ...downloadVariables({ ...download, validate_certs: args.validate_certs }),
      ...common,
      src: onHost && url === '' ? remotePath(args.src) : '',
      upload,
      url,
      list_files: args.list_files,
      keep_newer: args.keep_newer,
      exclude: args.exclude.map((name) => name.replace(/\/+$/, '')),
      include: args.include,
      extra_opts: args.extra_opts,
    });
    if (reply.has('creates')) return skipped(`skipped, since ${reply.get('creates')} exists`);
    const values: Record<string, unknown> = {
      dest: reply.get('dest'),
      src: onHost ? reply.get('src') : basename(args.src),
      handler: reply.get('handler'),
      ...pathInfo(reply),
    };
    if (reply.has('extract_rc')) {
      values['extract_results'] = {
        cmd: [reply.get('extract_cmd')],
        rc: Number(reply.get('extract_rc')),
        out: reply.get('extract_out'),
        err: reply.get('extract_err'),
      };
    }
    if (args.list_files)
      values['files'] = reply
        .get('files')
        .split('\n')
        .slice(0, -1)
        .map((name) => name.replace(/^\//, ''));
    return changed(reply.changes.length > 0, values);
  },
});

const download = {
  http_agent: 'ansible-httpget',
  use_proxy: true,
  use_netrc: true,
  force_basic_auth: false,
  decompress: false,
  timeout: 10,
};
