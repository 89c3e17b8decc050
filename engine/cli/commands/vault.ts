/** `run vault`: files in Ansible's vault format. What was decrypted is never written where it could stay. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { didYouMean, reasonOf, UsageError } from '../../errors.ts';
import { Source } from '../../values.ts';
import { decryptVaultBytes, encryptVault, isVault, type VaultSecret, vaultId } from '../../yaml/vault.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { type Given, type Option, parseOptions } from '../options/option_table.ts';
import { hostOptions, verboseOption } from '../options/play_options.ts';
import { passwordFrom, vaultSecrets } from '../options/secrets.ts';
import { readSettings } from '../settings/settings.ts';

const HOW = 'How to encrypt';

const options: readonly Option[] = [
  ...hostOptions.filter(({ group }) => group === 'Secrets'),
  { name: 'encrypt-vault-id', value: 'ID', group: HOW, doc: 'which of several vault ids to encrypt with' },
  { name: 'new-vault-id', value: 'ID@SOURCE', group: HOW, doc: 'rekey: the new password, as for --vault-id' },
  {
    name: 'new-vault-password-file',
    value: 'FILE',
    group: HOW,
    doc: 'rekey: file, or program, that holds the new password',
  },
  { name: 'output', value: 'FILE', group: HOW, doc: 'write there instead of in place; `-` is standard output' },
  { name: 'name', short: 'n', value: 'NAME', repeat: 'list', group: HOW, doc: 'encrypt_string: name of the variable' },
  {
    name: 'stdin-name',
    value: 'NAME',
    group: HOW,
    doc: 'encrypt_string: read the text from standard input, for this variable',
  },
  { name: 'prompt', short: 'p', group: HOW, doc: 'encrypt_string: ask for the text' },
  verboseOption,
];

interface Work {
  given: Given;
  console: Console;
  files: string[];
  secrets: VaultSecret[];
  /** The id to encrypt with, where it is named. */
  encryptId: string | undefined;
}

const actions: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  create,
  encrypt,
  decrypt,
  view,
  edit,
  rekey,
  encrypt_string: encryptString,
};

export const command: Command = {
  usage: `run vault create FILE                a new file, in $EDITOR
run vault encrypt FILE...            in place; without a FILE standard input to standard output
run vault decrypt FILE...
run vault view FILE...
run vault edit FILE                  in $EDITOR
run vault rekey FILE...              with another password
run vault encrypt_string TEXT -n NAME`,
  doc: "Encrypts and decrypts in Ansible's vault format. The password is asked for unless a file or program is named.",
  options,
  run: vault,
};

async function vault(console: Console): Promise<number> {
  const given = parseOptions(console.args, options);
  const [word, ...files] = given.words;
  if (word === undefined) throw new UsageError('what to do?', `one of: ${Object.keys(actions).join(', ')}`);
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (!action) throw new UsageError(`run vault cannot \`${word}\``, didYouMean(word, Object.keys(actions)));
  if (['view', 'decrypt', 'edit', 'rekey'].includes(word)) {
    // Before anybody is asked for a password that would be of no use.
    for (const file of files) requireEncrypted(file, read(file, console));
  }
  const settings = readSettings(console);
  const secrets = await vaultSecrets(given, settings, console);
  if (secrets.length === 0) {
    const confirm = ['create', 'encrypt', 'encrypt_string'].includes(word);
    const password = await console.ask({ text: `${confirm ? 'New ' : ''}Vault password: `, secret: true, confirm });
    if (password === '') throw new UsageError('an empty vault password protects nothing');
    secrets.push({ id: 'default', password });
  }
  if (word === 'rekey' && given.has('new-vault-id') && given.has('new-vault-password-file')) {
    // As ansible-vault, whose exit code this is.
    console.out.error('error: --new-vault-id and --new-vault-password-file exclude each other\n');
    return EXIT.failed;
  }
  await action({
    given,
    console,
    files,
    secrets,
    encryptId: given.get('encrypt-vault-id') ?? settings.text('vault_encrypt_identity'),
  });
  return EXIT.ok;
}

async function encrypt(work: Work): Promise<void> {
  const { given, console, files } = work;
  const secret = encryptingSecret(work);
  if (files.length === 0) return put(encryptVault(await console.readInput(), secret), undefined, given, console);
  const contents = files.map((file) => ({ file, content: read(file, console) }));
  for (const { file, content } of contents)
    if (isVault(content.toString('latin1'))) throw new InputError(`${file} is encrypted already`);
  for (const { file, content } of contents) put(encryptVault(content, secret), file, given, console);
}

async function decrypt({ given, console, files, secrets }: Work): Promise<void> {
  if (files.length === 0)
    return put(open('standard input', await console.readInput(), secrets), undefined, given, console);
  const contents = files.map((file) => ({ file, plain: open(file, read(file, console), secrets) }));
  for (const { file, plain } of contents) put(plain, file, given, console);
}

async function view({ console, files, secrets }: Work): Promise<void> {
  needFiles(files);
  for (const file of files) console.content(open(file, read(file, console), secrets).toString('utf8'));
}

async function rekey({ given, console, files, secrets }: Work): Promise<void> {
  needFiles(files);
  const contents = files.map((file) => ({ file, plain: open(file, read(file, console), secrets) }));
  const secret = await newSecret(given, console);
  for (const { file, plain } of contents) put(encryptVault(plain, secret), file, given, console);
}

async function newSecret(given: Given, console: Console): Promise<VaultSecret> {
  const file = given.get('new-vault-password-file');
  if (file !== undefined) return { id: 'default', password: await passwordFrom(file, console) };
  const named = given.get('new-vault-id');
  const at = named?.lastIndexOf('@') ?? -1;
  const id = named !== undefined && at > 0 ? named.slice(0, at) : 'default';
  const source = named?.slice(at + 1) ?? 'prompt';
  if (source !== 'prompt') return { id, password: await passwordFrom(source, console) };
  return { id, password: await console.ask({ text: 'New Vault password: ', secret: true, confirm: true }) };
}

async function encryptString(work: Work): Promise<void> {
  const { given, console, files } = work;
  const secret = encryptingSecret(work);
  const names = given.all('name');
  const texts: { name: string | undefined; text: string }[] = files.map((text, i) => ({ name: names[i], text }));
  const fromInput = given.get('stdin-name');
  if (fromInput !== undefined) texts.push({ name: fromInput, text: (await console.readInput()).toString('utf8') });
  if (given.has('prompt')) {
    const text = await console.ask({ text: 'String to encrypt: ', secret: true });
    texts.push({ name: names[files.length], text });
  }
  if (texts.length === 0 && console.interactive)
    throw new UsageError('which text?', "run vault encrypt_string 'TEXT' -n NAME, or -p to be asked");
  if (texts.length === 0) texts.push({ name: names[0], text: (await console.readInput()).toString('utf8') });
  const written = texts.map(({ name, text }) => {
    const lines = encryptVault(text, secret).trimEnd().split('\n');
    return `${name === undefined ? '' : `${name}: `}!vault |\n${lines.map((l) => `          ${l}\n`).join('')}`;
  });
  put(written.join(''), undefined, given, console);
}

/** The editor gets a file in memory (tmpfs), which only this user may read and which is gone afterwards. */
async function edit({ given, console, files, secrets }: Work): Promise<void> {
  const [file] = files;
  if (file === undefined || files.length > 1) throw new UsageError('run vault edit takes one file');
  const encrypted = read(file, console);
  const { plain, secret } = openWith(file, encrypted, secrets);
  const changed = await inEditor(file, plain, console);
  // The file keeps its id, or its having none, whatever the password that opened it is called.
  const id = vaultId(encrypted.toString('latin1')) ?? 'default';
  if (!changed.equals(plain)) put(encryptVault(changed, { ...secret, id }), file, given, console);
}

async function create(work: Work): Promise<void> {
  const { given, console, files } = work;
  const [file] = files;
  if (file === undefined || files.length > 1) throw new UsageError('run vault create takes one file');
  if (existsSync(resolve(console.cwd, file)))
    throw new InputError(`${file} is there already`, `run vault edit ${file}`);
  const text = await inEditor(file, Buffer.alloc(0), console);
  put(encryptVault(text, encryptingSecret(work)), file, given, console);
}

/** What the user's editor made of a text, which is in memory all the while. */
async function inEditor(file: string, text: Buffer, console: Console): Promise<Buffer> {
  const folder = mkdtempSync(join(memoryFolder(console), 'troupe-'));
  try {
    const copy = join(folder, basename(file));
    writeFileSync(copy, text, { mode: 0o600, flag: 'wx' });
    const [program, ...words] = (console.environment['VISUAL'] || console.environment['EDITOR'] || 'vi').split(' ');
    const code = await console.runProgram(program!, [...words, copy]);
    if (code !== 0)
      throw new InputError(
        `the editor ended with ${code}; ${text.length > 0 ? `${file} is as it was` : 'nothing is written'}`,
      );
    return readFileSync(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

function memoryFolder({ environment }: Console): string {
  const candidates = [environment['XDG_RUNTIME_DIR'], '/dev/shm', '/run/shm'];
  const found = candidates.find(
    (path) => path && existsSync(path) && [TMPFS, RAMFS].includes(Number(statfsSync(path).type)),
  );
  if (found) return found;
  throw new InputError(
    'there is no folder in memory for the editor (tmpfs at $XDG_RUNTIME_DIR or /dev/shm), and decrypted text is not put on a disk',
    'use `run vault view`, change the text elsewhere, and `run vault encrypt`',
  );
}

function needFiles(files: string[]): void {
  if (files.length === 0) throw new UsageError('which file?');
}

function encryptingSecret({ secrets, encryptId: id }: Work): VaultSecret {
  if (id === undefined) {
    // As Ansible: two passwords under one id are as uncertain as two ids.
    if (secrets.length > 1)
      throw new UsageError(
        `there are several vault passwords: ${secrets.map((secret) => secret.id).join(', ')}`,
        `say which: --encrypt-vault-id ${secrets[0]!.id}`,
      );
    return secrets[0]!;
  }
  const found = secrets.find((secret) => secret.id === id);
  if (!found)
    throw new InputError(
      `no password is given for the vault id \`${id}\``,
      `the ids that have one: ${secrets.map((secret) => secret.id).join(', ')}`,
    );
  return found;
}

function read(file: string, { cwd }: Console): Buffer {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    throw new InputError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}

function requireEncrypted(file: string, content: Buffer): string {
  const text = content.toString('latin1');
  if (!isVault(text)) throw new InputError(`${file} is not encrypted`);
  return text;
}

function open(file: string, encrypted: Buffer, secrets: readonly VaultSecret[]): Buffer {
  const text = requireEncrypted(file, encrypted);
  return decryptVaultBytes(text, secrets, { source: new Source(file, text), offset: 0 });
}

/** As open, and by which secret: an edited file keeps its password. */
function openWith(
  file: string,
  encrypted: Buffer,
  secrets: readonly VaultSecret[],
): { plain: Buffer; secret: VaultSecret } {
  for (const secret of secrets) {
    try {
      return { plain: open(file, encrypted, [secret]), secret };
    } catch {
      // The error that counts is that of all secrets together, below.
    }
  }
  return { plain: open(file, encrypted, secrets), secret: secrets[0]! };
}

/** Replaces a file in one step, with the mode it had; or writes where --output says. */
function put(content: string | Buffer, file: string | undefined, given: Given, console: Console): void {
  const output = given.get('output') ?? file ?? '-';
  if (output === '-') {
    console.content(content.toString());
    return;
  }
  const target = resolve(console.cwd, output);
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
    closeSync(descriptor);
    if (mode !== undefined) chmodSync(temporary, mode & 0o7777);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InputError(`cannot write ${output}: ${reasonOf(error)}`);
  }
}
