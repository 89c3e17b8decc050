import { ModuleFailure } from '../../errors.ts';
import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { toPlain, type Value } from '../../values.ts';
import { bool, dict, int, list, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { attributeArgs, attributeVariables, pathInfo } from '../parts/attributes.ts';
import { downloadArgs, downloadVariables, urlFilename } from '../parts/download.ts';

export default defineModule({
  name: 'get_url',
  doc: 'Downloads a file on the host, by curl or wget, and puts it in place when its checksum is right.',
  reference: 'ansible.builtin.get_url',
  args: {
    url: str({ doc: 'Address: http, https, ftp or file.', required: true }),
    dest: path({ doc: 'The file, or a folder that is there.', required: true }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    checksum: str({ doc: 'ALGORITHM:HEX, or ALGORITHM:URL of a list of checksums.', default: '' }),
    tmp_dest: path({ doc: 'Folder for the download; beside dest if not given.' }),
    ...downloadArgs,
    headers: dict({ doc: 'Headers of the request.' }),
    unredirected_headers: list(str(), { doc: 'Headers that are not sent on after a redirection.', default: [] }),
    ...attributeArgs,
    timeout: int({ doc: 'Seconds to wait for an answer.', default: 10 }),
  },
  check: 'full',
  returns: {
    dest: 'The file.',
    url: 'The address.',
    status_code: 'HTTP status.',
    checksum_src: 'SHA1 of what was downloaded.',
    checksum_dest: 'SHA1 of what was there.',
    elapsed: 'Seconds it took.',
  },
  examples: `- get_url:
    url: https://example.com/app-2.1.tar.gz
    dest: /opt/app-2.1.tar.gz
    checksum: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
`,
  async run(args, env) {
    const started = Date.now();
    const { algorithm, sum, url } = readChecksum(args.checksum);
    const headers = [...((args.headers ?? new Map()) as Map<Value, Value>)].map(
      ([k, v]) => `${toPlain(k)}: ${toPlain(v)}`,
    );
    const elapsed = () => Math.floor((Date.now() - started) / 1000);
    const request = env.remote.call(shell('get_url', import.meta.url), {
      ...attributeVariables(args),
      ...downloadVariables(args),
      headers: headers.map(headerLine),
      url: args.url,
      dest: remotePath(args.dest),
      filename: urlFilename(args.url),
      algorithm,
      sum,
      sum_url: url,
      backup: args.backup,
      tmp_dest: remotePath(args.tmp_dest),
      force: args.force,
    });
    const reply = await request.catch((error: unknown) => {
      if (!(error instanceof ModuleFailure)) throw error;
      throw new ModuleFailure(error.message, { ...error.result, elapsed: elapsed() });
    });
    const optional = (key: string) => (reply.has(key) ? reply.get(key) : null);
    const values: Record<string, unknown> = {
      url: args.url,
      dest: reply.get('dest'),
      elapsed: elapsed(),
      ...pathInfo(reply),
    };
    const isChanged = reply.changes.length > 0;
    if (reply.has('there')) {
      const msg = isChanged ? 'file already exists but file attributes changed' : 'file already exists';
      return changed(isChanged, { ...values, checksum_dest: null, checksum_src: null, msg });
    }
    const status = Number(reply.get('status'));
    if (status === 304) return changed(false, { ...values, msg: 'HTTP Error 304: Not Modified', status_code: 304 });
    Object.assign(values, {
      checksum_src: optional('checksum_src'),
      checksum_dest: optional('checksum_dest'),
      msg: `OK (${reply.get('length') || 'unknown'} bytes)`,
    } satisfies Record<string, ShellValue>);
    if (env.check) return changed(isChanged, values);
    Object.assign(values, {
      md5sum: optional('md5sum'),
      src: reply.get('dest'),
      status_code: status === 0 ? null : status,
    });
    if (reply.has('backup_file')) values['backup_file'] = reply.get('backup_file');
    return changed(isChanged, values);
  },
});

/** A header must stay on its line. */
function headerLine(header: string): string {
  if (/[\r\n]/.test(header)) throw new ModuleFailure('a header of the request holds a newline');
  return header;
}

function readChecksum(checksum: string): { algorithm?: string; sum?: string; url?: string } {
  if (checksum === '') return {};
  const colon = checksum.indexOf(':');
  if (colon < 0) throw new ModuleFailure('The checksum parameter has to be in format <algorithm>:<checksum>');
  const algorithm = checksum.slice(0, colon).trim();
  const rest = checksum.slice(colon + 1);
  if (!/^[a-z0-9_]+$/.test(algorithm)) throw new ModuleFailure(`there is no checksum algorithm ${algorithm}`);
  if (/^(https?|ftp|file):/.test(rest)) return { algorithm, url: rest };
  const sum = rest.replace(/[^\p{L}\p{N}_]+/gu, '').toLowerCase();
  if (!/^(0x)?[0-9a-f]+$/.test(sum)) throw new ModuleFailure('The checksum format is invalid');
  return { algorithm, sum };
}
