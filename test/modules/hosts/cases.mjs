// Cases of modules that change a whole host: users, packages, units, tables. Each is data: a shell script that brings its state
// about, the module's arguments, and a script that prints what is there after each step. record.mjs runs them by stock Ansible on
// a host with Python; hosts.test.ts runs ours on its twin without. `{d}` is the case's own folder on the host, made anew before it.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { steps } from '../cases.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Where a case's files are on a host, the same on both. */
export const caseFolder = '/srv/case';
export const folders = (u) => ({ d: caseFolder, s: '/srv/source', u });

/** The recorded answers. */
export const recordFile = join(here, '..', 'recorded', 'hosts.json');

/** All cases, in the order in which they run. */
export async function loadHostCases() {
  const all = [];
  for (const file of readdirSync(here).sort()) {
    if (file.endsWith('.cases.mjs')) all.push(...(await import(pathToFileURL(join(here, file)).href)).default);
  }
  const names = new Set();
  for (const { name } of all) {
    if (names.has(name)) throw new Error(`two cases are called ${name}`);
    names.add(name);
  }
  return all;
}

/** Tells whether a case is still what was recorded. */
export function hostHash(one) {
  const made = [one.module, one.args, one.before, one.probe, one.once, one.ignore, one.keep, one.environment];
  return createHash('sha1').update(JSON.stringify(made)).digest('hex').slice(0, 12);
}

/** Writes each case's scripts into a host's file system. */
export function layOutScripts(root, cases) {
  const folder = join(root, 'srv/scripts');
  mkdirSync(folder, { recursive: true });
  const head = `cd ${caseFolder} 2>/dev/null || cd /\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8\nexport PATH LC_ALL\n`;
  for (const [i, one] of cases.entries()) {
    const fresh = `rm -rf ${caseFolder}\nmkdir -p ${caseFolder}\ncd ${caseFolder}\n`;
    writeFileSync(join(folder, `${i}.before`), `${head}${fresh}${one.before ?? ''}\n`);
    writeFileSync(join(folder, `${i}.probe`), `${head}(\n${one.probe ?? ':'}\n) 2>&1\n`);
  }
}

/** The command lines that run them. */
export const beforeLine = (i) => `sh /srv/scripts/${i}.before`;
export const probeLine = (i) => `sh /srv/scripts/${i}.probe`;

/** What a probe printed, comparable. */
export function seen(text) {
  return (
    text
      .replaceAll('\r', '')
      .replace(/\x1b\[[\d;]*m/g, '')
      .replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.BACKUP~')
      // Ansible's raw has a terminal, where ls prints columns and others tabs
      .replace(/[ \t]{2,}|\t/g, '\n')
      .trimEnd()
  );
}

export { steps };
