import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModuleFailure } from '../../errors.ts';
import { remotePath } from '../../remote/quote.ts';
import type { Reply } from '../../remote/remote.ts';
import { bool, path } from '../args.ts';
import { changed, defineModule, type ModuleEnv, type ModuleResult, shell, unpredicted } from '../define.ts';

export default defineModule({
  name: 'fetch',
  doc: 'Copies a file of the host to the controller, below DEST/HOST/ unless flat.',
  reference: 'ansible.builtin.fetch',
  args: {
    src: path({ doc: 'The file on the host.', required: true }),
    dest: path({
      doc: 'Folder of the controller; with flat the file itself, or a folder if it ends with a slash.',
      required: true,
    }),
    flat: bool({ doc: 'No folders for host and path.', default: false }),
    fail_on_missing: bool({ doc: 'Fail if there is no such file.', default: true }),
    validate_checksum: bool({ doc: 'Check the content after the transfer.', default: true }),
  },
  refusal: (given) => (given('src') && given('dest') ? undefined : 'src and dest are required'),
  check: 'skip',
  traits: { makesControllerFiles: true },
  returns: {
    dest: 'The file on the controller.',
    checksum: 'Its SHA1.',
    remote_checksum: { type: 'str', doc: 'SHA1 of the file on the host.' },
  },
  examples: `- fetch:
    src: /var/log/app.log
    dest: logs/              # logs/HOST/var/log/app.log on this machine
`,
  async run(args, env) {
    if (env.check) return unpredicted('check mode not (yet) supported for this module');
    // The place is built from what the user wrote and from our own name for the host, never from what the host says.
    const guess = args.src.includes('$') || args.src.startsWith('~') ? undefined : destination(args, args.src, env);
    const reply = await env.remote.call(shell('fetch', import.meta.url), {
      src: remotePath(args.src),
      known: guess === undefined ? '' : await sha1Of(guess),
      limit: 1024 * 1024,
    });
    const source = reply.get('source');
    const missing = missed(reply, source, args.fail_on_missing);
    if (missing) return missing;
    const dest = guess ?? destination(args, source, env);
    const [local, remote] = [await sha1Of(dest), reply.get('checksum')];
    if (local === remote) return changed(false, { md5sum: await md5Of(dest), file: source, dest, checksum: local });
    return orFailed(dest, () => receive({ source, dest, remote, reply }, args.validate_checksum, env));
  },
});

function missed(reply: Reply, source: string, failOnMissing: boolean): ModuleResult | undefined {
  const type = reply.get('type');
  if (type === 'absent') {
    const msg = 'the remote file does not exist, not transferring, ignored';
    if (failOnMissing) throw new ModuleFailure(msg);
    return changed(false, { file: source, msg });
  }
  if (type === 'directory') {
    const msg = 'remote file is a directory, fetch cannot work on directories';
    if (failOnMissing) throw new ModuleFailure(msg);
    return changed(false, { msg: `${msg}, not transferring, ignored` });
  }
  if (type === 'unreadable') {
    const msg = `File is not readable: ${source}`;
    if (failOnMissing) throw new ModuleFailure(msg);
    return changed(false, { file: source, msg: `${msg}, ignored` });
  }
  return undefined;
}

interface FetchArgs {
  src: string;
  dest: string;
  flat: boolean;
}

/** Where the file goes; never outside of what `dest` names. */
function destination(args: FetchArgs, source: string, env: ModuleEnv): string {
  const root = env.files.resolve(args.dest);
  if (args.flat) {
    const isFolder = existsSync(root) && statSync(root).isDirectory();
    if (!args.dest.endsWith('/')) {
      if (isFolder)
        throw new ModuleFailure(
          'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
        );
      return root;
    }
    const file = join(root, basename(source));
    if (existsSync(file) && statSync(file).isDirectory()) {
      throw new ModuleFailure(
        `calculated dest '${file}' is an existing directory, use another path that does not point to an existing directory`,
      );
    }
    return file;
  }
  // The task's host, whoever it is delegated to.
  const named = env.variable('inventory_hostname');
  const host = typeof named === 'string' ? named : env.remote.host;
  const place = join(root, host, source);
  // What is written in the task may lead up, as far as the destination goes; what the host says may not.
  const leads = source.split('/').includes('..') && (source !== args.src || !place.startsWith(`${root}/`));
  if (host === '' || host === '.' || host === '..' || /[/\0]/.test(host) || leads || source.includes('\0')) {
    throw new ModuleFailure(
      `Detected directory traversal, expected to be contained in '${root}' but got '${host}/${source}'`,
    );
  }
  return source.split('/').includes('..') ? place : join(root, host, posix.normalize(`/${source}`));
}

async function sha1Of(file: string): Promise<string> {
  return (await digest('sha1', file)) ?? '';
}

async function md5Of(file: string): Promise<string | null> {
  try {
    return (await digest('md5', file)) ?? null;
  } catch {
    return null;
  }
}

async function digest(algorithm: string, file: string): Promise<string | undefined> {
  if (!existsSync(file) || !lstatSync(file).isFile()) return undefined;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

interface Transfer {
  source: string;
  dest: string;
  remote: string;
  reply: Reply;
}

/** Writes to a file beside the destination and renames it when its checksum is right. */
async function receive(transfer: Transfer, validate: boolean, env: ModuleEnv): Promise<ModuleResult> {
  const { dest, source, remote, reply } = transfer;
  mkdirSync(dirname(dest), { recursive: true });
  const temporary = join(dirname(dest), `.troupe.${randomBytes(6).toString('hex')}`);
  try {
    if (reply.has('content')) writeFileSync(temporary, reply.bytes('content'), { flag: 'wx', mode: 0o644 });
    else await pipeline(await env.remote.download(source), createWriteStream(temporary, { flags: 'wx', mode: 0o644 }));
    const checksum = await sha1Of(temporary);
    const sums = { md5sum: await md5Of(temporary), dest, remote_md5sum: null, checksum, remote_checksum: remote };
    if (validate && checksum !== remote) throw new ModuleFailure('checksum mismatch', { file: source, ...sums });
    renameSync(temporary, dest);
    return changed(true, sums);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What the controller's system refuses is a failure of the task, not a fault of ours. */
async function orFailed<T>(dest: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw new ModuleFailure(`could not write ${dest} on the controller: ${message}`);
  }
}
