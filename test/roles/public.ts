/**
 * Public roles, unmodified, by stock Ansible and by us:
 *
 *     node --import tsx test/roles/public.ts FOLDER [NAME...]
 *
 * FOLDER has a folder for each role's name of list.json, or gets it by git where the network allows. No role's text is
 * kept in this repository. Roles without a `url` come with Debian's package `ansible`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureReference } from '../conformance/reference.mjs';
import { compare } from './twins.ts';

interface Role {
  name: string;
  kind: string;
  /** Where it is read from, and at which commit; without, it is a role of Debian's package `ansible`. */
  url?: string;
  commit?: string;
  /** Its path in the repository, where it is not the whole. */
  path?: string;
  vars?: unknown;
  prepare?: string;
  allowed?: { line: string; reason: string }[];
}

const list = JSON.parse(readFileSync(fileURLToPath(new URL('list.json', import.meta.url)), 'utf8')) as Role[];
const say = (line: string) => process.stdout.write(`${line}\n`);

const debianRoles = 'usr/lib/python3/dist-packages/ansible_collections';

async function folderOf(role: Role, folder: string): Promise<string> {
  const own = join(folder, role.name);
  if (existsSync(own)) return own;
  if (!role.url) {
    const [namespace, collection, name] = role.name.split('.');
    return join(await ensureReference(), debianRoles, namespace!, collection!, 'roles', name!);
  }
  const clone = `${own}.git`;
  if (!existsSync(clone)) execFileSync('git', ['clone', '--quiet', role.url, clone], { stdio: 'inherit' });
  execFileSync('git', ['-C', clone, 'checkout', '--quiet', role.commit ?? 'HEAD'], { stdio: 'inherit' });
  symlinkSync(join(clone, role.path ?? '.'), own);
  return own;
}

/** A folder with one playbook that has the role with its variables. */
function project(role: Role, source: string): string {
  const made = mkdtempSync(join(tmpdir(), 'public-role-'));
  mkdirSync(join(made, 'roles'));
  cpSync(source, join(made, 'roles', role.name), { recursive: true, dereference: true });
  const play = [{ hosts: 'nodes', become: true, vars: role.vars ?? {}, roles: [role.name] }];
  writeFileSync(join(made, 'play.yaml'), JSON.stringify(play, null, 2));
  return made;
}

const [folder, ...wanted] = process.argv.slice(2);
if (!folder) throw new Error('usage: node --import tsx test/roles/public.ts FOLDER [NAME...]');
mkdirSync(folder, { recursive: true });
for (const role of list) {
  if (wanted.length > 0 && !wanted.includes(role.name)) continue;
  say(`== ${role.name} (${role.kind})`);
  const made = project(role, await folderOf(role, resolve(folder)));
  try {
    const report = await compare(
      {
        folder: made,
        play: 'play.yaml',
        ...(role.prepare ? { prepare: role.prepare } : {}),
        allowed: (role.allowed ?? []).map(({ line, reason }) => ({ line: new RegExp(line), reason })),
        ...(existsSync(join(folder, 'sites'))
          ? { sites: { folder: resolve(folder, 'sites'), names: ['github.com'] } }
          : {}),
      },
      say,
    );
    for (const [i, lines] of report.tasks.entries()) for (const line of lines) say(`run ${i + 1}: ${line}`);
    for (const line of [...report.state, ...report.allowed.map((each) => `allowed: ${each}`)]) say(line);
    const second = Object.values(report.troupe[1]!.recap).every((text) => / changed=0 /.test(` ${text} `));
    say(
      `${role.name}: ${report.troupe[0]!.lines.length} tasks, ${report.tasks.flat().length} differ; ` +
        `${report.state.length} differences of state; second run ${second ? 'changed nothing' : 'changed something'}; ` +
        `seconds ${report.seconds.ansible.join('+')} with Ansible, ${report.seconds.troupe.join('+')} with Troupe`,
    );
  } catch (error) {
    say(`${role.name}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
