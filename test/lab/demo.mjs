#!/usr/bin/env node
// npm run demo: three real hosts on this machine, an etcd cluster on them, and a second run that changes nothing.
//   npm run demo -- --keep            leaves the hosts running, as a lab of the name `demo` or of --name
//   npm run demo -- --etcd 3.4        another version of etcd: 3.4 or 3.5
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../support/built.mjs';
import { ensureInstalled } from '../support/installed.mjs';
import { LabUnavailable, openLab, startLab } from './lab.mjs';
import { startMirror } from './mirror.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const say = (line) => process.stdout.write(`demo: ${line}\n`);

function run(file, args) {
  say(`${file} ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      process.stdout.write(chunk);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rc: code ?? signal, text }));
  });
}

async function must(file, args) {
  const done = await run(file, args);
  if (done.rc !== 0) throw new Error(`${file} ended with ${done.rc}`);
  return done.text;
}

async function prepare(folder, lab, line) {
  const mirror = await startMirror(lab, { say });
  const version = mirror.versions[line];
  if (!version)
    throw new Error(`there is no etcd ${line} in the mirror; there are ${Object.keys(mirror.versions).join(', ')}`);
  say(
    `a mirror of etcd's releases, made of Debian's packages: ${mirror.url} (etcd ${mirror.all.join(', ')}; older than etcd's newest, which the playbook warns of)`,
  );
  // `hosts` is a folder of a lab's own.
  const inventory = lab.inventory(join(folder, 'demo-hosts'));
  const variables = join(folder, 'vars.json');
  writeFileSync(variables, JSON.stringify({ etcd_version: version, etcd_download_url: mirror.url }, null, 2));
  return ['install.yaml', '-i', inventory, '-e', `@${variables}`];
}

// What etcd's own client says, asked on a host: a second opinion on the playbook's own check.
async function health(lab) {
  const endpoints = lab.hosts.map((host) => `http://${host.address}:2379`).join(',');
  const etcdctl = (words) =>
    lab.exec('node-1', `ETCDCTL_API=3 /usr/local/bin/etcdctl --endpoints=${endpoints} ${words}`);
  for (const words of ['endpoint health -w table', 'endpoint status -w table']) {
    const done = await etcdctl(words);
    process.stdout.write(`${done.stdout}${done.stderr}`);
    if (done.rc !== 0) throw new Error(`etcdctl ${words} ended with ${done.rc}`);
  }
}

function mustBeUnchanged(text, hosts) {
  const changed = [...text.matchAll(/\bchanged=(\d+)/g)].map(([, count]) => Number(count));
  if (changed.length !== hosts)
    throw new Error(`the second run's recap names ${changed.length} hosts instead of ${hosts}`);
  if (changed.some((count) => count !== 0)) throw new Error(`the second run changed something: ${changed.join(', ')}`);
}

const KEPT = 'the hosts of an earlier `npm run demo -- --keep` are still running';
const ending = (name) => `end them with:\n  node test/lab/cli.mjs down ${name}`;

function whatNow(inventoryAndVariables, name) {
  const run = (playbook) => `  npx run ${playbook} ${inventoryAndVariables.join(' ')}`;
  return `the hosts stay. Try:
${run('status.yaml')}
${run('backup.yaml')}
${run('replace-member.yaml')} -e member=node-3
  node test/lab/cli.mjs exec ${name} node-1 'systemctl status etcd3'
${ending(name)}`;
}

async function demo({ keep, etcd, name }) {
  const began = performance.now();
  say('etcd on three hosts: namespaces of this machine, each with its own systemd and sshd, and no Python');
  say('missing Debian packages and images are installed first, each announced by a line; later demos find them there');
  ensureInstalled(say);
  ensureBuilt(say);
  if (keep && openLab(name)) throw new Error(`${KEPT}; ${ending(name)}`);
  const lab = await startLab({ hosts: 3, detached: keep, name: keep ? name : undefined, say });
  const folder = keep ? lab.folder : mkdtempSync(join(tmpdir(), 'troupe-demo-'));
  try {
    const words = [join('dist', 'cli.js'), ...(await prepare(folder, lab, etcd))];
    await must(process.execPath, words);
    say("what etcd's own client says:");
    await health(lab);
    say('the same again, which must change nothing:');
    mustBeUnchanged(await must(process.execPath, words), lab.hosts.length);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    say(`three healthy members, and the second run changed nothing; ${seconds} s in all`);
    say(
      keep
        ? whatNow(words.slice(2), name)
        : 'npm run demo -- --keep leaves the hosts running, to try the other playbooks on',
    );
  } catch (error) {
    if (keep) error.message += `\nthe hosts stay, to look at what is wrong; ${ending(name)}`;
    throw error;
  } finally {
    if (!keep) {
      rmSync(folder, { recursive: true, force: true });
      await lab.stop();
    }
  }
}

try {
  const options = {
    keep: { type: 'boolean', default: false },
    etcd: { type: 'string', default: '3.5' },
    name: { type: 'string', default: 'demo' },
  };
  await demo(parseArgs({ options }).values);
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = error instanceof LabUnavailable ? 3 : 1;
}
