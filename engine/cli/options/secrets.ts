/** Passwords: asked for without echo, or read from a file or a program. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { VaultSecret } from '../../yaml/index.ts';
import { type Console, InputError } from '../console.ts';
import type { Settings } from '../settings/settings.ts';
import type { Given } from './option_table.ts';

/** The first line of a password file, or what a program that may be run prints; `-` is standard input. */
export async function passwordFrom(file: string, console: Console, args: readonly string[] = []): Promise<string> {
  if (file === '-') return trimmed((await console.readInput()).toString('utf8'), 'standard input');
  const path = absolute(file, console);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new InputError(`there is no password file ${file}`);
  if (!isProgram(path)) return trimmed(readFileSync(path, 'utf8'), file);
  const environment = definedOnly(console.environment);
  const ended = spawnSync(path, [...args], { encoding: 'utf8', stdio: ['inherit', 'pipe', 'pipe'], env: environment });
  if (ended.error)
    throw new InputError(
      `the password program ${file} does not run: ${ended.error.message}`,
      'if it is no program, take its executable bit away: chmod -x',
    );
  if (ended.status !== 0)
    throw new InputError(`the password program ${file} ended with ${ended.status}: ${ended.stderr.trim()}`);
  return trimmed(ended.stdout, file);
}

function trimmed(text: string, from: string): string {
  const password = text.replace(/[\r\n]+$/, '').trim();
  if (password === '') throw new InputError(`the password from ${from} is empty`);
  return password;
}

function absolute(file: string, { cwd, home }: Console): string {
  return file.startsWith('~/') ? join(home, file.slice(2)) : resolve(cwd, file);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return (statSync(path).mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function definedOnly(environment: Console['environment']): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter((e): e is [string, string] => e[1] !== undefined));
}

/** The login password, if one is asked for or named. */
export async function loginPassword(given: Given, settings: Settings, console: Console): Promise<string | undefined> {
  const file = given.get('connection-password-file') ?? settings.path('connection_password_file', console.home);
  if (file !== undefined) return passwordFrom(file, console);
  if (!given.has('ask-pass') && settings.bool('ask_pass') !== true) return undefined;
  // An empty answer is none: a refusal then says that there was no password, not that it was wrong.
  return (await console.ask({ text: 'SSH password: ', secret: true })) || undefined;
}

/** The password of sudo and the like; an empty answer is the login password, as with Ansible. */
export async function becomePassword(
  given: Given,
  settings: Settings,
  console: Console,
  login: string | undefined,
): Promise<string | undefined> {
  const file = given.get('become-password-file') ?? settings.path('become_password_file', console.home);
  if (file !== undefined) return passwordFrom(file, console);
  if (!given.has('ask-become-pass') && settings.bool('become_ask_pass') !== true) return undefined;
  const hint = login === undefined ? '' : ' [defaults to SSH password]';
  const answer = await console.ask({ text: `BECOME password${hint}: `, secret: true });
  return answer || login;
}

/** All vault passwords that the command line and the settings name, in the order in which they are tried. */
export async function vaultSecrets(given: Given, settings: Settings, console: Console): Promise<VaultSecret[]> {
  const sources: { id: string; source: string }[] = [];
  const listed = settings.text('vault_identity_list')?.split(',') ?? [];
  for (const text of [...listed, ...given.all('vault-id')]) {
    const at = text.trim().lastIndexOf('@');
    const id = at > 0 ? text.trim().slice(0, at) : 'default';
    sources.push({ id, source: text.trim().slice(at + 1) });
  }
  const files = given.all('vault-password-file');
  const configured = settings.path('vault_password_file', console.home);
  if (configured !== undefined) files.push(configured);
  for (const file of files) sources.push({ id: 'default', source: file });
  if (given.has('ask-vault-pass') || (sources.length === 0 && settings.bool('ask_vault_pass') === true))
    sources.push({ id: 'default', source: 'prompt' });
  const ownIdOnly = settings.bool('vault_id_match') === true;
  const secrets: VaultSecret[] = [];
  let failed: InputError | undefined;
  for (const { id, source } of sources) {
    try {
      secrets.push({ id, password: await vaultPassword(id, source, console), ...(ownIdOnly ? { ownIdOnly } : {}) });
    } catch (error) {
      // As Ansible: one of several that cannot be had is told of, and the others are tried.
      if (!(error instanceof InputError) || sources.length === 1) throw error;
      failed = error;
      console.out.error(`[WARNING]: ${error.message}\n`);
    }
  }
  if (failed && secrets.length === 0) throw failed;
  return secrets;
}

async function vaultPassword(id: string, source: string, console: Console): Promise<string> {
  if (source === 'prompt' || source === 'prompt_ask_vault_pass') {
    const name = id === 'default' ? 'Vault password' : `Vault password (${id})`;
    const password = await console.ask({ text: `${name}: `, secret: true });
    if (password === '') throw new InputError('an empty vault password opens nothing');
    return password;
  }
  // A client program is told which id is wanted, by Ansible's convention on its name.
  const client = basename(source)
    .replace(/\.[^.]*$/, '')
    .endsWith('-client');
  return passwordFrom(source, console, client ? ['--vault-id', id] : []);
}
