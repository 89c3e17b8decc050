/** Which keys are shown to a host, and in which order: those of files that were named, of the agent, of the usual files. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../errors.ts';
import type { HostConfig } from './config.ts';
import { agentIdentities, type Identity, type ParsedKey, parseKey } from './ssh.ts';

/** ssh's own defaults, as far as ssh2 knows the types. */
const USUAL = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

interface KeyRequest {
  config: HostConfig;
  home: string;
  /** SSH_AUTH_SOCK. */
  agentSocket?: string | undefined;
  environment?: Record<string, string | undefined> | undefined;
  /** The host's own key file (ansible_ssh_private_key_file, `-i`): shown before what an agent holds besides. */
  named: readonly string[];
  passphrase?: string | undefined;
  /** Asks the user; undefined if nobody can be asked. */
  askPassphrase(path: string, wrong: boolean): Promise<string | undefined>;
  /** Keys that were unlocked before: a passphrase is asked for once, and its hash, which is slow by design, made once. */
  unlocked: Map<string, Promise<ParsedKey>>;
  /** Wraps a wait for the user, which is not the host's time. */
  waiting<T>(work: Promise<T>): Promise<T>;
  warn(text: string): void;
  /** Told of a key file that cannot be used, and why. */
  unusable(path: string, why: string): void;
}

/** A key file's identity; of a public key alone nobody can sign but an agent. */
type FileIdentity = Identity & { publicOnly?: boolean };

/** The identities to show, best first. */
export async function identitiesFor(request: KeyRequest): Promise<Identity[]> {
  const { config, home } = request;
  const configured = config.paths('identityfile') ?? USUAL.map((name) => join(home, '.ssh', name));
  const files = (await Promise.all(configured.map((path) => fromFile(path, request)))).filter(
    (one) => one !== undefined,
  );
  const socket = agentSocket(request);
  const held = socket === undefined ? [] : await agentIdentities(socket);
  const only = /^(yes|true)$/i.test(config.get('identitiesonly') ?? '');
  // A key that the agent holds too needs no passphrase.
  const best = files.flatMap((file) => {
    const own = held.find((one) => sameKey(one, file));
    if (own === undefined && file.publicOnly) {
      request.unusable(file.label, 'it is a public key, and no agent holds the private one');
      return [];
    }
    return own ?? file;
  });
  const named = best.filter((one) => request.named.some((path) => isOf(one, files, path)));
  const matched = best.filter((one) => held.includes(one));
  const others = only ? [] : held;
  return [...new Set([...named, ...matched, ...others, ...best])];
}

/** Certificates that ssh would show besides: named ones, and those beside a key. ssh2 cannot. */
export function certificatesFor(config: HostConfig, home: string): string[] {
  const keys = config.paths('identityfile') ?? USUAL.map((name) => join(home, '.ssh', name));
  const beside = keys.map((path) => `${path}-cert.pub`).filter((path) => existsSync(path));
  return [...new Set([...(config.paths('certificatefile') ?? []), ...beside])];
}

/** `SHA256:...` of an identity. */
export function identityPrint(identity: Identity): string {
  return `SHA256:${createHash('sha256').update(identity.key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

/** Whether an identity is the key of a file, be it held by the agent. */
function isOf(one: Identity, files: readonly Identity[], path: string): boolean {
  return files.some((file) => file.label === path && sameKey(file, one));
}

function sameKey(a: Identity, b: Identity): boolean {
  return a.key.getPublicSSH().equals(b.key.getPublicSSH());
}

function agentSocket({ config, agentSocket: usual, environment, home }: KeyRequest): string | undefined {
  const written = config.values.get('identityagent')?.[0];
  if (written === undefined || written === 'SSH_AUTH_SOCK') return usual;
  if (written.toLowerCase() === 'none') return undefined;
  if (written.startsWith('$') && !written.startsWith('${')) return environment?.[written.slice(1)];
  const path = config.paths('identityagent')?.[0];
  return path?.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** A key file as an identity. A missing file is no error; one that can't be used is worth a word. */
async function fromFile(path: string, request: KeyRequest): Promise<FileIdentity | undefined> {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!missing || request.named.includes(path)) {
      request.unusable(path, reasonOf(error));
    }
    return undefined;
  }
  const parsed = parseKey(text);
  if (parsed === undefined) {
    request.unusable(path, isOfHardware(text) ? ofHardware : 'it is no private key of a kind that is known here');
    return undefined;
  }
  if (parsed !== 'encrypted' && !parsed.isPrivateKey())
    return { label: path, key: parsed, publicOnly: true, sign: noSignature };
  warnOpen(path, request);
  if (parsed !== 'encrypted') {
    return { label: path, key: parsed, sign: async (data, hash) => signWith(parsed, data, hash) };
  }
  return locked(path, text, request);
}

/** A key with a passphrase: asked for when the server wants a signature, or now if the public half is nowhere else. */
async function locked(path: string, text: Buffer, request: KeyRequest): Promise<FileIdentity | undefined> {
  const unlock = () => {
    let key = request.unlocked.get(path);
    if (!key) {
      key = unlockKey(path, text, request);
      request.unlocked.set(path, key);
    }
    return request.waiting(key).catch((error: unknown) => {
      request.unusable(path, (error as Error).message);
      throw error;
    });
  };
  const halfPath = `${path}.pub`;
  const half = existsSync(halfPath) ? parseKey(readFileSync(halfPath)) : undefined;
  if (half !== undefined && half !== 'encrypted') {
    return { label: path, key: half, sign: async (data, hash) => signWith(await unlock(), data, hash) };
  }
  try {
    const key = await unlock();
    return { label: path, key, sign: async (data, hash) => signWith(key, data, hash) };
  } catch {
    return undefined;
  }
}

const ofHardware = 'it is a key of a hardware token: those are for `ansible_connection: openssh`';

/** Whether a key file names a type of FIDO tokens; its public half is not encrypted. */
function isOfHardware(text: Buffer): boolean {
  const body = text.toString('latin1').replace(/-----[^\n]*-----|\s/g, '');
  return /sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com/.test(
    text.toString('latin1') + Buffer.from(body, 'base64').toString('latin1'),
  );
}

async function noSignature(): Promise<never> {
  throw new Error('a public key signs nothing');
}

/** ssh would not use a key that others can read; Troupe does, and says what to do. */
function warnOpen(path: string, request: KeyRequest): void {
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) === 0 || uid !== process.getuid?.()) return;
  request.warn(`private key ${path}: other users of this machine may read it: chmod 600 ${path}`);
}

async function unlockKey(path: string, text: Buffer, request: KeyRequest): Promise<ParsedKey> {
  const given = request.passphrase === undefined ? undefined : parseKey(text, request.passphrase);
  if (given !== undefined && given !== 'encrypted') return given;
  for (let attempt = 0; attempt < 3; attempt++) {
    const passphrase = await request.askPassphrase(path, attempt > 0);
    if (passphrase === undefined) break;
    const parsed = parseKey(text, passphrase);
    if (parsed !== undefined && parsed !== 'encrypted') return parsed;
  }
  const asked = request.passphrase === undefined ? '' : ', and the one given is wrong';
  throw new Error(`it needs a passphrase${asked}: ssh-add ${path}, or set ansible_private_key_passphrase`);
}

function signWith(
  key: Exclude<ReturnType<typeof parseKey>, string | undefined>,
  data: Buffer,
  hash: string | undefined,
) {
  const signature = key.sign(data, hash) as Buffer | Error;
  if (signature instanceof Error) throw signature;
  return signature;
}
