/**
 * A run over ssh that is ended at any moment: its connection cut, or its controller killed. Files of megabytes are as before or
 * as wanted and open to nobody else; another run brings about the rest and leaves no temporary file.
 *
 * `npm test` ends a few runs; TROUPE_CUTS=40 ends as many of each kind.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { need, noSshd, Sshd, TcpProxy } from '../remote/support/sshd.ts';
import { ensureBuilt } from '../support/built.mjs';
import { testFolder } from './harness.ts';

const rounds = Number(process.env['TROUPE_CUTS'] ?? 1);
const size = 3 * 1024 * 1024;
const old = `${'a line of what was there before\n'.repeat(size / 32)}`;
const fresh = `${'a line of what is there to come\n'.repeat(size / 32)}`;

const folder = testFolder();
const [project, far] = [join(folder, 'project'), join(folder, 'far')];

const tasks = (url: string) => `- hosts: all
  gather_facts: false
  tasks:
    - copy: { src: fresh, dest: ${far}/copy, mode: '0600' }
    - template: { src: fresh.j2, dest: ${far}/template, mode: '0600' }
    - get_url: { url: '${url}', dest: ${far}/get_url, mode: '0600', force: true }
    - lineinfile: { path: ${far}/lineinfile, line: one more }
    - replace: { path: ${far}/replace, regexp: before, replace: after all }
    - blockinfile: { path: ${far}/blockinfile, block: "{{ lookup('file', 'files/fresh')[:500000] }}" }
    - assemble: { src: ${folder}/parts, dest: ${far}/assemble, remote_src: true, mode: '0600' }
    - archive: { path: ${folder}/parts, dest: ${far}/archive, format: tar, mode: '0600' }
    - unarchive: { src: fresh.tar, dest: ${far}/unarchive }
`;

const written = ['copy', 'template', 'get_url', 'lineinfile', 'replace', 'blockinfile', 'assemble', 'archive'];
const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('runs over ssh that are ended at any moment', function () {
  this.timeout(30_000 + rounds * 60_000);
  const sshd = new Sshd();
  const wire = new TcpProxy();
  let web: Server;
  let took = 0;
  const wanted = new Map<string, string>();
  const counted = { old: 0, new: 0, ended: 0 };

  before(async function () {
    need(this, noSshd());
    await sshd.start();
    await wire.start(sshd.port);
    sshd.know(`[127.0.0.1]:${wire.port} ${sshd.publicHostKey()}\n`);
    web = createServer((_, response) => response.end(fresh)).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    for (const name of ['files', 'templates']) mkdirSync(join(project, name), { recursive: true });
    writeFileSync(join(project, 'files/fresh'), fresh);
    writeFileSync(join(project, 'templates/fresh.j2'), fresh);
    mkdirSync(join(folder, 'parts'));
    for (const name of ['1', '2']) writeFileSync(join(folder, 'parts', name), fresh, { mode: 0o600 });
    execFileSync('tar', ['-C', join(folder, 'parts'), '-cf', join(project, 'files/fresh.tar'), '1', '2']);
    writeFileSync(join(project, 'play.yml'), tasks(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`));
    const host = `h ansible_host=127.0.0.1 ansible_port=${wire.port} ansible_user=root`;
    const key = `ansible_ssh_private_key_file=${join(sshd.home, '.ssh/id_ed25519')}`;
    const known = `ansible_ssh_common_args='-o UserKnownHostsFile=${join(sshd.home, '.ssh/known_hosts')}'`;
    writeFileSync(join(project, 'hosts'), `${host} ${key} ${known}\n`);
    reset();
    const whole = start();
    await whole.began;
    const from = performance.now();
    const { code, out } = await whole.over;
    took = performance.now() - from;
    expect(code, out).to.equal(0);
    for (const name of written) if (name !== 'archive') wanted.set(name, sum(join(far, name)));
  });
  after(async () => {
    web?.close();
    await wire.stop();
    await sshd.remove();
    const { ended, old: before, new: after } = counted;
    console.log(`    ${ended} runs ended: ${before} files as before, ${after} as wanted, none between`);
  });

  /** What was there before. */
  function reset(): void {
    rmSync(far, { recursive: true, force: true });
    mkdirSync(join(far, 'unarchive'), { recursive: true });
    for (const name of written) writeFileSync(join(far, name), old, { mode: 0o600 });
  }

  function start() {
    const words = [ensureBuilt(() => {}), 'play.yml', '-i', 'hosts'];
    const child = spawn(process.execPath, words, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk));
    const over = new Promise<{ code: number | null; out: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, out })),
    );
    const began = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => resolve());
      child.once('close', () => reject(new Error(`it ended before it began: ${out}`)));
    });
    // A run that nobody waits for to begin is looked at when it is over.
    began.catch(() => {});
    return { child, over, began };
  }

  /** Each file is whole; whether it is the new one. */
  function check(label: string, counts = false): void {
    for (const name of written) {
      const path = join(far, name);
      expect(statSync(path).mode & 0o077, `${label}: ${name} is open to others`).to.equal(0);
      const isOld = readFileSync(path, 'utf8') === old;
      if (!isOld && name === 'archive') execFileSync('tar', ['-tf', path]);
      else if (!isOld) expect(sum(path), `${label}: a part of ${name}`).to.equal(wanted.get(name));
      if (counts) counted[isOld ? 'old' : 'new']++;
    }
    for (const path of temporary())
      expect(statSync(path).mode & 0o077, `${label}: ${path} is open to others`).to.equal(0);
  }

  const temporary = () =>
    readdirSync(far, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(^|\/)\./.test(name))
      .map((name) => join(far, name))
      .filter((path) => existsSync(path));

  /** Requests that were under way run to their end; nothing on the host works for a run that is over. */
  async function settled(): Promise<void> {
    let before = '';
    for (let quiet = 0, tries = 0; quiet < 3 && tries < 100; tries++) {
      const files = readdirSync(far, { recursive: true, encoding: 'utf8' }).map((name) => {
        const stat = statSync(join(far, name), { throwIfNoEntry: false });
        return `${name} ${stat?.size} ${stat?.mtimeMs}`;
      });
      quiet = files.join() === before ? quiet + 1 : 0;
      before = files.join();
      await sleep(100);
    }
  }

  const ways = {
    'connection cut': () => wire.cut(),
    'controller killed': (child: ReturnType<typeof spawn>) => void child.kill('SIGKILL'),
  };
  for (const [name, end] of Object.entries(ways)) {
    it(name, async () => {
      for (let round = 0; round < rounds; round++) {
        reset();
        const { child, over, began } = start();
        await began;
        await sleep(took * ((round + Math.random()) / rounds));
        end(child);
        await over;
        counted.ended++;
        check(`${name}, round ${round}`, true);
        await settled();
        check(`${name}, round ${round}, later`);
        const again = await start().over;
        expect(again.code, again.out).to.equal(0);
        for (const file of wanted.keys())
          expect(sum(join(far, file)), `${file} after another run`).to.equal(wanted.get(file));
        for (const part of ['1', '2'])
          expect(sum(join(far, 'unarchive', part))).to.equal(sum(join(folder, 'parts', part)));
        expect(temporary(), 'left behind').to.deep.equal([]);
      }
    });
  }
});
